#include "live/kernel_parts.hpp"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace untrack::live {
namespace {

std::optional<std::string> built_in_modules() {
  utsname kernel{};
  if (uname(&kernel) != 0) return std::nullopt;
  int error = 0;
  return read_proc(fmt::format("/lib/modules/{}/modules.builtin", kernel.release), error);
}

}  // namespace

bool has_line(std::string_view text, std::string_view beginning) {
  return text.starts_with(beginning) || text.find(fmt::format("\n{}", beginning)) != text.npos;
}

std::optional<std::string> read_proc(const std::string& path, int& error) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) {
    error = errno;
    return std::nullopt;
  }
  std::string text;
  char part[65536];
  std::size_t count = 0;
  while ((count = std::fread(part, 1, sizeof part, file.get())) > 0) text.append(part, count);
  if (std::ferror(file.get()) != 0) {
    error = errno;
    return std::nullopt;
  }
  error = 0;
  return text;
}

Presence presence_of(std::string_view module, std::string_view symbol) {
  int error = 0;
  const auto loaded = read_proc("/proc/modules", error);
  const bool loads_modules = loaded || error != ENOENT;
  if (loads_modules && !loaded) return Presence::not_known;
  if (loaded && has_line(*loaded, fmt::format("{} ", module))) return Presence::present;
  if (const auto built_in = loads_modules ? built_in_modules() : std::nullopt) {
    return built_in->find(fmt::format("/{}.ko", module)) != std::string::npos ? Presence::present
                                                                              : Presence::absent;
  }
  const auto symbols = read_proc("/proc/kallsyms", error);
  if (!symbols || symbols->empty()) return loads_modules ? Presence::not_known : Presence::present;
  return symbols->find(fmt::format(" {}\n", symbol)) != std::string::npos ? Presence::present
                                                                          : Presence::absent;
}

bool may_read_netfilter() {
  int error = 0;
  const auto status = read_proc("/proc/self/status", error);
  constexpr std::string_view label = "CapEff:";
  const std::size_t at = status ? status->find(label) : std::string::npos;
  if (at == std::string::npos) return false;
  const auto effective = std::strtoull(status->c_str() + at + label.size(), nullptr, 16);
  return (effective >> CAP_NET_ADMIN & 1) != 0;
}

}  // namespace untrack::live
