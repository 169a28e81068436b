#include "live/read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "live/child.hpp"
#include "live/compat_table.hpp"
#include "live/ip_tables.hpp"
#include "live/ipsets.hpp"
#include "live/kernel_parts.hpp"
#include "live/nft_ruleset.hpp"
#include "live/nft_tables.hpp"

namespace untrack::live {
namespace {

// A ruleset that changes more often than this while it is read is given up.
constexpr int most_tries = 5;

// A legacy backend: one family of ip_tables.
struct LegacyTables {
  const char* module;  // also what its texts are called by
  const char* program;
  const char* nft_family;
  const char* names;  // the tables that exist, one a line
  bool (*print)(const std::string& table);
};
constexpr std::array<LegacyTables, 2> legacy_tables = {{
    {"ip_tables", "iptables", "ip", "/proc/net/ip_tables_names", &print_ip_table},
    {"ip6_tables", "ip6tables", "ip6", "/proc/net/ip6_tables_names", &print_ip6_table},
}};
constexpr const char* nft_name = "live:nf_tables";
constexpr std::array usual_tables = {"raw", "mangle", "nat", "filter", "security"};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// The text without the counters of its chains, which change with every packet.
std::string without_counters(const std::string& text) {
  std::string rules;
  for (const std::string& line : lines_of(text)) {
    rules += line.starts_with(':') ? line.substr(0, line.rfind('[')) : line;
    rules += '\n';
  }
  return rules;
}

bool is_same(const std::vector<LiveText>& one, const std::vector<LiveText>& other) {
  return std::ranges::equal(one, other, [](const LiveText& a, const LiveText& b) {
    return a.name == b.name && without_counters(a.text) == without_counters(b.text);
  });
}

class Reader {
 public:
  explicit Reader(const std::string& netns) : where_(namespace_of(netns)) {}

  LiveHost read();

 private:
  void read_legacy(const LegacyTables& tables);
  bool read_legacy_once(const LegacyTables& tables, std::vector<LiveText>& texts);
  void read_nft();
  std::optional<std::string> ask_generation(std::string& problem);
  std::optional<std::string> read_compat(const NftTable& table);
  bool read_nft_tables(std::vector<LiveText>& texts, std::string& problem);
  // False: it changed meanwhile.
  bool read_nft_once(std::vector<LiveText>& texts, std::string& problem);
  void read_ipsets();
  void add_empty_families();
  // Whether the part can be asked; if not, that is told.
  bool may_ask(const char* module, const char* symbol, const char* what);
  void give_up(std::string reason) { host_.unreadable.push_back(std::move(reason)); }

