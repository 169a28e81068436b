// Loaded: one host's ruleset as the pipelines of `verify`, `diff` and `explain` take it: texts
// read, parsed and linked. The texts stand in `sources`, into which everything else points.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/translation.hpp"
#include "app/pipeline/audit.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "parser/parse.hpp"

namespace untrack {

struct Loaded {
  std::unique_ptr<Sources> sources;
  Ruleset ruleset;
  IpVersions given;  // the families that its inputs cover
  // Address translation that was put aside (app/pipeline/translated.hpp): the ruleset is what it is
  // behind it, and tracks as it did with it.
  std::vector<Translation> translations = {};
  IpVersions translated_with_state = {};
  // Nothing in it was wrong or not understood.
  [[nodiscard]] bool is_fully_understood() const;
};

[[nodiscard]] Loaded load(std::vector<InputText> inputs, const std::optional<Format>& format,
                          const std::optional<IpVersion>& ip_version);

// Rules in tables that see packets of the version.
[[nodiscard]] std::size_t rule_count(const Ruleset& ruleset, IpVersion version);

// Whether conntrack looks at packets of the version: true also where that is not known.
[[nodiscard]] bool may_track(const Ruleset& ruleset, IpVersion version,
                             const std::optional<KernelVersion>& kernel);
// The same with the translation that was put aside.
[[nodiscard]] bool is_tracked(const Loaded& loaded, IpVersion version,
                              const std::optional<KernelVersion>& kernel);

}  // namespace untrack
