#include "tests/property/random_nft_ruleset.hpp"

#include <initializer_list>
#include <string_view>

namespace untrack {
namespace {

class Writer {
 public:
  Writer(std::mt19937& dice, bool has_effects, bool sets_addresses)
      : dice_(dice), has_effects_(has_effects), sets_addresses_(sets_addresses) {}

  std::string write() {
    text_ = "table inet t {\n";
    sets();
    constexpr std::string_view users[] = {"u0", "u1", "u2"};
    for (std::size_t i = 0; i < 3; ++i) chain(users[i], "", i + 1, false);
    if (one_in(2)) {
      chain("early", "type filter hook prerouting priority raw;", 0, true);
      chain("early_out", "type filter hook output priority raw;", 0, true);
    }
    for (const std::string_view hook : {"input", "forward", "output"}) {
      const std::string name(hook);
      const std::string policy = one_in(2) ? " policy drop;" : " policy accept;";
      chain(name, "type filter hook " + name + " priority filter;" + policy, 0, true);
      if (one_in(3)) chain("second_" + name, "type filter hook " + name + " priority 10;", 0, true);
    }
    return text_ + "}\n";
  }

 private:
  using Words = std::initializer_list<std::string_view>;

  bool one_in(unsigned n) { return dice_() % n == 0; }
  std::string pick(Words words) { return std::string(words.begin()[dice_() % words.size()]); }

  std::string address() {
    return pick({"10.0.0.0/8", "10.1.0.0/16", "192.0.2.1", "192.0.2.7", "203.0.113.0/24"});
  }
  std::string address6() { return pick({"2001:db8::/32", "2001:db8::1", "fe80::/10"}); }
  std::string port() { return pick({"22", "53", "80", "1024", "443"}); }
  std::string name() { return pick({"\"eth0\"", "\"eth1\"", "\"lo\"", "\"wg*\""}); }
  std::string state() { return pick({"new", "established", "related", "invalid", "untracked"}); }
  std::string comparison() { return one_in(4) ? "!= " : ""; }

  void sets() {
    text_ +=
        " set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.1 }; }\n";
    text_ +=
        " set pairs { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 "
        ". 22, 10.0.0.1 . 53-80 }; }\n";
    text_ +=
        " map ports { type inet_service : verdict; flags interval; elements = { 22 : accept, "
        "53-80 : jump u0, 443 : drop }; }\n";
  }

  std::string verdict(std::size_t first_callee) {
    if (first_callee < 3 && one_in(3)) {
      const std::size_t callee = first_callee + dice_() % (3 - first_callee);
      return (one_in(4) ? "goto u" : "jump u") + std::to_string(callee);
    }
    return pick({"accept", "drop", "accept", "return"});
  }

  std::string test() {
    switch (dice_() % 20) {
      case 0:
        return "ip saddr " + comparison() + address();
      case 1:
        return "ip daddr " + comparison() + "{ " + address() + ", 198.51.100.1 }";
      case 2:
        return "ip6 saddr " + comparison() + address6();
      case 3:
        return "tcp dport " + comparison() + port();
      case 4:
        return "udp dport " + comparison() + "{ 53, 100-200 }";
      case 5:
        return "meta l4proto { tcp, udp } th dport " + port();
      case 6:
        return "iifname " + comparison() + name();
      case 7:
        return "oifname " + comparison() + "{ " + name() + " }";
      case 8:
        return "ct state " + comparison() + state();
      case 9:
        return "ct state " + comparison() + state() + "," + state();
      case 10:
        return "ct state " + comparison() + "{ " + state() + " }";
      case 11:
        return "tcp flags " + pick({"syn", "syn,ack", "== syn", "!= ack", "! rst",
                                    "& (fin|syn|rst|ack) == syn", "{ syn, ack }"});
      case 12:
        return "ip saddr " + comparison() + "@nets";
      case 13:
        return "ip daddr . tcp dport " + comparison() + "@pairs";
      case 14:
        return "ip saddr . tcp dport { 10.0.0.1 . 22, " + address() + " . " + port() + " }";
      case 15:
        return "meta nfproto " + comparison() + pick({"ipv4", "ipv6"});
      case 16:
        return "icmp type " + comparison() + pick({"echo-request", "{ 3, 11 }"});
      case 17:
        return "meta mark " + comparison() + pick({"0x1", "0x3"});
      case 18:
        return "meta mark & 0x2 == 0x2";
      default:
        return pick({"limit rate 1/second", "fib daddr type local", "icmpv6 type 135",
                     "meta mark { 0x1, 0x3 }", "meta protocol { ip, arp }",
                     "ip saddr { 10.0.0.1, * }", "ip saddr & 255.255.255.0 == 10.0.0.0",
                     "iifname . ct state { \"eth0\" . new, \"eth1\" . established }"});
    }
  }

  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  static std::string_view family_of(const std::string& text) {
    if (has(text, "nfproto") || has(text, "meta protocol")) return "either";
    if (has(text, "ip6 ") || has(text, "icmpv6 ")) return "ipv6";
    return has(text, "ip saddr") || has(text, "ip daddr") || has(text, "icmp ") ? "ipv4" : "";
  }
  static std::string_view protocol_of(const std::string& text) {
    for (const std::string_view word : {"l4proto", "tcp ", "udp ", "icmpv6 ", "icmp "}) {
      if (has(text, word)) return word;
    }
    return "";
  }

