#include "app/completions/value_words.hpp"

#include <algorithm>
#include <stdexcept>

#include "analysis/check.hpp"
#include "analysis/flows/assumptions.hpp"
#include "analysis/flows/flows.hpp"
#include "app/completions/completions.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

std::vector<ValueWord> split(std::string_view words) {
  std::vector<ValueWord> all;
  while (true) {
    const std::size_t bar = words.find('|');
    all.push_back({std::string(words.substr(0, bar)), ""});
    if (bar == std::string_view::npos) return all;
    words.remove_prefix(bar + 1);
  }
}

std::vector<ValueWord> check_words() {
  std::vector<ValueWord> all;
  all.reserve(2 * all_checks().size());
  for (const CheckInfo* const check : all_checks()) {
    all.push_back({std::string(check->code), std::string(check->name)});
  }
  for (const CheckInfo* const check : all_checks()) {
    all.push_back({std::string(check->name), std::string(check->code)});
  }
  return all;
}

std::vector<ValueWord> assumption_words() {
  std::vector<ValueWord> all;
  for (const AssumptionRow& row : all_assumptions()) {
    if (row.id == Assumption::outbound_profile) continue;  // --outbound switches it
    const std::string name(row.name);
    all.push_back(row.is_default ? ValueWord{"no-" + name, "off"} : ValueWord{name, "on"});
  }
  all.push_back({"none", "all off"});
  return all;
}

std::vector<ValueWord> exposure_words() {
  std::vector<ValueWord> all;
  all.reserve(listed_exposure().size());
  for (const ExposureKind kind : listed_exposure()) all.push_back({std::string(to_text(kind)), ""});
  return all;
}

std::vector<ValueWord> format_words() {
  std::vector<ValueWord> all;
  all.reserve(nameable_formats().size());
  for (const Format format : nameable_formats()) all.push_back({std::string(to_text(format)), ""});
  return all;
}

std::vector<ValueWord> shell_words() {
  std::vector<ValueWord> all;
  all.reserve(shells().size());
  for (const Shell& shell : shells()) all.push_back({std::string(shell.name), ""});
  return all;
}

struct Row {
  std::string_view type;
  ValueKind kind = ValueKind::free;
  std::vector<ValueWord> (*words)() = nullptr;
};
constexpr Row rows[] = {
    {"A:B"},
    {"ADDRESS"},
    {"CHECK", ValueKind::words, check_words},
    {"CERTIFICATE", ValueKind::file},
    {"COLUMNS"},
    {"DIR", ValueKind::directory},
    {"FACTOR"},
    {"FILE", ValueKind::file},
    {"FILE|DIR", ValueKind::file},
    {"FORMAT", ValueKind::words, format_words},
    {"KIND", ValueKind::words, exposure_words},
    {"LOAD"},
    {"N"},
    {"NUMBER"},
    {"NAME[,NAME]", ValueKind::words, assumption_words},
    {"NAME|PID", ValueKind::namespaces},
    {"OLD NEW", ValueKind::file},
    {"ORIGINAL REWRITTEN", ValueKind::file},
    {"PACKET"},
    {"RATE"},
    {"REV|DIR", ValueKind::directory},
    {"RULES", ValueKind::file},
    {"SELECTOR"},
    {"SERVICE=LOAD"},
    {"SHELL", ValueKind::words, shell_words},
    {"SIZE"},
    {"TIME"},
    {"VERSION"},
};

bool is_list_of_words(std::string_view type) {
  return type.find('|') != std::string_view::npos && std::ranges::all_of(type, [](char letter) {
           return letter == '|' || letter == '-' || (letter >= 'a' && letter <= 'z') ||
                  (letter >= '0' && letter <= '9');
         });
}

}  // namespace

ValueWords value_words(std::string_view type, const std::vector<CommandRow>& table) {
  if (type == "COMMAND") {
    ValueWords names{ValueKind::words, {}};
    names.words.reserve(table.size());
    for (const CommandRow& command : table) names.words.push_back({command.name, ""});
    return names;
  }
  constexpr std::string_view file = "[=FILE]";
  if (type.ends_with(file)) {
    return ValueWords{ValueKind::forms, split(type.substr(0, type.size() - file.size()))};
  }
  if (is_list_of_words(type)) return ValueWords{ValueKind::words, split(type)};
  const auto* const row = std::ranges::find(rows, type, &Row::type);
  if (row == std::end(rows)) {
    throw std::logic_error("what can stand for " + std::string(type) +
                           " is missing in the rows of app/completions/value_words.cpp");
  }
  return ValueWords{row->kind, row->words == nullptr ? std::vector<ValueWord>() : row->words()};
}

}  // namespace untrack
