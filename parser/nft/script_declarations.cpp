// Sets and maps. After nft(8), "SETS" and "MAPS".
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/nft_symbols.hpp"
#include "parser/nft/script_reader.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

// nft(8), "DATA TYPES", as far as `type` takes them.
constexpr std::string_view type_words =
    "nf_proto ipv4_addr ipv6_addr ether_addr lladdr ether_type arp_op inet_proto inet_service "
    "mark ifname iface_index iface_type ct_state ct_dir ct_status ct_label ct_event ct_id "
    "icmp_type icmp_code icmpv6_type icmpv6_code icmpx_code igmp_type tcp_flag dccp_pkttype "
    "mh_type dscp ecn pkt_type fib_addrtype realm classid uid gid devgroup cgroupsv2 boolean time";

// Objects that a map may name.
constexpr std::string_view object_types = "counter quota limit secmark synproxy";

bool has_kind(const Node& node, NodeKind kind) {
  return node.kind == kind || std::ranges::any_of(node.children, [kind](const Node& child) {
           return has_kind(child, kind);
         });
}

}  // namespace

void ScriptReader::check_property(std::string_view word) {
  if (word == "size" && !plain_number(in_.word())) in_.fail("a number");
  if (word == "policy" && !in_.is_word("memory") && !in_.is_word("performance")) {
    in_.fail("memory or performance");
  }
  if ((word == "timeout" || word == "gc-interval") && !time_in_ms(in_.word())) in_.fail("a time");
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
    const Node& key = is_pair ? element.children[0] : element;
    const bool is_word = key.kind == NodeKind::symbol || key.kind == NodeKind::quoted;
    const bool is_prefix = is_word && key.text.ends_with('*') && !key.text.ends_with("\\*");
    set_.has_ranges = set_.has_ranges || is_prefix;
    if (is_pair == (set.kind != SetKind::nft_set)) {
      if (is_pair) check_map_value(set, element.children[1]);
      continue;
    }
    throw SyntaxError{element.span, is_pair ? "a value in a set" : "an element without a value",
                      "nft refuses it", is_pair ? "What has values is a map." : "", true};
  }
}

void ScriptReader::check_map_value(const NamedSet& set, const Node& value) const {
  const bool is_verdict = value.kind == NodeKind::verdict;
  if (is_verdict != (set.kind == SetKind::nft_verdict_map)) {
    throw SyntaxError{value.span,
                      is_verdict ? "a verdict in a map of other values" : "not a verdict",
                      "nft refuses it", "", true};
  }
  const bool is_address = set_.value_type == catalog::NftType::ipv4_addr ||
                          set_.value_type == catalog::NftType::ipv6_addr;
  if (is_address || set_.value_type == catalog::NftType::inet_service) {
    (void)interval_of(*set_.value_type, value);  // refuses what is none
  }
}

void ScriptReader::check_set(const Span& span) {
  const auto refuse = [&](std::string message, std::string cure) {
    ruleset_.problems.push_back(
        {ProblemKind::error, span, std::move(message), "nft refuses it", std::move(cure), false});
  };
  if (!set_.has_type) refuse("a set without a type", "Say what it holds: `type ipv4_addr`.");
  if (set_.has_gc_interval && !set_.has_timeouts) {
    refuse("gc-interval in a set without timeouts", "Add `flags timeout`, or leave it out.");
  }
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
      in_.skip_statement_since(first);
      report(error, in_.span_since(first));
      builder_.doubt_elements(set);
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
      if (flag == "timeout") {
        set_.has_timeouts = true;
        builder_.note_timeouts(id);
      }
    } while (in_.accept_symbol(","));
    return end_statement();
  }
  if (in_.accept_word("elements")) {
    in_.expect_symbol("=", "behind elements");
    in_.skip_newlines();
    return read_element_list(id);  // nft asks for no separator behind it
  }
  for (const std::string_view word :
       {"timeout", "gc-interval", "size", "policy", "comment", "expires"}) {
    if (!in_.accept_word(word)) continue;
    std::string given;
    if (in_.is_symbol("$")) {
      given = text_of(expressions_.read_variable());
    } else {
      check_property(word);
      given = in_.text(in_.next());
    }
    builder_.set_bound(id, word, given);
    if (word == "timeout") {
      set.is_dynamic = true;
      set_.has_timeouts = true;
      builder_.note_timeouts(id);
    }
    set_.has_gc_interval = set_.has_gc_interval || word == "gc-interval";
    return end_statement();
  }
  if (in_.accept_word("auto-merge")) {
    builder_.merge_elements(id);
    set_.merges = true;  // nft asks for no separator behind it
    return;
  }
  if (in_.is_word("counter") || in_.is_word("limit") || in_.is_word("quota") ||
      in_.is_word("last") || in_.is_word("ct")) {
    for (const Node& statement : statements_.read_rule()) {
      builder_.add_condition(id, statement);
      if (statement.text != "ct count") continue;
      builder_.add_object(set.table, "ct count", set.name, in_.span_since(first));
    }
    return end_statement();
  }
  in_.fail("type, flags, elements or another property of a set");
}

void ScriptReader::read_element_list(SetId id) {
  using ListPart = RulesetBuilder::ListPart;
  bool has_begun = false;
  const auto add = [&](const Node& elements, bool is_last) {
    check_elements(ruleset_.sets[id.index()], elements);
    const bool is_second_list = !has_begun && std::exchange(set_.has_elements, true);
    if (is_second_list) builder_.forget_elements(id);
    const ListPart part = has_begun ? (is_last ? ListPart::last : ListPart::next)
                                    : (is_last ? ListPart::whole : ListPart::first);
    has_begun = true;
    builder_.add_elements(id, elements, part);
  };
  const Node rest =
      in_.is_symbol("$")
          ? expressions_.read_variable()
          : expressions_.read_set_in_batches([&](const Node& elements) { add(elements, false); });
  if (rest.children.empty() && rest.kind == NodeKind::set) {
    throw SyntaxError{rest.span, "a list without elements", "nft refuses it", "Leave it out.",
                      true};
  }
  add(rest, true);
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
  if (in_.accept_symbol(":")) read_value_type(id, is_typeof);
  end_statement();
}

// verdict, [interval] mark, ipv4_addr . inet_service, counter; a selector behind typeof
void ScriptReader::read_value_type(SetId id, bool is_typeof) {
  set_.value_type.reset();
  if (in_.accept_word("verdict")) {
    ruleset_.sets[id.index()].kind = SetKind::nft_verdict_map;
    return;
  }
  in_.accept_word("interval");
  if (is_typeof) {
    while (!in_.is_at_end_of_statement()) in_.next();
    return;
  }
  std::size_t parts = 0;
  do {
    if (!catalog::has_word(type_words, in_.word()) &&
        !catalog::has_word(object_types, in_.word())) {
      in_.fail("the type of the values, such as verdict or ipv4_addr");
    }
    set_.value_type = catalog::nft_type_of_word(in_.text(in_.next()));
    ++parts;
  } while (in_.accept_symbol("."));
  if (parts > 1) set_.value_type.reset();
}

}  // namespace untrack::nft
