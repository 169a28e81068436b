#include "live/snapshot.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "live/child.hpp"
#include "live/entries.hpp"
#include "live/host_files.hpp"
#include "live/kernel_parts.hpp"
#include "live/links.hpp"
#include "live/listeners.hpp"
#include "live/read.hpp"
#include "live/records.hpp"
#include "live/table_reading.hpp"

namespace untrack::live {
namespace {

namespace fs = std::filesystem;

// Folders below /proc/sys of which every setting is taken.
constexpr std::array sysctl_folders = {"net/netfilter", "net/ipv4/netfilter"};
// Settings that matter beside: how many flows a host begins and takes, and what it forwards.
constexpr std::array sysctl_files = {
    "kernel/modules_disabled",
    "kernel/osrelease",
    "kernel/version",
    "net/bridge/bridge-nf-call-arptables",
    "net/bridge/bridge-nf-call-ip6tables",
    "net/bridge/bridge-nf-call-iptables",
    "net/core/netdev_max_backlog",
    "net/core/somaxconn",
    "net/ipv4/conf/all/route_localnet",
    "net/ipv4/conf/all/rp_filter",
    "net/ipv4/ip_conntrack_max",
    "net/ipv4/ip_forward",
    "net/ipv4/ip_local_port_range",
    "net/ipv4/ip_local_reserved_ports",
    "net/ipv4/ip_nonlocal_bind",
    "net/ipv4/ipfrag_high_thresh",
    "net/ipv4/ipfrag_time",
    "net/ipv4/tcp_fin_timeout",
    "net/ipv4/tcp_max_syn_backlog",
    "net/ipv4/tcp_syncookies",
    "net/ipv4/tcp_tw_reuse",
    "net/ipv4/vs/conntrack",
    "net/ipv6/conf/all/forwarding",
    "net/nf_conntrack_max",
};
// Actions of tc that look at conntrack (act_ct.c, act_ctinfo.c, act_connmark.c, 6.1). Only the
// first tracks by itself.
constexpr std::array tc_kinds = {"ct", "ctinfo", "connmark"};

constexpr const char* statistics_path = "/proc/net/stat/nf_conntrack";
constexpr const char* netlink_path = "/proc/net/netlink";
constexpr const char* ipvs_path = "/proc/net/ip_vs";
constexpr const char* count_path = "/proc/sys/net/netfilter/nf_conntrack_count";
constexpr std::string_view failed = "!";  // begins the name of what could not be read

// For the parent: the file's text under its path, or why not.
void print_file(const std::string& path, bool is_wanted = false) {
  int error = 0;
  if (const auto text = read_proc(path, error)) {
    print_record(path, *text);
  } else if (error != ENOENT || is_wanted) {
    print_record(std::string(failed) + path, std::strerror(error));
  }
}

// The head, and the sockets of netfilter: who listens to its events. Not the others.
std::string netfilter_sockets(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t gap = line.find(' ');
    const std::size_t protocol = line.find_first_not_of(' ', gap);
    const bool is_netfilter =
        protocol != std::string_view::npos && line.substr(protocol).starts_with("12 ");
    if (lines.empty() || is_netfilter) lines += fmt::format("{}\n", line);
  }
  return lines;
}

bool print_sysctls() {
  for (const char* folder : sysctl_folders) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(fs::path("/proc/sys") / folder, error), end;
         !error && entry != end; entry.increment(error)) {
      std::error_code ignored;
      if (entry->is_regular_file(ignored)) files.push_back(entry->path());
    }
    for (const fs::path& file : files) print_file(file.string());
  }
  for (const char* file : sysctl_files) print_file(fmt::format("/proc/sys/{}", file));
  return true;
}

class Collector {
 public:
  explicit Collector(const std::string& netns) : where_(namespace_of(netns)) {
    snapshot_.netns = netns;
  }

  Snapshot collect(bool with_entries);

 private:
  void add_sysctls();
  void add_statistics(bool with_entries);
  void add_links();
  void add_tc();
  void add_ipvs(const std::string* services, const std::string& why_not);
  void add_namespaces();
  void tell(std::string_view what, std::string_view why) {
    snapshot_.not_read.push_back(fmt::format("{}: {}", what, why));
  }

