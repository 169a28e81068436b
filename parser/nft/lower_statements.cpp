// What rules do: verdicts apart, NAT, marks, what is set, counted and logged. After nft(8),
// "STATEMENTS".
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "model/ip_protocol.hpp"
#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

bool has_condition(const Node& node) {
  return node.has_condition || std::ranges::any_of(node.children, has_condition);
}

// A rate of packets has the words of iptables' match limit, so that it is the same condition there.
std::string limit_key(const Node& node, std::string words) {
  const auto value_of = [&](std::string_view name) {
    const Node* argument = node.argument(name);
    const bool has_value = argument != nullptr && !argument->children.empty();
    return has_value ? argument->children[0].text : std::string_view();
  };
  const std::string_view time = value_of("time");
  const bool is_of_packets =
      node.argument("unit") == nullptr &&
      (node.argument("burst unit") == nullptr || value_of("burst unit") == "packets");
  if (!is_of_packets || time.empty() || time == "week") return words;
  constexpr std::string_view same_burst = "5";  // of both programs
  std::string key = fmt::format("limit --limit {}/{}", value_of("number"), time);
  const std::string_view burst = value_of("burst");
  if (!burst.empty() && burst != same_burst) key += fmt::format(" --limit-burst {}", burst);
  return key;
}

// The first selector of `ct` in a statement, or nullptr.
const Node* connection_in(const Node& node) {
  if (node.kind == NodeKind::selector && node.text.starts_with("ct ")) return &node;
  for (const Node& child : node.children) {
    if (const Node* found = connection_in(child)) return found;
  }
  return nullptr;
}

// Refuses a code that icmp, icmpv6 or icmpx does not have.
void check_code(const Node& with) {
  if (with.children.empty()) return;
  if (with.text != "icmpx") {
    (void)number_of(with.text == "icmp" ? NftType::icmp_code : NftType::icmpv6_code,
                    with.children[0]);
    return;
  }
  constexpr std::string_view codes = "port-unreachable admin-prohibited no-route host-unreachable";
  const std::string_view code = with.children[0].text;
  constexpr Number largest = 3;
  const auto number = plain_number(code);
  if (!catalog::has_word(codes, code) && (!number || *number > largest)) {
    throw SyntaxError{with.children[0].span, fmt::format("not a code of icmpx: \"{}\"", code),
                      fmt::format("expected {}", codes), "", true};
  }
}

}  // namespace

void RuleLowering::lower_statement(const Node& node) {
  const std::string_view word = node.text;
  const auto passive = [&](ConstructId construct = {}) {
    add(node.span, Statement(PassiveStatement{word}), construct);
  };
  const auto opaque_test = [&](ConstructId construct, bool has_history) {
    add_opaque(node.span, words_of(node.span), false, construct, has_history);
  };
  if (word == "comment") {
    if (!node.children.empty()) rule_->comment = node.children[0].text;
    return;
  }
  if (word == "snat" || word == "dnat" || word == "masquerade" || word == "redirect") {
    return lower_nat(node);
  }
  lower_maps(node);
  if (word == "counter" || word == "last" || word == "reset option") return passive();
  // nft_dup_ipv4, nft_dup_ipv6 and nft_dup_netdev are all there are (6.18).
  if (word == "dup" && (family_ == Family::inet || family_ == Family::bridge)) {
    throw SyntaxError{node.span, "dup in a table of this family", "nft refuses it",
                      "Tables of ip, ip6 and netdev have it.", true};
  }
  if (word == "log") return passive(add_construct(word, node.span));
  if (word == "dup") return passive(add_deed(word, node));
  if (word == "limit") {
    const ConstructId construct = add_construct(word, node.span);
    const bool is_over = node.argument("over") != nullptr;
    return add_opaque(node.span, limit_key(node, words_of(node.span)), is_over, construct, true);
  }
  if (word == "quota" || word == "ct count") {
    return opaque_test(add_construct(word, node.span), true);
  }
  if (word == "meter" || word == "set update") {
    // An element with a rate is matched while the rate is kept, and none that a full set does not
    // take (nft_dynset_eval, nft_dynset.c, 6.1; measured on 6.18).
    const ConstructId construct = add_construct("set update", node.span);
    const bool needs_room = node.argument("delete") == nullptr;
    give_words(construct, words_of(node.span), node.span);
    const Node* element = node.argument("element");
    note_update(node);
    const bool counts =
        element != nullptr && words_of(element->span).find("ct count") != std::string::npos;
    if (counts) add_construct("ct count", element->span);
    if (needs_room || (element != nullptr && has_condition(*element))) {
      return opaque_test(construct, true);
    }
    return passive(construct);
  }
  if (word == "notrack") {
    return add(node.span, Statement(NotrackStatement{}), add_construct(word, node.span));
  }
  if (word == "reject") return lower_reject(node);
  if (word == "queue") {
    return add(node.span, Statement(VerdictStatement{Verdict::queue}), add_deed(word, node));
  }
  if (word == "fwd") {
    return add(node.span, Statement(VerdictStatement{Verdict::stolen}),
               add_construct(word, node.span));
  }
  // The rule goes on only where a socket is found (nft_tproxy_eval_v4, nft_tproxy.c, 6.1).
  if (word == "tproxy") {
    if (known_protocols_.empty()) {
      throw SyntaxError{node.span, "tproxy, of no protocol that is asked for", "nft refuses it",
                        "Ask for the protocol in front of it: `meta l4proto { tcp, udp }`.", true};
    }
    refuse_tproxy(node);
    return opaque_test(add_construct(word, node.span), false);
  }
  if (word == "synproxy") {
    const ConstructId construct = add_deed(word, node);
    const KeptText key = ruleset_.short_form(ruleset_.keep(words_of(node.span)));
    return add(node.span, Statement(OpaqueStatement{key, true}), construct);
  }
  if (word == "flow add" || word.starts_with("ct ")) {
    const ConstructId construct = add_deed(word, node);
    const Node* name = node.argument("name");
    const KeptText value =
        name == nullptr ? KeptText() : ruleset_.short_form(ruleset_.keep(text_of(*name)));
    const std::string_view what = word == "ct helper set" ? std::string_view("helper") : word;
    return add(node.span, Statement(ConntrackStatement{what, value}), construct);
  }
  // `xt match`, `xt target`: what iptables-nft put into the kernel and nft has no words for.
  const ConstructId construct = add_construct(word, node.span);
  ruleset_.constructs[construct.index()].extension = nullptr;
  const KeptText key = ruleset_.short_form(ruleset_.keep(words_of(node.span)));
  ruleset_.problems.push_back({ProblemKind::not_understood, node.span,
                               "an extension of iptables that nft has no words for", "",
                               "Give the output of iptables-save for this table instead.", true});
  add(node.span, Statement(OpaqueStatement{key, true}), construct);
}

