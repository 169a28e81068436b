// Tables and chains in braces. After nft(8), "TABLES" and "CHAINS".
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/nft_symbols.hpp"
#include "model/spelling.hpp"
#include "parser/nft/script_reader.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

template <class Word>
struct Named {
  std::string_view word;
  Word value;
};

constexpr Named<ChainType> types[] = {
    {"filter", ChainType::filter}, {"nat", ChainType::nat}, {"route", ChainType::route}};
constexpr Named<Hook> hooks[] = {{"prerouting", Hook::prerouting},
                                 {"input", Hook::input},
                                 {"forward", Hook::forward},
                                 {"output", Hook::output},
                                 {"postrouting", Hook::postrouting},
                                 {"ingress", Hook::ingress},
                                 {"egress", Hook::egress}};

template <class Word, std::size_t count>
std::optional<Word> find(const Named<Word> (&rows)[count], std::string_view word) {
  for (const auto& row : rows) {
    if (row.word == word) return row.value;
  }
  return std::nullopt;
}

// nft(8), "ADDRESS FAMILIES", and `nft -c` of 1.0.6 (measured).
bool has_hook(Family family, Hook hook) {
  const bool is_of_device = hook == Hook::ingress || hook == Hook::egress;
  switch (family) {
    case Family::netdev:
      return is_of_device;
    case Family::inet:
      return hook != Hook::egress;
    case Family::arp:
      return hook == Hook::input || hook == Hook::output;
    case Family::ip:
    case Family::ip6:
    case Family::bridge:
      return !is_of_device;
  }
  return true;
}

int priority_of(std::uint64_t number) {
  return static_cast<int>(static_cast<std::uint32_t>(number));
}

}  // namespace

void ScriptReader::read_block(std::string_view what, const std::function<void()>& read_item) {
  in_.expect_symbol("{", fmt::format("at the begin of a {}", what));
  variables_.open_block();
  for (;;) {
    in_.skip_separators();
    if (in_.is_at_end()) {
      variables_.close_block();
      in_.fail(fmt::format("}} at the end of the {}", what));
    }
    if (in_.accept_symbol("}")) break;
    const std::size_t first = in_.position();
    try {
      read_item();
    } catch (const SyntaxError& error) {
      if (in_.is_at_end()) {
        variables_.close_block();
        throw;
      }
      if (in_.position() == first) in_.next();
      in_.skip_statement();
      report(error, in_.span_since(first));
    }
    limit_.apply();
  }
  variables_.close_block();
}

void ScriptReader::read_table_block(TableId table) {
  read_block("table", [&] { read_table_item(table); });
}

void ScriptReader::read_table_item(TableId table) {
  if (read_definition()) return;
  if (in_.is_word("include")) {
    return read_include([this, table] { read_table_item(table); });
  }
  if (in_.accept_word("flags")) {
    do {
      if (!catalog::has_word("dormant owner persist", in_.word())) {
        in_.fail("dormant, owner or persist");
      }
      const std::string_view flag = in_.text(in_.next());
      if (flag == "dormant") ruleset_.tables[table.index()].is_dormant = true;
    } while (in_.accept_symbol(","));
    return end_statement();
  }
  if (in_.accept_word("comment")) {
    in_.next();
    return end_statement();
  }
  // All that follows ends with a block.
  read_declaration(table);
  check_separator();
}

void ScriptReader::read_declaration(TableId table) {
  if (in_.accept_word("chain")) {
    const Name name = read_name("the name of a chain");
    open_block_below();
    return read_chain_block(builder_.chain(table, name.text, name.span));
  }
  const bool is_map = in_.is_word("map");
  if (is_map || in_.is_word("set") || in_.is_word("meter")) {
    in_.next();
    const Name name = read_name("the name of a set");
    const SetId set =
        builder_.set(table, name.text, is_map ? SetKind::nft_map : SetKind::nft_set, name.span);
    open_block_below();
    return read_set_block(set);
  }
  std::string_view kind = in_.text(in_.expect_word("chain, set, map or an object"));
  if (kind == "ct") kind = in_.text(in_.expect_word("helper, timeout or expectation"));
  read_declared_object(table, kind, false);
}

