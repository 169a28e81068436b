// JsonReader: the state of reading one input of JSON. Only script.cpp and sets.cpp, which
// implement it, see it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "parser/nft/builder.hpp"
#include "parser/nft/json/expressions.hpp"
#include "parser/nft/json/script.hpp"
#include "parser/nft/json/statements.hpp"
#include "parser/nft/json/value.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/problem_limit.hpp"

namespace untrack::nft {

class JsonReader {
 public:
  JsonReader(SourceId source, std::string_view text, Ruleset& ruleset, RulesetBuilder& builder)
      : source_(source),
        text_(text),
        ruleset_(ruleset),
        builder_(builder),
        expressions_(ruleset),
        statements_(ruleset, expressions_),
        limit_(ruleset, source) {
    statements_.make_inline_chain = [this](const Span& span) { return make_inline_chain(span); };
    statements_.add_inline_rule = [this](std::string_view chain, const std::vector<Node>& nodes,
                                         const Span& span) { add_inline_rule(chain, nodes, span); };
  }

  ScriptOutcome read();

 private:
  // `list`: stands without a command, as a listing has it.
  enum class Action : std::uint8_t { list, add, insert, replace, remove };

  // script.cpp: commands, tables, chains, rules.
  void read_item(const JsonValue& item);
  void read_object(Action action, const JsonValue& object);
  void read_flush(const JsonValue& object);
  // The chain of that name, which is to be there; told of and made if it is not.
  ChainId existing_chain(TableId table, const JsonValue& name);
  void read_rename(const JsonValue& object);
  // Throws if what is to be deleted has no name.
  static void refuse_handle(const JsonValue& object, std::string_view what);
  void read_table(Action action, const JsonValue& object);
  void read_chain(Action action, const JsonValue& object);
  void read_hook(const JsonValue& object, ChainId id);
  void read_rule(Action action, const JsonValue& object);
  void add_rule(const JsonValue& object, ChainId chain, const RulePlace& place,
                const RuleText& text);
  std::string_view make_inline_chain(const Span& span);
  void add_inline_rule(std::string_view chain, const std::vector<Node>& statements,
                       const Span& span);
  static RulePlace place_of(Action action, const JsonValue& object);

  // sets.cpp: sets, maps, objects.
  void read_set(Action action, const JsonValue& object);
  void read_set_body(const JsonValue& object, SetId id);
  void read_type(const JsonValue& type, SetId set);
  void read_element(Action action, const JsonValue& object);
  // False for what is no object of nft.
  bool read_declared_object(Action action, const JsonValue& object);

  // Throw where the member is missing or says nothing.
  static Family family_of(const JsonValue& object);
  static const JsonValue& name_in(const JsonValue& object, std::string_view name);
  TableId table_of(const JsonValue& object);
  void note(const Span& span, std::string message, std::string cure);
  void report(const SyntaxError& error, const Span& whole);

  SourceId source_;
  std::string_view text_;
  Ruleset& ruleset_;
  RulesetBuilder& builder_;
  JsonExpressionReader expressions_;
  JsonStatementReader statements_;
  ProblemLimit limit_;
  TableId rule_table_;  // of the rule that is being read
  std::size_t inline_chains_ = 0;
};

}  // namespace untrack::nft
