// JsonPivot: rulesets in JSON as the pipeline of rewrites takes them: each rule in the words of
// nft's text, a command a line, beside a text with everything else; and what became of those lines
// as JSON again, in which all that they do not change stands as it did. Used by rewrite_json.cpp
// alone. What comes out is proven like any other rewrite, so that a fault here costs a refusal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/pipeline/input_text.hpp"
#include "parser/nft/json/items.hpp"
#include "rewriter/refusal.hpp"
#include "rewriter/unified_diff.hpp"

namespace untrack {

class JsonPivot {
 public:
  // Of inputs in JSON; `sources` holds them in their order.
  explicit JsonPivot(const std::vector<InputText>& inputs);

  // Why there is none.
  [[nodiscard]] const std::optional<Refusal>& obstacle() const { return obstacle_; }
  // Two for each: what is no rule, and the rules.
  [[nodiscard]] const std::vector<InputText>& inputs() const { return inputs_; }
  // Where it stands in JSON; of a rule, all of it.
  [[nodiscard]] Span original_of(const Span& pivot) const;
  // The texts in JSON for those of inputs(). nullopt: it uses words that have no JSON here.
  [[nodiscard]] std::optional<std::vector<std::string>> back(
      const std::vector<std::string>& texts) const;
  // What changes in one, in the words of nft.
  [[nodiscard]] UnifiedDiff difference(std::size_t input, const std::string& rules) const;

 private:
  struct File {
    std::string path;
    std::string text;
    std::vector<nft::JsonItem> items;
    std::vector<std::size_t> rules;   // items, by line
    std::vector<std::uint32_t> ends;  // of the lines
    std::string head;                 // a line ahead of them, so that the text is never empty
    std::string lines;
  };
  struct Changes;
  void add(const InputText& input);
  [[nodiscard]] static std::optional<std::string> back(const File& file, const std::string& rules);
  // nullopt: it uses words that have no JSON here.
  [[nodiscard]] static std::optional<Changes> changes_of(
      const File& file, const std::vector<std::string_view>& before,
      const std::vector<std::string_view>& after);
  [[nodiscard]] static std::optional<std::string> with_changes(const File& file, Changes changes);

  std::vector<File> files_;
  std::vector<InputText> inputs_;
  std::optional<Refusal> obstacle_;
};

}  // namespace untrack