void RuleLowering::lower_maps(const Node& value) {
  if (value.kind == NodeKind::map) {
    const Comparison lookup{value, "", value.children[1]};
    return lower_lookup(lookup, key_of(value.children[0]));
  }
  for (const Node& child : value.children) lower_maps(child);
}

bool RuleLowering::tracks(std::size_t before) const {
  const auto made = std::span(ruleset_.constructs).subspan(before);
  return std::ranges::any_of(made, [](const Construct& construct) {
    return construct.extension != nullptr &&
           construct.extension->tracking == catalog::Tracking::always;
  });
}

void RuleLowering::note_connection(const Node& statement, std::size_t before) {
  const Node* const found = connection_in(statement);
  if (found != nullptr && !tracks(before)) (void)construct_of(found->text, found->span);
}

void RuleLowering::refuse_tracking(const Node& statement, std::size_t before) const {
  if ((family_ != Family::netdev && family_ != Family::arp) || !tracks(before)) return;
  throw SyntaxError{statement.span,
                    fmt::format("no connections in a table of family {}", to_text(family_)),
                    "the kernel refuses it", "Use a table of family inet.", true};
}

void RuleLowering::lower_reject(const Node& node) {
  if (family_ == Family::arp) {
    throw SyntaxError{node.span, "reject in a table of family arp", "nft refuses it", "Use drop.",
                      true};
  }
  const ConstructId construct = add_construct("reject", node.span);
  RejectStatement reject;
  if (!node.children.empty()) {
    const Node& with = node.children[0];
    if (with.text == "tcp reset") {
      reject.with = "tcp-reset";
      if (!known_protocols_.empty() && known_protocols_ != std::vector<Number>{ip_protocol::tcp}) {
        throw SyntaxError{with.span, "a TCP reset for packets of another protocol",
                          "nft refuses it", "", true};
      }
      // nft adds the protocol where it is not asked for.
      if (known_protocols_ != std::vector<Number>{ip_protocol::tcp}) {
        FieldTest test;
        test.field = Field::protocol;
        test.values = add_intervals({{ip_protocol::tcp, ip_protocol::tcp}});
        add(node.span, Match(test));
        known_protocols_ = {ip_protocol::tcp};
      }
    } else {
      check_code(with);
      const std::string code = with.children.empty() ? "" : text_of(with.children[0]);
      // What nft answers if nothing is said, and text does not print.
      const bool is_default =
          code == "port-unreachable" &&
          (with.text == "icmpx" || (with.text == "icmp" && family_ == Family::ip) ||
           (with.text == "icmpv6" && family_ == Family::ip6));
      if (!is_default) reject.with = ruleset_.keep(fmt::format("{}-{}", with.text, code));
      const auto implied = with.text == "icmp"     ? IpVersions(IpVersion::ipv4)
                           : with.text == "icmpv6" ? IpVersions(IpVersion::ipv6)
                                                   : IpVersions::both();
      const bool is_other = header_family_ && (implied & *header_family_).empty();
      const bool is_of_one = family_ == Family::ip || family_ == Family::ip6;
      if (is_other || (is_of_one && with.text == "icmpx")) {
        throw SyntaxError{with.span,
                          is_other ? fmt::format("{} for packets of the other family", with.text)
                                   : fmt::format("icmpx in a table of family {}", to_text(family_)),
                          "nft refuses it", "Write icmp for IPv4, icmpv6 for IPv6.", true};
      }
      const bool is_wide = ip_versions(family_) == IpVersions::both();
      if ((implied & ip_versions(family_)).empty() && !ip_versions(family_).empty()) {
        throw SyntaxError{with.span,
                          fmt::format("{} in a table of family {}", with.text, to_text(family_)),
                          "nft refuses it", "", true};
      }
      if (is_wide && implied != IpVersions::both() && implied_families_ != implied) {
        add(node.span, Match(FamilyTest{implied}));
        implied_families_ = implied;
      }
    }
  }
  add(node.span, Statement(reject), construct);
}

}  // namespace untrack::nft
