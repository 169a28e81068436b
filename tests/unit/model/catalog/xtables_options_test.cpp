// The extension table against the installed iptables: every extension library is loaded into this
// program, which takes the place of libxtables' registration functions, so that each library hands
// over its own option table. No kernel is asked, so the answer does not depend on the host's.
#if __has_include(<xtables.h>)

#include <dlfcn.h>
#include <getopt.h>
#include <gtest/gtest.h>
#include <xtables.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/catalog/xtables_extensions.hpp"

namespace {

struct Registered {
  std::uint8_t revision = 0;
  std::uint16_t family = 0;
  const xt_option_entry* entries = nullptr;
  const option* getopt_entries = nullptr;
};

// By kind and name; a library registers one entry a revision and family.
using Registry = std::map<std::pair<bool, std::string>, std::vector<Registered>>;

Registry& registry() {
  static Registry all;
  return all;
}

template <class Extension>
void remember(bool is_match, const Extension& extension) {
  registry()[{is_match, extension.name}].push_back(
      {extension.revision, extension.family, extension.x6_options, extension.extra_opts});
}

}  // namespace

extern "C" {
void xtables_register_match(xtables_match* match) { remember(true, *match); }
void xtables_register_matches(xtables_match* matches, unsigned int count) {
  for (unsigned int i = 0; i < count; ++i) remember(true, matches[i]);
}
void xtables_register_target(xtables_target* target) { remember(false, *target); }
void xtables_register_targets(xtables_target* targets, unsigned int count) {
  for (unsigned int i = 0; i < count; ++i) remember(false, targets[i]);
}
}

namespace untrack::catalog {
namespace {

// Where distributions install them: /usr/lib/xtables, /usr/lib64/xtables,
// /usr/lib/<triplet>/xtables.
std::filesystem::path find_libraries() {
  std::error_code error;
  for (const char* place : {"/usr/lib/xtables", "/usr/lib64/xtables"}) {
    if (std::filesystem::is_directory(place, error)) return place;
  }
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", error)) {
    const std::filesystem::path place = folder.path() / "xtables";
    if (std::filesystem::is_directory(place, error)) return place;
  }
  return {};
}

// What iptables lists that has no row of its own, with the reason.
const std::map<std::string, std::string> kNoRow = {
    {"-j standard", "the verdicts ACCEPT, DROP, RETURN and QUEUE and jumps; part of the language"},
};

class XtablesOptions : public testing::Test {
 protected:
  void SetUp() override {
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(find_libraries(), error)) {
      const std::string name = file.path().filename().string();
      // Bridge and ARP tables are other languages.
      if (!name.starts_with("libxt_") && !name.starts_with("libipt_") &&
          !name.starts_with("libip6t_")) {
        continue;
      }
      ASSERT_NE(dlopen(file.path().c_str(), RTLD_LAZY), nullptr) << dlerror();
      ++libraries_;
    }
    if (libraries_ == 0) GTEST_SKIP() << "iptables is not installed";
    ASSERT_FALSE(registry().empty()) << "the libraries did not register here";
  }
  int libraries_ = 0;
};

std::string title(const Extension& row) {
  return (row.kind == ExtensionKind::match ? "-m " : "-j ") + std::string(row.name);
}

// The newest revision for a family, the family's own before the one for all.
const Registered* newest(const std::vector<Registered>& all, IpVersion version) {
  const std::uint16_t family = version == IpVersion::ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  const Registered* best = nullptr;
  for (const Registered& one : all) {
    if (one.family != family && one.family != NFPROTO_UNSPEC) continue;
    if (best == nullptr ||
        std::tie(best->revision, best->family) < std::tie(one.revision, one.family)) {
      best = &one;
    }
  }
  return best;
}

TEST_F(XtablesOptions, EveryShippedExtensionHasARowAndNoRowIsMore) {
  std::set<std::string> shipped;
  for (const auto& [key, all] : registry()) {
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (newest(all, version) == nullptr) continue;
      const std::string name = (key.first ? "-m " : "-j ") + key.second;
      if (!kNoRow.contains(name)) shipped.insert(name + " " + std::string(to_text(version)));
    }
  }
  std::set<std::string> rows;
  for (const Extension& row : extensions()) {
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (row.ip_versions.has(version)) {
        rows.insert(title(row) + " " + std::string(to_text(version)));
      }
    }
  }
  std::vector<std::string> missing;
  std::ranges::set_difference(shipped, rows, std::back_inserter(missing));
  EXPECT_EQ(missing, std::vector<std::string>{}) << "shipped, without a row";
  std::vector<std::string> more;
  std::ranges::set_difference(rows, shipped, std::back_inserter(more));
  EXPECT_EQ(more, std::vector<std::string>{}) << "a row, not shipped";
}

struct Shape {
  bool takes_value = false;
  bool invertible = false;
  bool mandatory = false;
  bool repeatable = false;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  friend bool operator==(const Shape&, const Shape&) = default;
};

