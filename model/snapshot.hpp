// Snapshot: what a host was like when `untrack snapshot` looked, for use elsewhere: its rules as
// texts, settings, modules, addresses and whoever else uses connection tracking. Made by live/,
// written by report/snapshot_json, read again by parser/snapshot, handed to the commands by app/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/live_host.hpp"

namespace untrack {

inline constexpr int snapshot_version = 1;
// The first key of the file, by which it is recognised.
inline constexpr std::string_view snapshot_key = "untrack_snapshot";

// What uses connection tracking, or could, and is in no ruleset.
struct ConntrackUser {
  enum class State : std::uint8_t { used, not_used, not_known };
  std::string what;
  State state = State::not_known;
  std::vector<std::string> details;  // who uses it, or why it is not known
};
[[nodiscard]] std::string_view to_text(ConntrackUser::State state);  // "not_used"

// Names of ConntrackUser::what.
namespace conntrack_user {
inline constexpr std::string_view tc = "tc";
inline constexpr std::string_view ipvs = "IPVS";
inline constexpr std::string_view open_vswitch = "Open vSwitch";
inline constexpr std::string_view namespaces = "other network namespaces";
inline constexpr std::string_view enable_hooks = "the module parameter nf_conntrack.enable_hooks";
}  // namespace conntrack_user

// Names of Snapshot::File::name.
namespace snapshot_file {
inline constexpr std::string_view modules = "/proc/modules";
inline constexpr std::string_view modules_dep = "modules.dep";
inline constexpr std::string_view modules_builtin = "modules.builtin";
inline constexpr std::string_view statistics = "/proc/net/stat/nf_conntrack";
inline constexpr std::string_view netlink_sockets = "/proc/net/netlink";
inline constexpr std::string_view slabs = "/proc/slabinfo";
inline constexpr std::string_view command_line = "/proc/cmdline";
inline constexpr std::string_view modprobe = "/etc/modprobe.d";
inline constexpr std::string_view config = "kernel configuration";
// In the form of that file, also where they came over netlink.
inline constexpr std::string_view entries = "/proc/net/nf_conntrack";
// Once more, behind the entries: the listing has taken the expired ones out.
inline constexpr std::string_view count_behind = "nf_conntrack_count behind the entries";
}  // namespace snapshot_file

struct Snapshot {
  struct Setting {
    std::string name;  // "net.netfilter.nf_conntrack_max", "MemTotal"
    std::string value;
  };
  struct File {
    std::string name;  // of snapshot_file
    std::string text;
    bool is_whole = true;  // false: the lines that matter
  };
  struct Interface {
    std::string name;
    std::string kind;                    // "veth", "bridge"; empty: none is told
    std::vector<std::string> addresses;  // "192.0.2.1/24"
  };
  struct Listener {
    std::string protocol;  // "tcp", "udp"
    std::string address;
    std::uint16_t port = 0;
  };

  std::string kernel;   // uname -r
  std::string machine;  // uname -m
  std::string netns;    // that was asked for; empty: that of the process
  bool is_anonymized = false;
  // False: the kernel loads no modules, all that it has is built in. None: not known.
  std::optional<bool> loads_modules;
  LiveHost rules;                     // without its `unreadable` there is no verdict
  std::vector<Setting> settings;      // by name
  std::vector<Setting> parameters;    // of modules, "nf_conntrack.hashsize"
  std::vector<File> files;            // in the order of snapshot_file
  std::vector<Interface> interfaces;  // in the order of the kernel
  std::vector<Listener> listening;
  std::vector<ConntrackUser> users;
  std::vector<std::string> not_read;  // "/proc/slabinfo: Permission denied"

  [[nodiscard]] const std::string* setting(std::string_view name) const;
  [[nodiscard]] const File* file(std::string_view name) const;
};

}  // namespace untrack
