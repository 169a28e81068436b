#include "app/files/read_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <optional>

#include "app/files/read_stream.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> slurp(const fs::path& path, std::string& why) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    why = std::strerror(EISDIR);
    return std::nullopt;
  }
  if (fs::is_regular_file(path, error) && fs::file_size(path, error) > largest_input) {
    why = too_large_input;
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::optional<std::string> text;
  if (stream) text = read_stream(stream);
  if (stream.bad() || (!stream && !stream.eof())) {
    why = std::strerror(errno == 0 ? EIO : errno);
    return std::nullopt;
  }
  if (!text) why = too_large_input;
  return text;
}

// Whether the kernel of the snapshot has it now; true where that is not known.
bool has_conntrack(const Snapshot& snapshot) {
  // A kernel without modules may have it built in, and hide it from this namespace.
  const Snapshot::File* modules = snapshot.file(snapshot_file::modules);
  if (modules == nullptr || !snapshot.parameters.empty()) return true;
  return modules->text.find("_conntrack ") != std::string::npos;
}

// Sorted, so that the result does not depend on the file system.
std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// One file that holds one value; its name below /proc/sys is the sysctl's.
bool take_file(const fs::path& path, std::string name, Origin origin, PressureRequest& request) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  std::string why;
  std::optional<std::string> value = slurp(path, why);
  if (!value) {
    request.notes.push_back(fmt::format("{} cannot be read: {}", path.string(), why));
    return false;
  }
  while (!value->empty() && (value->back() == '\n' || value->back() == ' ')) value->pop_back();
  request.single_settings.push_back({std::move(name), std::move(*value), {origin, path.string()}});
  return true;
}

void read_sys(const fs::path& sys, Origin origin, PressureRequest& request) {
  take_file(sys / "kernel/osrelease", "kernel.osrelease", origin, request);
  take_file(sys / "kernel/version", "kernel.version", origin, request);
  bool has_max = false;
  // The old names first: where both are there, the new ones are the kernel's own.
  for (const char* directory : {"net/ipv4/netfilter", "net/ipv4", "net/netfilter"}) {
    for (const fs::path& file : files_of(sys / directory)) {
      const std::string leaf = file.filename().string();
      if (conntrack_setting(leaf).empty()) continue;
      const bool taken = take_file(file, leaf, origin, request);
      has_max = has_max || (taken && conntrack_setting(leaf) == "max");
    }
  }
  // A module that is loaded, or built in and has parameters, has a folder of this name.
  std::error_code error;
  const fs::path modules("/sys/module");
  if (!has_max && origin == Origin::measured && fs::exists(modules, error) &&
      !fs::exists(modules / "nf_conntrack", error) &&
      !fs::exists(modules / "ip_conntrack", error)) {
    request.has_no_table = true;
    request.notes.emplace_back(
        "nf_conntrack is not loaded; the defaults that it would have stand in");
  } else if (!has_max) {
    request.notes.push_back(
        fmt::format("{} has no nf_conntrack_max: the module is not loaded, or not visible from "
                    "here, and its defaults stand in",
                    (sys / "net/netfilter").string()));
  }
}

}  // namespace

void read_proc(const std::string& root, Origin origin, PressureRequest& request) {
  read_sys(fs::path(root) / "sys", origin, request);
  std::string why;
  const auto read_file_of_host = [&](const char* name) -> std::optional<PressureRequest::HostFile> {
    const fs::path path = fs::path(root) / name;
    auto text = slurp(path, why);
    if (!text) return std::nullopt;  // a kernel without it, or not for this user
    return PressureRequest::HostFile{path.string(), std::move(*text), origin};
  };
  request.statistics = read_file_of_host("net/stat/nf_conntrack");
  request.slabs = read_file_of_host("slabinfo");
  request.sockets = read_file_of_host("net/netlink");
  const fs::path meminfo = fs::path(root) / "meminfo";
  if (const auto text = slurp(meminfo, why)) {
    std::string_view rest = *text;
    constexpr std::string_view key = "MemTotal:";
    const std::size_t at = rest.find(key);
    if (at != std::string_view::npos) {
      rest = rest.substr(at + key.size());
      request.single_settings.push_back(
          {"MemTotal", std::string(rest.substr(0, rest.find('\n'))), {origin, meminfo.string()}});
    }
  }
}

std::string read_settings(const std::string& path, std::istream& standard_input,
                          PressureRequest& request) {
  std::error_code error;
  const fs::path root(path);
  if (path == "-" || !fs::is_directory(root, error)) {
    std::vector<std::string> errors;
    std::string text = read_text(path, standard_input, errors);
    if (!errors.empty()) return errors.front();
    request.settings.push_back({path, std::move(text)});
    return {};
  }
  if (fs::is_directory(root / "sys/net", error)) {
    read_proc(path, Origin::given, request);
    return {};
  }
  if (fs::is_directory(root / "net", error)) {
    read_sys(root, Origin::given, request);
    return {};
  }
  bool found = false;
  for (const fs::path& file : files_of(root)) {
    if (file.extension() != ".conf") continue;
    std::string why;
    std::optional<std::string> text = slurp(file, why);
    if (!text) return fmt::format("{}: {}", file.string(), why);
    request.settings.push_back({file.string(), std::move(*text)});
    found = true;
  }
  if (found) return {};
  return fmt::format("{}: neither a copy of /proc or /proc/sys nor a directory with .conf files",
                     path);
}

std::string read_text(const std::string& path, std::istream& standard_input,
                      std::vector<std::string>& errors) {
  std::string why(too_large_input);
  if (auto text = path == "-" ? read_stream(standard_input) : slurp(path, why)) {
    return std::move(*text);
  }
  errors.push_back(fmt::format("{}: {}", path, why));
  return {};
}

void take_settings_of(const NamedSnapshot& named, PressureRequest& request) {
  const Origin origin = named.is_live ? Origin::measured : Origin::given;
  const auto take = [&](const std::string& name, const std::string& value) {
    request.single_settings.push_back(
        {name, value, {origin, fmt::format("{}:{}", named.path, name)}});
  };
  take("kernel.osrelease", named.snapshot.kernel);
  for (const Snapshot::Setting& setting : named.snapshot.settings)
    take(setting.name, setting.value);
  const auto take_file = [&](std::string_view name,
                             std::optional<PressureRequest::HostFile>& into) {
    const Snapshot::File* file = named.snapshot.file(name);
    if (file != nullptr) {
      into = PressureRequest::HostFile{fmt::format("{}:{}", named.path, name), file->text, origin};
    }
  };
  take_file(snapshot_file::statistics, request.statistics);
  take_file(snapshot_file::slabs, request.slabs);
  take_file(snapshot_file::netlink_sockets, request.sockets);
  if (!request.users) request.users.emplace();
  request.users->insert(request.users->end(), named.snapshot.users.begin(),
                        named.snapshot.users.end());
  if (named.snapshot.setting("net.netfilter.nf_conntrack_max") != nullptr) return;
  request.has_no_table = !has_conntrack(named.snapshot);
  if (!named.is_live) return;
  request.notes.emplace_back(
      request.has_no_table
          ? "nf_conntrack is not loaded; the defaults that it would have stand in"
          : "this network namespace shows no nf_conntrack_max; the kernel's defaults stand in");
}

}  // namespace untrack