std::string to_string(const Shape& shape) {
  return std::string(shape.takes_value ? "value" : "flag") + (shape.invertible ? " !" : "") +
         (shape.mandatory ? " mandatory" : "") + (shape.repeatable ? " repeatable" : "") + " " +
         std::to_string(shape.min) + ".." + std::to_string(shape.max);
}

std::uint64_t largest(const xt_option_entry& entry) {
  if (entry.max != 0) return entry.max;
  switch (entry.type) {
    case XTTYPE_UINT8:
    case XTTYPE_UINT8RC:
      return UINT8_MAX;
    case XTTYPE_UINT16:
    case XTTYPE_UINT16RC:
      return UINT16_MAX;
    case XTTYPE_UINT32:
    case XTTYPE_UINT32RC:
      return UINT32_MAX;
    default:  // 64 bits, or no number
      return 0;
  }
}

// Of several entries with one id, libxtables reads an option by the first, whatever its name
// (libxtables 1.8.9, xtoptions.c, xtables_option_lookup): `! --ttl 5` is taken, as `! --ttl-eq 5`.
Shape shape_of(const xt_option_entry* entries, const xt_option_entry& named) {
  const xt_option_entry* entry = entries;
  while (entry->id != named.id) ++entry;
  return {entry->type != XTTYPE_NONE,
          (entry->flags & XTOPT_INVERT) != 0,
          (entry->flags & XTOPT_MAND) != 0,
          (entry->flags & XTOPT_MULTI) != 0,
          entry->min,
          largest(*entry)};
}

// Known differences, each with its reason.
const std::map<std::string, std::string> kDifferent = {
    {"-j TCPMSS --set-mss ipv6", "one row for both families carries the wider bound of IPv4"},
    {"-m rateest --rateest-bps", "the value is the next word and may be missing; getopt says none"},
    {"-m rateest --rateest-bps1", "as --rateest-bps"},
    {"-m rateest --rateest-bps2", "as --rateest-bps"},
    {"-m rateest --rateest-pps", "as --rateest-bps"},
    {"-m rateest --rateest-pps1", "as --rateest-bps"},
    {"-m rateest --rateest-pps2", "as --rateest-bps"},
};

TEST_F(XtablesOptions, EveryOptionIsAsTheLibraryHasIt) {
  int compared = 0;
  std::set<std::string> unused;
  for (const auto& [name, reason] : kDifferent) unused.insert(name);
  for (const Extension& row : extensions()) {
    const auto all = registry().find({row.kind == ExtensionKind::match, std::string(row.name)});
    if (all == registry().end()) continue;  // the other test reports it
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      const Registered* theirs = newest(all->second, version);
      if (theirs == nullptr || !row.ip_versions.has(version)) continue;
      std::map<std::string, Shape> expected;
      // Libraries that parse for themselves say nothing of inversion and bounds.
      const bool parses_itself = theirs->entries == nullptr;
      for (const auto* entry = theirs->entries; entry != nullptr && entry->name != nullptr;
           ++entry) {
        expected[entry->name] = shape_of(theirs->entries, *entry);
      }
      for (const auto* entry = theirs->getopt_entries; entry != nullptr && entry->name != nullptr;
           ++entry) {
        expected[entry->name].takes_value = entry->has_arg != 0;
      }
      for (const Option& option : row.options) {
        if (!option.ip_versions.has(version)) continue;
        const std::string where = title(row) + " --" + std::string(option.name);
        const auto found = expected.find(std::string(option.name));
        ASSERT_NE(found, expected.end()) << where << " " << to_text(version) << ": not in iptables";
        ++compared;
        Shape ours{option.type != ValueType::none,
                   option.invertible,
                   option.mandatory,
                   option.repeatable,
                   option.min,
                   option.max};
        if (parses_itself) ours = {.takes_value = ours.takes_value};
        const std::string in_family = where + " " + std::string(to_text(version));
        const bool is_listed = kDifferent.contains(where) || kDifferent.contains(in_family);
        EXPECT_EQ(ours == found->second, !is_listed)
            << in_family << ": " << to_string(ours) << ", iptables has "
            << to_string(found->second);
        unused.erase(where);
        unused.erase(in_family);
        expected.erase(found);
      }
      for (const auto& [name, shape] : expected) {
        ADD_FAILURE() << title(row) << " " << to_text(version) << ": no --" << name
                      << " in the row";
      }
    }
  }
  EXPECT_EQ(unused, std::set<std::string>{}) << "listed as different, but never seen";
  EXPECT_GT(compared, 500);
  RecordProperty("options_compared", compared);
}

}  // namespace
}  // namespace untrack::catalog

#else

#include <gtest/gtest.h>

TEST(XtablesOptions, NeedsXtablesHeader) { GTEST_SKIP() << "libxtables-dev is not installed"; }

#endif
