// What single statements do to a packet, as the program takes them. Apart from program.cpp, which
// says in what order chains run and what each part of a rule is.
#include "analysis/program/program.hpp"

namespace untrack {

bool Program::gives_template(std::uint32_t part) const {
  const RulePart& row = ruleset_->parts[part];
  const auto* statement = std::get_if<Statement>(&row.what);
  const auto* change = statement == nullptr ? nullptr : std::get_if<ConntrackStatement>(statement);
  if (change == nullptr || !row.construct.names_something()) return false;
  const Construct& construct = (*ruleset_)[row.construct];
  if (construct.language == Language::nft) return change->what == "zone";
  return construct.extension != nullptr && construct.extension->name == "CT";
}

bool Program::takes_notrack_back(std::uint32_t part) const {
  return gives_template(part) &&
         (*ruleset_)[ruleset_->parts[part].construct].language == Language::nft;
}

std::optional<Interval> Program::followed_address(const Statement& statement) const {
  const auto* opaque = std::get_if<OpaqueStatement>(&statement);
  const bool is_set = opaque != nullptr && opaque->value.count == 1;
  if (!is_set || writes_ == AddressWrites::open) return std::nullopt;
  return ruleset_->intervals[opaque->value.first];
}

}  // namespace untrack
