#include "app/config/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "app/config/toml_characters.hpp"

namespace untrack {
namespace {

class Reader {
 public:
  Reader(const SourceText& source, std::vector<Problem>& problems)
      : source_(source), problems_(problems) {}

  // The bytes of a region; toml++ counts lines and columns from 1, columns in characters, and ends
  // regions behind the last one.
  [[nodiscard]] Span span_of(const toml::source_region& region) const {
    const std::uint32_t begin = offset_of(region.begin);
    return {SourceId(0), begin, std::max(begin, offset_of(region.end))};
  }

  void add_table(const std::string& name, bool is_one_of_many, const Span& span,
                 const toml::table& table, std::vector<ConfigTable>& tables) {
    ConfigTable read{name, is_one_of_many, span, {}};
    std::vector<ConfigTable> inner;
    for (const auto& [key, node] : table) {
      const Span at = span_of(key.source());
      const std::string word(key.str());
      if (const toml::table* below = node.as_table()) {
        if (!name.empty()) {
          refuse(at, fmt::format("a table in [{}]: \"{}\"", name, word),
                 "a table holds keys with values alone");
        } else {
          add_table(word, false, at, *below, inner);
        }
      } else if (const toml::array* list = node.as_array();
                 list != nullptr && is_of_tables(*list)) {
        for (const toml::node& each : *list) {
          add_table(word, true, span_of(each.source()), *each.as_table(), inner);
        }
      } else {
        read.keys.push_back({word, at, value_of(node)});
      }
    }
    std::ranges::sort(read.keys, {}, &ConfigKey::span);
    tables.push_back(std::move(read));
    std::ranges::move(inner, std::back_inserter(tables));
  }

 private:
  [[nodiscard]] std::uint32_t offset_of(const toml::source_position& place) const {
    const std::string_view text = source_.text();
    std::size_t at = 0;
    for (toml::source_index line = 1; line < place.line && at < text.size(); ++line) {
      const std::size_t end = text.find('\n', at);
      at = end == std::string_view::npos ? text.size() : end + 1;
    }
    for (toml::source_index column = 1; column < place.column && at < text.size(); ++column) {
      if (text[at] == '\n') break;
      ++at;
      while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) ++at;
    }
    return static_cast<std::uint32_t>(at);
  }

  static bool is_of_tables(const toml::array& list) {
    return !list.empty() &&
           std::ranges::all_of(list, [](const toml::node& each) { return each.is_table(); });
  }

  static std::optional<std::string> word_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    return std::nullopt;
  }

  ConfigValue value_of(const toml::node& node) const {
    ConfigValue value{ConfigValue::Kind::other, {}, span_of(node.source())};
    if (const toml::array* list = node.as_array()) {
      value.kind = ConfigValue::Kind::list;
      for (const toml::node& each : *list) {
        const std::optional<std::string> word = word_of(each);
        if (!word) {
          value.kind = ConfigValue::Kind::other;
          return value;
        }
        value.words.push_back(*word);
      }
    } else if (const auto* is_on = node.as_boolean()) {
      value.kind = ConfigValue::Kind::boolean;
      value.words = {is_on->get() ? "true" : "false"};
    } else if (const std::optional<std::string> word = word_of(node)) {
      value.kind = node.is_string() ? ConfigValue::Kind::text : ConfigValue::Kind::number;
      value.words = {*word};
    }
    return value;
  }

  void refuse(const Span& span, std::string message, std::string cure) {
    problems_.push_back({ProblemKind::error, span, std::move(message), {}, std::move(cure)});
  }

  const SourceText& source_;
  std::vector<Problem>& problems_;
};

}  // namespace

std::string_view to_text(ConfigValue::Kind kind) {
  switch (kind) {
    case ConfigValue::Kind::text:
      return "a text";
    case ConfigValue::Kind::number:
      return "a whole number";
    case ConfigValue::Kind::boolean:
      return "true or false";
    case ConfigValue::Kind::list:
      return "a list";
    case ConfigValue::Kind::other:
      return "something else";
  }
  return {};
}

ConfigFile parse_config(std::string path, std::string text, std::vector<Problem>& problems) {
  ConfigFile file;
  file.path = path;
  const SourceId id = file.sources.add(std::move(path), std::move(text));
  const SourceText& source = file.sources[id];
  Reader reader(source, problems);
  if (const auto wrong = misplaced_character(source.text())) {
    const Span span{id, static_cast<std::uint32_t>(wrong->begin),
                    static_cast<std::uint32_t>(wrong->end)};
    problems.push_back({ProblemKind::error, span, fmt::format("not TOML: {}", wrong->why), {}, {}});
    return file;
  }
  const toml::parse_result parsed = toml::parse(source.text(), source.path());
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    problems.push_back({ProblemKind::error,
                        reader.span_of(error.source()),
                        fmt::format("not TOML: {}", error.description()),
                        {},
                        {}});
    return file;
  }
  reader.add_table("", false, {}, parsed.table(), file.tables);
  std::ranges::stable_sort(file.tables, {}, &ConfigTable::span);
  return file;
}

}  // namespace untrack
