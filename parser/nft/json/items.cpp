#include "parser/nft/json/items.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "parser/nft/json/statements.hpp"
#include "parser/nft/json/words.hpp"
#include "parser/nft/json/writer.hpp"
#include "parser/nft/statements.hpp"

namespace untrack::nft {
namespace {

constexpr std::string_view no_words =
    "this rule has no words in the text of nft that are known here";

constexpr int raw_priority = -300;  // NF_IP_PRI_RAW, linux/netfilter_ipv4.h

class ItemReader {
 public:
  ItemReader(SourceId source, std::string_view text)
      : source_(source), text_(text), expressions_(kept_), statements_(kept_, expressions_) {}

  JsonItems read() {
    try {
      const JsonValue document = read_json(
          source_, text_, [&](std::string text) { return expressions_.keep(std::move(text)); });
      for (const JsonValue& item : member(document, "nftables").children) read_item(item);
    } catch (const SyntaxError& error) {
      hinder(error.span, error.message);
    }
    return std::move(found_);
  }

 private:
  void hinder(const Span& span, std::string why) {
    if (!found_.obstacle) found_.obstacle = {span, std::move(why)};
  }

  void read_item(const JsonValue& item) {
    const JsonValue* inner = &only_member(item);
    JsonItem made;
    made.span = item.span;
    const bool is_command = inner->key != "metainfo" && inner->children.size() == 1 &&
                            inner->children.front().is(JsonKind::object) && inner->key != "rule" &&
                            inner->key != "chain" && inner->key != "table";
    if (is_command) {
      made.command = inner->key;
      inner = &inner->children.front();
    }
    // What stands there changes as it goes, and so would what a rewrite says of it.
    const bool changes_rules =
        !made.command.empty() && made.command != "add" && made.command != "create";
    if (changes_rules && (has_rules_ || made.command == "insert" || made.command == "replace")) {
      hinder(item.span, "it puts a rule in front of others, or changes what stands already");
    }
    if (inner->key == "chain" || inner->key == "rule") {
      made.table = fmt::format("{} {}", inner->text_of("family"), inner->text_of("table"));
    }
    for (const std::string_view name : {"table", "chain", "name"}) {
      const std::string_view word = inner->text_of(name);
      const bool is_written =
          inner->key == "table" || inner->key == "chain" || inner->key == "rule";
      if (is_written && word.find_first_of(" \t\r\n\"'#;{}\\$") != std::string_view::npos) {
        hinder(item.span, "its name is no word in the text of nft");
      }
    }
    if (inner->key == "table") {
      made.kind = JsonItem::Kind::table;
      made.table = fmt::format("{} {}", inner->text_of("family"), inner->text_of("name"));
    } else if (inner->key == "chain") {
      made.kind = JsonItem::Kind::chain;
      made.chain = fmt::format("{} {}", made.table, inner->text_of("name"));
    } else if (inner->key == "rule") {
      has_rules_ = true;
      made.kind = JsonItem::Kind::rule;
      made.chain = fmt::format("{} {}", made.table, inner->text_of("chain"));
      const bool has_place =
          !made.command.empty() && (inner->find("handle") != nullptr || inner->find("index"));
      if (has_place) hinder(item.span, "it says where in the chain the rule goes, by a number");
      read_rule(*inner, made);
    }
    found_.items.push_back(std::move(made));
  }

  void read_rule(const JsonValue& rule, JsonItem& made) {
    const JsonValue& all = member(rule, "expr");
    made.parts_span = all.span;
    for (const JsonValue& each : all.children) {
      std::optional<std::string> words;
      if (each.is(JsonKind::string)) {
        words = std::string(each.text);
        // `jump { ... }`, a rule a line.
        std::ranges::replace(*words, '\n', ';');
      } else {
        words = words_of(each, statements_.read(each));
      }
      if (!words || words->find('\n') != std::string::npos) {
        hinder(each.span, std::string(no_words));
        return;
      }
      made.parts.push_back(
          {std::move(*words), std::string(text_.substr(each.span.begin, each.span.size()))});
    }
    const auto comment = quoted_word(rule.text_of("comment"));
    if (rule.find("comment") != nullptr && comment) {
      made.comment = fmt::format("comment {}", *comment);
    }
  }

  SourceId source_;
  std::string_view text_;
  Ruleset kept_;
  JsonExpressionReader expressions_;
  JsonStatementReader statements_;
  JsonItems found_;
  bool has_rules_ = false;
};

// What stands behind the word.
std::string_view behind(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + word.size());
  return text.substr(0, text.find_first_of(" ;"));
}

std::string address_of(std::string_view family, std::string_view table) {
  return fmt::format(R"("family": {}, "table": {})", json_string(family), json_string(table));
}

}  // namespace

JsonItems read_json_items(SourceId source, std::string_view text) {
  return ItemReader(source, text).read();
}

std::optional<JsonCommand> json_command(std::string_view line, const std::vector<JsonPart>& known) {
  Ruleset kept;
  const Variables none;
  TokenStream in(SourceId{}, line, Dialect::script);
  ExpressionReader expressions(in, kept, none);
  JsonCommand made;
  try {
    if (!in.accept_word("add")) return std::nullopt;
    const bool is_chain = in.accept_word("chain");
    if (!is_chain && !in.accept_word("rule")) return std::nullopt;
    const std::string_view family = in.text(in.expect_word("a family"));
    const std::string_view table = in.text(in.expect_word("a table"));
    const std::string_view chain = in.text(in.expect_word("a chain"));
    made.table = fmt::format("{} {}", family, table);
    made.chain = fmt::format("{} {}", made.table, chain);
    const std::string address = address_of(family, table);
    if (is_chain) {
      made.kind = JsonItem::Kind::chain;
      if (behind(line, " priority ") != "raw") return std::nullopt;
      made.object = fmt::format(
          R"({{"chain": {{{}, "name": {}, "type": {}, "hook": {}, "prio": {}, "policy": {}}}}})",
          address, json_string(chain), json_string(behind(line, " type ")),
          json_string(behind(line, " hook ")), raw_priority, json_string(behind(line, " policy ")));
      return made;
    }
    made.kind = JsonItem::Kind::rule;
    made.address = fmt::format(R"({}, "chain": {})", address, json_string(chain));
    for (const Node& node : StatementReader(in, expressions).read_rule()) {
      std::string words(line.substr(node.span.begin, node.span.size()));
      if (words.starts_with("comment ")) {
        if (!node.children.empty()) made.comment = node.children.front().text;
        continue;
      }
      const auto same = std::ranges::find(known, words, &JsonPart::words);
      auto json = same == known.end() ? json_of(node) : std::optional(same->json);
      if (!json) return std::nullopt;
      made.parts.push_back({std::move(words), std::move(*json)});
    }
    if (!in.is_at_end()) return std::nullopt;
  } catch (const SyntaxError&) {
    return std::nullopt;
  }
  return made;
}

}  // namespace untrack::nft
