#include "app/pipeline/json_pivot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "rewriter/line_changes.hpp"

namespace untrack {
namespace {

using nft::JsonCommand;
using nft::JsonItem;
using nft::JsonPart;

std::string line_of(const JsonItem& item) {
  std::string line = fmt::format("add rule {}", item.chain);
  for (const JsonPart& part : item.parts) line += ' ' + part.words;
  if (!item.comment.empty()) line += ' ' + item.comment;
  return line + '\n';
}

// Without comments, which JSON has no place for.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos && line[first] != '#') lines.push_back(line);
  }
  return lines;
}

std::string array_of(const std::vector<JsonPart>& parts) {
  std::string text;
  for (const JsonPart& part : parts) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", part.json);
  }
  return fmt::format("[{}]", text);
}

// How many parts both have, verdicts aside, which many rules have.
std::size_t likeness(const JsonItem& item, const JsonCommand& command) {
  if (item.chain != command.chain) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(command.parts, [&](const JsonPart& part) {
    return part.words != "accept" && part.words != "drop" && part.words != "counter" &&
           std::ranges::find(item.parts, part.words, &JsonPart::words) != item.parts.end();
  }));
}

std::string with_command(const std::string& command, std::string object) {
  return command.empty() ? object : fmt::format(R"({{"{}": {}}})", command, object);
}

// The same line, the same number.
std::vector<std::uint32_t> numbered(const std::vector<std::string_view>& lines,
                                    std::unordered_map<std::string_view, std::uint32_t>& known) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(lines.size());
  for (const std::string_view line : lines) {
    numbers.push_back(known.emplace(line, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return numbers;
}

}  // namespace

JsonPivot::JsonPivot(const std::vector<InputText>& inputs) {
  for (const InputText& input : inputs) add(input);
}

void JsonPivot::add(const InputText& input) {
  const auto source = static_cast<SourceId>(files_.size());
  nft::JsonItems read = nft::read_json_items(source, input.text);
  if (read.obstacle && !obstacle_) {
    obstacle_ = Refusal{read.obstacle->span, read.obstacle->why,
                        "give what `nft list ruleset` prints, without -j"};
  }
  File file;
  file.path = input.path;
  file.text = input.text;
  file.items = std::move(read.items);
  std::string others;
  const auto table = std::ranges::find(file.items, JsonItem::Kind::table, &JsonItem::kind);
  if (table != file.items.end()) file.head = fmt::format("add table {}\n", table->table);
  for (std::size_t i = 0; i < file.items.size(); ++i) {
    const JsonItem& item = file.items[i];
    if (item.kind != JsonItem::Kind::rule) {
      others += fmt::format("{}{}", others.empty() ? "" : ",\n",
                            file.text.substr(item.span.begin, item.span.size()));
      continue;
    }
    file.lines += line_of(item);
    file.rules.push_back(i);
    file.ends.push_back(static_cast<std::uint32_t>(file.head.size() + file.lines.size()));
  }
  inputs_.push_back({input.path, fmt::format("{{\"nftables\": [{}]}}\n", others)});
  inputs_.push_back({fmt::format("{} (rules in words)", input.path), file.head + file.lines});
  files_.push_back(std::move(file));
}

Span JsonPivot::original_of(const Span& pivot) const {
  const auto at = static_cast<std::size_t>(pivot.source);
  const auto source = static_cast<SourceId>(at / 2);
  if (at / 2 >= files_.size() || at % 2 == 0 || pivot.empty()) return {source, 0, 0};
  const File& file = files_[at / 2];
  if (pivot.begin < file.head.size()) return {source, 0, 0};
  const auto line = static_cast<std::size_t>(std::ranges::upper_bound(file.ends, pivot.begin) -
                                             file.ends.begin());
  return line < file.rules.size() ? file.items[file.rules[line]].span : Span{source, 0, 0};
}

UnifiedDiff JsonPivot::difference(std::size_t input, const std::string& rules) const {
  const File& file = files_[input];
  return unified_diff(file.path, file.head + file.lines, file.path, rules);
}

std::optional<std::vector<std::string>> JsonPivot::back(
    const std::vector<std::string>& texts) const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (texts[2 * i] != inputs_[2 * i].text) return std::nullopt;
    auto text = back(files_[i], texts[2 * i + 1]);
    if (!text) return std::nullopt;
    all.push_back(std::move(*text));
  }
  return all;
}

// What a rewrite puts beside the rules of the array, by line, and which of them are gone.
struct JsonPivot::Changes {
  // Where a rule of this chain that stands in place of the lines of the change goes: beside rules
  // of its own chain, which stand behind the chain. `next`: the first line that may still come
  // behind it.
  std::vector<std::string>& place_of(const std::string& chain, const File& file,
                                     const LineChange& change, std::size_t& next) {
    const std::size_t count = file.rules.size();
    const auto is_of_chain = [&](std::size_t line) {
      return file.items[file.rules[line]].chain == chain;
    };
    for (std::size_t line = next; line < change.old_end; ++line) {
      if (is_of_chain(line)) return ahead[next = line];
    }
    for (std::size_t line = std::max<std::size_t>(next, change.old_end); line-- > 0;) {
      if (is_of_chain(line)) return behind[line];
    }
    for (std::size_t line = change.old_end; line < count; ++line) {
      if (is_of_chain(line)) return ahead[line];
    }
    return behind[count - 1];
  }

