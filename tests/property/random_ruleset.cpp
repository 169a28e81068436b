#include "tests/property/random_ruleset.hpp"

#include <initializer_list>
#include <string_view>
#include <vector>

namespace untrack {
namespace {

class Writer {
 public:
  Writer(std::mt19937& dice, const RandomRulesetOptions& options)
      : dice_(dice), options_(options) {}

  std::string write() {
    if (options_.tracks && one_in(2)) table("raw", {"PREROUTING", "OUTPUT"});
    if (options_.has_effects && one_in(2)) {
      table("mangle", {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"});
    }
    if (options_.tracks && options_.has_effects && one_in(3)) {
      table("nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"});
    }
    table("filter", {"INPUT", "FORWARD", "OUTPUT"});
    return text_;
  }

 private:
  using Words = std::initializer_list<std::string_view>;

  bool one_in(unsigned n) { return dice_() % n == 0; }
  std::string pick(Words words) { return std::string(words.begin()[dice_() % words.size()]); }
  std::string maybe_not() { return one_in(5) ? "! " : ""; }

  void table(const std::string& name, Words bases) {
    table_ = name;
    text_ += "*" + name + "\n";
    for (const std::string_view base : bases) {
      const bool drops = name == "filter" ? one_in(2) : false;
      text_ += ":" + std::string(base) + (drops ? " DROP" : " ACCEPT") + " [0:0]\n";
    }
    const auto users = static_cast<unsigned>(dice_() % 3);
    chains_.clear();
    for (unsigned i = 0; i < users; ++i) {
      chains_.push_back(name + "-" + std::to_string(i));
      text_ += ":" + chains_.back() + " - [0:0]\n";
    }
    for (const std::string_view base : bases) {
      chain(std::string(base), std::string(base), 0);
    }
    // A user chain jumps to later ones alone, so that there are no loops.
    for (unsigned i = 0; i < users; ++i) chain(chains_[i], "", i + 1);
    text_ += "COMMIT\n";
  }

  void chain(const std::string& name, const std::string& base, std::size_t first_callee) {
    const auto rules = dice_() % static_cast<unsigned>(options_.most_rules + 1);
    for (unsigned i = 0; i < rules; ++i) {
      text_ += "-A " + name + matches(base);
      text_ += target(base, first_callee) + "\n";
    }
  }

  std::string address() {
    return options_.is_ipv6 ? pick({"2001:db8::1", "2001:db8::/32", "2001:db8:1::/48", "fe80::/10"})
                            : pick({"192.0.2.1", "192.0.2.0/24", "192.0.2.0/25", "10.0.0.0/8",
                                    "0.0.0.0/1", "198.51.100.7"});
  }

  std::string matches(const std::string& base) {
    std::string text;
    needs_tcp_ = false;
    const bool has_in = base.empty() || (base != "OUTPUT" && base != "POSTROUTING");
    const bool has_out = base == "FORWARD" || base == "OUTPUT" || base == "POSTROUTING";
    if (one_in(4)) text += " " + maybe_not() + "-s " + address();
    if (one_in(4)) text += " " + maybe_not() + "-d " + address();
    if (has_in && !base.empty() && one_in(4)) {
      text += " " + maybe_not() + "-i " + pick({"eth0", "eth1", "eth+", "lo", "e+"});
    }
    if (has_out && one_in(4))
      text += " " + maybe_not() + "-o " + pick({"eth0", "eth1", "lo", "eth+"});
    if (one_in(2)) text += protocol();
    if (options_.tracks && one_in(3)) text += state();
    if (options_.has_effects && one_in(6)) {
      text += " -m mark " + maybe_not() + "--mark " + pick({"0x1", "0x1/0x1", "0x10/0xf0", "0x0"});
    }
    if (one_in(10)) {
      text += " -m addrtype " + maybe_not() + pick({"--dst-type ", "--src-type "}) +
              pick({"LOCAL", "UNICAST", "MULTICAST", "BROADCAST"});
    }
    if (!options_.is_ipv6 && one_in(12)) text += one_in(2) ? " -f" : " ! -f";
    if (one_in(14)) text += " -m pkttype --pkt-type " + pick({"unicast", "broadcast", "multicast"});
    if (one_in(14)) text += " -m length --length " + pick({"0:100", "60", "1000:65535"});
    if (options_.has_free && one_in(10)) {
      text += pick({" -m limit --limit 5/min", " -m recent --name x --rcheck",
                    " -m statistic --mode random --probability 0.5"});
    }
    return text;
  }

  std::string ports() {
    return pick({"22", "80", "443", "1024:65535", "53", "32768:60999", "80:443"});
  }

  std::string protocol() {
    switch (dice_() % 6) {
      case 0:
        needs_tcp_ = true;
        return " -p tcp -m tcp " + maybe_not() + pick({"--dport ", "--sport "}) + ports();
      case 1:
        needs_tcp_ = true;
        return " -p tcp -m tcp " + maybe_not() +
               pick({"--syn", "--tcp-flags ACK,RST NONE", "--tcp-flags FIN,SYN FIN,SYN",
                     "--tcp-flags SYN,ACK SYN,ACK"});
      case 2:
        return " -p udp -m udp " + maybe_not() + pick({"--dport ", "--sport "}) + ports();
      case 3:
        if (options_.is_ipv6) {
          return " -p ipv6-icmp -m icmp6 " + maybe_not() + "--icmpv6-type " +
                 pick({"128", "129", "135", "1/3", "2"});
        }
        return " -p icmp -m icmp " + maybe_not() + "--icmp-type " +
               pick({"8", "0", "3/4", "3", "11"});
      case 4:
        return " -p " + pick({"tcp", "udp"}) + " -m multiport " + maybe_not() +
               pick({"--dports ", "--sports ", "--ports "}) +
               pick({"22,80", "53,443", "80:90,1024:2000"});
      default:
        return " " + maybe_not() + "-p " +
               pick({"tcp", "udp", "47", options_.is_ipv6 ? "58" : "1"});
    }
  }

  std::string state() {
    return " -m conntrack " + maybe_not() + "--ctstate " +
           pick({"NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "NEW,UNTRACKED",
                 "UNTRACKED", "RELATED"});
  }

  std::string target(const std::string& base, std::size_t first_callee) {
    if (first_callee < chains_.size() && one_in(3)) {
      const std::size_t callee = first_callee + dice_() % (chains_.size() - first_callee);
      return (one_in(5) ? " -g " : " -j ") + chains_[callee];
    }
    if (one_in(10)) return " -j RETURN";
    if (one_in(14)) return " -j LOG";
    if (one_in(20)) return "";
    if (table_ == "raw" && one_in(2)) return " -j CT --notrack";
    if (table_ == "raw" && one_in(3)) return " -j CT --zone 1";
    if (table_ == "nat") return nat(base);
    if (table_ == "mangle" && one_in(2)) {
      return pick({" -j MARK --set-xmark 0x1/0xffffffff", " -j MARK --set-xmark 0x10/0xf0",
                   " -j MARK --set-xmark 0x1/0x1", " -j CONNMARK --restore-mark"});
    }
    if (table_ == "filter" && one_in(6)) {
      return needs_tcp_ && one_in(2) ? " -j REJECT --reject-with tcp-reset" : " -j REJECT";
    }
    if (options_.has_free && table_ == "filter" && one_in(16)) return " -j NFQUEUE --queue-num 1";
    return one_in(2) ? " -j ACCEPT" : " -j DROP";
  }

  std::string nat(const std::string& base) {
    const std::string to = options_.is_ipv6 ? "2001:db8::1" : "192.0.2.1";
    const std::string range =
        options_.is_ipv6 ? "2001:db8::1-2001:db8::ff" : "192.0.2.1-192.0.2.200";
    if (base == "PREROUTING" || base == "OUTPUT") {
      switch (dice_() % 4) {
        case 0:
          return " -j DNAT --to-destination " + to;
        case 1:
          return " -j DNAT --to-destination " + range;
        case 2:
          return " -j REDIRECT";
        default:
          return " -j ACCEPT";
      }
    }
    if (base == "POSTROUTING") return one_in(2) ? " -j MASQUERADE" : " -j SNAT --to-source " + to;
    return " -j ACCEPT";
  }

  std::mt19937& dice_;
  const RandomRulesetOptions& options_;
  std::string text_;
  std::string table_;
  std::vector<std::string> chains_;
  bool needs_tcp_ = false;
};

}  // namespace

std::string random_ruleset(std::mt19937& dice, const RandomRulesetOptions& options) {
  return Writer(dice, options).write();
}

}  // namespace untrack
