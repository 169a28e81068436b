#include "analysis/pressure/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "analysis/pressure/depth.hpp"

namespace untrack {
namespace {

constexpr KernelVersion always{0, 0, 0};
constexpr KernelVersion chain_limit{5, 15, 0};  // commit d7e7747ac5c2
constexpr KernelVersion wider_limit{6, 3, 0};   // commit c77737b736ce
constexpr std::uint64_t page_bytes = 4096;

constexpr std::string_view source_of_6 = "nf_conntrack_core.c and nf_conntrack_standalone.c, 6.x";
constexpr std::string_view manual = "conntrack(8)";

constexpr std::array<CounterRow, 21> counter_table{{
    {"drop", "drop", always, always, true,
     "packets dropped: the table was full and nothing in it could be thrown out, two packets raced "
     "for one entry and could not be reconciled, or a protocol's tracker refused the packet",
     "if the log says \"table full, dropping packet\": raise max and buckets as advised below, or "
     "untrack what needs no state (untrack rewrite --mode notrack)",
     source_of_6},
    {"early_drop", "early_drop", always, always, true,
     "entries thrown out before their time to make room: the table was full, and they were not "
     "ASSURED",
     "the table was full at times: raise max and buckets as advised below, or untrack what needs "
     "no state",
     source_of_6},
    {"chainlength", "chaintoolong", chain_limit, wider_limit, true,
     "new flows whose packet was dropped since its bucket had too many entries (also among "
     "insert_failed); 64 at first, 8 to 32 in most of these kernels, which a half-empty table "
     "reaches, too",
     "give the table more buckets (hashsize), as advised below, and take a kernel with the limit "
     "of 50 to 79 (6.3, 6.2.7, 6.1.20, 5.15.103 and later updates of them)",
     "d7e7747ac5c2, c9c3b6811f74, c77737b736ce"},
    {"chainlength", "chaintoolong", wider_limit, always, true,
     "new flows whose packet was dropped since its bucket had more than 50 to 79 entries (also "
     "among insert_failed)",
     "give the table more buckets (hashsize), as advised below", "c77737b736ce"},
    {"insert_failed", "insert_failed", chain_limit, always, true,
     "packets dropped when their new entry was to be put into the table: another packet of the "
     "same flow was first, the entry was dying, or the bucket was too deep (chaintoolong)",
     "beside chaintoolong it is that; else two first packets of one flow were under way at once "
     "and "
     "could not be reconciled: a TCP SYN sent again while the first is held (NFQUEUE), or UDP "
     "packets of one socket that DNAT sends to different servers (DNS asking for A and AAAA): "
     "untrack DNS, or let the resolver ask one after the other; each may count as a drop, too",
     source_of_6},
    {"insert_failed", "insert_failed", always, chain_limit, true,
     "packets dropped when their new entry was to be put into the table: another packet of the "
     "same flow was first",
     "mostly two UDP packets from one socket at once (DNS asking for A and AAAA): untrack DNS, or "
     "let the resolver ask one after the other",
     manual},
    {"clashres", "clash_resolve", always, always, false,
     "races of two first packets of one flow that were reconciled: nothing was lost", "",
     source_of_6},
    {"invalid", "invalid", always, always, false,
     "packets that are of no flow and begin none: they are INVALID in rules, and lost where a rule "
     "drops these",
     "many: look for one-way routing, timeouts below those of the ends, and "
     "nf_conntrack_tcp_be_liberal; net.netfilter.nf_conntrack_log_invalid logs them",
     source_of_6},
    {"icmp_error", "error", always, always, false,
     "packets with faults of their own that the tracker refused (a bad checksum, a header cut "
     "short)",
     "", source_of_6},
    {"search_restart", "search_restart", always, always, false,
     "look-ups begun anew since an entry moved meanwhile: time is lost, nothing else",
     "many: the buckets are deep, or their number was changed", source_of_6},
    {"found", "found", always, always, false,
     "look-ups that found an entry; kernels since about 4.9 count only those for translated ports "
     "that are taken",
     "", manual},
    {"insert", "insert", always, always, false,
     "entries put in; kernels since about 4.9 count only those that a program puts in over "
     "netlink",
     "", "measured: 500 new flows leave it at 0 on 6.18"},
    {"expect_new", "expect_new", always, always, false,
     "flows that a helper had announced (the data of FTP, media of SIP)", "", manual},
    {"expect_create", "expect_create", always, always, false, "flows announced by helpers", "",
     manual},
    {"expect_delete", "expect_delete", always, always, false, "announcements that are gone", "",
     manual},
    {"searched", "searched", always, always, false, "look-ups in the table", "", manual},
    {"new", "new", always, always, false, "entries made", "", manual},
    {"ignore", "ignore", always, always, false,
     "packets that had an entry already, or need none (untracked ones)", "", manual},
    {"delete", "delete", always, always, false, "entries removed", "", manual},
    {"delete_list", "delete_list", always, always, false, "entries put on the list of the dying",
     "", manual},
    {"chainlength", "chaintoolong", always, chain_limit, false,
     "not known of this kernel, which has no limit of depth", "", "d7e7747ac5c2"},
}};

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

template <class Value>
bool read_number(std::string_view word, Value& value, int base) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  return !word.empty() && error == std::errc{} && end == word.data() + word.size();
}

// "nf_conntrack"; "nf_conntrack_1", "nf_conntrack_ffff8800": of a namespace.
bool is_of_entries(std::string_view cache) {
  constexpr std::string_view name = "nf_conntrack";
  if (!cache.starts_with(name)) return false;
  cache.remove_prefix(name.size());
  return cache.empty() || (cache.starts_with('_') && cache.size() > 1 &&
                           cache.find_first_not_of("0123456789abcdef", 1) == cache.npos);
}

}  // namespace

