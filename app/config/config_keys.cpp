#include "app/config/config_keys.hpp"

#include <algorithm>
#include <vector>

namespace untrack {
namespace {

using enum ConfigUseOf;

struct KeyRow {
  std::string_view key;
  std::string_view commands;  // separated by blanks
  ConfigUseOf use{};
  bool is_of_target = false;
};

// The one table of which key applies where: docs/linting.md prints it.
constexpr KeyRow keys[] = {
    {"anonymize", "snapshot", word},
    {"assume", "rewrite verify", word},
    {"baseline", "audit", path},
    {"bits", "pressure", word, true},
    {"buckets", "pressure", word, true},
    {"client-ports", "rewrite verify", word},
    {"color", "audit diff explain pressure rewrite unload verify", word},
    {"depth", "pressure", word},
    {"each", "audit", word},
    {"fail-on", "audit pressure", word},
    {"flood", "pressure", word},
    {"headroom", "pressure", word},
    {"include-path", "audit diff explain rewrite unload verify", path},
    {"include-root", "audit diff explain rewrite unload verify", path},
    {"jobs", "audit", word},
    {"kernel", "audit diff explain pressure rewrite unload verify", word, true},
    {"max", "pressure", word, true},
    {"modules", "unload", path, true},
    {"modules-builtin", "unload", path, true},
    {"modules-dep", "unload", path, true},
    {"no-ignores", "audit", word},
    {"only-table", "audit", word},
    {"outbound", "rewrite verify", path},
    {"output", "audit diff pressure", output},
    {"profile", "pressure", path},
    {"quiet", "audit", word},
    {"ram", "pressure", word, true},
    {"rate", "pressure", word},
    {"state", "explain", word},
    {"sysctl", "audit pressure", path, true},
    {"width", "audit diff explain pressure rewrite unload verify", word},
};

std::vector<ConfigRow> all_rows() {
  std::vector<ConfigRow> rows;
  for (const KeyRow& row : keys) {
    std::string_view rest = row.commands;
    while (!rest.empty()) {
      const std::string_view command = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), command.size() + 1));
      rows.push_back({command, row.key, row.use, row.is_of_target});
    }
  }
  return rows;
}

}  // namespace

std::span<const ConfigRow> config_rows() {
  static const std::vector<ConfigRow> rows = all_rows();
  return rows;
}

const ConfigRow* find_config_row(std::string_view command, std::string_view key) {
  const std::span<const ConfigRow> rows = config_rows();
  const auto at = std::ranges::find_if(
      rows, [&](const ConfigRow& row) { return row.command == command && row.key == key; });
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace untrack
