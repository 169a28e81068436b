// GeneratedChains: the chains that a rewrite adds to one table: named after the chains that they
// answer to, in the manner of the ruleset's own names, at most 28 characters long and none of them
// twice. Chains with equal rules are one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

struct GeneratedChain {
  std::string name;
  std::string about;               // its comment, a line without the sign
  std::vector<std::string> rules;  // without "-A NAME "
  std::string stem;                // the name without its number
};

class GeneratedChains {
 public:
  GeneratedChains(const Ruleset& ruleset, TableId table);

  // The name of the chain, until in_order() gives the last ones. `suffix`: "replies".
  [[nodiscard]] std::string add(std::string_view chain, std::string about,
                                std::vector<std::string> rules, std::string_view suffix);
  // It is called from a rule that is in none of these.
  void add_entry(const std::string& name) { entries_.push_back(name); }

  [[nodiscard]] std::size_t rule_count() const { return rule_count_; }
  // Callers before what they call, and numbered in that order; old names to new ones in `renamed`.
  [[nodiscard]] std::vector<GeneratedChain> in_order(
      std::map<std::string, std::string>& renamed) const;

 private:
  [[nodiscard]] std::string ending(std::string_view suffix) const;
  [[nodiscard]] std::string name_for(std::string_view chain, const std::string& tail);
  [[nodiscard]] std::vector<GeneratedChain> callers_first() const;

  std::vector<GeneratedChain> chains_;
  std::map<std::vector<std::string>, std::string> by_rules_;
  std::set<std::string> names_;
  std::vector<std::string> entries_;
  std::size_t rule_count_ = 0;
  bool has_underscores_ = false;  // between words of names, rather than dashes
  bool is_upper_ = false;         // names are written in capitals
};

}  // namespace untrack
