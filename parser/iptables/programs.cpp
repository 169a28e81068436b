// table
#include "parser/iptables/programs.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace untrack::iptables {
namespace {

using enum ProgramKind;

constexpr std::string_view other_rules = "it loads rules that are not read here";
constexpr std::string_view service_rules = "the service may load rules of its own";
constexpr std::string_view script_rules = "it may set variables and add rules";

constexpr Program rows[] = {
    {".", runs_script, script_rules},
    {"[", quiet, {}},
    {"[[", quiet, {}},
    {"apt", quiet, {}},
    {"apt-get", quiet, {}},
    {"arptables", not_looked_at, "ARP rules never track connections"},
    {"ash", runs_script, script_rules},
    {"awk", quiet, {}},
    {"bash", runs_script, script_rules},
    {"builtin", prefix, {}},
    {"busybox", prefix, {}},
    {"cat", quiet, {}},
    {"chmod", quiet, {}},
    {"chown", quiet, {}},
    {"command", prefix, {}},
    {"conntrack", not_looked_at, "it works on entries, not on rules"},
    {"cp", quiet, {}},
    {"csf", may_track, other_rules},
    {"cut", quiet, {}},
    {"dash", runs_script, script_rules},
    {"declare", declares, {}},
    {"dnf", quiet, {}},
    {"docker", may_track, other_rules},
    {"docker-compose", may_track, other_rules},
    {"dpkg", quiet, {}},
    {"ebtables", not_looked_at, "bridge rules never track connections"},
    {"echo", quiet, {}},
    {"env", prefix, {}},
    {"eval", runs_script, script_rules},
    {"exec", prefix, {}},
    {"exit", quiet, {}},
    {"export", declares, {}},
    {"fail2ban-client", may_track, other_rules},
    {"false", quiet, {}},
    {"ferm", may_track, other_rules},
    {"firehol", may_track, other_rules},
    {"firewall-cmd", may_track, other_rules},
    {"fw3", may_track, other_rules},
    {"fw4", may_track, other_rules},
    {"getopts", reads, {}},
    {"grep", quiet, {}},
    {"hash", quiet, {}},
    {"ifconfig", quiet, {}},
    {"ip6tables", ip6tables, {}},
    {"ip6tables-apply", restore6, {}},
    {"ip6tables-restore", restore6, {}},
    {"ip6tables-restore-translate", listing, {}},
    {"ip6tables-save", listing, {}},
    {"ip6tables-translate", listing, {}},
    {"ipset", ipset, {}},
    {"iptables", iptables, {}},
    {"iptables-apply", restore, {}},
    {"iptables-restore", restore, {}},
    {"iptables-restore-translate", listing, {}},
    {"iptables-save", listing, {}},
    {"iptables-translate", listing, {}},
    {"ipvsadm", may_track, "IPVS takes conntrack references for some services"},
    {"let", reads, {}},
    {"ln", quiet, {}},
    {"local", declares, {}},
    {"logger", quiet, {}},
    {"ls", quiet, {}},
    {"mapfile", reads, {}},
    {"mkdir", quiet, {}},
    {"mv", quiet, {}},
    {"netfilter-persistent", may_track, other_rules},
    {"nft", may_track, "commands of nft among those of iptables are not read"},
    {"nice", prefix, {}},
    {"nohup", prefix, {}},
    {"ovs-ofctl", may_track, "Open vSwitch flows can track"},
    {"ovs-vsctl", not_looked_at, "switch configuration is not read"},
    {"podman", may_track, other_rules},
    {"printf", quiet, {}},
    {"read", reads, {}},
    {"readarray", reads, {}},
    {"readonly", declares, {}},
    {"return", quiet, {}},
    {"rm", quiet, {}},
    {"rpm", quiet, {}},
    {"run-parts", runs_script, script_rules},
    {"sed", quiet, {}},
    {"service", not_looked_at, service_rules},
    {"set", quiet, {}},
    {"sh", runs_script, script_rules},
    {"shorewall", may_track, other_rules},
    {"shorewall6", may_track, other_rules},
    {"source", runs_script, script_rules},
    {"sudo", prefix, {}},
    {"systemctl", not_looked_at, service_rules},
    {"tc", may_track, "a tc action ct tracks by itself"},
    {"test", quiet, {}},
    {"time", prefix, {}},
    {"touch", quiet, {}},
    {"type", quiet, {}},
    {"typeset", declares, {}},
    {"ufw", may_track, other_rules},
    {"unset", reads, {}},
    {"virsh", may_track, other_rules},
    {"which", quiet, {}},
    {"xtables-legacy-multi", prefix, {}},
    {"xtables-multi", prefix, {}},
    {"xtables-nft-multi", prefix, {}},
    {"yum", quiet, {}},
};

// Programs that come as iptables-legacy, iptables-nft-restore and so on are one row.
std::string_view without_backend(std::string_view name, std::string* storage) {
  for (const std::string_view backend : {"-legacy", "-nft"}) {
    const std::size_t at = name.find(backend);
    if (at == std::string_view::npos || name.find("tables") > at || name.starts_with('x')) continue;
    *storage = std::string(name.substr(0, at)) + std::string(name.substr(at + backend.size()));
    return *storage;
  }
  return name;
}

}  // namespace

Backend backend_of(std::string_view word) {
  const std::string_view name = base_name(word);
  if (name.find("-legacy") != std::string_view::npos) return Backend::legacy;
  return name.find("-nft") != std::string_view::npos ? Backend::nft : Backend::as_set_up;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Program find_program(std::string_view word) {
  std::string storage;
  const std::string_view name = without_backend(base_name(word), &storage);
  const auto* const found = std::ranges::lower_bound(rows, name, {}, &Program::name);
  if (found != std::end(rows) && found->name == name) return *found;
  return {word, other, {}};
}

}  // namespace untrack::iptables