void ScriptReader::read_chain_block(ChainId chain) {
  const bool has_outer_policy = std::exchange(has_policy_, false);
  read_block("chain", [&] { read_chain_item(chain); });
  has_policy_ = has_outer_policy;
}

std::string_view ScriptReader::read_inline_chain() {
  // Each level takes some of the stack; the kernel follows 16 (NFT_JUMP_STACK_SIZE,
  // net/netfilter/nf_tables.h, 6.1).
  constexpr std::size_t deepest = 64;
  if (inline_depth_ == deepest) {
    in_.fail("less nesting", "No ruleset needs that many levels; nft refuses it, too.");
  }
  struct Level {
    std::size_t& depth;
    explicit Level(std::size_t& of) : depth(of) { ++depth; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --depth; }
  };
  const Level level(inline_depth_);
  const TableId table = *rule_table_;
  const std::size_t at = in_.position();
  std::string_view name;
  do {  // another input of the same table may have some
    name = expressions_.keep(fmt::format("__chain{}", inline_chains_++));
  } while (builder_.find_chain(table, name));
  const ChainId chain = builder_.chain(table, name, in_.span_since(at));
  read_chain_block(chain);
  rule_table_ = table;
  return name;
}

void ScriptReader::read_chain_item(ChainId chain) {
  if (read_definition()) return;
  if (in_.is_word("include")) {
    return read_include([this, chain] { read_chain_item(chain); });
  }
  if (in_.is_word("type") && find(types, in_.word(1))) return read_hook(chain);
  if (in_.is_word("policy")) return read_policy(chain);
  if (in_.is_word("comment") && in_.is_quoted(1)) {
    in_.next();
    in_.next();
    return end_statement();
  }
  if (in_.is_word("flags")) {  // flags offload
    in_.next();
    if (!in_.accept_word("offload")) in_.fail("offload");
    return end_statement();
  }
  if (in_.is_word("devices") || in_.is_word("device")) {
    (void)read_devices();
    return end_statement();
  }
  read_rule(chain, {}, in_.position());
}

// type filter hook input [device D] priority P; [policy accept;]
void ScriptReader::read_hook(ChainId id) {
  const std::size_t first = in_.position();
  in_.next();
  BaseChain base;
  base.type = *find(types, in_.text(in_.next()));
  if (!in_.accept_word("hook")) in_.fail("hook");
  const auto hook = find(hooks, in_.word());
  if (!hook) in_.fail("prerouting, input, forward, output, postrouting, ingress or egress");
  in_.next();
  base.hook = *hook;
  const Family family = ruleset_.tables[ruleset_.chains[id.index()].table.index()].family;
  if (!has_hook(family, *hook)) {
    throw SyntaxError{in_.span_since(first),
                      fmt::format("no hook {} in family {}", to_text(*hook), to_text(family)),
                      "nft refuses it", "", true};
  }
  if (in_.is_word("device") || in_.is_word("devices")) {
    if (*hook != Hook::ingress && *hook != Hook::egress) {
      in_.fail("priority", "Only chains of ingress and egress are of devices.");
    }
    base.devices = read_devices();
  }
  Chain& chain = ruleset_.chains[id.index()];
  if (chain.base) base.policy = chain.base->policy;
  chain.base = base;
  if (!in_.accept_word("priority")) in_.fail("priority");
  chain.base->priority = read_priority(family, *hook);
  builder_.check_base(id, in_.span_since(first));
  end_statement();
}

void ScriptReader::read_policy(ChainId id) {
  in_.next();
  Name word;
  if (in_.is_symbol("$")) {
    const Node value = expressions_.read_variable();
    word = {value.text, value.span};
  } else {
    const Token token = in_.expect_word("accept or drop");
    word = {in_.text(token), in_.span(token)};
  }
  Chain& chain = ruleset_.chains[id.index()];
  if (word.text != "accept" && word.text != "drop") {
    throw SyntaxError{word.span, fmt::format("not a policy: \"{}\"", word.text),
                      "expected accept or drop", "", true};
  }
  if (!chain.base) {
    throw SyntaxError{word.span, "a policy for a chain without a hook",
                      "packets that come to its end go back to the caller", "Leave it out.", true};
  }
  if (std::exchange(has_policy_, true)) {
    throw SyntaxError{word.span, "a second policy of one chain", "nft refuses it",
                      "Leave one of them out.", true};
  }
  chain.base->policy = word.text == "drop" ? Policy::drop : Policy::accept;
  end_statement();
}

