#include "parser/iptables/values/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "model/address_text.hpp"
#include "model/spelling.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/iptables/values/interfaces.hpp"
#include "parser/iptables/values/numbers.hpp"
#include "parser/iptables/values/ports.hpp"
#include "parser/iptables/values/protocols.hpp"
#include "parser/iptables/values/sets.hpp"
#include "parser/iptables/values/words.hpp"

namespace untrack::iptables {
namespace {

using catalog::ValueType;

bool is_address(ValueType type) {
  return type == ValueType::address || type == ValueType::address_list ||
         type == ValueType::address_range;
}

// The bound of the row, or the width of the field it is compared with.
std::uint64_t largest_of(const catalog::Option& row) {
  if (row.max != 0) return row.max;
  if (!row.field) return std::numeric_limits<std::uint64_t>::max();
  switch (*row.field) {
    case Field::length:
    case Field::source_port:
    case Field::destination_port:
    case Field::either_port:
      return 0xffff;
    case Field::ttl:
    case Field::tcp_option:
    case Field::mh_type:
    case Field::protocol:
      return 0xff;
    case Field::dscp:
      return 63;
    case Field::ecn:
      return 3;
    default:
      return 0xffffffffU;
  }
}

bool read_bounded(ValueContext& context, const catalog::Option& row, const Word& word,
                  Value& value) {
  if (!read_number(context, word, largest_of(row), value)) return false;
  if (context.ruleset.intervals.back().first >= row.min) return true;
  refuse(context, word, "number too small", fmt::format("expected at least {}", row.min));
  return false;
}

// Of a rule that has the option twice in its row's words, the position is the kernel's number.
void add_word_numbers(ValueContext& context, const catalog::Option& row, Value& value) {
  std::string_view rest = value.normal;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const auto at = std::ranges::find(row.words, rest.substr(0, comma));
    const auto number = static_cast<std::uint64_t>(at - row.words.begin());
    add_interval(context, value, number, number);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
}

}  // namespace

std::size_t word_count(ValueType type) {
  switch (type) {
    case ValueType::none:
      return 0;
    case ValueType::tcp_flags:
    case ValueType::set_reference:
    case ValueType::two_texts:
      return 2;
    default:
      return 1;
  }
}

bool read_value(ValueContext& context, const catalog::Option& row, std::span<const Word> words,
                Value& value) {
  if (words.empty()) {
    if (row.field == Field::tcp_flags) syn_flags(context, value);
    return true;
  }
  const Word& word = words[0];
  switch (row.type) {
    case ValueType::none:
    case ValueType::two_texts:
      return true;
    case ValueType::text:
      if (word.text.size() >= row.min) return true;
      refuse(context, word, "empty text", "expected at least one letter");
      return false;
    case ValueType::number:
      return read_bounded(context, row, word, value);
    case ValueType::number_range:
      return read_number_range(context, word, largest_of(row), value);
    case ValueType::number_list:
      return read_number_list(context, word, largest_of(row), value);
    case ValueType::dash_range:
      return read_dash_range(context, word, largest_of(row), value);
    case ValueType::value_mask:
      return read_value_mask(context, word, value);
    case ValueType::address:
      return read_address(context, word, value);
    case ValueType::address_list:
      return read_address_list(context, word, value);
    case ValueType::address_range:
      return read_address_range(context, word, value);
    case ValueType::nat_target:
      return read_nat_target(context, word, value);
    case ValueType::port_range:
      return read_port_range(context, word, value);
    case ValueType::port_list:
      return read_port_list(context, word, value);
    case ValueType::nat_ports:
      return read_nat_ports(context, word, value);
    case ValueType::mac:
      return read_mac(context, word, value);
    case ValueType::interface: {
      NamePattern pattern;
      return read_interface(context, word, pattern);
    }
    case ValueType::tcp_flags:
      return read_tcp_flags(context, word, words[1], value);
    case ValueType::icmp_type:
      return read_icmp_type(context, word, value);
    case ValueType::ct_states:
      return read_ct_states(context, word, row.name == "state", value);
    case ValueType::ct_statuses:
      return read_ct_statuses(context, word, value);
    case ValueType::set_reference: {
      SetTest test;
      return read_set_reference(context, word, words[1], test);
    }
    // XT_LIMIT_SCALE and XT_HASHLIMIT_SCALE_v2 (linux/netfilter/xt_limit.h, xt_hashlimit.h).
    case ValueType::rate:
      return read_rate(context, word, 10'000, value);
    case ValueType::rate_or_bytes:
      return read_rate(context, word, 1'000'000, value);
    case ValueType::decimal:
      return read_decimal(context, word, value);
    case ValueType::prefix_length:
      return read_prefix_length(context, word, value);
    case ValueType::port: {
      const auto port = read_port(context, word);
      if (port) add_interval(context, value, *port, *port);
      return port.has_value();
    }
    case ValueType::tos:
      return read_tos(context, word, value);
    case ValueType::log_level:
      return read_log_level(context, word, value);
    case ValueType::address_type:
      return read_address_types(context, word, value);
    case ValueType::dscp_class:
      return read_dscp_class(context, word, value);
    case ValueType::packet_type:
      return read_packet_type(context, word, value);
    case ValueType::enumeration:
    case ValueType::enumeration_list:
      if (!read_enumeration(context, word, row.words, row.type == ValueType::enumeration_list,
                            value)) {
        return false;
      }
      if (row.field) add_word_numbers(context, row, value);
      return true;
    case ValueType::reject_type:
      return read_reject_type(context, word, value);
    case ValueType::protocol: {
      const auto number = read_protocol(context, word);
      if (number) add_interval(context, value, *number, *number);
      return number.has_value();
    }
  }
  return true;
}

void append_normal(std::string& text, const ValueContext& context, const catalog::Option& row,
                   std::span<const Word> words, const Value& value) {
  if (!value.normal.empty()) {
    append_quoted(text, value.normal);
    return;
  }
  if (value.intervals.count == 0) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0) text += ' ';
      append_quoted(text, words[i].text);
    }
    return;
  }
  bool is_first = true;
  for (const Interval& interval : slice(context.ruleset.intervals, value.intervals)) {
    if (!is_first) text += ',';
    is_first = false;
    if (is_address(row.type)) {
      text += address_text(interval.first, context.ip_version);
      if (interval.last != interval.first) {
        text += '-' + address_text(interval.last, context.ip_version);
      }
    } else {
      text += fmt::format("{}", static_cast<std::uint64_t>(interval.first));
      if (interval.last != interval.first) {
        text += fmt::format(":{}", static_cast<std::uint64_t>(interval.last));
      }
    }
  }
  if (value.mask != 0xffffffffU) text += fmt::format("/{:#x}", value.mask);
}

void append_quoted(std::string& text, std::string_view word) {
  if (!word.empty() && word.find_first_of(" \t\n\"\\") == std::string_view::npos) {
    text += word;
    return;
  }
  text += '"';
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

}  // namespace untrack::iptables
