// Mirror: chains that let pass the answers to what the chains of the other direction permit, built
// from those one by one and named after them. For places where the answers, written as boxes
// (rewriter/stateless/replies.hpp), would be more rules than a person reads. Linear in the size of
// the ruleset. What comes out may be wider than what it answers, where an answer does not show what
// the rule asks for, and never narrower; the obligations say what that costs.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "rewriter/stateless/flat_chains.hpp"
#include "rewriter/stateless/generated_chains.hpp"

namespace untrack {

// Where a mirror begins.
struct MirrorEntry {
  std::string chain;              // empty: everything is let pass
  std::vector<Conditions> gates;  // what may go there; each is a rule
  bool lets_nothing_pass = false;
};

// All mirrors of one table.
class Mirror {
 public:
  // `answers_of_groups`: answers from multicast addresses are let pass as any others.
  Mirror(const Ruleset& ruleset, const Sources& sources, TableId table,
         const Assumptions& assumptions, bool answers_of_groups);

  // Of the flows that the hook of `path` permits. Mirrors of errors let every packet pass that goes
  // where they say. `target`: what the rules of the mirror do with what they let pass.
  [[nodiscard]] MirrorEntry add(Path path, Reflection reflection, const std::string& target);

  // Whether rules of the mirror that was added last name source ports, so that
  // Reflection::named_replies is wanted, too.
  [[nodiscard]] bool names_source_ports() const { return names_source_ports_; }
  // Some rules are not mirrored since nothing answers from a multicast address.
  [[nodiscard]] bool has_left_groups() const { return has_left_groups_; }
  [[nodiscard]] TableId table() const { return table_; }
  [[nodiscard]] GeneratedChains& chains() { return chains_; }
  [[nodiscard]] const GeneratedChains& chains() const { return chains_; }
  [[nodiscard]] const MirrorObstacle& obstacle() const { return obstacle_; }

 private:
  // What the rule and the jumps on the way to it have named.
  struct Named {
    std::optional<std::uint8_t> protocol;
    bool has_services = false;
  };
  // How a chain is entered and left. `leaves`: by goto, so that RETURN ends the mirror, and what
  // comes to the end goes on in `next`. Else RETURN leads back to the caller.
  struct Way {
    bool only_accepts = false;
    bool from_named = false;  // a jump has named source ports
    bool leaves = false;
    std::string next = {};
    Named named = {};
  };
  // Of which protocols the rules of a chain let packets pass. `takes_named`: also of the one that
  // the way to it has named, or of any if none has.
  struct Passing {
    std::set<std::uint8_t> protocols;
    bool takes_named = false;
  };
  struct Built {
    std::string name;  // of the mirror; empty: it lets everything pass
    Passing passing;
  };
  using Key = std::tuple<Path, Reflection, std::string, ChainId, bool, bool, bool, std::string,
                         std::string>;

  void look_at_ports(ChainId chain, std::set<ChainId>& seen);
  [[nodiscard]] const Interval& usual_ports() const;
  [[nodiscard]] std::vector<Conditions> gates() const;
  void add_udp_gates(std::optional<std::uint16_t> from, const Interval& to,
                     std::vector<Conditions>& gates) const;
  [[nodiscard]] const Built& built(ChainId chain, const Way& way);
  // The name of the mirror to which a call leads; what it lets pass, the caller does.
  [[nodiscard]] std::string called(const MirrorItem& item, const Way& way);
  void let_pass(const std::optional<std::uint8_t>& protocol);
  [[nodiscard]] bool accepts_all(const FlatChain& flat, std::size_t first, const Way& way);
  [[nodiscard]] std::vector<std::string> body(ChainId chain, const FlatChain& flat,
                                              std::size_t first, const Way& way);
  [[nodiscard]] bool write_call(ChainId chain, const FlatChain& flat, std::size_t at,
                                const Way& way, std::vector<std::string>& lines);
  void write_accept(const MirrorItem& item, const Named& named,
                    std::vector<std::string>& lines) const;
  [[nodiscard]] static Named named_with(const Named& named, const MirroredRule& rule);
  [[nodiscard]] static Way way_to(const MirrorItem& item, const Way& way, bool leaves,
                                  std::string next);
  [[nodiscard]] std::string kept(std::string_view chain, std::string about,
                                 std::vector<std::string> rules);
  void hinder(std::string why);
  [[nodiscard]] bool is_hindered() const;

  const Ruleset& ruleset_;
  const Sources& sources_;
  TableId table_;
  const Assumptions& assumptions_;
  bool answers_of_groups_;
  IpVersion version_;
  GeneratedChains chains_;
  std::map<Key, Built> built_;
  bool has_left_groups_ = false;
  std::size_t depth_ = 0;
  MirrorObstacle obstacle_;

  // Of the mirror that is being built.
  Path path_{};
  Reflection reflection_{};
  std::string target_;
  std::optional<FlatChains> flats_;
  // Services whose clients use other ports than most, of those that rules name.
  std::set<std::uint16_t> special_;
  bool names_source_ports_ = false;
  Passing passing_;  // of the chain that is being built, in the end of the whole
};

}  // namespace untrack
