// Flows: what this host sends by itself where a rule refuses with REJECT. It leaves by OUTPUT, and
// with an entry behind it, however new, it is RELATED there (nf_ct_attach, nf_reject_ipv4.c and
// icmp.c, 6.1; measured).
#include <array>
#include <vector>

#include "analysis/facts.hpp"
#include "analysis/flows/flows.hpp"

namespace untrack {

Ref Flows::rejected(Path path, bool by_reset) {
  Diagram& d = world_.diagram();
  const Program& program = world_.walk(program_).program();
  const Ruleset& ruleset = program.ruleset();
  bool has_any = false;
  const RuleSet wanted = rules_where(ruleset, [&](const Rule& rule) {
    const auto* reject = find_statement<RejectStatement>(ruleset, rule);
    // "tcp-reset", and its other spellings.
    const bool is_wanted = reject != nullptr && reject->with.starts_with("tcp") == by_reset;
    has_any = has_any || is_wanted;
    return is_wanted;
  });
  if (!has_any) return Diagram::no;
  const auto in_state = [&](CtState state) {
    const auto atom = Layout::atom_of(state);
    return d.interval(world_.layout().level_of(Field::ct_state), atom, atom);
  };
  const Ref entering =
      d.disj(d.conj(world_.can_be_new(), in_state(CtState::new_)), in_state(CtState::established));
  std::vector<Ref> all;
  const PathReach reached =
      reach(world_.walk(program_), path, d.conj(entering, world_.on_way(path)),
            {.wanted = wanted, .is_exact = is_exact_});
  for (const RuleReach& row : reached.rules) {
    if (wanted[row.rule.index()]) all.push_back(world_.flow_of(row.matches));
  }
  return d.any_of(std::move(all));
}

Ref Flows::reject_resets() {
  if (!reject_resets_) {
    Diagram& d = world_.diagram();
    const Ref refused = d.disj(rejected(Path::in, true), rejected(Path::forward, true));
    std::vector<bool> gone(d.level_count());
    gone[world_.layout().level_of(Field::in_interface)] = true;
    const Ref back = d.exists(world_.mirrored(refused), gone);
    const Ref resets = world_.flags(tcp_flag::rst, tcp_flag::rst);
    reject_resets_ = d.conj(d.conj(back, resets), world_.on_way(Path::out));
  }
  return *reject_resets_;
}

Ref Flows::reject_errors() {
  if (!reject_errors_) {
    Diagram& d = world_.diagram();
    const Ref refused = d.disj(rejected(Path::in, false), rejected(Path::forward, false));
    std::vector<bool> gone(d.level_count());
    gone[world_.layout().level_of(Field::in_interface)] = true;
    const Ref back = d.exists(world_.errors_to_source(refused), gone);
    // Destination unreachable (RFC 792, RFC 4443).
    const std::array unreachable = {
        static_cast<std::uint8_t>(world_.version() == IpVersion::ipv4 ? 3 : 1)};
    reject_errors_ = d.conj(d.conj(back, world_.icmp_types(unreachable)), world_.on_way(Path::out));
  }
  return *reject_errors_;
}

}  // namespace untrack
