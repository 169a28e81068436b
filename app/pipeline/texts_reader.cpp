#include "app/pipeline/texts_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "app/pipeline/rewritten_file.hpp"
#include "app/pipeline/translated.hpp"
#include "rewriter/rule_style.hpp"

namespace untrack {

Loaded TextsReader::parsed(const std::vector<std::string>& texts) const {
  Loaded loaded = load(with_texts(inputs_, texts), policy_.format, policy_.ip_version);
  if (!original_.translations.empty()) put_translation_aside(loaded, TranslationForm::payload);
  return loaded;
}

std::shared_ptr<const Loaded> TextsReader::understood(const std::vector<std::string>& texts,
                                                      bool is_whole) {
  if (last_read_ == nullptr || last_texts_ != texts) {
    last_read_ = std::make_shared<const Loaded>(parsed(texts));
    last_texts_ = texts;
  }
  const Loaded& after = *last_read_;
  if (after.is_fully_understood()) return last_read_;
  const auto is_edge = [&](const InputSummary& input) {
    return serves_both(original_.ruleset, input.source);
  };
  if (!is_whole || std::ranges::any_of(original_.ruleset.inputs, is_edge)) throw NotReadAlike{};
  for (const Problem& problem : after.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    throw std::logic_error(fmt::format("a rewritten ruleset is not understood: {} in \"{}\"",
                                       problem.message, after.sources->text(problem.span)));
  }
  return last_read_;
}

}  // namespace untrack
