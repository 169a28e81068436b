// Pairs of rulesets as people write them, an original and a rewrite that nearly keeps what it does:
// servers (Plausible), and routers that translate (Router). For the tests of the recheck.
#pragma once

#include <random>
#include <string>
#include <string_view>

#include "model/vocabulary.hpp"

namespace untrack {

struct Pair {
  IpVersion version{};
  std::string original;
  std::string rewritten;
};

// Servers and routers as people write them, and rewrites that nearly keep what they do: each line
// stays, goes, or becomes what a stateless ruleset, or one with NOTRACK, has in its place.
class Plausible {
 public:
  explicit Plausible(std::mt19937& dice) : dice_(dice) {}

  Pair make() {
    const bool is_forwarding = chance(3);
    const std::string chain = is_forwarding ? "FORWARD" : "INPUT";
    const std::string policies = ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT " +
                                 std::string(chance(3) ? "DROP" : "ACCEPT") + " [0:0]\n";
    std::string raw;
    for (const char* hook : {"INPUT", "OUTPUT"}) {
      if (hook == std::string("INPUT") || policies.find("OUTPUT DROP") != std::string::npos) {
        of_chain(hook == std::string("INPUT") ? chain : hook, raw);
      }
    }
    Pair pair;
    pair.version = IpVersion::ipv4;
    pair.original = "*filter\n" + policies + before_ + "COMMIT\n";
    if (!raw.empty()) {
      pair.rewritten = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" + raw + "COMMIT\n";
    }
    pair.rewritten += "*filter\n" + policies + after_ + "COMMIT\n";
    return pair;
  }

 private:
  bool chance(unsigned one_of) { return dice_() % one_of == 0; }

  void both(const std::string& line) {
    before_ += line;
    if (!chance(12)) after_ += line;
  }

  void of_chain(const std::string& chain, std::string& raw) {
    const std::string add = "-A " + chain + " ";
    if (chain == "INPUT" && chance(2)) both(add + "-i lo -j ACCEPT\n");
    const char* states[] = {"ESTABLISHED", "RELATED", "RELATED,ESTABLISHED"};
    before_ +=
        add + "-m conntrack --ctstate " + states[chance(3) ? dice_() % 3 : 2] + " -j ACCEPT\n";
    for (const char* line : {"-p tcp -m tcp ! --tcp-flags ACK,RST NONE", "-p udp -m udp",
                             "-p icmp -m icmp --icmp-type 0", "-p icmp -m icmp --icmp-type 3",
                             "-p icmp -m icmp --icmp-type 11", "-p icmp -m icmp --icmp-type 12"}) {
      if (chance(9)) continue;
      std::string what = line;
      if (what.ends_with("udp") || (what.find("tcp") != std::string::npos && chance(2))) {
        what += chance(8) ? " --dport 1024:65535" : " --dport 32768:60999";
      }
      after_ += add + what + " -j ACCEPT\n";
    }
    if (chance(5)) after_ += add + "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
    for (const char* service :
         {"-p tcp -m tcp --dport 22", "-p tcp -m tcp --dport 443", "-p udp -m udp --dport 53",
          "-p icmp -m icmp --icmp-type 8", "-p udp -m udp --sport 123 --dport 123", "-p 47",
          "-p tcp -m tcp --dport 25 -m limit --limit 5/min"}) {
      if (!chance(3)) continue;
      const std::string asks_state = chance(2) ? " -m conntrack --ctstate NEW" : "";
      before_ += add + service + asks_state + " -j ACCEPT\n";
      if (!chance(12)) {
        after_ += add + service + (chance(3) ? asks_state : std::string()) + " -j ACCEPT\n";
      }
      if (chance(5) && std::string(service).find(" --dport") != std::string::npos &&
          std::string(service).find("--sport") == std::string::npos) {
        const std::string own = service;
        std::string back = own;
        back.replace(back.find("--dport"), 7, "--sport");
        raw += "-A PREROUTING " + own + " -j CT --notrack\n";
        if (!chance(5)) {
          raw +=
              (chain == "FORWARD" ? "-A PREROUTING " : "-A OUTPUT ") + back + " -j CT --notrack\n";
        }
      }
    }
    if (chance(3)) both(add + "-j REJECT\n");
  }

