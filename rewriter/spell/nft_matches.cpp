#include "rewriter/spell/nft_matches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "model/address_text.hpp"
#include "model/catalog/nft_symbols.hpp"
#include "model/catalog/protocols.hpp"
#include "model/ip_protocol.hpp"
#include "rewriter/spell/box_values.hpp"
#include "rewriter/spell/networks.hpp"

namespace untrack {
namespace {

using catalog::NftType;

constexpr std::size_t most_types = 16;      // of ICMP with single codes, a rule each
constexpr std::size_t most_addresses = 64;  // in one set
constexpr Number codes = 256;

std::string number_text(Number number) { return fmt::format("{}", static_cast<unsigned>(number)); }

// One value, or a set of them.
std::string value_text(const std::vector<std::string>& values) {
  if (values.size() == 1) return values.front();
  return fmt::format("{{ {} }}", fmt::join(values, ", "));
}

std::string port_word(const Interval& range) {
  if (range.first == range.last) return number_text(range.first);
  return fmt::format("{}-{}", number_text(range.first), number_text(range.last));
}

std::string ports_text(const std::vector<Interval>& ranges) {
  std::vector<std::string> words;
  words.reserve(ranges.size());
  for (const Interval& range : ranges) words.push_back(port_word(range));
  return value_text(words);
}

std::string address_word(const Interval& range, IpVersion version) {
  const std::vector<std::string> all = networks(range, version);
  if (all.size() > 1) {
    return fmt::format("{}-{}", address_text(range.first, version),
                       address_text(range.last, version));
  }
  std::string word = all.front();
  const std::string_view host = version == IpVersion::ipv4 ? "/32" : "/128";
  if (word.ends_with(host)) word.resize(word.size() - host.size());
  return word;
}

std::string protocol_name(Number number) {
  constexpr std::array named = {ip_protocol::icmp,   ip_protocol::tcp,    ip_protocol::udp,
                                ip_protocol::dccp,   ip_protocol::gre,    ip_protocol::esp,
                                ip_protocol::ah,     ip_protocol::icmpv6, ip_protocol::sctp,
                                ip_protocol::udplite};
  if (std::ranges::find(named, number) == named.end()) return number_text(number);
  return std::string(catalog::protocol_name(static_cast<std::uint8_t>(number)));
}

std::string type_word(NftType type, Number number) {
  for (const std::string_view name : catalog::nft_symbol_names(type)) {
    if (catalog::nft_symbol(type, name) == static_cast<std::uint64_t>(number)) {
      return std::string(name);
    }
  }
  return number_text(number);
}

class Speller {
 public:
  Speller(const Box& box, const Layout& layout, const NftSpellOptions& options)
      : layout_(layout), options_(options), asked_(box, layout) {}

  SpelledBox spell() {
    put(options_.first);
    interfaces("iifname", Field::in_interface);
    interfaces("oifname", Field::out_interface);
    addresses("saddr", Field::source_address);
    addresses("daddr", Field::destination_address);
    if (options_.keeps_types) {
      types("saddr", Field::source_type);
      types("daddr", Field::destination_type);
    }
    fragment();
    if (asked_.asks_for_others()) is_wider_ = true;
    const std::vector<std::string> services = transport();
    SpelledBox spelled;
    spelled.is_too_large = is_too_large_;
    spelled.is_wider = is_wider_;
    for (const std::string& service : services) {
      std::string text = text_;
      if (!text.empty() && !service.empty()) text += ' ';
      text += service;
      if (options_.says_family && !says_family_) {
        text.insert(0, nft_family_words(layout_.version()));
        if (text.ends_with(' ')) text.pop_back();
      }
      spelled.rules.push_back(std::move(text));
    }
    if (is_too_large_) spelled.rules.clear();
    return spelled;
  }

 private:
  bool is_v4() const { return layout_.version() == IpVersion::ipv4; }

  void put(std::string_view words) {
    if (words.empty()) return;
    if (!text_.empty()) text_ += ' ';
    text_ += words;
  }

  static std::string sign(bool is_negated) { return is_negated ? "!= " : ""; }

  bool is_together(Field field) const {
    return std::ranges::find(options_.together, field) != options_.together.end();
  }

  // "@allowed", where the ruleset has a name for the values.
  std::string set_words(Field field, const SidedValues& sided) const {
    const std::string_view name = nft_set_of(options_.sets, field, layout_.version(), sided.values);
    if (name.empty()) return {};
    return fmt::format("{}@{}", sign(sided.is_negated), name);
  }