  // What `write` gives, once it is of the family and the protocol that the rule has asked for: nft
  // refuses a rule that no packet can match for that.
  template <class Write>
  std::string fitting(Write write) {
    for (int i = 0; i < 30; ++i) {
      const std::string text = write();
      const std::string_view family = family_of(text);
      const std::string_view protocol = protocol_of(text);
      const bool fits = (family.empty() || family_.empty() || family == family_) &&
                        (protocol.empty() || protocol_.empty() || protocol == protocol_);
      if (!fits) continue;
      if (!family.empty()) family_ = family;
      if (!protocol.empty()) protocol_ = protocol;
      return text;
    }
    return "counter";
  }

  // Keys of maps do not overlap: nft refuses that.
  std::string map(std::size_t first_callee) {
    const auto v = [&] { return verdict(first_callee); };
    switch (dice_() % 11) {
      case 5:
        return "meta nfproto vmap { ipv4 : " + v() + ", ipv6 : " + v() + " }";
      case 6:
        return "meta nfproto . tcp dport vmap { ipv4 . 22 : " + v() + ", ipv6 . 20-30 : " + v() +
               " }";
      case 7:
        return "tcp flags & (syn | ack) vmap { syn : " + v() + ", ack : " + v() +
               (one_in(2) ? ", * : " + v() : std::string()) + " }";
      case 8:
        return "tcp flags vmap { syn : " + v() + ", syn | ack : " + v() + " }";
      case 9:
        return "meta mark vmap { 0x1 : " + v() + ", 0x3 : " + v() +
               (one_in(2) ? ", * : " + v() : std::string()) + " }";
      case 10:
        return "ip daddr & 255.255.255.0 . udp dport vmap { 10.0.0.0 . 53 : " + v() + " }";
      case 0:
        return "ct state vmap { established : " + v() + ", invalid : " + v() + ", new : " + v() +
               " }";
      case 1:
        return "tcp dport vmap { 22 : " + v() + ", 53-100 : " + v() +
               (one_in(2) ? ", * : " + v() : std::string()) + " }";
      case 2:
        return "iifname vmap { \"eth0\" : " + v() + ", \"lo\" : " + v() + " }";
      case 3:
        return "ip saddr . udp dport vmap { 10.0.0.1 . 53 : " + v() +
               ", 192.0.2.0/24 . 22-80 : " + v() + " }";
      case 4:
        return first_callee == 0 ? "tcp dport vmap @ports" : verdict(first_callee);
      default:
        return "numgen random mod 2 vmap { 0 : " + v() + ", 1 : " + v() + " }";
    }
  }

  void chain(std::string_view name, const std::string& head, std::size_t first_callee,
             bool is_base) {
    text_ += " chain " + std::string(name) + " {\n";
    if (is_base) text_ += "  " + head + "\n";
    const bool is_early = name.starts_with("early");
    const auto rules = dice_() % 6;
    for (unsigned i = 0; i < rules; ++i) {
      text_ += "  ";
      family_ = "";
      protocol_ = "";
      if (one_in(4)) text_ += "counter ";
      for (auto tests = dice_() % 3; tests > 0; --tests)
        text_ += fitting([&] { return test(); }) + " ";
      if (is_early && one_in(2)) {
        text_ += "notrack\n";
      } else if (one_in(3)) {
        text_ += fitting([&] { return map(first_callee); }) + "\n";
      } else if (has_effects_ && one_in(5)) {
        text_ += pick({"meta mark set 0x1", "meta mark set meta mark & 0x1 | 0x2"}) + "\n";
      } else if (sets_addresses_ && one_in(3)) {
        text_ += fitting([&] { return set_address(); }) +
                 (one_in(2) ? " " + verdict(first_callee) : "") + "\n";
      } else {
        text_ += verdict(first_callee) + "\n";
      }
    }
    text_ += " }\n";
  }

  std::string set_address() {
    return pick({"ip saddr set 10.0.0.1", "ip daddr set 192.0.2.1", "ip daddr set 198.51.100.1",
                 "ip saddr set 192.0.2.77", "ip6 saddr set 2001:db8::1",
                 "ip6 daddr set 2001:db8::1", "ip6 daddr set fe80::9"});
  }

  std::mt19937& dice_;
  bool has_effects_;
  bool sets_addresses_;
  std::string text_;
  std::string_view family_;  // that the rule asks for; empty: none yet
  std::string_view protocol_;
};

}  // namespace

std::string random_nft_ruleset(std::mt19937& dice, bool has_effects, bool sets_addresses) {
  return Writer(dice, has_effects, sets_addresses).write();
}

}  // namespace untrack
