// EntrySize: the bytes of one entry on a host, by its settings, rules and listeners, and what
// decided. Used by the assessment and by `untrack audit`, which say the same.
#pragma once

#include "analysis/pressure/memory.hpp"
#include "analysis/pressure/settings.hpp"

namespace untrack {

struct EntrySize {
  ExtensionUse extension;
  Quantity plain, extended;

  [[nodiscard]] unsigned bytes() const {
    return static_cast<unsigned>(extension.is_used() ? extended.value : plain.value);
  }
};

// `rules`: null, no ruleset was given.
[[nodiscard]] EntrySize entry_size(const Platform& platform, const HostSettings& host,
                                   const ExtensionRules* rules);

}  // namespace untrack
