// The statements with arguments of their own, as nft(8), "STATEMENTS", gives their forms.
#include <fmt/format.h>

#include <array>
#include <string>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/statements.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

constexpr std::string_view nat_flags = "random fully-random persistent";
constexpr std::string_view nat_forms = "prefix interval addr port";
constexpr std::string_view time_units = "second minute hour day week";
constexpr std::string_view byte_units = "bytes kbytes mbytes";

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

void StatementReader::expect_number() {
  if (!plain_number(in_.word())) in_.fail("a number");
  in_.next();
}

Node StatementReader::read_counter(std::size_t first) {
  in_.next();
  if (in_.is_word("name")) return read_named("counter", first);
  for (const std::string_view word : {"packets", "bytes"}) {
    if (in_.accept_word(word)) expect_number();
  }
  return statement(first, "counter");
}

// limit rate [over] N/unit | N bytes/unit [burst N packets|bytes]; quota [over|until] N unit [used]
Node StatementReader::read_rate(std::string_view word, std::size_t first) {
  in_.next();
  if (in_.is_word("name")) return read_named(word, first);
  return read_rate_body(word, first);
}

Node StatementReader::read_rate_body(std::string_view word, std::size_t first) {
  const bool is_limit = word == "limit";
  if (is_limit && !in_.accept_word("rate")) in_.fail("rate or name");
  std::vector<Node> arguments;
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::size_t at = in_.position() - 1;
    std::vector<Node> values;
    values.push_back({NodeKind::symbol, in_.span_since(at), value, {}, false});
    arguments.push_back(argument(at, name, std::move(values)));
  };
  const auto add_number = [&](std::string_view name) {
    const std::string_view number = in_.word();
    expect_number();
    add(name, number);
  };
  if (in_.accept_word("over")) {
    add("over", "over");
  } else if (!is_limit) {
    in_.accept_word("until");
  }
  if (is_limit && plain_number(in_.word()) == Number{0}) in_.fail("a rate above zero");
  add_number("number");
  // `mbytes/second` is one word.
  const std::string_view unit = in_.word().substr(0, in_.word().find('/'));
  const bool has_time = unit.size() < in_.word().size();
  const bool is_of_bytes = has_word(byte_units, unit);
  if (has_time && !has_word(time_units, in_.word().substr(unit.size() + 1))) {
    in_.fail("second, minute, hour, day or week behind the unit");
  }
  if (is_of_bytes) add("unit", in_.text(in_.next()));
  if (!is_limit) {
    if (!is_of_bytes || has_time) in_.fail(fmt::format("one of {}", byte_units));
    if (in_.accept_word("used")) {
      expect_number();
      if (!has_word(byte_units, in_.word())) in_.fail(fmt::format("one of {}", byte_units));
      in_.next();
    }
    return statement(first, word, std::move(arguments));
  }
  if (!has_time) {
    in_.expect_symbol("/", "in front of second, minute, hour, day or week");
    if (!has_word(time_units, in_.word())) in_.fail("second, minute, hour, day or week");
    add("time", in_.text(in_.next()));
  }
  if (in_.accept_word("burst")) {
    if (!is_of_bytes && plain_number(in_.word()) == Number{0}) in_.fail("a burst above zero");
    add_number("burst");
    const std::string_view units = is_of_bytes ? byte_units : std::string_view("packets");
    if (!has_word(units, in_.word())) in_.fail(is_of_bytes ? units : "packets");
    add("burst unit", in_.text(in_.next()));
  }
  return statement(first, word, std::move(arguments));
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
      expect_number();
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
    expect_number();
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

}  // namespace untrack::nft