  std::mt19937& dice_;
  std::string before_;
  std::string after_;
};

// Routers with NOTRACK beside what works on entries: translation of either address, helpers, marks
// of connections; some of it gone, changed or untracked in the rewrite.
class Router {
 public:
  explicit Router(std::mt19937& dice) : dice_(dice) {}

  Pair make() {
    Pair pair;
    pair.version = IpVersion::ipv4;
    both("*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    if (chance(3)) changeable("-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp\n");
    untrack("tcp -m tcp", "80");
    untrack("udp -m udp", "53");
    untrack("udp -m udp", "123");
    if (chance(4)) changeable("-A OUTPUT -o eth0 -j CT --zone 1\n");
    both("COMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n");
    if (chance(4)) changeable("-A PREROUTING -i eth1 -j CONNMARK --restore-mark\n");
    if (chance(3)) changeable("-A FORWARD -p tcp -j MARK --set-xmark 0x1/0x3\n");
    if (chance(6)) changeable("-A FORWARD -p udp -j MARK --set-xmark 0x2/0x0\n");
    both(
        "COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT "
        "[0:0]\n");
    if (chance(2)) {
      changeable("-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination " +
                 std::string(chance(3) ? "10.0.0.5-10.0.0.8" : "10.0.0.5") +
                 (chance(2) ? ":8080" : "") + "\n");
    }
    if (chance(4)) changeable("-A PREROUTING -i eth1 -p udp -m udp --dport 53 -j REDIRECT\n");
    if (chance(4)) changeable("-A OUTPUT -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n");
    if (chance(2)) changeable("-A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE\n");
    if (chance(4)) {
      changeable("-A POSTROUTING -o eth1 -p tcp -j SNAT --to-source 192.0.2.1\n");
    }
    both("COMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    both("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
    both("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
    if (chance(4)) changeable("-A FORWARD -m helper --helper ftp -j ACCEPT\n");
    for (const char* service :
         {"INPUT -p tcp -m tcp --dport 80", "INPUT -p tcp -m tcp --dport 8080",
          "INPUT -p udp -m udp --dport 53", "INPUT -p tcp -m tcp --dport 21",
          "FORWARD -i eth1 -o eth0", "FORWARD -d 10.0.0.5 -p tcp -m tcp --dport 8080",
          "FORWARD -i eth0 -d 10.0.0.0/8 -m conntrack --ctstate DNAT",
          "FORWARD -m mark --mark 0x1/0x1", "FORWARD -m mark --mark 0x2/0x3",
          "FORWARD -p udp -m udp --sport 123 --dport 123", "FORWARD -p tcp -m tcp --dport 21"}) {
      if (chance(3)) changeable("-A " + std::string(service) + " -j ACCEPT\n");
    }
    for (const char* answers :
         {"INPUT -p udp -m udp --sport 53", "FORWARD -p udp -m udp --sport 53",
          "FORWARD -p tcp -m tcp --sport 80 ! --syn"}) {
      if (chance(3)) after_ += "-A " + std::string(answers) + " -j ACCEPT\n";
    }
    both("COMMIT\n");
    pair.original = before_;
    pair.rewritten = after_;
    return pair;
  }

 private:
  bool chance(unsigned one_of) { return dice_() % one_of == 0; }

  void both(const std::string& text) {
    before_ += text;
    after_ += text;
  }

  void changeable(const std::string& line) {
    before_ += line;
    if (chance(40)) return;
    std::string now = line;
    const auto replace = [&](std::string_view from, std::string_view to) {
      if (const auto at = now.find(from); at != std::string::npos) now.replace(at, from.size(), to);
    };
    if (chance(40)) replace("eth0", "eth1");
    if (chance(40)) replace("10.0.0.5", "10.0.0.6");
    after_ += now;
  }

  void untrack(const std::string& protocol, const std::string& port) {
    if (!chance(4)) return;
    const std::string chain = chance(2) ? "OUTPUT" : "PREROUTING";
    const std::string interface = chance(3) && chain != "OUTPUT" ? "-i eth1 " : "";
    const std::string rest = " -j CT --notrack\n";
    after_ += "-A PREROUTING " + interface + "-p " + protocol + " --dport " + port + rest;
    if (!chance(5)) after_ += "-A " + chain + " -p " + protocol + " --sport " + port + rest;
  }

  std::mt19937& dice_;
  std::string before_;
  std::string after_;
};

}  // namespace untrack
