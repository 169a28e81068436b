// Finding: what a check says about one place of a ruleset. A value without behaviour; report/
// decides how it looks, app/ what it means for the exit status.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/source_text.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

struct CheckInfo;

enum class Severity : std::uint8_t { note, warning, error };
[[nodiscard]] std::string_view to_text(Severity severity);

// What untracking the flows behind a construct would take (docs/glossary.md).
enum class Need : std::uint8_t { free, priced, bound };
[[nodiscard]] std::string_view to_text(Need need);

// A further place that explains the finding.
struct Related {
  Span span;
  std::string label;
};

struct Finding {
  const CheckInfo* check = nullptr;
  Severity severity = Severity::note;
  Span span;                       // what is underlined
  std::string message;             // one sentence without a full stop
  std::string label;               // beside the underline
  std::vector<std::string> notes;  // why, what it is there for, what to do next
  std::vector<Related> related;
  IpVersions ip_versions;
  ConstructId construct;       // names nothing if the finding is not about one
  std::string construct_name;  // "-m state --state", "-j MASQUERADE" ...
  // Many findings name the same, which stand once. Null: none.
  std::shared_ptr<const std::vector<std::string>> modules;
  std::optional<Need> need;  // none: not known

  [[nodiscard]] std::span<const std::string> module_names() const {
    return modules == nullptr ? std::span<const std::string>() : *modules;
  }
};

}  // namespace untrack
