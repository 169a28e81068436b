#include "live/host_files.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>

#include "live/kernel_parts.hpp"

namespace untrack::live {
namespace {

namespace fs = std::filesystem;

bool has(std::string_view line, std::string_view word) {
  return line.find(word) != std::string_view::npos;
}

std::string lines_with(std::string_view text, const std::function<bool(std::string_view)>& wanted) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!wanted(line)) continue;
    lines += line;
    lines += '\n';
  }
  return lines;
}

// Reads the file, or tells why not.
std::optional<std::string> read_or_tell(const std::string& path, Snapshot& snapshot) {
  int error = 0;
  auto text = read_proc(path, error);
  if (!text) snapshot.not_read.push_back(fmt::format("{}: {}", path, std::strerror(error)));
  return text;
}

// A module that uses one of these names it in its line: the list is transitive (modules.dep(5)).
bool is_about_conntrack(std::string_view line) {
  return has(line, "conntrack") || has(line, "nf_defrag") || has(line, "nf_nat");
}

void add_modules(Snapshot& snapshot) {
  int error = 0;
  if (auto loaded = read_proc("/proc/modules", error)) {
    snapshot.loads_modules = true;
    snapshot.files.push_back({std::string(snapshot_file::modules), std::move(*loaded), true});
  } else if (error == ENOENT) {
    snapshot.loads_modules = false;
    return;
  } else {
    snapshot.not_read.push_back(fmt::format("/proc/modules: {}", std::strerror(error)));
  }
  const std::string folder = fmt::format("/lib/modules/{}/", snapshot.kernel);
  if (auto text = read_or_tell(folder + "modules.dep", snapshot)) {
    snapshot.files.push_back(
        {std::string(snapshot_file::modules_dep), lines_with(*text, is_about_conntrack), false});
  }
  if (auto text = read_or_tell(folder + "modules.builtin", snapshot)) {
    snapshot.files.push_back({std::string(snapshot_file::modules_builtin),
                              lines_with(*text, [](auto line) { return has(line, "/net/"); }),
                              false});
  }
}

void add_slabs(Snapshot& snapshot) {
  if (auto text = read_or_tell("/proc/slabinfo", snapshot)) {
    snapshot.files.push_back({std::string(snapshot_file::slabs),
                              lines_with(*text,
                                         [](auto line) {
                                           return line.starts_with("slabinfo") ||
                                                  line.starts_with("#") ||
                                                  line.starts_with("nf_conntrack");
                                         }),
                              false});
  }
}

// Words of the command line about conntrack alone: the others may be secrets.
std::string command_line_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (has(word, "conntrack") || has(word, "nf_nat")) words += fmt::format("{}\n", word);
  }
  return words;
}

std::vector<fs::path> sorted_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

std::string modprobe_lines(Snapshot& snapshot) {
  std::string lines;
  // Where modprobe.d(5) looks.
  for (const char* folder : {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d",
                             "/usr/lib/modprobe.d", "/lib/modprobe.d"}) {
    std::error_code error;
    // /lib is /usr/lib on most hosts.
    if (std::string_view(folder) == "/lib/modprobe.d" && fs::is_symlink("/lib", error)) continue;
    for (const fs::path& path : sorted_files(folder)) {
      if (path.extension() != ".conf") continue;
      const auto text = read_or_tell(path.string(), snapshot);
      if (!text) continue;
      lines += lines_with(*text, [](std::string_view line) {
        const std::size_t begin = line.find_first_not_of(" \t");
        return begin != std::string_view::npos && line[begin] != '#' && is_about_conntrack(line);
      });
    }
  }
  return lines;
}

bool sets_enable_hooks(std::string_view text) {
  return has(text, "enable_hooks=1") || has(text, "enable_hooks=Y") ||
         has(text, "enable_hooks=y") || has(text, "enable_hooks\n") || has(text, "enable_hooks ");
}

// The parameter cannot be read (its mode is 0); whoever loads the module sets it.
void add_enable_hooks(Snapshot& snapshot, const std::optional<std::string>& command_line,
                      const std::string& modprobe) {
  ConntrackUser user{std::string(conntrack_user::enable_hooks), ConntrackUser::State::not_used, {}};
  if (command_line && sets_enable_hooks(*command_line)) {
    user.state = ConntrackUser::State::used;
    user.details.emplace_back("the kernel's command line sets it");
  }
  if (sets_enable_hooks(modprobe)) {
    user.state = ConntrackUser::State::used;
    user.details.emplace_back("modprobe.d sets it");
  }
  if (user.state == ConntrackUser::State::not_used && !command_line) {
    user.state = ConntrackUser::State::not_known;
    user.details.emplace_back("/proc/cmdline cannot be read");
  }
  if (user.state == ConntrackUser::State::not_used) {
    user.details.emplace_back("neither the kernel's command line nor modprobe.d sets it");
  }
  snapshot.users.push_back(std::move(user));
}

void add_parameters(Snapshot& snapshot) {
  for (const fs::path& path : sorted_files("/sys/module/nf_conntrack/parameters")) {
    int error = 0;
    auto value = read_proc(path.string(), error);
    const std::string name = "nf_conntrack." + path.filename().string();
    if (!value) {
      snapshot.not_read.push_back(fmt::format("{}: {}", path.string(), std::strerror(error)));
      continue;
    }
    while (!value->empty() && value->back() == '\n') value->pop_back();
    snapshot.parameters.push_back({name, std::move(*value)});
  }
}

void add_config(Snapshot& snapshot) {
  constexpr std::array<std::string_view, 8> wanted = {
      "CONFIG_MODULES=",    "CONFIG_MODULE_UNLOAD=",   "CONFIG_NF_CONNTRACK",
      "CONFIG_NF_NAT",      "CONFIG_NET_ACT_CT=",      "CONFIG_IP_VS",
      "CONFIG_OPENVSWITCH", "CONFIG_BRIDGE_NETFILTER="};
  if (auto text = read_or_tell(fmt::format("/boot/config-{}", snapshot.kernel), snapshot)) {
    const auto matters = [&](std::string_view line) {
      return std::ranges::any_of(wanted, [&](auto word) { return line.starts_with(word); });
    };
    snapshot.files.push_back(
        {std::string(snapshot_file::config), lines_with(*text, matters), false});
  }
}

}  // namespace

void add_host_files(Snapshot& snapshot) {
  utsname kernel{};
  if (uname(&kernel) == 0) {
    snapshot.kernel = kernel.release;
    snapshot.machine = kernel.machine;
  }
  if (const auto memory = read_or_tell("/proc/meminfo", snapshot)) {
    constexpr std::string_view key = "MemTotal:";
    const std::size_t at = memory->find(key);
    if (at != std::string::npos) {
      std::string value = memory->substr(at + key.size());
      value.resize(value.find('\n') == std::string::npos ? value.size() : value.find('\n'));
      value.erase(0, value.find_first_not_of(' '));
      snapshot.settings.push_back({"MemTotal", std::move(value)});
    }
  }
  add_modules(snapshot);
  add_slabs(snapshot);
  auto command_line = read_or_tell("/proc/cmdline", snapshot);
  if (command_line) {
    command_line = command_line_words(*command_line);
    snapshot.files.push_back({std::string(snapshot_file::command_line), *command_line, false});
  }
  std::string modprobe = modprobe_lines(snapshot);
  add_enable_hooks(snapshot, command_line, modprobe);
  snapshot.files.push_back({std::string(snapshot_file::modprobe), std::move(modprobe), false});
  add_config(snapshot);
  add_parameters(snapshot);
}

}  // namespace untrack::live
