// Sets, maps, flowtables and objects. After nft(8), "SETS", "MAPS", "FLOWTABLES" and "STATEFUL
// OBJECTS".
#include <fmt/format.h>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/script_reader.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

// Objects that conntrack knows of, by the word behind `ct`, or their own.
std::string_view extension_of(std::string_view kind) {
  if (kind == "helper") return "ct helper";
  if (kind == "timeout") return "ct timeout";
  if (kind == "expectation") return "ct expectation";
  if (kind == "synproxy") return "synproxy";
  return {};
}

}  // namespace

void ScriptReader::read_set_block(SetId set) {
  in_.expect_symbol("{", "at the begin of a set");
  for (;;) {
    in_.skip_separators();
    if (in_.is_at_end()) in_.fail("} at the end of the set");
    if (in_.accept_symbol("}")) return;
    const std::size_t first = in_.position();
    try {
      read_set_item(set);
    } catch (const SyntaxError& error) {
      if (in_.position() == first) in_.next();
      in_.skip_statement();
      report(error, in_.span_since(first));
      ruleset_.sets[set.index()].contents_known = false;
    }
    limit_.apply();
  }
}

void ScriptReader::read_set_item(SetId id) {
  NamedSet& set = ruleset_.sets[id.index()];
  const std::size_t first = in_.position();
  if (in_.accept_word("type")) return read_type(id, false);
  if (in_.accept_word("typeof")) return read_type(id, true);
  if (in_.accept_word("flags")) {
    do {
      const std::string_view flag = in_.text(in_.expect_word("constant, interval or timeout"));
      if (flag == "timeout" || flag == "dynamic") set.is_dynamic = true;
    } while (in_.accept_symbol(","));
    return end_statement();
  }
  if (in_.accept_word("elements")) {
    in_.expect_symbol("=", "behind elements");
    in_.skip_newlines();
    const Node elements =
        in_.is_symbol("$") ? expressions_.read_variable() : expressions_.read_set();
    builder_.add_elements(id, elements);
    return end_statement();
  }
  for (const std::string_view word :
       {"timeout", "gc-interval", "size", "policy", "comment", "expires"}) {
    if (!in_.accept_word(word)) continue;
    if (in_.is_symbol("$")) {
      (void)expressions_.read_variable();
    } else {
      in_.next();
    }
    if (word == "timeout") set.is_dynamic = true;
    return end_statement();
  }
  if (in_.accept_word("auto-merge")) return end_statement();
  if (in_.is_word("counter") || in_.is_word("limit") || in_.is_word("quota") ||
      in_.is_word("last") || in_.is_word("ct")) {
    for (const Node& statement : statements_.read_rule()) {
      if (statement.text != "ct count") continue;
      builder_.add_object(set.table, "ct count", set.name, in_.span_since(first));
    }
    return end_statement();
  }
  in_.fail("type, flags, elements or another property of a set");
}

// type ipv4_addr . inet_service [: verdict], typeof ip saddr . tcp dport [: ...]
void ScriptReader::read_type(SetId id, bool is_typeof) {
  const std::size_t first = in_.position();
  std::vector<catalog::NftType> types;
  do {
    if (!is_typeof) {
      types.push_back(type_of_word(in_.text(in_.expect_word("a type, such as ipv4_addr"))));
      continue;
    }
    const Node selector = expressions_.read_selector();
    const catalog::NftExpression* row = catalog::find_nft_expression(selector.text);
    types.push_back(row == nullptr ? catalog::NftType::other : row->type);
  } while (in_.accept_symbol("."));
  const Span span = in_.span_since(first);
  builder_.set_types(id, types, in_.source_text().substr(span.begin, span.size()));
  if (in_.accept_symbol(":")) {
    if (in_.is_word("verdict")) {
      ruleset_.sets[id.index()].kind = SetKind::nft_verdict_map;
      in_.next();
    } else {
      while (!in_.is_at_end_of_statement()) in_.next();
    }
  }
  end_statement();
}

void ScriptReader::read_object_body() {
  in_.expect_symbol("{", "at the begin of an object");
  for (std::size_t depth = 1; depth > 0;) {
    if (in_.is_at_end()) in_.fail("} at the end of the object");
    if (in_.is_symbol("{")) ++depth;
    if (in_.is_symbol("}")) --depth;
    in_.next();
  }
}

void ScriptReader::delete_declared_object(TableId table, std::string_view kind) {
  const Name name = read_name("the name of an object");
  builder_.delete_object(table, extension_of(kind), name.text);
}

void ScriptReader::read_declared_object(TableId table, std::string_view kind) {
  constexpr std::string_view known =
      "flowtable counter quota limit secmark synproxy helper timeout expectation";
  if (!catalog::has_word(known, kind)) in_.fail(fmt::format("one of {}", known));
  const std::size_t first = in_.position() - 1;
  const Name name = read_name("the name of an object");
  in_.skip_newlines();
  if (in_.is_symbol("{")) {
    read_object_body();
  } else {
    while (!in_.is_at_end_of_statement()) in_.next();
  }
  if (const std::string_view extension = extension_of(kind); !extension.empty()) {
    builder_.add_object(table, extension, name.text, in_.span_since(first));
  }
}

}  // namespace untrack::nft
