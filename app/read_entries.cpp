#include "app/read_entries.hpp"

#include <fmt/format.h>

#include "app/read_settings.hpp"
#include "parser/snapshot.hpp"

namespace untrack {
namespace {

std::optional<EntriesText> entries_of(const std::string& path, const Snapshot& snapshot) {
  const Snapshot::File* file = snapshot.file(snapshot_file::entries);
  if (file == nullptr) return std::nullopt;
  return EntriesText{fmt::format("{}:{}", path, file->name), file->text};
}

}  // namespace

std::optional<EntriesText> read_entries_text(const std::string& option, const InputTexts& texts,
                                             std::istream& standard_input,
                                             std::vector<std::string>& errors) {
  if (option.empty()) {
    for (const NamedSnapshot& each : texts.snapshots) {
      if (auto entries = entries_of(each.path, each.snapshot)) return entries;
    }
    return std::nullopt;
  }
  const std::size_t before = errors.size();
  std::string text = read_text(option, standard_input, errors);
  if (errors.size() > before) return std::nullopt;
  if (!is_snapshot(text)) return EntriesText{option, std::move(text)};
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