  // What is said of several sides at once stands where the first of them would.
  void together(std::string& text) {
    if (std::exchange(has_said_together_, true)) return;
    if (!text.empty()) text += ' ';
    text += options_.words;
  }

  void addresses(std::string_view word, Field field) {
    const SidedValues sided = asked_.shorter(field, true);
    if (sided.values.empty()) return;
    if (is_together(field)) {
      says_family_ = true;
      together(text_);
      return;
    }
    if (const std::string set = set_words(field, sided); !set.empty()) {
      put(fmt::format("{} {} {}", is_v4() ? "ip" : "ip6", word, set));
      says_family_ = true;
      return;
    }
    if (sided.values.size() > most_addresses) is_too_large_ = true;
    std::vector<std::string> words;
    for (const Interval& range : sided.values) {
      words.push_back(address_word(range, layout_.version()));
    }
    put(fmt::format("{} {} {}{}", is_v4() ? "ip" : "ip6", word, sign(sided.is_negated),
                    value_text(words)));
    says_family_ = true;
  }

  std::optional<std::string> interface_word(NameDomain::Atom atom) const {
    return nft_interface(layout_.names(), atom);
  }

  void interfaces(std::string_view word, Field field) {
    const BoxSide* side = asked_.side(field);
    if (side == nullptr) return;
    const auto [in, out] = asked_.interfaces(*side);
    // None but "no interface": the way says so. All of them: likewise.
    if (in.empty() || out.empty()) return;
    if (is_together(field)) {
      together(text_);
      return;
    }
    const NameDomain& names = layout_.names();
    const auto is_name = [&](NameDomain::Atom atom) {
      return names.example(atom) == names.text(atom) && interface_word(atom).has_value();
    };
    const bool is_exact = std::ranges::all_of(in, is_name);
    const bool is_negated = !is_exact && std::ranges::all_of(out, is_name);
    std::vector<std::string> words;
    for (const NameDomain::Atom atom : is_negated ? out : in) {
      auto text = interface_word(atom);
      if (!text) {
        is_wider_ = true;
        return;
      }
      words.push_back(std::move(*text));
    }
    // "eth*" asks for the other names of that beginning, too: a wider rule.
    if (!is_exact && !is_negated) is_wider_ = true;
    put(fmt::format("{} {}{}", word, sign(is_negated), value_text(words)));
  }

  void fragment() {
    const std::vector<Interval> asked = asked_.values(Field::later_fragment);
    // That a packet is whole goes without saying where it has ports or a type.
    if (asked.empty() || asked.front().first == 0) return;
    put(is_v4() ? "ip frag-off & 0x1fff != 0" : "frag frag-off != 0");
    says_family_ = true;
  }

  void types(std::string_view word, Field field) {
    const std::vector<Interval> asked = asked_.values(field);
    if (asked.empty()) return;
    std::vector<std::string> words;
    for (const Interval& range : asked) {
      for (Number type = range.first; type <= range.last; ++type) {
        words.push_back(type_word(NftType::fib_addrtype, type));
        if (words.size() > most_types) {
          is_wider_ = true;
          return;
        }
      }
    }
    put(fmt::format("fib {} type {}", word, value_text(words)));
  }

