#include "rewriter/spell/iptables_matches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "model/address_text.hpp"
#include "model/ip_protocol.hpp"
#include "rewriter/spell/box_values.hpp"
#include "rewriter/spell/networks.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_rules = 64;
constexpr std::size_t most_alternatives = 16;
constexpr std::size_t multiport_slots = 15;  // XT_MULTI_PORTS, linux/netfilter/xt_multiport.h

using Alternatives = std::vector<std::string>;  // of one condition; an empty text: no condition

class Speller {
 public:
  Speller(const Box& box, const Layout& layout, const SpellOptions& options)
      : layout_(layout), options_(options), asked_(box, layout) {}

  SpelledBox spell() {
    const std::vector<Interval> protocols = asked_.values(Field::protocol);
    std::vector<Alternatives> parts;
    parts.push_back(addresses('s', "src", Field::source_address));
    parts.push_back(addresses('d', "dst", Field::destination_address));
    parts.push_back(interfaces('i', Field::in_interface));
    parts.push_back(interfaces('o', Field::out_interface));
    parts.push_back(protocol(protocols));
    parts.push_back(fragment());
    if (options_.keeps_types) {
      parts.push_back(types("src", Field::source_type));
      parts.push_back(types("dst", Field::destination_type));
    }
    parts.push_back(ports());
    if (layout_.version() == IpVersion::ipv4) {
      parts.push_back(icmp("icmp", "icmp-type"));
    } else {
      parts.push_back(icmp("icmp6", "icmpv6-type"));
    }
    // What no word here says.
    if (asked_.asks_for_others()) is_wider_ = true;
    return product(parts);
  }

 private:
  Alternatives addresses(char letter, std::string_view word, Field field) {
    const SidedValues sided = asked_.shorter(field);
    if (sided.values.empty()) return {""};
    std::vector<std::string> all;
    for (const Interval& range : sided.values) {
      for (std::string& network : networks(range, layout_.version())) {
        all.push_back(std::move(network));
      }
    }
    if (!sided.is_negated && all.size() > sided.values.size()) {
      if (auto text = network_with_hole(letter, word, sided.values)) return {std::move(*text)};
    }
    if (sided.is_negated ? all.size() > 1 : all.size() > sided.values.size() + 2) {
      // A range that is no network, said as such.
      all.clear();
      for (const Interval& range : sided.values) {
        all.push_back(fmt::format("-m iprange {}--{}-range {}-{}", sided.is_negated ? "! " : "",
                                  word, address_text(range.first, layout_.version()),
                                  address_text(range.last, layout_.version())));
      }
      return all;
    }
    for (std::string& text : all) {
      text = fmt::format("{}-{} {}", sided.is_negated ? "! " : "", letter, text);
    }
    return all;
  }

  // "-s 192.0.2.0/24 -m iprange ! --src-range 192.0.2.7-192.0.2.7", where that is what the ranges
  // are.
  std::optional<std::string> network_with_hole(char letter, std::string_view word,
                                               const std::vector<Interval>& ranges) const {
    if (ranges.size() != 2) return std::nullopt;
    const auto whole = networks({ranges.front().first, ranges.back().last}, layout_.version());
    if (whole.size() != 1) return std::nullopt;
    return fmt::format("-{} {} -m iprange ! --{}-range {}-{}", letter, whole.front(), word,
                       address_text(ranges.front().last + 1, layout_.version()),
                       address_text(ranges.back().first - 1, layout_.version()));
  }

  // The atoms of one interface that a side has, apart from "none".
  Alternatives interfaces(char letter, Field field) {
    const BoxSide* found = asked_.side(field);
    if (found == nullptr) return {""};
    const NameDomain& names = layout_.names();
    const auto [in, out] = asked_.interfaces(*found);
    // None but "no interface": the way says so. All of them: likewise.
    if (in.empty() || out.empty()) return {""};
    const auto is_name = [&](NameDomain::Atom atom) {
      const std::string text = names.text(atom);
      return names.example(atom) == text && text.find_first_of(" \t\"'\\+") == std::string::npos;
    };
    Alternatives all;
    if (out.size() == 1 && is_name(out.front())) {
      return {fmt::format("! -{} {}", letter, names.text(out.front()))};
    }
    for (const NameDomain::Atom atom : in) {
      const std::string text = names.text(atom);
      // "eth+" asks for the other names of that beginning, too: a wider rule.
      if (!is_name(atom) && !text.ends_with('+')) {
        is_wider_ = true;
        return {""};
      }
      if (!is_name(atom)) is_wider_ = true;
      all.push_back(fmt::format("-{} {}", letter, text));
    }
    return all;
  }