  std::map<std::size_t, std::vector<std::string>> ahead;
  std::map<std::size_t, std::vector<std::string>> behind;
  std::vector<bool> is_gone;
  std::map<std::string, std::vector<std::string>> chains;  // by table
};

std::optional<JsonPivot::Changes> JsonPivot::changes_of(
    const File& file, const std::vector<std::string_view>& before,
    const std::vector<std::string_view>& after) {
  Changes changes;
  changes.is_gone.resize(before.size() + 1);
  std::unordered_map<std::string_view, std::uint32_t> known;
  const std::vector<std::uint32_t> old_numbers = numbered(before, known);
  for (const LineChange& change : changed_lines(old_numbers, numbered(after, known))) {
    std::vector<const JsonItem*> old;
    std::vector<JsonPart> parts;
    for (std::uint32_t i = change.old_begin; i < change.old_end; ++i) {
      changes.is_gone[i] = true;
      old.push_back(&file.items[file.rules[i]]);
      parts.insert(parts.end(), old.back()->parts.begin(), old.back()->parts.end());
    }
    const std::size_t near = std::min<std::size_t>(change.old_begin, before.size() - 1);
    const std::string& command = file.items[file.rules[near]].command;
    std::size_t next = change.old_begin;
    for (std::uint32_t i = change.new_begin; i < change.new_end; ++i) {
      const auto made = nft::json_command(after[i], parts);
      if (!made) return std::nullopt;
      if (made->kind == JsonItem::Kind::chain) {
        changes.chains[made->table].push_back(with_command(command, made->object));
        continue;
      }
      const auto like = std::ranges::max_element(old, {}, [&](const JsonItem* item) {
        return item == nullptr ? 0 : likeness(*item, *made);
      });
      if (like != old.end() && *like != nullptr && likeness(**like, *made) > 0) {
        const JsonItem& item = **like;
        std::string text = file.text.substr(item.span.begin, item.span.size());
        text.replace(item.parts_span.begin - item.span.begin, item.parts_span.size(),
                     array_of(made->parts));
        changes.place_of(made->chain, file, change, next).push_back(std::move(text));
        *like = nullptr;
        continue;
      }
      std::string object =
          fmt::format(R"({{"rule": {{{}, "expr": {}}}}})", made->address, array_of(made->parts));
      changes.place_of(made->chain, file, change, next)
          .push_back(with_command(command, std::move(object)));
    }
  }
  return changes;
}

// New chains stand behind the last one of their table; nullopt: it has none.
std::optional<std::string> JsonPivot::with_changes(const File& file, Changes changes) {
  std::map<std::string, std::size_t> last_chain;
  for (std::size_t i = 0; i < file.items.size(); ++i) {
    if (file.items[i].kind == JsonItem::Kind::chain) last_chain[file.items[i].table] = i;
  }
  std::string text = file.text.substr(0, file.items.front().span.begin);
  std::string_view separator;
  bool is_first = true;
  const auto put = [&](std::string_view item) {
    if (!std::exchange(is_first, false)) text += separator.empty() ? ", " : separator;
    text += item;
  };
  std::size_t line = 0;
  for (std::size_t i = 0; i < file.items.size(); ++i) {
    const JsonItem& item = file.items[i];
    if (i > 0) {
      const std::uint32_t end = file.items[i - 1].span.end;
      separator = std::string_view(file.text).substr(end, item.span.begin - end);
    }
    const bool is_rule = item.kind == JsonItem::Kind::rule;
    if (is_rule) {
      for (const std::string& each : changes.ahead[line]) put(each);
    }
    if (!is_rule || !changes.is_gone[line]) {
      put(std::string_view(file.text).substr(item.span.begin, item.span.size()));
    }
    if (is_rule) {
      for (const std::string& each : changes.behind[line++]) put(each);
    }
    const bool is_last_chain = item.kind == JsonItem::Kind::chain && last_chain[item.table] == i;
    if (!is_last_chain) continue;
    for (const std::string& each : changes.chains[item.table]) put(each);
    changes.chains.erase(item.table);
  }
  if (std::ranges::any_of(changes.chains, [](const auto& each) { return !each.second.empty(); })) {
    return std::nullopt;
  }
  return text + file.text.substr(file.items.back().span.end);
}

std::optional<std::string> JsonPivot::back(const File& file, const std::string& rules) {
  if (!rules.starts_with(file.head)) return std::nullopt;
  if (rules == file.head + file.lines) return file.text;
  const std::vector<std::string_view> before = lines_of(file.lines);
  if (before.empty() || before.size() != file.rules.size()) return std::nullopt;
  auto changes =
      changes_of(file, before, lines_of(std::string_view(rules).substr(file.head.size())));
  if (!changes) return std::nullopt;
  return with_changes(file, std::move(*changes));
}

}  // namespace untrack