std::span<const CounterRow> counter_rows() { return counter_table; }

const CounterRow* counter_row(std::string_view column, const KernelVersion& kernel) {
  // Updates of older series have the wider limit, too.
  const ChainCapRow* const cap = chain_cap(kernel);
  const bool is_wider = cap != nullptr && cap->least == chain_cap(wider_limit)->least;
  const KernelVersion at = is_wider ? std::max(kernel, wider_limit) : kernel;
  for (const CounterRow& row : counter_table) {
    if (row.column == column && row.since <= at && (row.until == always || at < row.until))
      return &row;
  }
  return nullptr;
}

std::uint64_t TableStatistics::value(std::string_view column) const {
  const auto found = std::ranges::find(counters, column, &Counter::column);
  return found == counters.end() ? 0 : found->value;
}

std::optional<TableStatistics> parse_statistics(std::string_view text, Source source) {
  TableStatistics statistics;
  statistics.source = std::move(source);
  std::string_view head = next_line(text);
  if (next_word(head) != "entries") return std::nullopt;
  for (std::string_view word; !(word = next_word(head)).empty();) {
    statistics.counters.push_back({std::string(word), 0});
  }
  while (!text.empty()) {
    std::string_view line = next_line(text);
    std::string_view word = next_word(line);
    if (word.empty()) continue;
    std::uint32_t number = 0;
    if (!read_number(word, number, 16)) return std::nullopt;
    statistics.entries = number;  // each line has that of the whole table
    for (TableStatistics::Counter& counter : statistics.counters) {
      if (!read_number(next_word(line), number, 16)) return std::nullopt;
      counter.value += number;
    }
    if (!next_word(line).empty()) return std::nullopt;
    ++statistics.processors;
  }
  if (statistics.processors == 0) return std::nullopt;
  return statistics;
}

std::optional<Quantity> entry_bytes_of_slabs(std::string_view text, Origin origin,
                                             std::string_view path) {
  std::optional<Quantity> found;
  std::uint64_t most = 0;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::string_view name = next_word(line);
    if (!is_of_entries(name)) continue;
    // slabinfo(5): objects in use, objects, bytes of one, objects and pages of a slab.
    std::array<std::uint64_t, 5> numbers{};
    for (std::uint64_t& number : numbers) {
      if (!read_number(next_word(line), number, 10)) return std::nullopt;
    }
    const auto [in_use, all, bytes, of_slab, pages] = numbers;
    if (bytes == 0 || bytes > page_bytes || of_slab == 0 || of_slab > page_bytes || pages == 0 ||
        pages > page_bytes) {
      return std::nullopt;
    }
    if (found && in_use <= most) continue;
    most = in_use;
    found = Quantity{
        pages * page_bytes / of_slab,
        {origin, fmt::format("{}: {} of {} bytes, {} in {} of memory", path, name, bytes, of_slab,
                             pages == 1 ? "a page" : fmt::format("{} pages", pages))}};
  }
  return found;
}

}  // namespace untrack