// A number, or a name with a number added to it or taken from it: of 64 bits, of which the kernel
// gets 32 (measured).
int ScriptReader::read_priority(Family family, Hook hook) {
  if (in_.is_symbol("$")) return read_priority_variable(family);
  std::uint64_t base = 0;
  if (!in_.is_symbol("-")) {
    const Token token = in_.expect_word("a priority");
    const std::string_view word = in_.text(token);
    if (const auto plain = plain_number(word))
      return priority_of(static_cast<std::uint64_t>(*plain));
    const auto named = catalog::nft_priority(family, word);
    // Those of NAT at its hooks alone; later versions have dstnat in output, too.
    const bool is_elsewhere =
        (word == "dstnat" && hook != Hook::prerouting && hook != Hook::output) ||
        (word == "srcnat" && hook != Hook::postrouting) || (word == "out" && hook != Hook::output);
    if (named && is_elsewhere) {
      throw SyntaxError{in_.span(token),
                        fmt::format("no priority \"{}\" at hook {}", word, to_text(hook)),
                        "nft refuses it", "Write the number.", true};
    }
    if (!named) {
      std::vector<std::string_view> names = {"raw",      "mangle", "dstnat", "filter",
                                             "security", "srcnat", "out"};
      std::erase_if(names,
                    [&](std::string_view name) { return !catalog::nft_priority(family, name); });
      const auto near = nearest(word, names);
      throw SyntaxError{
          in_.span(token), fmt::format("no priority \"{}\" in family {}", word, to_text(family)),
          near ? fmt::format("did you mean \"{}\"?", *near) : std::string(), "", true};
    }
    base = static_cast<std::uint64_t>(*named);
  }
  const bool is_negative = in_.is_symbol("-");
  if (!is_negative && !in_.accept_symbol("+")) return priority_of(base);
  if (is_negative) in_.next();
  const auto offset = plain_number(in_.word());
  if (!offset) in_.fail("a number");
  in_.next();
  const auto number = static_cast<std::uint64_t>(*offset);
  return priority_of(is_negative ? base - number : base + number);
}

// -5, filter, "filter + 5"
int ScriptReader::read_priority_variable(Family family) {
  const Node value = expressions_.read_variable();
  const std::string_view name = value.text.substr(0, value.text.find_first_of(" +-"));
  std::string_view rest = value.text.substr(name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const bool is_less = rest.starts_with('-');
  const std::string_view digits =
      rest.empty() ? std::string_view("0")
                   : rest.substr(std::min(rest.find_first_not_of(' ', 1), rest.size()));
  const auto plain = name.empty() && is_less ? std::optional<Number>(0) : plain_number(name);
  const auto named = catalog::nft_priority(family, name);
  const auto offset = plain_number(digits);
  if ((!plain && !named) || !offset) {
    throw SyntaxError{value.span, "not a priority", "expected a number or name", "", true};
  }
  const auto base = plain ? static_cast<std::uint64_t>(*plain) : static_cast<std::uint64_t>(*named);
  const auto number = static_cast<std::uint64_t>(*offset);
  return priority_of(is_less ? base - number : base + number);
}

// device D, devices = { D, ... }
std::vector<std::string_view> ScriptReader::read_devices() {
  std::vector<std::string_view> names;
  in_.next();
  in_.accept_symbol("=");
  const Node value = expressions_.read_part();
  if (value.kind == NodeKind::set) {
    for (const Node& device : value.children) names.push_back(device.text);
  } else {
    names.push_back(value.text);
  }
  return names;
}

}  // namespace untrack::nft