  static std::string protocol_word(Number number, IpVersion version) {
    switch (static_cast<unsigned>(number)) {
      case ip_protocol::icmp:
        return "icmp";
      case ip_protocol::tcp:
        return "tcp";
      case ip_protocol::udp:
        return "udp";
      case ip_protocol::dccp:
        return "dccp";
      case ip_protocol::esp:
        return "esp";
      case ip_protocol::ah:
        return "ah";
      case ip_protocol::icmpv6:
        return version == IpVersion::ipv6 ? "ipv6-icmp" : "58";
      case ip_protocol::sctp:
        return "sctp";
      case ip_protocol::udplite:
        return "udplite";
      default:
        return fmt::format("{}", static_cast<unsigned>(number));
    }
  }

  Alternatives protocol(const std::vector<Interval>& protocols) {
    if (protocols.empty()) return {""};
    const auto others = complement(protocols, 255);
    if (others.size() == 1 && others.front().first == others.front().last &&
        others.front().first != 0) {
      return {fmt::format("! -p {}", protocol_word(others.front().first, layout_.version()))};
    }
    Alternatives all;
    for (const Interval& range : protocols) {
      for (Number number = range.first; number <= range.last; ++number) {
        // Protocol 0 is what iptables calls "all".
        if (number == 0 || all.size() == most_alternatives) {
          is_wider_ = true;
          return {""};
        }
        all.push_back("-p " + protocol_word(number, layout_.version()));
      }
    }
    if (protocols.size() == 1 && protocols.front().first == protocols.front().last) {
      protocol_ = static_cast<std::uint8_t>(protocols.front().first);
    }
    return all;
  }

  Alternatives fragment() {
    const std::vector<Interval> asked = asked_.values(Field::later_fragment);
    // That a packet is whole goes without saying where it has ports or a type.
    if (asked.empty() || asked.front().first == 0) return {""};
    // ip6tables can say "the first" and "not the last", but not this (libip6t_frag.c, 1.8.9).
    if (layout_.version() == IpVersion::ipv6) {
      is_wider_ = true;
      return {""};
    }
    return {"-f"};
  }

  static std::string port_text(const Interval& range) {
    if (range.first == range.last) return fmt::format("{}", static_cast<unsigned>(range.first));
    return fmt::format("{}:{}", static_cast<unsigned>(range.first),
                       static_cast<unsigned>(range.last));
  }

  // The ranges as lists, each of which has room in one multiport.
  static std::vector<std::string> multiports(const std::vector<Interval>& ranges) {
    std::vector<std::string> lists;
    std::size_t slots = multiport_slots;
    for (const Interval& range : ranges) {
      const std::size_t more = range.first == range.last ? 1 : 2;
      if (slots + more > multiport_slots) {
        lists.emplace_back();
        slots = 0;
      }
      if (slots > 0) lists.back() += ',';
      lists.back() += port_text(range);
      slots += more;
    }
    return lists;
  }

  Alternatives ports() {
    const SidedValues source = asked_.shorter(Field::source_port);
    const SidedValues destination = asked_.shorter(Field::destination_port);
    const bool asks_any = !source.values.empty() || !destination.values.empty();
    if (!protocol_ || !has_ports(*protocol_)) {
      if (asks_any) is_wider_ = true;
      return {""};
    }
    std::string plain;
    Alternatives multi{""};
    const auto add = [&](const SidedValues& sided, char letter) {
      if (sided.values.empty()) return;
      if (sided.values.size() == 1) {
        plain += fmt::format(" {}--{}port {}", sided.is_negated ? "! " : "", letter,
                             port_text(sided.values.front()));
        return;
      }
      Alternatives both;
      for (const std::string& known : multi) {
        for (const std::string& ports : multiports(sided.values)) {
          both.push_back(fmt::format("{} -m multiport --{}ports {}", known, letter, ports));
        }
      }
      multi = std::move(both);
    };
    add(source, 's');
    add(destination, 'd');
    if (*protocol_ == ip_protocol::tcp && !options_.tcp_options.empty()) {
      plain += fmt::format(" {}", options_.tcp_options);
    }
    if (!plain.empty()) {
      plain = fmt::format(" -m {}{}", protocol_word(*protocol_, layout_.version()), plain);
    }
    for (std::string& text : multi) {
      text += plain;
      text.erase(0, 1);
    }
    return multi;
  }

