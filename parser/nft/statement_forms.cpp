// The statements with arguments of their own, as nft(8), "STATEMENTS", gives their forms.
#include <fmt/format.h>

#include <array>
#include <string>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/statements.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

constexpr std::string_view nat_flags = "random fully-random persistent";
constexpr std::string_view nat_forms = "prefix interval addr port";
constexpr std::string_view time_units = "second minute hour day week";
constexpr std::string_view log_levels =
    "emerg alert crit err warn warning notice info debug audit error panic";
constexpr std::string_view byte_units = "bytes kbytes mbytes string";

}  // namespace

// `WORD name "x"`, for objects.
Node StatementReader::read_named(std::string_view word, std::size_t first) {
  in_.next();
  const std::size_t at = in_.position();
  std::vector<Node> arguments;
  arguments.push_back(argument(at, "name", [&] {
    std::vector<Node> value;
    value.push_back(expressions_.read_value(ExpressionReader::Selectors::yes));
    return value;
  }()));
  return statement(first, word, std::move(arguments));
}

Node StatementReader::read_counter(std::size_t first) {
  in_.next();
  if (in_.is_word("name")) return read_named("counter", first);
  for (const std::string_view word : {"packets", "bytes"}) {
    if (in_.accept_word(word)) in_.expect_word("a number");
  }
  return statement(first, "counter");
}

// limit rate [over] N/unit | N bytes/unit [burst N packets|bytes]; quota [over|until] N unit [used]
Node StatementReader::read_rate(std::string_view word, std::size_t first) {
  in_.next();
  if (in_.is_word("name")) return read_named(word, first);
  if (word == "limit") {
    if (!in_.accept_word("rate")) in_.fail("rate or name");
  }
  std::vector<Node> arguments;
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::size_t at = in_.position() - 1;
    std::vector<Node> values;
    values.push_back({NodeKind::symbol, in_.span_since(at), value, {}, false});
    arguments.push_back(argument(at, name, std::move(values)));
  };
  if (in_.accept_word("over")) {
    add("over", "over");
  } else {
    in_.accept_word("until");
  }
  if (in_.is_symbol("$")) {
    add("number", expressions_.read_variable().text);
  } else {
    add("number", in_.text(in_.expect_word("a number")));
  }
  // `mbytes/second` is one word.
  const std::string_view unit = in_.word().substr(0, in_.word().find('/'));
  const bool has_time = unit.size() < in_.word().size();
  if (has_time && !has_word(time_units, in_.word().substr(unit.size() + 1))) {
    in_.fail("second, minute, hour, day or week behind the unit");
  }
  if (has_word(byte_units, unit)) add("unit", in_.text(in_.next()));
  if (word == "limit") {
    if (!has_time) {
      in_.expect_symbol("/", "in front of second, minute, hour, day or week");
      if (!has_word(time_units, in_.word())) in_.fail("second, minute, hour, day or week");
      add("time", in_.text(in_.next()));
    }
    if (in_.accept_word("burst")) {
      add("burst", in_.text(in_.expect_word("a number")));
      if (in_.is_word("packets") || has_word(byte_units, in_.word())) {
        add("burst unit", in_.text(in_.next()));
      }
    }
  } else if (in_.accept_word("used")) {
    in_.expect_word("a number");
    if (has_word(byte_units, in_.word())) in_.next();
  }
  return statement(first, word, std::move(arguments));
}

Node StatementReader::read_log(std::size_t first) {
  in_.next();
  for (;;) {
    if (in_.accept_word("prefix")) {
      (void)expressions_.read_part();
    } else if (in_.accept_word("level")) {
      if (!in_.is_symbol("$") && !has_word(log_levels, in_.word())) {
        in_.fail(fmt::format("one of {}", log_levels));
      }
      (void)expressions_.read_part();
    } else if (in_.is_word("group") || in_.is_word("snaplen") || in_.is_word("queue-threshold")) {
      in_.next();
      (void)expressions_.read_part();
    } else if (in_.accept_word("flags")) {
      if (!has_word("all tcp ip skuid ether", in_.word())) {
        in_.fail("all, tcp, ip, skuid or ether");
      }
      in_.next();
      while (in_.is_word("sequence") || in_.is_word("options")) {
        in_.next();
        if (!in_.accept_symbol(",")) break;
      }
    } else {
      return statement(first, "log");
    }
  }
}

