// ScriptReader: the state of reading one nft script. Only script.cpp and script_blocks.cpp, which
// implement it, and script_declarations.cpp see it.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/nft/builder.hpp"
#include "parser/nft/expressions.hpp"
#include "parser/nft/script.hpp"
#include "parser/nft/statements.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/problem_limit.hpp"

namespace untrack::nft {

class ScriptReader {
 public:
  ScriptReader(SourceId source, Dialect dialect, const IncludedTexts& included, Ruleset& ruleset,
               RulesetBuilder& builder)
      : in_(source, included.sources[source].text(), dialect),
        dialect_(dialect),
        included_(included),
        ruleset_(ruleset),
        builder_(builder),
        expressions_(in_, ruleset, variables_),
        statements_(in_, expressions_),
        limit_(ruleset, source) {
    expressions_.read_inline_chain = [this] { return read_inline_chain(); };
  }

  ScriptOutcome read();

 private:
  enum class Action : std::uint8_t { add, insert, replace, remove, flush, other };
  struct Name {
    std::string_view text;
    Span span;
  };

  // script.cpp: commands.
  void read_command();
  void read_object(Action action, std::string_view word);
  bool read_definition();
  void read_rule_command(Action action);
  void read_element_command(Action action);
  void read_chain_command(Action action);
  void read_table_command(Action action);
  void read_set_command(Action action, SetKind kind);
  void read_object_command(Action action, std::string_view kind);
  void read_flush();
  void read_rename();
  // Throws if `handle N` stands here: which thing has it is not known.
  void refuse_handle(std::string_view what);
  // Statements up to the end, as a rule of the chain; what is not understood is kept as opaque.
  void read_rule(ChainId chain, const RulePlace& place, std::size_t first);
  [[nodiscard]] RuleText rule_text(std::size_t first) const;
  [[nodiscard]] std::uint64_t handle_behind(std::uint32_t end) const;
  std::optional<RulePlace> read_place(Action action);

  // script_include.cpp: the items of other files, in the place where they are included.
  void read_include(const std::function<void()>& read_item);
  void read_included(SourceId file, const std::function<void()>& read_item);
  // One item after the other up to the end of the text; a bad one hides no other.
  void read_items(const std::function<void()>& read_item);

  // script_blocks.cpp: what stands in braces.
  // { ... }: items one after the other, with variables of its own; a bad one hides no other.
  void read_block(std::string_view what, const std::function<void()>& read_item);
  void read_table_block(TableId table);
  void read_table_item(TableId table);
  void read_declaration(TableId table);
  void read_chain_block(ChainId chain);
  void read_chain_item(ChainId chain);
  // `jump { ... }`: a chain without a name.
  std::string_view read_inline_chain();
  void read_hook(ChainId id);
  int read_priority(Family family, Hook hook);
  int read_priority_variable(Family family);
  std::vector<std::string_view> read_devices();
  void read_policy(ChainId id);

  // script_declarations.cpp, script_objects.cpp: sets, maps, objects.
  void read_set_block(SetId set);
  void read_set_item(SetId id);
  // Behind `elements =`.
  void read_element_list(SetId id);
  void read_type(SetId id, bool is_typeof);
  void read_value_type(SetId id, bool is_typeof);
  void check_map_value(const NamedSet& set, const Node& value) const;
  void read_declared_object(TableId table, std::string_view kind, bool is_command);
  void delete_declared_object(TableId table, std::string_view kind);
  void read_object_body(std::string_view kind);
  void read_object_item(std::string_view kind);
  void read_object_operand(std::string_view kind, std::string_view word);
  // Throw for what nft refuses: a value of a property, elements of the wrong kind.
  void check_property(std::string_view word);
  void check_elements(const NamedSet& set, const Node& elements);
  // Reports what properties do not go together.
  void check_set(const Span& span);

  // Words.
  Family read_family();
  // Throws for a word that names nothing.
  void refuse_reserved() const;
  // Throws if no name stands here.
  Name read_name(std::string_view what);
  TableId read_table_name(Family family);
  // The chain of a rule, which is to be there; reported and made if it is not.
  ChainId existing_chain(TableId table, const Name& name);
  void end_statement();
  // Reports what stands where nft asks for `;` or a new line, and goes on.
  void check_separator();
  // Reports a brace that stands in the line below, and goes on with it.
  void open_block_below();
  void report_carriage_return();
  void report(const SyntaxError& error, const Span& whole);
  void recover(std::size_t first);
  static bool is_family(std::string_view word);

  TokenStream in_;
  Dialect dialect_;
  const IncludedTexts& included_;
  std::vector<SourceId> read_;  // of those
  Ruleset& ruleset_;
  RulesetBuilder& builder_;
  Variables variables_;
  ExpressionReader expressions_;
  StatementReader statements_;
  ProblemLimit limit_;
  bool has_commands_ = false;
  bool has_policy_ = false;            // the block of the chain that is being read
  std::optional<TableId> rule_table_;  // of the rule that is being read
  // Of the set that is being read.
  struct SetProperties {
    bool has_type = false;
    bool has_intervals = false;
    bool has_ranges = false;
    bool merges = false;
    bool has_elements = false;
    bool has_timeouts = false;
    bool has_gc_interval = false;
    std::optional<catalog::NftType> value_type;  // of a map, where it is one type
  };
  SetProperties set_;
  std::size_t inline_chains_ = 0;
  std::size_t inline_depth_ = 0;  // of chains that stand in rules, within each other
};

}  // namespace untrack::nft
