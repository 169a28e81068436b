#include "model/catalog/kernel_modules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "model/catalog/xtables_extensions.hpp"

namespace untrack::catalog {
namespace {

constexpr KernelVersion kDebian12{6, 1, 0};
constexpr KernelVersion kVersions[] = {{2, 6, 9},  {2, 6, 18}, {2, 6, 21}, {2, 6, 32}, {3, 10, 0},
                                       {3, 16, 0}, {4, 9, 0},  {4, 18, 0}, {4, 19, 0}, {5, 1, 0},
                                       {5, 10, 0}, {6, 1, 0},  {6, 18, 0}};

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::vector<std::string> all;
  for (std::string word; words >> word;) all.push_back(word);
  return all;
}

TEST(KernelModules, RowsAreSortedAndTheirVersionsDoNotOverlap) {
  const auto rows = kernel_modules();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_LT(std::tie(rows[i - 1].name, rows[i - 1].since), std::tie(rows[i].name, rows[i].since));
    if (rows[i - 1].name == rows[i].name) {
      EXPECT_LE(rows[i - 1].before, rows[i].since) << rows[i].name;
    }
  }
  for (const KernelModule& row : rows) {
    EXPECT_FALSE(row.evidence.empty()) << row.name;
    EXPECT_FALSE(row.loaded_by.empty()) << row.name;
    EXPECT_LT(row.since, row.before) << row.name;
    EXPECT_EQ(row.name.find('-'), std::string_view::npos) << row.name;
  }
}

TEST(KernelModules, NoModuleDependsOnItself) {
  for (const KernelVersion& kernel : kVersions) {
    std::set<std::string_view> open;
    std::set<std::string_view> done;
    const std::function<void(std::string_view)> visit = [&](std::string_view name) {
      if (done.contains(name)) return;
      ASSERT_TRUE(open.insert(name).second) << name << " in " << to_text(kernel);
      if (const KernelModule* row = find_kernel_module(name, kernel)) {
        for (const std::string& depended : words_of(row->depends)) {
          visit(find_kernel_module(depended, kernel) ? find_kernel_module(depended, kernel)->name
                                                     : std::string_view("not in this kernel"));
        }
      }
      open.erase(name);
      done.insert(name);
    };
    for (const KernelModule& row : kernel_modules()) visit(row.name);
  }
}

TEST(KernelModules, DependOnlyOnRowsOfTheTableAndWereReplacedByRows) {
  std::set<std::string, std::less<>> names;
  for (const KernelModule& row : kernel_modules()) names.insert(std::string(row.name));
  for (const KernelModule& row : kernel_modules()) {
    for (const std::string& word : words_of(row.depends)) {
      EXPECT_TRUE(names.contains(word)) << row.name << " uses " << word;
    }
    EXPECT_TRUE(row.now.empty() || names.contains(row.now)) << row.name << " became " << row.now;
  }
}

TEST(KernelModules, OldKernelsHaveTheOldNames) {
  const auto exists = [](std::string_view name, const KernelVersion& kernel) {
    return find_kernel_module(name, kernel) != nullptr;
  };
  for (const char* name :
       {"ip_conntrack", "ipt_state", "iptable_nat", "ipt_MASQUERADE", "ip_nat", "xt_state"}) {
    EXPECT_TRUE(exists(name, {2, 6, 18})) << name;
  }
  EXPECT_FALSE(exists("nft_ct", {2, 6, 18}));
  EXPECT_FALSE(exists("ip_conntrack", {6, 1, 0}));
  EXPECT_TRUE(exists("iptable_nat", {6, 1, 0}));
  EXPECT_FALSE(exists("ipt_MASQUERADE", {6, 1, 0}));
  EXPECT_TRUE(exists("nf_conntrack_ipv4", {4, 18, 0}));
  EXPECT_FALSE(exists("nf_conntrack_ipv4", {4, 19, 0}));
}