  Namespace where_;
  Snapshot snapshot_;
};

void Collector::add_sysctls() {
  const ChildResult read = in_child(where_, print_sysctls);
  if (!read.is_done) tell("/proc/sys", read.err);
  each_record(read.out, [&](std::string name, std::string value) {
    if (name.starts_with(failed)) {
      tell(name.substr(failed.size()), value);
      return;
    }
    name.erase(0, std::strlen("/proc/sys/"));
    std::ranges::replace(name, '/', '.');
    while (!value.empty() && (value.back() == '\n' || value.back() == ' ')) value.pop_back();
    snapshot_.settings.push_back({std::move(name), std::move(value)});
  });
  std::ranges::sort(snapshot_.settings, {}, &Snapshot::Setting::name);
}

void Collector::add_statistics(bool with_entries) {
  const ChildResult read = in_child(where_, [&] {
    print_file(statistics_path, true);
    print_file(netlink_path);
    print_file(ipvs_path);
    for (const ListenerFile& file : listener_files()) print_file(file.path);
    return true;
  });
  if (!read.is_done) tell("/proc/net", read.err);
  std::string why_no_ipvs = read.is_done ? "" : read.err;
  std::optional<std::string> ipvs;
  each_record(read.out, [&](std::string name, std::string value) {
    if (name == std::string(failed) + ipvs_path) why_no_ipvs = value;
    if (name.starts_with(failed)) {
      tell(name.substr(failed.size()), value);
    } else if (name == ipvs_path) {
      ipvs = std::move(value);
    } else if (name == netlink_path) {
      snapshot_.files.push_back({std::move(name), netfilter_sockets(value), true});
    } else if (name == statistics_path) {
      snapshot_.files.push_back({std::move(name), std::move(value), true});
    } else {
      for (const ListenerFile& file : listener_files()) {
        if (name == file.path) {
          std::ranges::move(listeners_of(file, value), std::back_inserter(snapshot_.listening));
        }
      }
    }
  });
  add_ipvs(ipvs ? &*ipvs : nullptr, why_no_ipvs);
  if (!with_entries) return;
  EntriesRead entries = read_entries(where_);
  if (entries.is_done) {
    snapshot_.files.push_back({std::string(snapshot_file::entries), std::move(entries.text), true});
    if (auto count = read_table(snapshot_.netns).count) {
      snapshot_.files.push_back(
          {std::string(snapshot_file::count_behind), std::move(*count), true});
    }
  } else {
    snapshot_.not_read.push_back(std::move(entries.why_not));
  }
}

void Collector::add_ipvs(const std::string* services, const std::string& why_not) {
  ConntrackUser user{std::string(conntrack_user::ipvs), ConntrackUser::State::not_used, {}};
  if (services != nullptr) {
    std::size_t count = 0;
    std::istringstream lines(*services);
    for (std::string line; std::getline(lines, line);) {
      count += line.starts_with("TCP ") || line.starts_with("UDP ") || line.starts_with("SCTP") ||
                       line.starts_with("FWM ")
                   ? 1U
                   : 0U;
    }
    if (count > 0) user.state = ConntrackUser::State::used;
    user.details.push_back(fmt::format("virtual services: {}", count));
  } else if (!why_not.empty()) {
    user.state = ConntrackUser::State::not_known;
    user.details.push_back(why_not);
  } else {
    user.details.emplace_back("the kernel has none: there is no /proc/net/ip_vs");
  }
  snapshot_.users.push_back(std::move(user));
}

void Collector::add_links() {
  ConntrackUser ovs{std::string(conntrack_user::open_vswitch), ConntrackUser::State::not_used, {}};
  const ChildResult read = in_child(where_, print_links);
  if (!read.is_done) {
    tell("interfaces", read.err);
    ovs.state = ConntrackUser::State::not_known;
    ovs.details.push_back(read.err);
  }
  std::map<int, std::size_t> places;
  std::istringstream lines(read.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string what;
    std::string name;
    std::string kind;
    int number = 0;
    words >> what >> number >> name >> kind;
    if (what == "link") {
      places[number] = snapshot_.interfaces.size();
      snapshot_.interfaces.push_back({name, kind == "-" ? "" : kind, {}});
      if (kind != "openvswitch") continue;
      ovs.state = ConntrackUser::State::used;
      ovs.details.push_back(name);
    } else if (places.contains(number)) {
      snapshot_.interfaces[places[number]].addresses.push_back(name);
    }
  }
  snapshot_.users.push_back(std::move(ovs));
}

