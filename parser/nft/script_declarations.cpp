// Sets, maps, flowtables and objects. After nft(8), "SETS", "MAPS", "FLOWTABLES" and "STATEFUL
// OBJECTS".
#include <fmt/format.h>

#include <algorithm>

#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/nft_symbols.hpp"
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

// nft(8), "DATA TYPES", as far as `type` takes them.
constexpr std::string_view type_words =
    "nf_proto ipv4_addr ipv6_addr ether_addr lladdr ether_type arp_op inet_proto inet_service "
    "mark ifname iface_index iface_type ct_state ct_dir ct_status ct_label ct_event ct_id "
    "icmp_type icmp_code icmpv6_type icmpv6_code icmpx_code igmp_type tcp_flag dccp_pkttype "
    "mh_type dscp ecn pkt_type fib_addrtype realm classid uid gid devgroup cgroupsv2 boolean time";

bool has_kind(const Node& node, NodeKind kind) {
  return node.kind == kind || std::ranges::any_of(node.children, [kind](const Node& child) {
           return has_kind(child, kind);
         });
}

// 5, 10s, 1h30m, 500ms
bool is_time(std::string_view text) {
  const bool begins = !text.empty() && text.front() >= '0' && text.front() <= '9';
  return begins && text.find_first_not_of("0123456789dhms") == std::string_view::npos;
}

// What may stand in an object, by its kind.
std::string_view words_in(std::string_view kind) {
  if (kind == "counter") return "packets bytes comment";
  if (kind == "quota") return "over until used comment";
  if (kind == "limit") return "rate comment";
  if (kind == "helper") return "type l3proto comment";
  if (kind == "timeout") return "protocol l3proto policy comment";
  if (kind == "expectation") return "protocol dport timeout size l3proto comment";
  if (kind == "synproxy") return "mss wscale timestamp sack-perm comment";
  if (kind == "flowtable") return "hook devices flags counter comment";
  return "comment";
}

}  // namespace

void ScriptReader::check_property(std::string_view word) {
  if (word == "size" && !plain_number(in_.word())) in_.fail("a number");
  if (word == "policy" && !in_.is_word("memory") && !in_.is_word("performance")) {
    in_.fail("memory or performance");
  }
  if ((word == "timeout" || word == "gc-interval") && !is_time(in_.word())) in_.fail("a time");
}

void ScriptReader::check_elements(const NamedSet& set, const Node& elements) {
  set_.has_ranges = set_.has_ranges || has_kind(elements, NodeKind::range) ||
                    has_kind(elements, NodeKind::prefix);
  for (const Node& element : elements.children) {
    if (element.kind == NodeKind::set) {
      check_elements(set, element);
      continue;
    }
    const bool is_pair = element.kind == NodeKind::mapping;
    if (is_pair == (set.kind != SetKind::nft_set)) continue;
    throw SyntaxError{element.span, is_pair ? "a value in a set" : "an element without a value",
                      "nft refuses it", is_pair ? "What has values is a map." : "", true};
  }
}

void ScriptReader::check_set(const Span& span) {
  const auto refuse = [&](std::string message, std::string cure) {
    ruleset_.problems.push_back(
        {ProblemKind::error, span, std::move(message), "nft refuses it", std::move(cure), false});
  };
  if (!set_.has_type) refuse("a set without a type", "Say what it holds: `type ipv4_addr`.");
  if (set_.merges && !set_.has_intervals) {
    refuse("auto-merge in a set without intervals", "Add `flags interval`.");
  } else if (set_.has_ranges && !set_.has_intervals) {
    refuse("ranges in a set without intervals", "Add `flags interval`.");
  }
}

void ScriptReader::read_set_block(SetId set) {
  const std::size_t begin = in_.position();
  in_.expect_symbol("{", "at the begin of a set");
  set_ = {};
  for (;;) {
    in_.skip_separators();
    if (in_.is_at_end()) in_.fail("} at the end of the set");
    if (in_.accept_symbol("}")) return check_set(in_.span_since(begin));
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
      if (!catalog::has_word("constant interval dynamic timeout", in_.word())) {
        in_.fail("constant, interval, dynamic or timeout");
      }
      const std::string_view flag = in_.text(in_.next());
      set_.has_intervals = set_.has_intervals || flag == "interval";
      if (flag == "timeout" || flag == "dynamic") set.is_dynamic = true;
    } while (in_.accept_symbol(","));
    return end_statement();
  }
  if (in_.accept_word("elements")) {
    in_.expect_symbol("=", "behind elements");
    in_.skip_newlines();
    const Node elements =
        in_.is_symbol("$") ? expressions_.read_variable() : expressions_.read_set();
    if (elements.children.empty() && elements.kind == NodeKind::set) {
      throw SyntaxError{elements.span, "a list without elements", "nft refuses it", "Leave it out.",
                        true};
    }
    check_elements(set, elements);
    builder_.add_elements(id, elements);
    return end_statement();
  }
  for (const std::string_view word :
       {"timeout", "gc-interval", "size", "policy", "comment", "expires"}) {
    if (!in_.accept_word(word)) continue;
    if (in_.is_symbol("$")) {
      (void)expressions_.read_variable();
    } else {
      check_property(word);
      in_.next();
    }
    if (word == "timeout") set.is_dynamic = true;
    return end_statement();
  }
  if (in_.accept_word("auto-merge")) {
    set_.merges = true;
    return end_statement();
  }
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
    set_.has_type = true;
    if (!is_typeof) {
      if (!in_.word().empty() && !catalog::has_word(type_words, in_.word())) {
        in_.fail("a type, such as ipv4_addr");
      }
      types.push_back(
          catalog::nft_type_of_word(in_.text(in_.expect_word("a type, such as ipv4_addr"))));
      continue;
    }
    const Node selector = expressions_.read_selector();
    const catalog::NftExpression* row = catalog::find_nft_expression(selector.text);
    types.push_back(row == nullptr ? catalog::NftType::other : row->type);
  } while (in_.accept_symbol("."));
  const Span span = in_.span_since(first);
  builder_.set_types(id, types, in_.source_text().substr(span.begin, span.size()));
  const bool is_map = ruleset_.sets[id.index()].kind != SetKind::nft_set;
  if (is_map != in_.is_symbol(":")) {
    in_.fail(is_map ? ": and the type of the values" : "the end of the line",
             is_map ? "" : "What has values is a map.");
  }
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

void ScriptReader::read_object_body(std::string_view kind) {
  in_.expect_symbol("{", "at the begin of an object");
  bool begins = true;
  for (std::size_t depth = 1; depth > 0;) {
    if (in_.is_at_end()) in_.fail("} at the end of the object");
    const std::string_view word = in_.word();
    const bool is_number = !word.empty() && word.front() >= '0' && word.front() <= '9';
    const bool may_be_any = word.empty() || (kind == "quota" && is_number);
    if (begins && depth == 1 && !may_be_any && !catalog::has_word(words_in(kind), word)) {
      in_.fail(fmt::format("one of {}", words_in(kind)));
    }
    begins = in_.peek().kind == TokenKind::newline || in_.is_symbol(";");
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
    read_object_body(kind);
  } else {
    while (!in_.is_at_end_of_statement()) in_.next();
  }
  if (const std::string_view extension = extension_of(kind); !extension.empty()) {
    builder_.add_object(table, extension, name.text, in_.span_since(first));
  }
}

}  // namespace untrack::nft
