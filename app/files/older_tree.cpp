#include "app/files/older_tree.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX's

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>

#include "app/run_tool.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

// git as whoever runs this program has it, but with an index of its own and no locks.
class Git {
 public:
  Git(const Surroundings& surroundings, const fs::path& index) {
    words_ = {"-i", "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0"};
    for (const char* name : {"HOME", "XDG_CONFIG_HOME", "PATH"}) {
      const char* value = surroundings.environment ? surroundings.environment(name) : nullptr;
      if (value != nullptr) words_.push_back(fmt::format("{}={}", name, value));
      if (value == nullptr && std::string_view(name) == "PATH") {
        words_.emplace_back("PATH=/usr/local/bin:/usr/bin:/bin");
      }
    }
    if (!index.empty()) words_.push_back("GIT_INDEX_FILE=" + index.string());
    words_.emplace_back("git");
  }

  // Nullopt, with what it said in `why`, if it fails.
  std::optional<std::string> run(const std::vector<std::string>& arguments,
                                 std::string& why) const {
    std::vector<std::string> words = words_;
    words.insert(words.end(), arguments.begin(), arguments.end());
    const ToolLimits limits{std::chrono::minutes(5), std::size_t{64} * 1024};
    ToolRun run = run_tool("/usr/bin/env", words, "", ToolNetwork::shared, limits);
    while (run.output.ends_with('\n')) run.output.pop_back();
    if (run.end == ToolEnd::exited && run.status == 0) return std::move(run.output);
    why = fmt::format("git {}: {}", arguments.size() > 2 ? arguments[2] : "",
                      run.end == ToolEnd::timed_out ? "it did not end in time"
                      : run.output.empty()          ? fmt::format("exit status {}", run.status)
                                                    : run.output);
    return std::nullopt;
  }

 private:
  std::vector<std::string> words_;
};

fs::path whole(const std::string& name) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(name, ignored), ignored);
}

fs::path directory_of_name(const std::string& name) {
  std::error_code ignored;
  fs::path path = whole(name).parent_path();
  while (!fs::is_directory(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

// The deepest directory that all of them lie below.
fs::path common_directory(const std::vector<std::string>& names) {
  fs::path common = directory_of_name(names.front());
  for (const std::string& name : names) {
    const fs::path other = directory_of_name(name);
    fs::path shared;
    for (auto a = common.begin(), b = other.begin();
         a != common.end() && b != other.end() && *a == *b; ++a, ++b) {
      shared /= *a;
    }
    common = shared;
  }
  return common;
}

std::optional<fs::path> make_scratch(std::string& why) {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "untrack-since-XXXXXX").string();
  if (mkdtemp(pattern.data()) != nullptr) return pattern;
  why = fmt::format("{}: {}", pattern, std::strerror(errno));
  return std::nullopt;
}

void flatten(const std::vector<InputText>& texts, const std::function<std::string(std::string)>& as,
             std::map<std::string, std::string_view>& into) {
  for (const InputText& input : texts) {
    into.emplace(as(input.path), input.text);
    for (const InputText::Include& include : input.includes) flatten(include.files, as, into);
  }
}

}  // namespace

std::shared_ptr<const OlderTree> OlderTree::open(const std::string& since,
                                                 const std::vector<std::string>& names,
                                                 const Surroundings& surroundings,
                                                 std::string& why) {
  const std::shared_ptr<OlderTree> tree(new OlderTree());
  tree->since_ = since;
  std::error_code ignored;
  if (fs::is_directory(since, ignored)) {
    const bool is_one_directory = names.size() == 1 && fs::is_directory(names.front(), ignored);
    tree->base_ = is_one_directory ? whole(names.front()) : common_directory(names);
    tree->root_ = whole(since);
    return tree;
  }
  const std::string from = directory_of_name(names.front()).string();
  const auto top = Git(surroundings, {}).run({"-C", from, "rev-parse", "--show-toplevel"}, why);
  if (!top) return nullptr;
  tree->base_ = whole(*top);
  const auto commit = Git(surroundings, {})
                          .run({"-C", *top, "rev-parse", "--verify", "--quiet", "--end-of-options",
                                since + "^{commit}"},
                               why);
  if (!commit) {
    why = "neither a directory nor a revision of git";
    return nullptr;
  }
  const std::optional<fs::path> scratch = make_scratch(why);
  if (!scratch) return nullptr;
  tree->scratch_ = *scratch;
  tree->root_ = whole(scratch->string()) / "tree";
  const Git git(surroundings, *scratch / "index");
  const bool is_there = git.run({"-C", *top, "read-tree", *commit}, why).has_value() &&
                        git.run({"-C", *top, "checkout-index", "--all", "--quiet",
                                 "--prefix=" + tree->root_.string() + "/"},
                                why)
                            .has_value();
  return is_there ? tree : nullptr;
}

OlderTree::~OlderTree() {
  std::error_code ignored;
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

std::string OlderTree::older_of(const std::string& name) const {
  const fs::path below = whole(name).lexically_relative(base_);
  if (below.empty() || *below.begin() == "..") return {};
  return (below == "." ? root_ : root_ / below).string();
}

std::string OlderTree::today_of(const std::string& older) const {
  const fs::path path = base_ / fs::path(older).lexically_relative(root_);
  std::error_code ignored;
  const fs::path here = path.lexically_relative(whole(fs::current_path(ignored).string()));
  return here.empty() ? path.string() : here.string();
}

std::string OlderTree::told_as(const std::string& path) const {
  const fs::path below = fs::path(path).lexically_relative(root_);
  if (below.empty() || *below.begin() == "..") return path;
  return scratch_.empty() ? (fs::path(since_) / below).lexically_normal().string()
                          : fmt::format("{}:{}", since_, below.string());
}

void OlderTree::name(PressureRequest& settings) const {
  for (PressureInput& file : settings.settings) file.path = told_as(file.path);
  for (PressureSetting& each : settings.single_settings) {
    each.source.text = told_as(each.source.text);
  }
}

void OlderTree::name(std::vector<InputText>& texts) const {
  for (InputText& input : texts) {
    input.path = told_as(input.path);
    for (InputText::Include& include : input.includes) name(include.files);
  }
}

bool are_same(const OlderTree& tree, const std::vector<InputText>& before,
              const std::vector<InputText>& after) {
  std::map<std::string, std::string_view> old_texts;
  std::map<std::string, std::string_view> new_texts;
  flatten(
      before, [](std::string path) { return path; }, old_texts);
  flatten(
      after, [&](const std::string& path) { return tree.older_of(path); }, new_texts);
  return old_texts == new_texts;
}

bool are_same_settings(const OlderTree& tree, const PressureRequest& before,
                       const PressureRequest& after) {
  if (before.notes != after.notes) return false;
  std::map<std::string, std::string_view> old_files;
  std::map<std::string, std::string_view> new_files;
  for (const PressureInput& file : before.settings) old_files.emplace(file.path, file.text);
  for (const PressureInput& file : after.settings) {
    const std::string older = tree.older_of(file.path);
    new_files.emplace(older.empty() ? file.path : older, file.text);
  }
  const auto is_same = [](const PressureSetting& a, const PressureSetting& b) {
    return a.name == b.name && a.value == b.value;
  };
  return old_files == new_files &&
         std::ranges::equal(before.single_settings, after.single_settings, is_same);
}

}  // namespace untrack
