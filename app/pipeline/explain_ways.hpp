// PacketWays: what becomes of one packet, on the way that it takes: where a rule ahead of routing
// sets its destination, that may be another one than it was asked about, and it may leave by any
// interface. A part of the pipeline of `explain`, which says in words what this finds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/attribution/local_addresses.hpp"
#include "analysis/packet/layout.hpp"
#include "analysis/walk/concrete.hpp"
#include "analysis/walk/led_on.hpp"
#include "report/explain_report.hpp"

namespace untrack {

// The network of an interface, as a snapshot tells it.
struct ConnectedNetwork {
  IpVersion version{};
  Interval addresses;
  std::string interface;
};

// What is known of the host whose rules these are; nothing: nobody told.
struct ExplainedHost {
  LocalAddresses locals;
  std::vector<ConnectedNetwork> networks;
};

// Interfaces that the rules of a program tell from others: one by its name, or those of a
// beginning.
struct InterfaceApart {
  std::string example;
  std::string text;  // "eth0", "eth+ others", "another"
};
[[nodiscard]] std::vector<InterfaceApart> interfaces_apart(const Program& program);  // without lo

class PacketWays {
 public:
  // All must outlive it. `packet`: as it was asked about.
  PacketWays(const Program& program, const FreeVariables& variables, const ExplainedHost& host,
             const Packet& packet, const std::vector<InterfaceApart>& interfaces)
      : program_(program),
        variables_(variables),
        host_(host),
        packet_(packet),
        interfaces_(interfaces) {}

  // One way to the end.
  struct Followed {
    Packet packet;             // on the way that it takes
    std::optional<WayOn> way;  // where that is another one than it was asked about
    Led led;
    Trace trace;
    bool is_for_any_mark = false;  // a rule left its mark open, and no mark decides otherwise
  };
  // What becomes of it if it leaves by one of the interfaces.
  struct Route {
    std::vector<std::string> interfaces;  // InterfaceApart::text; empty: wherever
    Followed followed;                    // with every condition that no packet tells false
    std::vector<ExplainCase> cases;
    bool has_all_cases = true;
    Decision decision{};  // unknown where the trace rests on a guess
  };

  // As it was asked about, wherever rules lead it.
  [[nodiscard]] Trace as_asked() const { return walk(program_, packet_, {}); }
  // More than one where they differ by where it leaves; few enough to try, or none.
  [[nodiscard]] std::vector<Route> routes();
  // Whether the flow of an ESTABLISHED packet, had it begun under these rules, would be led where
  // another decision is made.
  [[nodiscard]] bool depends_on_translation();

 private:
  [[nodiscard]] Followed follow(const Choices& choices);
  // With the marks that are chosen.
  [[nodiscard]] Followed follow_once(const Choices& choices);
  [[nodiscard]] bool turns_bits_over() const;
  // Whether each mark that rules tell from others leads to the same decision. False, too, where
  // there are too many to try.
  [[nodiscard]] bool is_for_any_mark(const Followed& followed, const Choices& choices);
  // Conditions that hold for certain behind what the trace met.
  [[nodiscard]] std::vector<FreeId> settled_by(const Trace& trace);
  [[nodiscard]] Trace walk_settled(const Packet& packet, Choices choices,
                                   const std::vector<FreeId>& settled) const;
  [[nodiscard]] Route route();
  void find_cases(Route& route);

  const Program& program_;
  const FreeVariables& variables_;
  const ExplainedHost& host_;
  const Packet& packet_;
  const std::vector<InterfaceApart>& interfaces_;
  std::string out_interface_;
  std::optional<std::vector<FreeId>> asks_of_dnat_;  // once asked
  bool is_led_out_ = false;                          // by an interface that nobody told
};

}  // namespace untrack