void Collector::add_tc() {
  ConntrackUser user{std::string(conntrack_user::tc), ConntrackUser::State::not_used, {}};
  for (const char* kind : tc_kinds) {
    const ChildResult read = in_child(where_, [&] { return print_tc_actions(kind); });
    if (!read.is_done) {
      if (user.state == ConntrackUser::State::not_used)
        user.state = ConntrackUser::State::not_known;
      user.details.push_back(fmt::format("{}: {}", kind, read.err));
    } else if (read.out != "0") {
      user.state = ConntrackUser::State::used;
      user.details.push_back(fmt::format("actions of the kind {}: {}", kind, read.out));
    }
  }
  snapshot_.users.push_back(std::move(user));
}

// A network namespace other than the one that is looked at, once each.
struct OtherNamespace {
  std::string path;
  std::string name;  // of ip netns, else "process N"
};

std::vector<OtherNamespace> other_namespaces(const Namespace& where) {
  const auto identity = [](const std::string& path) {
    struct stat found {};
    return stat(path.c_str(), &found) == 0 ? std::pair{found.st_dev, found.st_ino}
                                           : std::pair{dev_t{}, ino_t{}};
  };
  std::set<std::pair<dev_t, ino_t>> known = {
      {dev_t{}, ino_t{}}, identity(where.path.empty() ? "/proc/self/ns/net" : where.path)};
  std::vector<OtherNamespace> others;
  const auto add = [&](const std::string& path, const std::string& name) {
    if (known.insert(identity(path)).second) others.push_back({path, name});
  };
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry("/run/netns", error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  for (const std::string& name : names) add("/run/netns/" + name, name);
  std::vector<int> processes;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    int number = 0;
    const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (wrong == std::errc() && rest == name.data() + name.size()) processes.push_back(number);
  }
  std::ranges::sort(processes);
  for (const int number : processes) {
    add(fmt::format("/proc/{}/ns/net", number), fmt::format("process {}", number));
  }
  return others;
}

void Collector::add_namespaces() {
  ConntrackUser user{std::string(conntrack_user::namespaces), ConntrackUser::State::not_used, {}};
  const std::vector<OtherNamespace> others = other_namespaces(where_);
  for (const OtherNamespace& other : others) {
    const ChildResult read = in_child({other.path}, [] {
      print_file(count_path);
      return true;
    });
    std::string count;
    each_record(read.out, [&](const std::string& name, const std::string& value) {
      if (name == count_path) count = value.substr(0, value.find('\n'));
    });
    if (!read.is_done || count.empty()) {
      if (user.state == ConntrackUser::State::not_used)
        user.state = ConntrackUser::State::not_known;
      user.details.push_back(fmt::format(
          "{}: {}", other.name, read.is_done ? "its entries cannot be counted" : read.err));
    } else if (count != "0") {
      user.state = ConntrackUser::State::used;
      user.details.push_back(fmt::format("{}: {} entries", other.name, count));
    }
  }
  // Rules that track may be there, without an entry at the moment.
  if (user.state == ConntrackUser::State::not_used && !others.empty()) {
    user.state = ConntrackUser::State::not_known;
    user.details.push_back(fmt::format(
        "{} of them, none with an entry now; their rules were not read", others.size()));
  }
  snapshot_.users.push_back(std::move(user));
}

Snapshot Collector::collect(bool with_entries) {
  snapshot_.rules = read_live_host(snapshot_.netns);
  add_host_files(snapshot_);
  add_sysctls();
  add_statistics(with_entries);
  add_links();
  add_tc();
  add_namespaces();
  return std::move(snapshot_);
}

}  // namespace

Snapshot read_live_snapshot(const std::string& netns, bool with_entries) {
  return Collector(netns).collect(with_entries);
}

}  // namespace untrack::live
