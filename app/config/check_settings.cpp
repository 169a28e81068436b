#include "app/config/check_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "model/kernel_version.hpp"
#include "model/spelling.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

using Kind = ConfigValue::Kind;

const CheckInfo* check_of(const ConfigKey& key, std::vector<Problem>& problems) {
  const CheckInfo* check = find_check(key.name);
  if (check != nullptr) return check;
  Nearest meant(key.name);
  for (const CheckInfo* each : all_checks()) {
    meant.offer(each->code);
    meant.offer(each->name);
  }
  refuse(problems, key.span, fmt::format("no check: \"{}\"", key.name),
         meant.best().empty() ? "a code or name of a check"
                              : fmt::format("did you mean {}?", meant.best()),
         "untrack checks lists them.");
  return nullptr;
}

bool may_be_lowered(const CheckInfo& check) {
  return !check.code.starts_with("UT9") && check.code != "UT101";
}

// One text or a list of them.
bool is_texts(const ConfigKey& key, std::vector<Problem>& problems) {
  if ((key.value.kind == Kind::text || key.value.kind == Kind::list) && !key.value.words.empty()) {
    return true;
  }
  refuse(problems, key.value.span, fmt::format("no value for {}", key.name),
         "a text or a list of texts, at least one");
  return false;
}

void read_host_key(const ConfigFile& file, const ConfigKey& key, HostInputs& host,
                   std::vector<Problem>& problems) {
  if (key.name == "name" || key.name == "kernel") {
    if (key.value.kind != Kind::text || key.value.words.front().empty()) {
      refuse(problems, key.value.span, fmt::format("no value for {}", key.name), "a text");
    } else if (key.name == "name") {
      host.name = key.value.words.front();
    } else if (!parse_kernel_version(key.value.words.front())) {
      refuse(problems, key.value.span, "no kernel version",
             "as uname -r prints it: \"6.1.0-18-amd64\"");
    } else {
      host.kernel = key.value.words.front();
    }
  } else if (key.name == "rules" || key.name == "sysctl") {
    if (!is_texts(key, problems)) return;
    for (const std::string& word : key.value.words) {
      if (word == "-") {
        refuse(problems, key.value.span, "standard input in a configuration file", "a path");
        return;
      }
      (key.name == "rules" ? host.names : host.sysctl).push_back(path_from(file, word));
    }
  } else {
    Nearest meant(key.name);
    for (const std::string_view known : {"name", "rules", "kernel", "sysctl"}) meant.offer(known);
    refuse(problems, key.span, fmt::format("no key of [[host]]: \"{}\"", key.name),
           meant.best().empty() ? std::string("name, rules, kernel or sysctl")
                                : fmt::format("did you mean {}?", meant.best()));
  }
}

}  // namespace

void refuse(std::vector<Problem>& problems, const Span& span, std::string message,
            std::string label, std::string cure) {
  problems.push_back(
      {ProblemKind::error, span, std::move(message), std::move(label), std::move(cure)});
}

std::vector<CheckSetting> read_check_settings(const ConfigFile& file,
                                              std::vector<Problem>& problems) {
  std::vector<CheckSetting> settings;
  std::map<const CheckInfo*, std::string> seen;
  for (const ConfigTable& table : file.tables) {
    if (table.name != "checks") continue;
    for (const ConfigKey& key : table.keys) {
      const CheckInfo* check = check_of(key, problems);
      if (check == nullptr) continue;
      if (!seen.emplace(check, key.name).second) {
        refuse(problems, key.span, fmt::format("a second value for {}", check->code),
               fmt::format("\"{}\" is the same check", seen[check]));
        continue;
      }
      CheckSetting setting{check, std::nullopt, place_in(file, key.span)};
      const std::string word = key.value.kind == Kind::text ? key.value.words.front() : "";
      for (const Severity severity : {Severity::note, Severity::warning, Severity::error}) {
        if (word == to_text(severity)) setting.severity = severity;
      }
      if (!setting.severity && word != "off") {
        refuse(problems, key.value.span, fmt::format("no severity for {}", check->code),
               "\"error\", \"warning\", \"note\" or \"off\"");
      } else if (!may_be_lowered(*check) &&
                 (!setting.severity || *setting.severity < check->severity)) {
        refuse(problems, key.value.span,
               fmt::format("{} {} cannot be switched off or lowered", check->code, check->name),
               "it says what the verdict does not rest on",
               "What an audit could not read or reason out must stay visible.");
      } else {
        settings.push_back(std::move(setting));
      }
    }
  }
  return settings;
}

std::vector<HostInputs> read_host_settings(const ConfigFile& file, std::vector<Problem>& problems) {
  std::vector<HostInputs> hosts;
  for (const ConfigTable& table : file.tables) {
    if (table.name != "host") continue;
    HostInputs host;
    for (const ConfigKey& key : table.keys) read_host_key(file, key, host, problems);
    if (host.name.empty() || host.names.empty()) {
      refuse(problems, table.span, "a host without name or rules",
             "name = \"web\" and rules = [\"web/rules.v4\", \"web/rules.v6\"]");
    } else if (std::ranges::find(hosts, host.name, &HostInputs::name) != hosts.end()) {
      refuse(problems, table.span, fmt::format("a second host \"{}\"", host.name),
             "names are given once");
    }
    hosts.push_back(std::move(host));
  }
  return hosts;
}

std::string place_in(const ConfigFile& file, const Span& span) {
  return fmt::format("{}:{}", file.path, file.sources.locate(span).line);
}

std::string path_from(const ConfigFile& file, const std::string& path) {
  const std::filesystem::path whole = std::filesystem::path(file.path).parent_path() / path;
  return whole.lexically_normal().string();
}

}  // namespace untrack