TEST(KernelModules, KnowsWhatNeedsConntrackByEveryName) {
  EXPECT_TRUE(needs_conntrack("xt_conntrack", kDebian12));
  EXPECT_TRUE(needs_conntrack("xt_connlimit", kDebian12));  // through nf_conncount
  EXPECT_TRUE(needs_conntrack("ip_vs_rr", kDebian12));
  EXPECT_FALSE(needs_conntrack("nf_conntrack", kDebian12));
  EXPECT_FALSE(needs_conntrack("br_netfilter", kDebian12));
  EXPECT_FALSE(needs_conntrack("xt_TPROXY", kDebian12));
  EXPECT_FALSE(needs_conntrack("nf_defrag_ipv4", kDebian12));
  EXPECT_FALSE(needs_conntrack("nonsense", kDebian12));
  const KernelVersion rhel5{2, 6, 18};
  for (const char* name :
       {"iptable_nat", "ip_nat", "xt_state", "ipt_MASQUERADE", "ip_nat_ftp", "ip_conntrack_ftp"}) {
    EXPECT_TRUE(needs_conntrack(name, rhel5)) << name;
  }
  EXPECT_TRUE(needs_conntrack("ipt_state", {2, 6, 9}));
  EXPECT_EQ(find_kernel_module("ip_conntrack", {2, 6, 32}), nullptr);
  ASSERT_NE(find_kernel_module("ip_conntrack", rhel5), nullptr);
  EXPECT_EQ(find_kernel_module("ip_conntrack", rhel5)->now, "nf_conntrack");
  EXPECT_TRUE(needs_conntrack("nf_nat_ipv4", {4, 9, 0}));
  EXPECT_EQ(find_kernel_module("nf_nat_ipv4", {5, 10, 0}), nullptr);
}

// A match or target that makes the kernel track must pull the core in, and the other way round, but
// for those that merely read what others left at the packet.
TEST(KernelModules, AgreesWithTheTrackingOfExtensions) {
  const std::set<std::string_view> linked_only = {"ipvs", "NOTRACK"};
  for (const Extension& row : extensions()) {
    for (const KernelVersion& kernel : kVersions) {
      for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
        const std::string_view module = module_of(row, kernel, version);
        if (module.empty() || !row.ip_versions.has(version)) continue;
        const bool expected = row.tracking != Tracking::never || linked_only.contains(row.name);
        EXPECT_EQ(needs_conntrack(module, kernel), expected)
            << row.name << ": " << module << " in " << to_text(kernel);
      }
    }
  }
}

// The kernel asks modprobe for ipt_NAME or ip6t_NAME (net/netfilter/x_tables.c, xt_find_match).
TEST(KernelModules, ModprobeFindsTheModuleOfEveryExtension) {
  for (const Extension& row : extensions()) {
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      const std::string_view module = module_of(row, kDebian12, version);
      if (module.empty() || !row.ip_versions.has(version)) continue;
      // iptables asks for the match conntrack where the rule says state.
      const std::string_view asked = row.name == "state" ? "conntrack" : row.name;
      const std::string name = (version == IpVersion::ipv4 ? "ipt_" : "ip6t_") + std::string(asked);
      const KernelModule* found = find_kernel_module(module, kDebian12);
      if (found == nullptr) continue;  // stands on nothing of conntrack
      const std::vector<std::string> aliases = words_of(found->aliases);
      EXPECT_TRUE(module == name || std::ranges::count(aliases, name) == 1)
          << name << " does not load " << module;
    }
  }
}

std::string module_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  name.resize(name.find(".ko"));
  std::ranges::replace(name, '-', '_');
  return name;
}

// The modules.dep of a 6.1 kernel, where one is at hand: UNTRACK_MODULES_DEP, or installed.
std::filesystem::path modules_dep() {
  if (const char* path = std::getenv("UNTRACK_MODULES_DEP")) return path;
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator("/lib/modules", error)) {
    const std::filesystem::path file = folder.path() / "modules.dep";
    if (folder.path().filename().string().starts_with("6.1.") &&
        std::filesystem::exists(file, error)) {
      return file;
    }
  }
  return {};
}

