#include "rewriter/stateless/replies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/flows/flows.hpp"
#include "analysis/walk/reach.hpp"
#include "rewriter/spell/rule_spelling.hpp"

namespace untrack {
namespace {

// A person should be able to read what stands in a place, which is more in a long ruleset.
constexpr std::size_t most_boxes = 24;
constexpr std::size_t most_boxes_ever = 64;
constexpr std::size_t rules_a_box = 16;
constexpr std::size_t most_combined = 4;  // boxes for a rule of the ruleset, where sets hold them
constexpr std::size_t rules_a_line = 4;   // that hold so much
constexpr std::size_t original = 0;
constexpr std::size_t draft = 1;

// Packets of one kind, which one kind of rule can let pass and no other packet with it.
struct Gate {
  Ref packets;
  Ref named;  // what a rule has to name: the protocol, the types of ICMP
  TcpGate tcp = TcpGate::none;
};

class ReplyFinder {
 public:
  ReplyFinder(World& world, const Assumptions& assumptions, ReplyUse use)
      : world_(world),
        d_(world.diagram()),
        is_untracked_(use == ReplyUse::untracked),
        assumptions_(assumptions),
        old_(world, original, assumptions) {}

  Replies find(const std::vector<Place>& places) {
    RuleSet wanted(ruleset().rules.size());
    for (const Place& place : places) {
      wanted[place.rule.index()] = true;
      found_.places.push_back({place.rule, {}});
    }
    find_shared(wanted);
    for (const Path path : all_paths) {
      keep_fragments(path, wanted);
      find(path, wanted);
    }
    return std::move(found_);
  }

 private:
  const Ruleset& ruleset() { return world_.walk(original).program().ruleset(); }

  Ref in_state(CtState state) {
    const auto atom = Layout::atom_of(state);
    return d_.interval(world_.layout().level_of(Field::ct_state), atom, atom);
  }

  Ref without_state(Ref packets) {
    std::vector<bool> gone(d_.level_count());
    gone[world_.layout().level_of(Field::ct_state)] = true;
    return d_.exists(packets, gone);
  }

  // Places that packets of several ways come to, so that rules have to tell the ways apart; and
  // what comes to each on any of them, in whatever state.
  void find_shared(const RuleSet& wanted) {
    std::vector<int> ways(wanted.size());
    for (const Path path : all_paths) {
      const ReachQuestion question{.wanted = wanted, .whole = wanted};
      std::vector<Ref>& coming = coming_[static_cast<std::size_t>(path)];
      coming.assign(wanted.size(), Diagram::no);
      for (const RuleReach& row :
           reach(world_.walk(original), path, world_.on_way(path), question).rules) {
        if (!wanted[row.rule.index()]) continue;
        if (row.matches != Diagram::no) ++ways[row.rule.index()];
        Ref& all = coming[row.rule.index()];
        if (row.reaches) all = d_.disj(all, without_state(*row.reaches));
      }
    }
    is_shared_.resize(ways.size());
    for (std::size_t i = 0; i < ways.size(); ++i) is_shared_[i] = ways[i] > 1;
  }

  // By which address of this host a packet's way is known.
  Ref of_way(Path path) {
    switch (path) {
      case Path::in:
        return world_.range(Field::destination_type, {address_type::local, address_type::local});
      case Path::forward:
        return world_.range(Field::destination_type,
                            {address_type::unicast, address_type::unicast});
      case Path::out:
        return world_.range(Field::source_type, {address_type::local, address_type::local});
    }
    return Diagram::yes;
  }

  // What the two rulesets let pass, of packets in a state.
  Ref lost(Path path, CtState state, Ref packets, CtState now) {
    packets = d_.conj(packets, world_.may_accept(original, path, state));
    return d_.minus(packets, world_.accepts(draft, path, now));
  }

  // Errors about flows that are untracked now are INVALID (measured); the others stay RELATED.
  Ref errors_unseen(Path path) {
    return world_.errors_about(path, [&](Path way) {
      return d_.conj(old_.flows(way), world_.flow_of(world_.untracked(draft, way)));
    });
  }

  // What goes on a permitted flow, or answers one.
  Ref later_of_flows(Path path) {
    return d_.disj(d_.minus(old_.continuing(path), old_.refused_by_rate(path)),
                   old_.answering(path));
  }