Node StatementReader::read_reject(std::size_t first) {
  in_.next();
  std::vector<Node> arguments;
  if (!in_.accept_word("with")) return statement(first, "reject");
  const std::size_t at = in_.position();
  const std::string_view kind = in_.text(in_.expect_word("tcp reset, icmp, icmpv6 or icmpx"));
  if (kind == "tcp") {
    if (!in_.accept_word("reset")) in_.fail("reset");
    arguments.push_back(argument(at, "tcp reset"));
    return statement(first, "reject", std::move(arguments));
  }
  if (!has_word("icmp icmpv6 icmpx", kind)) in_.fail("tcp reset, icmp, icmpv6 or icmpx");
  in_.accept_word("type");
  std::vector<Node> type;
  type.push_back(expressions_.read_part());
  arguments.push_back(argument(at, kind, std::move(type)));
  return statement(first, "reject", std::move(arguments));
}

void StatementReader::read_flags(std::vector<Node>& arguments, std::string_view words) {
  while (has_word(words, in_.word())) {
    const std::size_t at = in_.position();
    const std::string_view word = in_.text(in_.next());
    arguments.push_back(argument(at, word));
    if (!in_.accept_symbol(",") && !has_word(words, in_.word())) break;
  }
}

void StatementReader::read_target(std::vector<Node>& arguments) {
  constexpr auto any = ExpressionReader::Selectors::yes;
  std::size_t at = in_.position();
  std::vector<Node> values;
  if (in_.is_symbol("{")) in_.fail("one address, a range or a map");
  if (!in_.is_symbol(":")) {
    values.push_back(expressions_.read_part(any));
    arguments.push_back(argument(at, "address", std::move(values)));
    values.clear();
  }
  at = in_.position();
  if (!in_.accept_symbol(":")) return;
  values.push_back(expressions_.read_part(any));
  arguments.push_back(argument(at, "port", std::move(values)));
}

// snat|dnat [ip|ip6] [prefix|interval|addr . port] to TARGET [flags]
// masquerade|redirect [to :PORTS] [flags]
Node StatementReader::read_nat(std::string_view word, std::size_t first) {
  in_.next();
  std::vector<Node> arguments;
  for (const std::string_view family : {"ip", "ip6"}) {
    const std::size_t at = in_.position();
    const bool is_form = in_.is_word("to", 1) || has_word(nat_forms, in_.word(1));
    if (in_.is_word(family) && is_form) {
      in_.next();
      arguments.push_back(argument(at, family));
    }
  }
  while (has_word(nat_forms, in_.word())) {
    const std::size_t at = in_.position();
    const std::string_view form = in_.text(in_.next());
    in_.accept_symbol(".");
    arguments.push_back(argument(at, form));
  }
  const bool has_own_address = word == "snat" || word == "dnat";
  const bool has_to = in_.accept_word("to");
  const bool has_target =
      has_to || in_.is_symbol(":") || (has_own_address && !in_.is_at_end_of_statement());
  if (has_target) {
    read_target(arguments);
  } else if (has_own_address) {
    in_.fail("to and an address");
  }
  read_flags(arguments, nat_flags);
  return statement(first, word, std::move(arguments));
}

// queue [flags F] [num N[-M] | to VALUE] [bypass][,fanout]
Node StatementReader::read_queue(std::size_t first) {
  constexpr std::string_view flags = "bypass fanout";
  in_.next();
  std::vector<Node> arguments;
  if (in_.accept_word("flags")) read_flags(arguments, flags);
  read_flags(arguments, flags);
  const std::size_t at = in_.position();
  if (in_.accept_word("num") || in_.accept_word("to")) {
    std::vector<Node> number;
    number.push_back(expressions_.read_part(ExpressionReader::Selectors::yes));
    arguments.push_back(argument(at, "number", std::move(number)));
  }
  if (in_.accept_word("flags")) read_flags(arguments, flags);
  read_flags(arguments, flags);
  return statement(first, "queue", std::move(arguments));
}

// dup to ADDRESS [device DEVICE], dup to DEVICE, fwd [ip|ip6] to ...
Node StatementReader::read_copy(std::string_view word, std::size_t first) {
  in_.next();
  if (in_.is_word("ip") || in_.is_word("ip6")) in_.next();
  if (!in_.accept_word("to")) in_.fail("to");
  std::vector<Node> arguments;
  const auto add = [&](std::string_view name) {
    const std::size_t at = in_.position();
    std::vector<Node> value;
    value.push_back(expressions_.read_part(ExpressionReader::Selectors::yes));
    arguments.push_back(argument(at, name, std::move(value)));
  };
  add("address");
  if (in_.accept_word("device")) add("device");
  return statement(first, word, std::move(arguments));
}