TEST(KernelModules, HasTheDependenciesOfAModularKernel) {
  const std::filesystem::path path = modules_dep();
  if (path.empty()) GTEST_SKIP() << "no modules.dep of a 6.1 kernel (UNTRACK_MODULES_DEP)";
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::map<std::string, std::set<std::string>> theirs;  // all, not only direct ones
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word)) continue;
    word.pop_back();  // the colon
    std::set<std::string>& depends = theirs[module_name(word)];
    while (words >> word) depends.insert(module_name(word));
  }
  std::set<std::string> need_conntrack;
  for (const auto& [name, depends] : theirs) {
    if (depends.contains("nf_conntrack")) need_conntrack.insert(name);
  }
  std::set<std::string> ours;
  for (const KernelModule& row : kernel_modules()) {
    if (needs_conntrack(row.name, kDebian12) && find_kernel_module(row.name, kDebian12) == &row) {
      ours.insert(std::string(row.name));
    }
  }
  EXPECT_EQ(ours, need_conntrack);
  const std::function<void(std::string_view, std::set<std::string>&)> collect =
      [&](std::string_view name, std::set<std::string>& into) {
        const KernelModule* row = find_kernel_module(name, kDebian12);
        if (row == nullptr) return;
        for (const std::string& depended : words_of(row->depends)) {
          if (find_kernel_module(depended, kDebian12) == nullptr) continue;  // of older kernels
          if (into.insert(depended).second) collect(depended, into);
        }
      };
  for (const KernelModule& row : kernel_modules()) {
    if (find_kernel_module(row.name, kDebian12) != &row) continue;
    const auto found = theirs.find(std::string(row.name));
    ASSERT_NE(found, theirs.end()) << row.name << " is not a module of 6.1";
    std::set<std::string> closure;
    collect(row.name, closure);
    for (const std::string& name : closure) {
      EXPECT_TRUE(found->second.contains(name)) << row.name << " does not depend on " << name;
    }
    for (const std::string& name : found->second) {
      // What a module outside the table depends on is not in it.
      if (find_kernel_module(name, kDebian12) == nullptr) continue;
      EXPECT_TRUE(closure.contains(name)) << row.name << " depends on " << name;
    }
  }
}

// A module answers to its own name and to its aliases.
TEST(KernelModules, HasTheAliasesOfAModularKernel) {
  std::filesystem::path path = modules_dep();
  if (path.empty()) GTEST_SKIP() << "no modules.alias of a 6.1 kernel (UNTRACK_MODULES_DEP)";
  path.replace_filename("modules.alias");
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::set<std::pair<std::string, std::string>> theirs;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string alias;
    std::string name;
    std::string module;
    if (words >> alias >> name >> module && alias == "alias") theirs.emplace(name, module);
  }
  for (const Extension& row : extensions()) {
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      const std::string module(module_of(row, kDebian12, version));
      if (module.empty() || !row.ip_versions.has(version)) continue;
      const std::string name =
          (version == IpVersion::ipv4 ? "ipt_" : "ip6t_") +
          std::string(row.name == "state" ? std::string_view("conntrack") : row.name);
      EXPECT_TRUE(module == name || theirs.contains({name, module}))
          << name << " does not load " << module;
    }
  }
  for (const KernelModule& row : kernel_modules()) {
    if (!exists_in(row, kDebian12)) continue;
    for (const std::string& name : words_of(row.aliases)) {
      EXPECT_TRUE(theirs.contains({std::string(name), std::string(row.name)}))
          << name << " is no alias of " << row.name;
    }
  }
}

// In full, so that no row calls a count of uses complete that is not.
TEST(KernelModules, WhoseCountOfUsesIsNotAll) {
  std::map<UseCount, std::set<std::string>> found;
  for (const KernelModule& row : kernel_modules()) {
    if (row.use_count != UseCount::complete) found[row.use_count].insert(std::string(row.name));
  }
  const std::map<UseCount, std::set<std::string>> wanted{
      {UseCount::hides_rules, {"ip6table_nat", "iptable_nat"}},
      {UseCount::hides_programs,
       {"ip_conntrack_netlink", "nf_conntrack_netlink", "nfnetlink_cthelper",
        "nfnetlink_cttimeout"}},
      {UseCount::keep,
       {"ip_vs",        "ip_vs_dh",    "ip_vs_fo",     "ip_vs_ftp", "ip_vs_lblc",
        "ip_vs_lblcr",  "ip_vs_lc",    "ip_vs_mh",     "ip_vs_nq",  "ip_vs_ovf",
        "ip_vs_pe_sip", "ip_vs_rr",    "ip_vs_sed",    "ip_vs_sh",  "ip_vs_wlc",
        "ip_vs_wrr",    "openvswitch", "vport_geneve", "vport_gre", "vport_vxlan"}}};
  EXPECT_EQ(found, wanted);
  // Of each name by every version of it.
  for (const KernelModule& row : kernel_modules()) {
    EXPECT_EQ(wanted.at(UseCount::hides_rules).contains(std::string(row.name)),
              row.use_count == UseCount::hides_rules)
        << row.name;
  }
}

}  // namespace
}  // namespace untrack::catalog
