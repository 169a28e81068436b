// OlderTree: the files as they were once, for `audit --changed-since`: those of a revision of git,
// in a directory of their own that goes with this, or those of another directory. git is started
// with an argument vector, without a shell, and writes neither to the repository nor to its index.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/cli.hpp"
#include "app/pipeline/input_text.hpp"
#include "app/pipeline/pressure.hpp"

namespace untrack {

class OlderTree {
 public:
  // `since`: a directory that stands for the one that is named, or else for the deepest that holds
  // all of `names`; or a revision of the repository of the first of them. Null, with the reason in
  // `why`, if it is neither.
  [[nodiscard]] static std::shared_ptr<const OlderTree> open(const std::string& since,
                                                             const std::vector<std::string>& names,
                                                             const Surroundings& surroundings,
                                                             std::string& why);
  OlderTree(const OlderTree&) = delete;
  OlderTree& operator=(const OlderTree&) = delete;
  ~OlderTree();

  // Where the older version of a file, a directory or a pattern is, whether there is one or not; ""
  // for what lies outside.
  [[nodiscard]] std::string older_of(const std::string& name) const;
  // The name that the older one has today, seen from where the program runs.
  [[nodiscard]] std::string today_of(const std::string& older) const;
  // Gives the texts the names that they are told by: "REV:PATH" of a revision, "DIR/PATH"
  // of a directory.
  void name(std::vector<InputText>& texts) const;
  void name(PressureRequest& settings) const;
  [[nodiscard]] const std::string& since() const { return since_; }

 private:
  OlderTree() = default;
  [[nodiscard]] std::string told_as(const std::string& path) const;

  std::string since_;
  std::filesystem::path base_;     // of what there is today
  std::filesystem::path root_;     // of what there was
  std::filesystem::path scratch_;  // to remove; empty: nothing
};

// Whether two hosts have the same texts, under the same names.
[[nodiscard]] bool are_same(const OlderTree& tree, const std::vector<InputText>& before,
                            const std::vector<InputText>& after);

// And the same settings.
[[nodiscard]] bool are_same_settings(const OlderTree& tree, const PressureRequest& before,
                                     const PressureRequest& after);

}  // namespace untrack