  void find(Path path, const RuleSet& wanted) {
    const Ref of_flows = later_of_flows(path);
    Ref on_way = world_.on_way(path);
    Ref needed = d_.conj(d_.conj(old_.errors(path), world_.errors()), on_way);
    if (is_untracked_) {
      on_way = d_.conj(on_way, world_.untracked(draft, path));
      needed = d_.conj(needed, errors_unseen(path));
    }
    // Without tracking, and for what is untracked, any state gives the same answer.
    const Ref later = lost(path, CtState::established, d_.conj(of_flows, on_way), CtState::new_);
    refuse_rates(path, d_.minus(later, old_.answering(path)));
    const Ref errors = lost(path, CtState::related, needed, errors_now());
    const Ref related = d_.disj(errors, lost_reject_answers(path));
    const Ref entering = d_.disj(d_.conj(later, in_state(CtState::established)),
                                 d_.conj(related, in_state(CtState::related)));
    if (entering == Diagram::no) return;
    Ref written = Diagram::no;
    for (const RuleReach& row :
         reach(world_.walk(original), path, entering, {.wanted = wanted}).rules) {
      if (!wanted[row.rule.index()] || row.matches == Diagram::no) continue;
      const auto at = std::ranges::find(found_.places, row.rule, &PlaceRules::place);
      const Ref here = without_state(d_.conj(row.matches, in_state(CtState::established)));
      const Ref related_here = without_state(d_.conj(row.matches, in_state(CtState::related)));
      const Ref tcp = world_.protocol(ip_protocol::tcp);
      const Ref errors_here = d_.minus(related_here, tcp);
      write_resets(path, *at, d_.conj(related_here, tcp));
      write_errors(path, *at, errors_here);
      write_later(path, *at, d_.minus(here, written));
      written = d_.disj(written, here);
    }
  }

  // To let pass what goes on a flow that began within a rate is to let pass what the rate refuses.
  void refuse_rates(Path path, Ref later) {
    const Ref tied = d_.conj(later, old_.tied_to_rates(path));
    if (is_untracked_ || tied == Diagram::no) return;
    const auto rate = old_.rate_of(path, world_.flow_of(tied));
    if (!rate) return;
    const bool is_known = rate->construct.names_something();
    found_.refusals.push_back(
        {is_known ? ruleset()[rate->rule].text : Span{},
         fmt::format("{} is asked for the first datagram of a flow alone, and no datagram shows "
                     "whether it is the first",
                     is_known ? fmt::format("\"{}\"", ruleset()[rate->construct].name)
                              : std::string("what chooses for each packet")),
         "--assume rate_per_datagram asks it for each of them; --mode notrack leaves these flows "
         "as they are",
         Assumption::rate_per_datagram});
  }

  // What REJECT makes this host send, which was RELATED, and which the draft refuses.
  Ref lost_reject_answers(Path path) {
    if (is_untracked_ || path != Path::out) return Diagram::no;
    const Ref could_be = d_.disj(world_.flags(tcp_flag::rst, tcp_flag::rst), world_.errors());
    const Ref refused = lost(path, CtState::related, could_be, CtState::new_);
    if (refused == Diagram::no) return Diagram::no;
    return d_.conj(refused, d_.disj(old_.reject_resets(), old_.reject_errors()));
  }

  // Packets for which a rule in the place that lets them pass costs nothing: they pass already, or
  // never come there.
  Ref harmless(Path path, CtState now, const PlaceRules& place) {
    const Ref coming = coming_[static_cast<std::size_t>(path)][place.place.index()];
    Ref all = d_.disj(world_.accepts(draft, path, now), d_.negate(coming));
    if (assumptions_.has(Assumption::loopback_open)) all = d_.disj(all, world_.loopback(path));
    const Ref elsewhere =
        d_.where(world_.walk(draft).decide(path), static_cast<std::uint32_t>(Decision::elsewhere));
    return d_.disj(all, without_state(d_.conj(elsewhere, in_state(CtState::new_))));
  }

  // Directions of which the gate lets pass nothing but packets of `fine`.
  Ref room(const Gate& gate, Ref fine) {
    return d_.conj(d_.negate(world_.flow_of(d_.minus(gate.packets, fine))), gate.named);
  }

