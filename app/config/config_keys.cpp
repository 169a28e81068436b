#include "app/config/config_keys.hpp"

#include <algorithm>

namespace untrack {
namespace {

using enum ConfigUseOf;

constexpr ConfigRow rows[] = {
    {"audit", "baseline", path},       {"audit", "color", word},
    {"audit", "each", word},           {"audit", "fail-on", word},
    {"audit", "include-path", path},   {"audit", "include-root", path},
    {"audit", "jobs", word},           {"audit", "kernel", word},
    {"audit", "no-ignores", word},     {"audit", "only-table", word},
    {"audit", "output", output},       {"audit", "quiet", word},
    {"audit", "sysctl", path},         {"audit", "width", word},
    {"diff", "color", word},           {"diff", "include-path", path},
    {"diff", "include-root", path},    {"diff", "kernel", word},
    {"diff", "output", output},        {"diff", "width", word},
    {"rewrite", "assume", word},       {"rewrite", "client-ports", word},
    {"rewrite", "color", word},        {"rewrite", "include-path", path},
    {"rewrite", "include-root", path}, {"rewrite", "kernel", word},
    {"rewrite", "outbound", path},     {"rewrite", "width", word},
    {"verify", "assume", word},        {"verify", "client-ports", word},
    {"verify", "color", word},         {"verify", "include-path", path},
    {"verify", "include-root", path},  {"verify", "kernel", word},
    {"verify", "outbound", path},      {"verify", "width", word},
};

}  // namespace

std::span<const ConfigRow> config_rows() { return rows; }

const ConfigRow* find_config_row(std::string_view command, std::string_view key) {
  const auto* at = std::ranges::find_if(
      rows, [&](const ConfigRow& row) { return row.command == command && row.key == key; });
  return at == std::end(rows) ? nullptr : at;
}

}  // namespace untrack