Node StatementReader::read_tproxy(std::size_t first) {
  in_.next();
  std::vector<Node> arguments;
  for (const std::string_view family : {"ip", "ip6"}) {
    const std::size_t at = in_.position();
    if (in_.is_word(family) && in_.is_word("to", 1)) {
      in_.next();
      arguments.push_back(argument(at, family));
    }
  }
  if (!in_.accept_word("to")) in_.fail("to");
  read_target(arguments);
  return statement(first, "tproxy", std::move(arguments));
}

Node StatementReader::read_synproxy(std::size_t first) {
  in_.next();
  if (in_.is_word("name")) return read_named("synproxy", first);
  for (;;) {
    if (in_.is_word("mss") || in_.is_word("wscale")) {
      in_.next();
      in_.expect_word("a number");
    } else if (!in_.accept_word("timestamp") && !in_.accept_word("sack-perm")) {
      return statement(first, "synproxy");
    }
  }
}

// ct count [over] N; ct helper|timeout|expectation set X; ct KEY ...
Node StatementReader::read_ct(std::size_t first) {
  if (in_.is_word("count", 1)) {
    in_.next();
    in_.next();
    in_.accept_word("over");
    in_.expect_word("a number");
    return statement(first, "ct count");
  }
  constexpr std::array objects = {"helper", "timeout", "expectation"};
  for (const std::string_view object : objects) {
    if (!in_.is_word(object, 1) || !in_.is_word("set", 2)) continue;
    in_.next();
    in_.next();
    const std::string_view name = object == "helper"    ? "ct helper set"
                                  : object == "timeout" ? "ct timeout set"
                                                        : "ct expectation set";
    return read_named(name, first);
  }
  return read_key_statement(first);
}

// add|update|delete @SET { KEY [options] [: VALUE] }, and the older `set add KEY @SET`
Node StatementReader::read_set_update(std::string_view word, std::size_t first) {
  constexpr auto any = ExpressionReader::Selectors::yes;
  in_.next();
  std::vector<Node> arguments;
  const bool is_older = word == "set";
  if (is_older) word = in_.text(in_.expect_word("add, update or delete"));
  if (!has_word("add update delete", word)) in_.fail("add, update or delete");
  const std::size_t at = in_.position();
  std::vector<Node> parts;
  if (is_older) {
    parts.push_back(expressions_.read_part(any));
    while (in_.accept_word("timeout")) in_.next();
    if (in_.accept_symbol(":")) (void)expressions_.read_part(any);
  }
  in_.expect_symbol("@", "in front of the name of a set");
  const std::size_t name = in_.position();
  const Token set = in_.is_quoted() ? in_.next() : in_.expect_word("the name of a set");
  std::vector<Node> names;
  names.push_back({NodeKind::set_name, in_.span_since(name), in_.text(set), {}, false});
  if (!is_older) parts.push_back(expressions_.read_set(any));
  arguments.push_back(argument(name, "set", std::move(names)));
  arguments.push_back(argument(at, "element", std::move(parts)));
  return statement(first, "set update", std::move(arguments));
}

// meter NAME [size N] { KEY STATEMENT }
Node StatementReader::read_meter(std::size_t first) {
  in_.next();
  const std::size_t at = in_.position();
  in_.expect_word("the name of the meter");
  if (in_.accept_word("size")) in_.expect_word("a number");
  std::vector<Node> parts;
  parts.push_back(expressions_.read_set(ExpressionReader::Selectors::yes));
  std::vector<Node> arguments;
  arguments.push_back(argument(at, "element", std::move(parts)));
  return statement(first, "meter", std::move(arguments));
}

// flow add @FLOWTABLE, older: flow offload @FLOWTABLE, flow table NAME { ... }
Node StatementReader::read_flow(std::size_t first) {
  in_.next();
  if (in_.is_word("table") || in_.is_symbol("{")) {
    if (in_.accept_word("table")) in_.expect_word("the name of the table");
    std::vector<Node> parts;
    const std::size_t at = in_.position();
    parts.push_back(expressions_.read_set(ExpressionReader::Selectors::yes));
    std::vector<Node> arguments;
    arguments.push_back(argument(at, "element", std::move(parts)));
    return statement(first, "meter", std::move(arguments));
  }
  if (!in_.accept_word("add") && !in_.accept_word("offload")) in_.fail("add");
  in_.expect_symbol("@", "in front of the name of a flowtable");
  in_.is_quoted() ? in_.next() : in_.expect_word("the name of a flowtable");
  return statement(first, "flow add");
}

}  // namespace untrack::nft