  void write_later(Path path, PlaceRules& place, Ref packets) {
    if (packets == Diagram::no) return;
    const Ref tcp = world_.protocol(ip_protocol::tcp);
    const Ref udp = world_.protocol(ip_protocol::udp);
    const Ref icmp = world_.protocol(icmp_of(world_.version()));
    const Ref whole = d_.negate(world_.later_fragments());
    const Ref with_reply_flags = d_.minus(tcp, world_.flags(tcp_flag::ack | tcp_flag::rst, 0));
    const Ref others = d_.negate(d_.disj(d_.disj(tcp, udp), icmp));
    const std::array gates = {Gate{d_.conj(with_reply_flags, whole), tcp, TcpGate::reply},
                              Gate{d_.conj(udp, whole), udp}, Gate{d_.conj(icmp, whole), icmp},
                              Gate{d_.conj(others, whole), others}};
    // What a rate may refuse would pass without it.
    const Ref permitted = d_.minus(old_.flows(path), old_.refused_by_rate(path));
    const Ref fine = d_.disj(harmless(path, CtState::new_, place),
                             d_.disj(old_.answer_direction(path), permitted));
    const std::size_t before = place.rules.size();
    bool is_whole = true;
    for (const Gate& gate : gates) {
      is_whole = is_whole &&
                 write(path, place, ReplyKind::replies, gate, d_.conj(packets, gate.packets), fine);
    }
    if (is_whole && (is_untracked_ || place.rules.size() <= before + most_boxes)) return;
    // All of it in one way: what one kind of packets answers to is what the others do.
    if (!is_whole) place.rules.resize(before);
    if (is_untracked_) return leave_to_mirror(path, place, ReplyKind::replies, before);
    // What only goes on, or was let in untracked, is in no mirror; mostly the draft has it all.
    const Ref own = d_.minus(d_.conj(packets, old_.flows(path)), old_.answer_direction(path));
    PlaceRules beside{place.place, {}};
    for (const Gate& gate : gates) {
      (void)write(path, beside, ReplyKind::replies, gate, d_.conj(own, gate.packets), fine);
    }
    leave_to_mirror(path, place, ReplyKind::replies, before);
    found_.too_long.back().beside = std::move(beside.rules);
  }

  // What stands there from `first` on, if anything does, may stay all the same.
  void leave_to_mirror(Path path, const PlaceRules& place, ReplyKind kind, std::size_t first) {
    if (is_untracked_) {
      refuse(place, "what the rule lets pass would take more rules than anybody could read");
      return;
    }
    static constexpr std::array<std::string_view, 3> by_way = {"-m addrtype --dst-type LOCAL",
                                                               "-m addrtype ! --dst-type LOCAL",
                                                               "-m addrtype --src-type LOCAL"};
    const auto at = static_cast<std::size_t>(&place - found_.places.data());
    const bool is_shared = is_shared_[place.place.index()];
    found_.too_long.push_back(
        {at, path, kind, is_shared ? by_way[static_cast<std::size_t>(path)] : std::string_view(),
         first, place.rules.size() - first});
  }

  void write_resets(Path path, PlaceRules& place, Ref packets) {
    if (packets == Diagram::no) return;
    const Ref tcp = world_.protocol(ip_protocol::tcp);
    const Ref resets = world_.flags(tcp_flag::rst, tcp_flag::rst);
    const Gate gate{resets, tcp, TcpGate::reset};
    // A reset to whoever could have begun a flow is as good, and makes the rule plainer.
    Flows any(world_, original, Assumptions::none());
    const Ref answers = d_.disj(any.answer_direction(path), old_.reject_resets());
    // An answer that is lost is told by the certificate, and no reason to refuse.
    (void)write(path, place, ReplyKind::reject_resets, gate, packets,
                d_.disj(harmless(path, CtState::new_, place), answers));
  }

  void write_errors(Path path, PlaceRules& place, Ref packets) {
    if (packets == Diagram::no) return;
    const Gate gate{world_.errors(), world_.flow_of(world_.errors())};
    const std::size_t before = place.rules.size();
    if (!write(path, place, ReplyKind::errors, gate, packets,
               d_.disj(harmless(path, errors_now(), place), d_.disj(old_.errors(path), packets)))) {
      place.rules.resize(before);
      leave_to_mirror(path, place, ReplyKind::errors, before);
    }
  }

  // False: it would take too many rules.
  [[nodiscard]] bool write(Path path, PlaceRules& place, ReplyKind kind, const Gate& gate,
                           Ref packets, Ref fine) {
    if (packets == Diagram::no) return true;
    const bool is_shared = is_shared_[place.place.index()];
    const Ref here = is_shared ? of_way(path) : Diagram::yes;
    const Ref wanted = d_.conj(world_.flow_of(packets), here);
    const Ref all = d_.disj(wanted, d_.conj(room(gate, fine), here));
    const RuleSpelling spelling = spelling_of(place);
    const std::size_t most =
        std::min(most_boxes + ruleset().rules.size() / rules_a_box, most_boxes_ever);
    // Where sets say many boxes in one rule, only the rules have to be few.
    const std::size_t within =
        spelling.is_nft() ? most + most_combined * ruleset().rules.size() : most;
    const Cover boxes = cover_within(d_, world_.layout(), wanted, all, within);
    if (!boxes.is_whole) return false;
    const SpelledBox spelled =
        spelling.boxes(boxes.boxes, world_.layout(),
                       {.gate = gate.tcp, .state = state_of(kind), .keeps_types = is_shared});
    const std::size_t most_rules = std::max(most, ruleset().rules.size() / rules_a_line);
    if (spelled.is_too_large || (spelling.is_nft() && spelled.rules.size() > most_rules)) {
      return false;
    }
    // What a packet does not tell is left out; whatever that lets in, the certificate lists.
    for (const std::string& conditions : spelled.rules) {
      add(place, {kind, conditions});
    }
    return true;
  }

