// Whether rules look up in sets with names what those hold: nft compares the types of both (src/
// evaluate.c, datatype_compatible). Part of the builder of rulesets.
#include <fmt/format.h>

#include "model/catalog/nft_symbols.hpp"
#include "parser/nft/builder.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

bool are_compatible(NftType asked, NftType held) {
  const auto is_plain = [](NftType type) {
    return type == NftType::mark || type == NftType::integer;
  };
  return asked == held || asked == NftType::other || held == NftType::other ||
         (is_plain(asked) && is_plain(held));
}

}  // namespace

void RulesetBuilder::lower_rule(TableId table, const std::vector<Node>& statements, Rule& rule) {
  RuleLowering lowering(ruleset_, text_, table);
  lowering.lower(statements, rule);
  for (const RuleLowering::Lookup& lookup : lowering.lookups()) {
    lookups_.emplace_back(table, lookup);
  }
}

void RulesetBuilder::check_lookups() {
  for (const auto& [table, lookup] : lookups_) {
    const auto at = sets_.find({table, lookup.set_name});
    const auto held = at == sets_.end() ? types_.end() : types_.find(at->second);
    if (held == types_.end() || held->second.empty()) continue;
    const std::vector<NftType>& types = held->second;
    std::string label;
    if (types.size() != lookup.types.size()) {
      // A type of one word may stand for several parts.
      const bool may_be_more = (types.size() == 1 && types[0] == NftType::other) ||
                               (lookup.types.size() == 1 && lookup.types[0] == NftType::other);
      if (may_be_more) continue;
      label = fmt::format("{} parts here, {} in its elements", lookup.types.size(), types.size());
    }
    for (std::size_t i = 0; label.empty() && i < types.size(); ++i) {
      if (are_compatible(lookup.types[i], types[i])) continue;
      label = fmt::format("it holds {}, and {} is looked up", catalog::nft_datatype(types[i]).noun,
                          catalog::nft_datatype(lookup.types[i]).noun);
    }
    if (label.empty()) continue;
    ruleset_.problems.push_back(
        {ProblemKind::error, lookup.span,
         fmt::format("set \"{}\" holds something else", lookup.set_name), std::move(label),
         "Name a set of the type that the rule asks, or declare it with that type.", false});
  }
}

}  // namespace untrack::nft
