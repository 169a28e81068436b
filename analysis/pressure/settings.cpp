#include "analysis/pressure/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "model/trimmed.hpp"

namespace untrack {
namespace {

constexpr std::string_view blanks = " \t\r";

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::optional<Quantity>* slot_of(std::string_view setting, HostSettings& host) {
  if (setting == "max") return &host.max;
  if (setting == "buckets") return &host.buckets;
  if (setting == "count") return &host.count;
  if (setting == "acct") return &host.extension.acct;
  if (setting == "timestamp") return &host.extension.timestamp;
  if (setting == "events") return &host.extension.events;
  for (const TimeoutRow& row : timeout_rows()) {
    if (row.name == setting) return &host.timeouts[static_cast<std::size_t>(row.timeout)];
  }
  return nullptr;
}

Problem not_understood(const Span& span, std::string message, std::string label) {
  Problem problem;
  problem.kind = ProblemKind::not_understood;
  problem.span = span;
  problem.message = std::move(message);
  problem.label = std::move(label);
  return problem;
}

// The words of an `options` line of modprobe.d(5).
Taken take_options(std::string_view rest, const Source& source, HostSettings& host,
                   std::vector<GivenSetting>* given) {
  rest = trimmed(rest);
  const std::size_t blank = rest.find_first_of(blanks);
  const std::string_view module = rest.substr(0, blank);
  if (module != "nf_conntrack" && module != "ip_conntrack") return Taken::not_used;
  Taken taken = Taken::not_used;
  while (blank != std::string_view::npos && !rest.empty()) {
    const std::size_t end = rest.find_first_of(blanks);
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : trimmed(rest.substr(end));
    constexpr std::string_view key = "hashsize=";
    if (!word.starts_with(key)) continue;
    const auto value = whole_number(word.substr(key.size()));
    if (!value || *value == 0) return Taken::not_a_value;
    host.hashsize = Quantity{*value, source};
    if (given != nullptr) given->push_back({"hashsize", "hashsize", *value, {}});
    ++host.taken;
    taken = Taken::used;
  }
  return taken;
}

std::string_view leaf_of(std::string_view name) {
  const std::size_t last = name.find_last_of("./");
  return last == std::string_view::npos ? name : name.substr(last + 1);
}

// "#1 SMP PREEMPT_DYNAMIC Debian 6.1.158-1 (2025-11-09)": the update that a kernel of Debian is,
// which its release ("6.1.0-41-amd64") does not tell.
std::optional<KernelVersion> debian_update(std::string_view text) {
  constexpr std::string_view vendor = " Debian ";
  const std::size_t at = text.find(vendor);
  return at == std::string_view::npos ? std::nullopt
                                      : parse_kernel_version(text.substr(at + vendor.size()));
}

// The later counts, but for a release like Debian's, whose third number is 0 whatever the update.
void take_kernel(const KernelVersion& version, const Source& source, HostSettings& host) {
  const bool tells_less = host.kernel && version.patch == 0 && host.kernel->patch != 0 &&
                          host.kernel->major == version.major &&
                          host.kernel->minor == version.minor;
  if (tells_less) return;
  host.kernel = version;
  host.kernel_source = source;
}

bool has_old_name(std::string_view name) { return leaf_of(name).starts_with("ip_conntrack_"); }

}  // namespace

std::string_view conntrack_setting(std::string_view name) {
  const std::string_view leaf = leaf_of(name);
  for (const std::string_view prefix : {"nf_conntrack_", "ip_conntrack_"}) {
    if (leaf.starts_with(prefix)) return leaf.substr(prefix.size());
  }
  return {};
}

Taken take_setting(std::string_view name, std::string_view value, const Source& source,
                   HostSettings& host) {
  name = trimmed(name);
  value = trimmed(value);
  if (name == "kernel.osrelease" || name == "kernel/osrelease") {
    const auto version = parse_kernel_version(value);
    if (!version) return Taken::not_a_value;
    host.is_el7 = is_el7_release(value);
    take_kernel(*version, source, host);
    ++host.taken;
    return Taken::used;
  }
  if (name == "kernel.version" || name == "kernel/version") {
    const auto update = debian_update(value);
    const bool is_of_another_series =
        update && host.kernel &&
        (update->major != host.kernel->major || update->minor != host.kernel->minor);
    if (!update || is_of_another_series) return Taken::not_used;
    take_kernel(*update, source, host);
    ++host.taken;
    return Taken::used;
  }
  if (name == "MemTotal") {
    if (!value.ends_with("kB")) return Taken::not_a_value;
    const auto kilobytes = whole_number(trimmed(value.substr(0, value.size() - 2)));
    if (!kilobytes || *kilobytes > (1ULL << 50)) return Taken::not_a_value;
    host.ram = Quantity{*kilobytes * 1024, source};
    ++host.taken;
    return Taken::used;
  }
  const std::string_view setting = conntrack_setting(name);
  std::optional<Quantity>* const slot = setting.empty() ? nullptr : slot_of(setting, host);
  if (slot == nullptr) return Taken::not_used;
  const auto number = whole_number(value);
  if (!number || *number > 0xffffffffULL) return Taken::not_a_value;
  if (has_old_name(name)) {
    if (host.by_new_name.contains(setting)) return Taken::not_used;
  } else {
    host.by_new_name.emplace(setting);
  }
  *slot = Quantity{*number, source};
  ++host.taken;
  return Taken::used;
}

void take_settings(const SourceText& source, SourceId id, HostSettings& host,
                   std::vector<Problem>& problems, std::vector<GivenSetting>* given) {
  const std::string_view text = source.text();
  if (text.find('\0') != std::string_view::npos) {
    const auto end = static_cast<std::uint32_t>(std::min(text.find('\n'), text.size()));
    problems.push_back(not_understood({id, 0, end}, "the settings are not text",
                                      "expected lines NAME = VALUE, as sysctl -a prints"));
    return;
  }
  std::size_t begin = 0;
  for (std::size_t line_number = 1; begin < text.size(); ++line_number) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view line = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const auto offset = static_cast<std::uint32_t>(line.data() - text.data());
    const Span span{id, offset, offset + static_cast<std::uint32_t>(line.size())};
    const Source origin{Origin::given, fmt::format("{}:{}", source.path(), line_number)};

    if (line.starts_with("options ") || line.starts_with("options\t")) {
      const std::size_t before = given == nullptr ? 0 : given->size();
      if (take_options(line.substr(8), origin, host, given) == Taken::not_a_value) {
        problems.push_back(
            not_understood(span, "hashsize is not a number", "expected hashsize=NUMBER"));
      }
      if (given != nullptr) {
        for (GivenSetting& setting : std::span(*given).subspan(before)) setting.span = span;
      }
      continue;
    }
    const std::size_t separator = line.find_first_of("=:");
    // sysctl(8) complains on standard error, which dumps often contain. Of a conntrack setting that
    // would be one that is missing.
    const bool is_complaint = line.starts_with("sysctl: ");
    if (is_complaint && line.find("conntrack") == std::string_view::npos) continue;
    if (is_complaint || separator == std::string_view::npos) {
      problems.push_back(not_understood(
          span, fmt::format("not a setting: \"{}\"", line.substr(0, 60)), "expected NAME = VALUE"));
      continue;
    }
    std::string_view name = trimmed(line.substr(0, separator));
    if (name.starts_with('-')) name.remove_prefix(1);  // sysctl.d(5): errors are to be ignored
    const std::string_view value = trimmed(line.substr(separator + 1));
    const Taken taken = take_setting(name, value, origin, host);
    const std::string_view key = conntrack_setting(name);
    const auto number = whole_number(value);
    if (given != nullptr && !key.empty() && number) {
      const bool is_old = has_old_name(name);
      given->push_back({std::string(name), std::string(key), *number, span, is_old,
                        is_old && host.by_new_name.contains(key)});
    }
    if (taken == Taken::not_a_value) {
      problems.push_back(
          not_understood(span, fmt::format("not a value of {}: \"{}\"", name, value.substr(0, 60)),
                         name == "MemTotal"           ? "expected a number and kB"
                         : name == "kernel.osrelease" ? "expected a kernel version such as 6.1.0"
                                                      : "expected a whole number"));
    }
  }
}

}  // namespace untrack
