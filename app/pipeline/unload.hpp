// unload: the library's front door to `untrack unload`. Everything the command can do, as a
// function from texts to a value; it opens no file and prints nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/pipeline/input_text.hpp"
#include "model/kernel_version.hpp"
#include "model/snapshot.hpp"
#include "report/unload_report.hpp"

namespace untrack {

// A text and the name to print for it; the name is never opened.
struct UnloadText {
  std::string path;
  std::string text;
};

struct UnloadTexts {
  std::vector<InputText> rules;                // one host's, judged together
  std::optional<UnloadText> modules = {};      // /proc/modules
  std::optional<UnloadText> modules_dep = {};  // /lib/modules/VERSION/modules.dep
  std::optional<UnloadText> modules_builtin = {};
  // Of a snapshot; none: nobody looked.
  std::optional<std::vector<ConntrackUser>> users = {};
};

struct UnloadPolicy {
  std::optional<Format> format = {};         // of all rules; none: recognised from the content
  std::optional<IpVersion> ip_version = {};  // of rules that do not say it
  std::optional<KernelVersion> kernel = {};  // of the target; none: 4.10 or later
};

// `version`: of untrack, written into the script.
[[nodiscard]] UnloadReport unload(UnloadTexts texts, const UnloadPolicy& policy,
                                  std::string_view version);

}  // namespace untrack