  Alternatives icmp(std::string_view module, std::string_view option) {
    const std::vector<Interval> asked = asked_.values(Field::icmp_type_code);
    if (asked.empty() || protocol_ != icmp_of(layout_.version())) {
      // A type without its protocol cannot be said; of another protocol there is none.
      if (!asked.empty() && !protocol_) is_wider_ = true;
      return {""};
    }
    Alternatives all;
    for (const Interval& range : asked) {
      for (Number type = range.first / 256; type <= range.last / 256; ++type) {
        const Number first = std::max(range.first, type * 256);
        const Number last = std::min(range.last, type * 256 + 255);
        if (all.size() == most_alternatives) {
          is_wider_ = true;
          return {""};
        }
        const std::string head =
            fmt::format("-m {} --{} {}", module, option, static_cast<unsigned>(type));
        if (last - first == 255) {
          all.push_back(head);
          continue;
        }
        for (Number code = first % 256; code <= last % 256; ++code) {
          all.push_back(fmt::format("{}/{}", head, static_cast<unsigned>(code)));
        }
      }
    }
    return all;
  }

  Alternatives types(std::string_view word, Field field) {
    static constexpr std::array<std::string_view, 6> names = {"UNSPEC",    "UNICAST", "LOCAL",
                                                              "BROADCAST", "ANYCAST", "MULTICAST"};
    const std::vector<Interval> asked = asked_.values(field);
    if (asked.empty()) return {""};
    std::vector<std::string_view> words;
    for (const Interval& range : asked) {
      for (Number type = range.first; type <= range.last; ++type) {
        if (type >= names.size()) {
          is_wider_ = true;
          return {""};
        }
        words.push_back(names[static_cast<std::size_t>(type)]);
      }
    }
    if (layout_.version() == IpVersion::ipv6) return types6(word, words);
    return {fmt::format("-m addrtype --{}-type {}", word, fmt::join(words, ","))};
  }

  // In IPv6 several words are no alternatives, and LOCAL is UNICAST, too (xt_addrtype.c).
  Alternatives types6(std::string_view word, const std::vector<std::string_view>& types) {
    const auto has = [&](std::string_view type) {
      return std::ranges::find(types, type) != types.end();
    };
    if (types.size() == 1 && types[0] != "UNICAST" && types[0] != "BROADCAST") {
      return {fmt::format("-m addrtype --{}-type {}", word, types[0])};
    }
    if (!has("UNICAST") || has("UNSPEC")) {
      is_wider_ = true;
      return {""};
    }
    std::string said;
    if (!has("MULTICAST")) said = fmt::format("-m addrtype --{}-type UNICAST ", word);
    std::vector<std::string_view> wrong;
    for (const std::string_view type : {"LOCAL", "ANYCAST"}) {
      if (!has(type)) wrong.push_back(type);
    }
    if (!wrong.empty()) {
      said += fmt::format("-m addrtype ! --{}-type {} ", word, fmt::join(wrong, ","));
    }
    if (!said.empty()) said.pop_back();
    return {said};
  }

  SpelledBox product(const std::vector<Alternatives>& parts) const {
    SpelledBox spelled;
    spelled.is_wider = is_wider_;
    spelled.rules = {""};
    for (const Alternatives& part : parts) {
      std::vector<std::string> longer;
      for (const std::string& rule : spelled.rules) {
        for (const std::string& alternative : part) {
          std::string text = rule;
          if (!rule.empty() && !alternative.empty()) text += ' ';
          text += alternative;
          longer.push_back(std::move(text));
        }
      }
      if (longer.size() > most_rules) {
        spelled.rules.clear();
        spelled.is_too_large = true;
        return spelled;
      }
      spelled.rules = std::move(longer);
    }
    return spelled;
  }

  const Layout& layout_;
  const SpellOptions& options_;
  BoxValues asked_;
  std::optional<std::uint8_t> protocol_;
  bool is_wider_ = false;
};

}  // namespace

SpelledBox spell_iptables(const Box& box, const Layout& layout, const SpellOptions& options) {
  return Speller(box, layout, options).spell();
}

}  // namespace untrack
