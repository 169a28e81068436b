#include "app/read_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ostream>

#include "app/read_settings.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/line_words.hpp"
#include "parser/snapshot.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

std::optional<EntriesText> entries_of(const std::string& path, const Snapshot& snapshot,
                                      bool is_live = false) {
  const Snapshot::File* file = snapshot.file(snapshot_file::entries);
  if (file == nullptr) return std::nullopt;
  return EntriesText{fmt::format("{}:{}", path, file->name), file->text, is_live};
}

// "192.0.2.1/24", or without a length: no broadcast address is known then.
bool add_address(std::string_view text, LocalAddresses& locals) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const bool is_six = text.find(':') != std::string_view::npos;
  const IpVersion version = is_six ? IpVersion::ipv6 : IpVersion::ipv4;
  const std::uint8_t longest = is_six ? 128 : 32;
  const auto address = iptables::address_of(text.substr(0, slash), version);
  const auto length = slash == text.size() ? std::optional(longest)
                                           : number_of<std::uint8_t>(text.substr(slash + 1));
  if (!address || !length || *length > longest) return false;
  locals.add(version, *address, *length);
  return true;
}

std::optional<EntriesText> entries_of_kernel(const InputTexts& texts,
                                             std::vector<std::string>& errors) {
  for (const NamedSnapshot& each : texts.snapshots) {
    if (!each.is_live) continue;
    auto entries = entries_of(each.path, each.snapshot, true);
    if (!entries) {
      errors.push_back(
          fmt::format("the entries of the running kernel: {}", why_no_entries(each.snapshot)));
    }
    return entries;
  }
  errors.emplace_back("the entries of the running kernel: that needs --live");
  return std::nullopt;
}

}  // namespace

std::string why_no_entries(const Snapshot& snapshot) {
  for (const std::string& each : snapshot.not_read) {
    if (each.starts_with(snapshot_file::entries)) return each;
  }
  return "they were not read";
}

std::optional<LocalAddresses> local_addresses_of(const std::vector<std::string>& option,
                                                 const InputTexts& texts, std::ostream& err) {
  LocalAddresses locals;
  for (const std::string& word : option) {
    if (add_address(word, locals)) continue;
    err << "untrack: --address: not an address like 192.0.2.1/24: \"" << escape_control(word)
        << "\"\n";
    return std::nullopt;
  }
  if (!option.empty()) return locals;
  for (const NamedSnapshot& each : texts.snapshots) {
    for (const Snapshot::Interface& interface : each.snapshot.interfaces) {
      for (const std::string& text : interface.addresses) (void)add_address(text, locals);
    }
  }
  return locals;
}

std::optional<EntriesText> read_entries_text(const std::string& option, const InputTexts& texts,
                                             std::istream& standard_input,
                                             std::vector<std::string>& errors) {
  if (option.empty()) {
    for (const NamedSnapshot& each : texts.snapshots) {
      if (auto entries = entries_of(each.path, each.snapshot, each.is_live)) return entries;
    }
    return std::nullopt;
  }
  if (option == live_entries) return entries_of_kernel(texts, errors);
  const std::size_t before = errors.size();
  std::string text = read_text(option, standard_input, errors);
  if (errors.size() > before) return std::nullopt;
  if (!is_snapshot(text)) return EntriesText{option, std::move(text), false};
  const ParsedSnapshot parsed = parse_snapshot(text);
  std::optional<EntriesText> entries;
  if (parsed.snapshot) entries = entries_of(option, *parsed.snapshot);
  if (!entries) {
    errors.push_back(fmt::format(
        "{}: {}", option,
        parsed.snapshot ? "this snapshot holds no entries: it was made without --entries"
                        : parsed.why_not));
  }
  return entries;
}

}  // namespace untrack
