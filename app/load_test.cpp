#include "app/load_test.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace untrack {
namespace {

constexpr std::size_t most_message = 300;
constexpr std::size_t most_version = 60;

std::string reason(int number) { return std::generic_category().message(number); }

std::string printable(std::string_view text, std::size_t most) {
  std::string clean;
  for (const char c : text.substr(0, most)) clean += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > most) clean += " ...";
  return clean;
}

// The lines that say something, as one.
std::string message_of(std::string_view output) {
  std::string joined;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.starts_with("Try `")) {
      continue;
    }
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return printable(joined, most_message);
}

std::string trouble(const ToolRun& run) {
  switch (run.end) {
    case ToolEnd::timed_out:
      return "it did not end in time";
    case ToolEnd::killed:
      return fmt::format("signal {} ended it", run.status);
    case ToolEnd::no_network:
      return fmt::format("a network namespace of its own cannot be made ({}), which takes root",
                         reason(run.status));
    case ToolEnd::not_started:
      return fmt::format("it cannot be started ({})", reason(run.status));
    case ToolEnd::exited:
      break;
  }
  return {};
}

std::optional<std::string> path_of(const std::string& name,
                                   const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::string path = fmt::format("{}/{}", folder, name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

// "v1.8.9 (legacy)" of "iptables-restore v1.8.9 (legacy)".
std::string version_of(const ToolRun& run) {
  if (run.end != ToolEnd::exited || run.status != 0) return {};
  const std::string_view output = run.output;
  const std::string_view line = output.substr(0, std::min(output.find('\n'), output.size()));
  const std::size_t space = line.find(' ');
  return space == std::string_view::npos ? std::string()
                                         : printable(line.substr(space + 1), most_version);
}

class Asking {
 public:
  Asking(const std::string& path, std::vector<std::string> arguments, const ToolLimits& limits,
         ToolNetwork network)
      : path_(path), arguments_(std::move(arguments)), limits_(limits), network_(network) {}

  // Nothing: the tool takes all of them.
  std::optional<ToolRun> refusal(const std::vector<std::string>& texts) const {
    for (const std::string& text : texts) {
      ToolRun run = run_tool(path_, arguments_, text, network_, limits_);
      if (run.end != ToolEnd::exited || run.status != 0) return run;
    }
    return std::nullopt;
  }

 private:
  const std::string& path_;
  std::vector<std::string> arguments_;
  const ToolLimits& limits_;
  ToolNetwork network_;
};

// What the tool says; instead, why no tool can be asked.
std::optional<std::string> ask(const Asking& tool, const std::vector<std::string>& original,
                               const std::vector<std::string>& rewritten, ToolAnswer& row) {
  const auto refused = tool.refusal(rewritten);
  if (!refused) {
    row.answer = LoadAnswer::taken;
  } else if (refused->end == ToolEnd::no_network) {
    return trouble(*refused);
  } else if (refused->end != ToolEnd::exited) {
    row.answer = LoadAnswer::no_answer;
    row.message = trouble(*refused);
  } else {
    row.message = message_of(refused->output);
    if (row.message.empty()) row.message = fmt::format("exit status {}", refused->status);
    const auto before = tool.refusal(original);
    if (before && before->end != ToolEnd::exited) {
      row.answer = LoadAnswer::no_answer;
      row.message = trouble(*before);
    } else {
      row.answer = before ? LoadAnswer::refuses_both : LoadAnswer::refused;
    }
  }
  return std::nullopt;
}

// Tables of one file may be those of another.
std::vector<std::string> together(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\n';
  return {all};
}

}  // namespace

std::vector<std::string> tool_folders() {
  std::vector<std::string> folders;
  const char* value = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  std::string_view path = value == nullptr ? "" : value;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    // What is found from where somebody stands is nobody's tool.
    if (path.front() == '/') folders.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  for (const char* system : {"/usr/sbin", "/sbin"}) {
    if (std::ranges::find(folders, system) == folders.end()) folders.emplace_back(system);
  }
  return folders;
}

LoadTester load_tester_here() {
  return [folders = tool_folders()](const LoadQuestion& question) {
    return question.is_nft
               ? test_load_nft(folders, question.original, question.rewritten, {}, ToolNetwork::own,
                               question.is_json ? NftText::json : NftText::script)
               : test_load(folders, question);
  };
}

LoadTest test_load(const std::vector<std::string>& folders, const LoadQuestion& question,
                   const ToolLimits& limits, ToolNetwork network) {
  const std::string command = question.version == IpVersion::ipv4 ? "iptables" : "ip6tables";
  std::vector<std::string> arguments{"--test"};
  if (question.keeps_old) arguments.emplace_back("--noflush");
  LoadTest test;
  for (const std::string_view backend : {"-legacy", "-nft", ""}) {
    // Whatever it stands for has been asked.
    if (backend.empty() && !test.answers.empty()) break;
    ToolAnswer row;
    row.tool = fmt::format("{}{}-restore", command, backend);
    const auto path = path_of(row.tool, folders);
    if (!path) continue;
    row.version = version_of(run_tool(*path, {"--version"}, {}, ToolNetwork::shared, limits));
    const Asking tool(*path, arguments, limits, network);
    if (auto why_not = ask(tool, question.original, question.rewritten, row)) {
      return {{}, std::move(*why_not)};
    }
    test.answers.push_back(std::move(row));
  }
  if (test.answers.empty()) {
    test.why_not = fmt::format("no {}-restore is installed here", command);
  }
  return test;
}

LoadTest test_load_nft(const std::vector<std::string>& folders,
                       const std::vector<std::string>& original,
                       const std::vector<std::string>& rewritten, const ToolLimits& limits,
                       ToolNetwork network, NftText language) {
  LoadTest test;
  ToolAnswer row;
  row.tool = "nft";
  const auto path = path_of(row.tool, folders);
  if (!path) {
    test.why_not = "no nft is installed here";
    return test;
  }
  row.version = version_of(run_tool(*path, {"--version"}, {}, ToolNetwork::shared, limits));
  const bool is_json = language == NftText::json;
  std::vector<std::string> arguments = {"-c", "-f", "-"};
  if (is_json) arguments.insert(arguments.begin(), "-j");
  const Asking tool(*path, std::move(arguments), limits, network);
  auto why_not = is_json ? ask(tool, original, rewritten, row)
                         : ask(tool, together(original), together(rewritten), row);
  if (why_not) return {{}, std::move(*why_not)};
  test.answers.push_back(std::move(row));
  return test;
}

}  // namespace untrack
