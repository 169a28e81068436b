#include "report/managers.hpp"

#include <fmt/format.h>

namespace untrack {
namespace {

std::string_view lead_of(ManagedChange change) {
  switch (change) {
    case ManagedChange::any:
      return "For a rewrite to last";
    case ManagedChange::notrack:
      return "For the new rules to last";
    case ManagedChange::stateless:
      return "The new rules last if that ends";
  }
  return {};
}

}  // namespace

std::vector<Loader> managers_of(const Sources& sources, const Ruleset& ruleset) {
  std::vector<Loader> managers = find_loaders(sources, ruleset);
  std::erase_if(managers, [](const Loader& loader) { return loader.row->own_rules.empty(); });
  return managers;
}

std::string_view lasts_words(const Loader& manager, ManagedChange change) {
  return change == ManagedChange::stateless ? manager.row->what_to_do : manager.row->own_rules;
}

std::string manager_words(const Loader& manager, ManagedChange change) {
  return fmt::format("{} has rules here ({}) and loads {}. {}: {}.", manager.row->who, manager.seen,
                     manager.row->reloads, lead_of(change), lasts_words(manager, change));
}

}  // namespace untrack
