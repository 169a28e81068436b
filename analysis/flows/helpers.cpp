#include "analysis/flows/helpers.hpp"

#include <algorithm>

#include "analysis/flows/flows.hpp"
#include "analysis/flows/from_nobody.hpp"

namespace untrack {
namespace {

bool is_helper_option(const OptionUse& option) {
  return option.row != nullptr && option.row->name == "helper";
}

constexpr Interval ftp_data{20, 20};

}  // namespace

bool assigns_helper(const Ruleset& ruleset, const Construct& construct) {
  return construct.kind == catalog::ExtensionKind::target && construct.extension != nullptr &&
         std::ranges::any_of(slice(ruleset.options, construct.options), is_helper_option);
}

bool only_assigns_helper(const Ruleset& ruleset, const Construct& construct) {
  return assigns_helper(ruleset, construct) &&
         std::ranges::all_of(slice(ruleset.options, construct.options), is_helper_option);
}

bool asks_for_helper(const Construct& construct) {
  return construct.kind == catalog::ExtensionKind::match && construct.extension != nullptr &&
         construct.extension->role == catalog::Role::helper;
}

Ref Flows::helpers_idle() {
  if (!assumptions_.has(Assumption::helpers_unused)) return Diagram::yes;
  Diagram& d = world_.diagram();
  const Program& program = world_.walk(program_).program();
  const Ruleset& ruleset = program.ruleset();
  Ref idle = Diagram::yes;
  for (std::uint32_t part = 0; part < ruleset.parts.size(); ++part) {
    const ConstructId construct = ruleset.parts[part].construct;
    if (!construct.names_something() || !asks_for_helper(ruleset[construct])) continue;
    if (program.kind(part) != PartKind::free_test) continue;
    const auto level = world_.layout().level_of_free(program.variable(part));
    idle = d.conj(idle, d.interval(level, 0, 0));
  }
  return idle;
}

Ref Flows::expected(Path path) {
  if (assumptions_.has(Assumption::helpers_unused)) return Diagram::no;
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = world_.walk(program_).program().ruleset();
  const bool has_helper = std::ranges::any_of(bound_rules(), [&](const BoundRule& bound) {
    return assigns_helper(ruleset, ruleset[bound.construct]);
  });
  if (!has_helper) return Diagram::no;
  // Where it goes is said inside of what the helper reads: anywhere. Whoever begins it does so from
  // a port of his own choice, but for the data of active FTP (rfc959).
  const Ref active_ftp =
      d.conj(world_.range(Field::source_port, ftp_data), world_.protocol(ip_protocol::tcp));
  Ref all =
      d.conj(world_.may_accept(program_, path, CtState::related),
             d.minus(world_.initiators(false, false), world_.protocol(icmp_of(world_.version()))));
  all = d.conj(all, d.conj(world_.on_way(path), assumed_protocols(path)));
  return d.minus(d.conj(all, d.disj(assumed_sources(path), active_ftp)), from_nobody(world_));
}

}  // namespace untrack