  CtState errors_now() const { return is_untracked_ ? CtState::invalid : CtState::new_; }

  std::optional<CtState> state_of(ReplyKind kind) const {
    if (!is_untracked_) return std::nullopt;
    return kind == ReplyKind::errors ? CtState::invalid : CtState::untracked;
  }

  bool is_of_nft() {
    return std::ranges::any_of(ruleset().tables, [&](const Table& table) {
      return table.language == Language::nft && ip_versions(table.family).has(world_.version());
    });
  }

  RuleSpelling spelling_of(const PlaceRules& place) {
    return {ruleset(), ruleset()[ruleset()[place.place].chain].table};
  }

  // Later fragments have no ports, so that without reassembly nothing else lets them pass. In front
  // of IPv4's INPUT the stack puts them together itself; what this host sends is cut behind OUTPUT.
  bool loses_fragments(Path path) {
    const bool is_met =
        path == Path::forward || (path == Path::in && world_.version() == IpVersion::ipv6);
    if (is_untracked_ || !is_met || assumptions_.has(Assumption::no_fragments)) return false;
    if (!world_.walk(original).program().reassembles()) return false;
    const Ref later =
        d_.conj(later_of_flows(path), world_.may_accept(original, path, CtState::established));
    std::vector<bool> gone(d_.level_count());
    for (const Field field : {Field::source_port, Field::destination_port, Field::icmp_type_code,
                              Field::tcp_flags, Field::later_fragment, Field::length}) {
      gone[world_.layout().level_of(field)] = true;
    }
    // From the fragments that are refused to what they are parts of: the other way round, all that
    // passes would be taken apart.
    const Ref refused = d_.minus(d_.conj(world_.later_fragments(), world_.on_way(path)),
                                 world_.accepts(draft, path, CtState::new_));
    const Ref losing = d_.exists(refused, gone);
    return d_.intersects(old_.permitted(path), losing) || d_.intersects(later, losing);
  }

  // Where whole packets of flows came first, and so did those that were made of fragments.
  void keep_fragments(Path path, const RuleSet& wanted) {
    if (!loses_fragments(path)) return;
    const Ref entering = d_.conj(world_.on_way(path), in_state(CtState::established));
    for (const RuleReach& row :
         reach(world_.walk(original), path, entering, {.wanted = wanted}).rules) {
      if (!wanted[row.rule.index()] || row.matches == Diagram::no) continue;
      PlaceRules& place = *std::ranges::find(found_.places, row.rule, &PlaceRules::place);
      const auto words = spelling_of(place).later_fragments(world_.version());
      if (words) add(place, {ReplyKind::fragments, *words});
      found_.needs_reassembly = found_.needs_reassembly || !words;
      return;
    }
    if (world_.version() == IpVersion::ipv6 && !is_of_nft()) found_.needs_reassembly = true;
  }

  static void add(PlaceRules& place, ReplyRule rule) {
    const bool is_known = std::ranges::any_of(
        place.rules, [&](const ReplyRule& known) { return known.conditions == rule.conditions; });
    if (!is_known) place.rules.push_back(std::move(rule));
  }

  // Once for a place, whatever kinds of packets it is about.
  void refuse(const PlaceRules& place, std::string reason) {
    const Span& text = ruleset()[place.place].text;
    if (std::ranges::find(found_.refusals, text, &Refusal::span) != found_.refusals.end()) return;
    found_.refusals.push_back({text, std::move(reason), {}});
    if (!is_untracked_) offer_notrack(found_.refusals.back());
  }

  World& world_;
  Diagram& d_;
  bool is_untracked_;
  const Assumptions& assumptions_;
  Flows old_;
  Replies found_;
  std::vector<bool> is_shared_;             // by RuleId
  std::array<std::vector<Ref>, 3> coming_;  // by Path, then RuleId
};

}  // namespace

Replies find_replies(World& world, const std::vector<Place>& places, const Assumptions& assumptions,
                     ReplyUse use) {
  return ReplyFinder(world, assumptions, use).find(places);
}

}  // namespace untrack