  // What stands behind the addresses, as rules of their own where one cannot say it all.
  std::vector<std::string> transport() {
    const std::vector<Interval> protocols = asked_.values(Field::protocol);
    const SidedValues source = asked_.shorter(Field::source_port, true);
    const SidedValues destination = asked_.shorter(Field::destination_port, true);
    const std::vector<Interval> icmp = asked_.values(Field::icmp_type_code);
    const bool asks_ports = !source.values.empty() || !destination.values.empty();
    std::optional<Number> one;
    if (protocols.size() == 1 && protocols.front().first == protocols.front().last) {
      one = protocols.front().first;
    }
    if (one && *one == icmp_of(layout_.version()) && !icmp.empty()) return icmp_rules(icmp);
    if (!icmp.empty() && !one) is_wider_ = true;
    std::string text;
    const auto add = [&](const std::string& words) {
      if (!text.empty()) text += ' ';
      text += words;
    };
    const bool are_ported =
        !protocols.empty() && std::ranges::all_of(protocols, [](const Interval& range) {
          return range.first == range.last && has_ports(range.first);
        });
    std::string header = "th";
    if (are_ported && one) header = protocol_name(*one);
    const bool says_flags = one == Number{ip_protocol::tcp} && !options_.tcp_flags.empty();
    const bool says_protocol = one && are_ported && (asks_ports || says_flags);
    if (!protocols.empty() && !says_protocol) add(protocol_words(protocols));
    if (asks_ports && !are_ported) is_wider_ = true;
    if (asks_ports && are_ported) {
      for (const auto& [side, word, field] :
           {std::tuple(&source, "sport", Field::source_port),
            std::tuple(&destination, "dport", Field::destination_port)}) {
        if (side->values.empty()) continue;
        if (is_together(field)) {
          together(text);
          continue;
        }
        const std::string set = set_words(field, *side);
        add(fmt::format("{} {} {}", header, word,
                        set.empty() ? sign(side->is_negated) + ports_text(side->values) : set));
      }
    }
    if (says_flags) add(std::string(options_.tcp_flags));
    return {text};
  }

  static std::string protocol_words(const std::vector<Interval>& protocols) {
    const auto words_of = [](const std::vector<Interval>& ranges) {
      std::vector<std::string> words;
      for (const Interval& range : ranges) {
        if (range.last - range.first > 3) {
          words.push_back(fmt::format("{}-{}", number_text(range.first), number_text(range.last)));
          continue;
        }
        for (Number each = range.first; each <= range.last; ++each) {
          words.push_back(protocol_name(each));
        }
      }
      return words;
    };
    const std::vector<std::string> in = words_of(protocols);
    const std::vector<std::string> out = words_of(complement(protocols, 255));
    const bool is_negated = !out.empty() && out.size() < in.size();
    return fmt::format("meta l4proto {}{}", sign(is_negated), value_text(is_negated ? out : in));
  }

  std::vector<std::string> icmp_rules(const std::vector<Interval>& asked) {
    const NftType type = is_v4() ? NftType::icmp_type : NftType::icmpv6_type;
    const std::string_view header = is_v4() ? "icmp" : "icmpv6";
    says_family_ = true;
    std::vector<std::string> whole;
    std::vector<std::string> rules;
    for (const Interval& range : asked) {
      for (Number each = range.first / codes; each <= range.last / codes; ++each) {
        const Number first = std::max(range.first, each * codes) % codes;
        const Number last = std::min(range.last, each * codes + codes - 1) % codes;
        if (last - first == codes - 1) {
          whole.push_back(type_word(type, each));
        } else {
          rules.push_back(fmt::format("{0} type {1} {0} code {2}", header, type_word(type, each),
                                      ports_text({{first, last}})));
        }
        if (whole.size() + rules.size() > most_types) {
          is_wider_ = true;
          says_family_ = false;
          return {fmt::format("meta l4proto {}", protocol_name(icmp_of(layout_.version())))};
        }
      }
    }
    if (!whole.empty()) {
      rules.insert(rules.begin(), fmt::format("{} type {}", header, value_text(whole)));
    }
    return rules;
  }

  const Layout& layout_;
  const NftSpellOptions& options_;
  BoxValues asked_;
  std::string text_;
  bool says_family_ = false;
  bool has_said_together_ = false;
  bool is_wider_ = false;
  bool is_too_large_ = false;
};

}  // namespace

std::string nft_element(const Interval& range, Field field, IpVersion version) {
  const bool is_address = field == Field::source_address || field == Field::destination_address;
  return is_address ? address_word(range, version) : port_word(range);
}

std::optional<std::string> nft_interface(const NameDomain& names, NameDomain::Atom atom) {
  std::string text = names.text(atom);
  const bool is_name = names.example(atom) == text;
  if (text.find_first_of("\"*\\\n") != std::string::npos) return std::nullopt;
  if (is_name) return fmt::format("\"{}\"", text);
  if (!text.ends_with('+')) return std::nullopt;
  text.back() = '*';
  return fmt::format("\"{}\"", text);
}

std::string nft_protocol_word(Number protocol) { return protocol_name(protocol); }

std::string_view nft_family_words(IpVersion version) {
  return version == IpVersion::ipv4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
}

SpelledBox spell_nft(const Box& box, const Layout& layout, const NftSpellOptions& options) {
  return Speller(box, layout, options).spell();
}

}  // namespace untrack