  Namespace where_;
  LiveHost host_;
};

LiveHost Reader::read() {
  if (!may_read_netfilter()) {
    give_up("the running kernel: this needs CAP_NET_ADMIN (root); nothing was read");
    return std::move(host_);
  }
  const ChildResult entered = in_child(where_, [] { return true; });
  if (!entered.is_done) {
    give_up(fmt::format("the running kernel: {}", entered.err));
    return std::move(host_);
  }
  for (const LegacyTables& tables : legacy_tables) read_legacy(tables);
  read_nft();
  read_ipsets();
  if (host_.unreadable.empty()) add_empty_families();
  return std::move(host_);
}

bool Reader::read_legacy_once(const LegacyTables& tables, std::vector<LiveText>& texts) {
  const ChildResult names = in_child(where_, [&] {
    int error = 0;
    const auto text = read_proc(tables.names, error);
    if (text) std::fputs(text->c_str(), stdout);
    if (!text && error != ENOENT) std::fprintf(stderr, "%s\n", std::strerror(error));
    return text || error == ENOENT;
  });
  if (!names.is_done) {
    give_up(fmt::format("{}: {}", tables.names, names.err));
    return false;
  }
  for (const std::string& table : lines_of(names.out)) {
    ChildResult read = in_child(where_, [&] { return tables.print(table); });
    if (!read.is_done) {
      give_up(fmt::format("table {} of {}: {}", table, tables.program, read.err));
      return false;
    }
    texts.push_back({fmt::format("live:{}/{}", tables.module, table), std::move(read.out)});
  }
  return true;
}

void Reader::read_legacy(const LegacyTables& tables) {
  std::vector<LiveText> texts;
  if (!read_legacy_once(tables, texts)) return;
  for (int tries = 1;; ++tries) {
    std::vector<LiveText> again;
    if (!read_legacy_once(tables, again)) return;
    const bool is_stable = is_same(texts, again);
    texts = std::move(again);
    if (is_stable) break;
    if (tries == most_tries) {
      give_up(
          fmt::format("the tables of {}: they changed each time they were read", tables.program));
      return;
    }
  }
  std::vector<std::string> missing;
  for (const char* table : usual_tables) {
    const bool is_there = std::ranges::any_of(texts, [&](const LiveText& text) {
      return text.name == fmt::format("live:{}/{}", tables.module, table);
    });
    if (!is_there) missing.emplace_back(table);
  }
  if (missing.size() == usual_tables.size()) {
    host_.not_there.push_back(
        fmt::format("legacy {}: this network namespace has no table of it", tables.program));
  } else if (!missing.empty()) {
    host_.not_there.push_back(fmt::format("legacy {}: no table {} here, and asking would make it",
                                          tables.program, fmt::join(missing, ", ")));
  }
  std::ranges::move(texts, std::back_inserter(host_.texts));
}

// A family without tables is known to have none: it decides as an empty table does.
void Reader::add_empty_families() {
  for (const LegacyTables& tables : legacy_tables) {
    const bool has_rules = std::ranges::any_of(host_.texts, [&](const LiveText& text) {
      return text.name.starts_with(fmt::format("live:{}/", tables.module)) ||
             text.name.starts_with(fmt::format("{}/inet/", nft_name)) ||
             text.name.starts_with(fmt::format("{}/{}/", nft_name, tables.nft_family)) ||
             (text.name == nft_name &&
              (has_line(text.text, "table inet ") ||
               has_line(text.text, fmt::format("table {} ", tables.nft_family))));
    });
    if (has_rules) continue;
    host_.texts.push_back(
        {fmt::format("live:no-{}", tables.module),
         fmt::format(
             "# Generated by untrack from the running kernel, as {}-save does\n"
             "# The kernel has no table of this family; it decides as this empty one does.\n"
             "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT "
             "[0:0]\nCOMMIT\n",
             tables.program)});
  }
}

bool Reader::may_ask(const char* module, const char* symbol, const char* what) {
  switch (presence_of(module, symbol)) {
    case Presence::present:
      return true;
    case Presence::absent:
      host_.not_there.push_back(
          fmt::format("{}: {} is not in the kernel, and asking could load it", what, module));
      return false;
    case Presence::not_known:
      give_up(
          fmt::format("{}: nothing says whether {} is loaded, and asking could load it (neither "
                      "/proc/modules with modules.builtin nor /proc/kallsyms can be read)",
                      what, module));
      return false;
  }
  return false;
}

std::optional<std::string> Reader::ask_generation(std::string& problem) {
  ChildResult asked = in_child(where_, [] {
    const auto number = nft_generation();
    if (number) std::printf("%u", *number);
    return number.has_value();
  });
  if (asked.is_done) return std::move(asked.out);
  problem = asked.err;
  return std::nullopt;
}

// Text of a table of iptables-nft as iptables-save prints it, unless there is a legacy table of
// that name, or something in it is not iptables'.
std::optional<std::string> Reader::read_compat(const NftTable& table) {
  const std::string legacy =
      fmt::format("live:{}/{}", table.family == "ip" ? "ip_tables" : "ip6_tables", table.name);
  const bool is_twice =
      std::ranges::any_of(host_.texts, [&](const LiveText& text) { return text.name == legacy; });
  if (is_twice || !is_named_as_of_iptables(table)) return std::nullopt;
  ChildResult read = in_child(where_, [&] { return print_compat_table(table); });
  if (!read.is_done) return std::nullopt;
  return std::move(read.out);
}

bool Reader::read_nft_tables(std::vector<LiveText>& texts, std::string& problem) {
  const auto read_text = [&](const std::string& name, const std::string& command) {
    ChildResult read = in_child(where_, [&] { return print_nft(command); });
    if (!read.is_done) problem = read.err;
    if (read.is_done && !read.out.empty()) texts.push_back({name, std::move(read.out)});
    return read.is_done;
  };
  const ChildResult known = in_child(where_, &knows_all_expressions);
  const ChildResult listed = in_child(where_, [] {
    const auto tables = nft_tables();
    if (tables) std::fputs(to_lines(*tables).c_str(), stdout);
    return tables.has_value();
  });
  if (!known.is_done || !listed.is_done) {
    problem = known.is_done ? listed.err : known.err;
    return false;
  }
  const std::vector<NftTable> tables = nft_tables_of(listed.out);
  // nft takes such names for something else.
  if (!std::ranges::all_of(tables, &has_plain_name)) return read_text(nft_name, "list ruleset");
  for (const NftTable& table : tables) {
    const std::string name = fmt::format("{}/{}/{}", nft_name, table.family, table.name);
    if (auto text = read_compat(table)) {
      texts.push_back({name, std::move(*text)});
    } else if (!read_text(name, fmt::format("list table {} {}", table.family, table.name))) {
      return false;
    }
  }
  return true;
}

bool Reader::read_nft_once(std::vector<LiveText>& texts, std::string& problem) {
  texts.clear();
  problem.clear();
  const auto before = ask_generation(problem);
  if (!before) return true;
  const bool is_read = read_nft_tables(texts, problem);
  const std::string why = problem;
  const auto after = ask_generation(problem);
  if (!is_read) problem = why;
  return !after || *before == *after;
}

void Reader::read_nft() {
  if (!may_ask("nf_tables", "nft_register_expr", "nftables")) return;
  std::vector<LiveText> texts;
  std::string problem;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (!read_nft_once(texts, problem)) continue;
    if (!problem.empty()) {
      give_up(fmt::format("nf_tables: {}", problem));
      return;
    }
    if (texts.empty()) {
      host_.not_there.push_back("nftables: this network namespace has no table of it");
    }
    std::ranges::move(texts, std::back_inserter(host_.texts));
    return;
  }
  give_up("nf_tables: it changed each time it was read");
}

void Reader::read_ipsets() {
  if (!may_ask("ip_set", "ip_set_type_register", "ipset")) return;
  ChildResult read = in_child(where_, &print_ipsets);
  if (!read.is_done) {
    give_up(fmt::format("ipsets: {}", read.err));
  } else if (read.out.empty()) {
    host_.not_there.push_back("ipset: this network namespace has no set");
  } else {
    host_.texts.push_back({"live:ip_set", std::move(read.out)});
  }
}

}  // namespace

LiveHost read_live_host(const std::string& netns) { return Reader(netns).read(); }

}  // namespace untrack::live
