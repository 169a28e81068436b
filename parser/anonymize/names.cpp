#include "parser/anonymize/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace untrack::anonymize {
namespace {

constexpr std::array tables = {"filter", "nat", "mangle", "raw", "security"};
constexpr std::array chains = {"INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING",
                               "input", "output", "forward", "prerouting", "postrouting"};

bool is_everybodys(NameKind kind, std::string_view name) {
  const auto is_in = [&](const auto& names) {
    return std::ranges::any_of(names, [&](std::string_view each) { return each == name; });
  };
  return (kind == NameKind::table && is_in(tables)) || (kind == NameKind::chain && is_in(chains));
}

std::string_view word_of(NameKind kind) {
  switch (kind) {
    case NameKind::table:
      return "table";
    case NameKind::chain:
      return "chain";
    case NameKind::set:
      return "set";
    case NameKind::object:
      return "object";
    case NameKind::list:
      return "list";
    case NameKind::text:
      return "text";
    case NameKind::netns:
      return "netns";
  }
  return {};
}

}  // namespace

std::string Names::of(NameKind kind, std::string_view name) {
  if (name.empty() || is_everybodys(kind, name)) return std::string(name);
  const auto [place, is_new] = numbers_.try_emplace({kind, std::string(name)}, 0);
  if (is_new) place->second = ++counts_[kind];
  return fmt::format("{}{}", word_of(kind), place->second);
}

std::string Names::turned(std::string_view name) const {
  std::string mapped;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto turn = [&](char first, unsigned count) {
      const auto place = static_cast<unsigned>(name[i] - first);
      const auto by = static_cast<unsigned>(hash_of(key_, name.substr(0, i)) % count);
      mapped += static_cast<char>(first + static_cast<int>((place + by) % count));
    };
    if (name[i] >= 'a' && name[i] <= 'z') {
      turn('a', 26);
    } else if (name[i] >= 'A' && name[i] <= 'Z') {
      turn('A', 26);
    } else if (name[i] >= '0' && name[i] <= '9') {
      turn('0', 10);
    } else {
      mapped += name[i];
    }
  }
  return mapped;
}

std::string Names::of_interface(std::string_view name) const {
  if (name == "lo") return "lo";
  std::string mapped = turned(name);
  // What lo would be called is free.
  return mapped == "lo" ? turned("lo") : mapped;
}

}  // namespace untrack::anonymize
