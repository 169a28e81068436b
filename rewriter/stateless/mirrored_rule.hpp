// MirroredRule: the conditions of one iptables rule, turned round, so that they say of an answer
// what the rule says of the packet that begins a flow: addresses, ports and interfaces have changed
// places. Part of the mirror (rewriter/stateless/mirror.hpp). What cannot be said of an answer is
// left out, and that it was is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

enum class Reflection : std::uint8_t {
  replies,        // but for flows from ports that a rule names
  named_replies,  // to those
  errors_back,    // ICMP errors to whoever began: what the answers have of interfaces, and where to
  errors_forth,   // those that go the way of the flow itself
  none,           // as it stands, without the state and the TCP flags
};

[[nodiscard]] constexpr bool is_reply(Reflection reflection) {
  return reflection == Reflection::replies || reflection == Reflection::named_replies;
}

// How chains of it are called: what stands behind the name of the chain that they answer; what
// their comments say.
[[nodiscard]] std::string suffix_of(Reflection reflection);
[[nodiscard]] std::string about_of(Reflection reflection, std::string_view chain);

// As iptables-save writes them, in its order.
struct Conditions {
  struct Module {
    std::string name;     // "multiport"
    std::string options;  // "--sports 80,443"
  };

  std::string source;
  std::string destination;
  std::string in;
  std::string out;
  std::string protocol;  // "-p tcp"
  std::vector<Module> modules;

  [[nodiscard]] bool empty() const;
  // Of a module that may be named already.
  void add(const std::string& module, const std::string& options);
  [[nodiscard]] std::string text() const;
};

struct MirroredRule {
  Conditions conditions;
  // Nothing that begins a flow matches the rule, or nothing answers what does: loopback.
  bool is_never = false;
  bool is_to_group = false;  // asks for multicast addresses, from which nothing answers
  // A condition was left out: the mirror matches more than the rule.
  bool is_wider = false;
  // A condition that must not be left out: what is in the way. Else empty.
  std::string obstacle;
  // Of what the rule names.
  std::optional<std::uint8_t> protocol = {};
  bool names_source_ports = false;
  std::vector<Interval> services = {};  // destination ports
};

// `path`: the way of the packets that the rule is mirrored for.
[[nodiscard]] MirroredRule mirrored(const Ruleset& ruleset, const Sources& sources, RuleId rule,
                                    Path path, Reflection reflection);

}  // namespace untrack
