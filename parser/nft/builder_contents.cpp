// What rules look up or name: sets whose elements were not all understood, and objects. Keys of
// rules get the hash of what is declared, so that rules of two rulesets are one condition or deed
// only where both say the same.
#include <fmt/format.h>

#include <algorithm>

#include "model/set_rates.hpp"
#include "model/text_hash.hpp"
#include "parser/nft/builder.hpp"

namespace untrack::nft {

void RulesetBuilder::note_declaration(TableId table, std::string_view name, std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';';
    if (!is_blank) {
      words += c;
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  // What a listing says of a quota that has been used.
  if (const std::size_t used = words.find(" used "); used != std::string::npos) {
    std::size_t end = words.find(' ', used + 6);
    if (end != std::string::npos) end = words.find(' ', end + 1);
    words.erase(used, end == std::string::npos ? end : end - used);
  }
  const auto mixed = [&](std::optional<std::uint64_t> before) {
    return before ? text_hash(words, *before) : text_hash(words);
  };
  const auto own = declared_.find({table, name});
  declared_[{table, name}] =
      mixed(own == declared_.end() ? std::nullopt : std::optional(own->second));
  const auto all = all_declared_.find(table);
  all_declared_[table] =
      mixed(all == all_declared_.end() ? std::nullopt : std::optional(all->second));
}

// Of the objects that a statement names; where a map finds their names, of all.
std::string RulesetBuilder::hashes_of_objects(std::string_view key, TableId table) const {
  constexpr std::string_view kinds[] = {"limit",       "quota",    "helper", "timeout",
                                        "expectation", "synproxy", "secmark"};
  std::string all;
  bool is_of_objects = false;
  bool has_map = false;
  for (std::size_t at = 0; at < key.size();) {
    const std::size_t end = std::min(key.find_first_of(" ,{}()\"@", at), key.size());
    const std::string_view word = key.substr(at, end - at);
    at = end + 1;
    is_of_objects = is_of_objects || std::ranges::find(kinds, word) != std::end(kinds);
    has_map = has_map || word == "map";
    const auto found = declared_.find({table, word});
    if (found != declared_.end()) all += fmt::format(" #{:x}", found->second);
  }
  const auto every = all_declared_.find(table);
  if (is_of_objects && has_map && every != all_declared_.end()) {
    all += fmt::format(" #{:x}", every->second);
  }
  return all;
}

// A lookup keeps the name of its set, which another ruleset may have with other elements.
std::string_view RulesetBuilder::with_contents(std::string_view key, TableId table) {
  std::string named;
  for (std::size_t at = key.find('@'); at != std::string_view::npos; at = key.find('@', at + 1)) {
    const std::size_t end = key.find_first_of(" ,})", at);
    const auto set =
        find_set(table, key.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
    if (!set) continue;
    if (contents_.contains(*set)) named += fmt::format(" #{:x}", contents_.at(*set));
    const std::string bounds = to_text(ruleset_[*set].bounds);
    if (ruleset_[*set].is_dynamic && !bounds.empty()) {
      named += fmt::format(" #{:x}", text_hash(bounds));
    }
  }
  if (!declared_.empty()) named += hashes_of_objects(key, table);
  return named.empty() ? key : ruleset_.keep(std::string(key) + named);
}

void RulesetBuilder::name_contents() {
  const bool has_dynamic = std::ranges::any_of(ruleset_.sets, &NamedSet::is_dynamic);
  if (contents_.empty() && declared_.empty() && !has_dynamic && set_options_.empty()) return;
  for (const auto& [id, options] : set_options_) {
    NamedSet& set = ruleset_.sets[id.index()];
    if (options.has_rate) set.contents_known = false;
    set.words.push_back(
        ruleset_.keep(fmt::format("{}{:x}", options.has_rate ? word_of_rates : "#", options.hash)));
    std::uint64_t& hash = contents_.try_emplace(id, text_hash({})).first->second;
    hash = text_hash(set.words.back(), hash);
  }
  for (const auto& [id, hash] : contents_) {
    NamedSet& set = ruleset_.sets[id.index()];
    // What was not understood stands in no key: a word that no key names tells two sets apart.
    if (!set.contents_known && !set.is_dynamic) {
      set.words.push_back(ruleset_.keep(fmt::format("#{:x}", hash)));
    }
  }
  for (const Rule& rule : ruleset_.rules) {
    if (!rule.chain.names_something()) continue;
    const TableId table = ruleset_.chains[rule.chain.index()].table;
    if (ruleset_.tables[table.index()].language != Language::nft) continue;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      auto& what = ruleset_.parts[rule.parts.first + i].what;
      if (auto* match = std::get_if<Match>(&what)) {
        if (auto* test = std::get_if<OpaqueTest>(match))
          test->key = with_contents(test->key, table);
      } else if (const auto* map = std::get_if<VerdictMapStatement>(&std::get<Statement>(what))) {
        MapLookup& lookup = ruleset_.lookups[map->lookup.index()];
        if (!lookup.opaque_key.empty()) lookup.opaque_key = with_contents(lookup.opaque_key, table);
        // The elements that were not understood are in no other place.
        const auto set =
            lookup.opaque_key.empty() ? find_set(table, lookup.key.set_name) : std::nullopt;
        if (set && contents_.contains(*set) && !ruleset_[*set].contents_known &&
            !ruleset_[*set].is_dynamic) {
          lookup.opaque_key = ruleset_.keep(
              fmt::format("map {} #{:x}", lookup.key.set_name.view(), contents_.at(*set)));
        }
      } else if (auto* opaque = std::get_if<OpaqueStatement>(&std::get<Statement>(what))) {
        opaque->key = ruleset_.short_form(with_contents(opaque->key, table));
      } else if (auto* passive = std::get_if<PassiveStatement>(&std::get<Statement>(what))) {
        // The object of `meta secmark set` says which mark it is.
        constexpr std::string_view given_by_object = "meta secmark set ";
        const std::string_view words = passive->what;
        if (words.starts_with(given_by_object)) passive->what = with_contents(words, table);
      }
    }
    for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
      const auto& options = ruleset_.constructs[rule.constructs.first + i].options;
      for (std::uint32_t k = 0; k < options.count; ++k) {
        OptionUse& deed = ruleset_.options[options.first + k];
        deed.value = with_contents(deed.value, table);
      }
    }
  }
}

}  // namespace untrack::nft
