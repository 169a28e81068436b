#include "app/pipeline/rewritten_file.hpp"

#include <algorithm>

#include "rewriter/rule_style.hpp"

namespace untrack {

RewrittenFile rewritten_file(const Loaded& original, SourceId source, const std::string& text) {
  const SourceText& old = (*original.sources)[source];
  RewrittenFile file{old.path(), text, unified_diff(old.path(), old.text(), old.path(), text)};
  const auto& inputs = original.ruleset.inputs;
  const auto at = std::ranges::find(inputs, source, &InputSummary::source);
  if (at == inputs.end()) return file;
  file.versions = at->ip_versions;
  file.starts_over = at->starts_over;
  if (!has_table_headers(original.ruleset, source)) {
    file.use = at->format == "iptables -S" ? FileUse::line_by_line : FileUse::run;
  }
  return file;
}

}  // namespace untrack
