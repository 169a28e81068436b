#include "parser/iptables/values/ports.hpp"

#include <fmt/format.h>

#include <string>

#include "model/catalog/protocols.hpp"
#include "model/catalog/services.hpp"
#include "model/ip_protocol.hpp"
#include "model/spelling.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/numbers.hpp"

namespace untrack::iptables {
namespace {

constexpr std::uint16_t largest_port = 65535;
constexpr std::size_t multiport_slots = 15;  // XT_MULTI_PORTS, linux/netfilter/xt_multiport.h

std::uint8_t transport_of(std::uint8_t protocol) {
  switch (protocol) {
    case ip_protocol::tcp:
      return catalog::Service::tcp;
    case ip_protocol::udp:
      return catalog::Service::udp;
    case ip_protocol::dccp:
      return catalog::Service::dccp;
    case ip_protocol::sctp:
      return catalog::Service::sctp;
    default:
      return 0;
  }
}

// Matches want a colon between two ports, translation a dash: the range in the other spelling, or
// "".
std::string respelled_range(std::string_view text) {
  const std::size_t at = text.find_first_of(":-");
  if (at == std::string_view::npos) return {};
  const auto first = number_of(text.substr(0, at), largest_port);
  const auto last = number_of(text.substr(at + 1), largest_port);
  if (!first || !last) return {};
  return fmt::format("{}{}{}", text.substr(0, at), text[at] == ':' ? '-' : ':',
                     text.substr(at + 1));
}

void refuse_port(ValueContext& context, const Word& word) {
  Nearest nearest(word.text);
  for (const catalog::Service& row : catalog::services()) nearest.offer(row.name);
  std::string label;
  if (const std::string range = respelled_range(word.text); !range.empty()) {
    label = fmt::format("did you mean \"{}\"?", range);
  } else if (!nearest.best().empty()) {
    label = fmt::format("did you mean \"{}\" ({})?", nearest.best(),
                        catalog::port_of_service(nearest.best()).value_or(0));
  } else if (!word.text.empty() && word.text[0] >= '0' && word.text[0] <= '9') {
    label = "expected a port from 0 to 65535";
  } else {
    label = "expected a port from 0 to 65535 or a name of services(5)";
  }
  refuse(context, word, "not a port or service name", std::move(label),
         word.text.starts_with('-') ? "Give the option its value." : "");
}

bool read_range(ValueContext& context, const Word& word, char separator, bool may_be_open,
                Value& value) {
  std::size_t at = word.text.find(separator);
  // "http-alt" is a name, not a range.
  if (separator == '-' && catalog::find_service(word.text) != nullptr) at = std::string_view::npos;
  std::uint16_t first = 0;
  std::uint16_t last = largest_port;
  if (at == std::string_view::npos) {
    const auto port = read_port(context, word);
    if (!port) return false;
    first = last = *port;
  } else {
    const Word low = part_of(word, 0, at);
    const Word high = part_of(word, at + 1);
    if (!low.text.empty() || !may_be_open) {
      const auto port = read_port(context, low);
      if (!port) return false;
      first = *port;
    }
    if (!high.text.empty() || !may_be_open) {
      const auto port = read_port(context, high);
      if (!port) return false;
      last = *port;
    }
    if (first > last) {
      refuse(context, word, "port range that ends before it begins",
             fmt::format("did you mean \"{}{}{}\"?", last, separator, first));
      return false;
    }
  }
  add_interval(context, value, first, last);
  return true;
}

}  // namespace

std::optional<std::uint16_t> read_port(ValueContext& context, const Word& word) {
  if (const auto number = number_of(word.text, largest_port)) {
    return static_cast<std::uint16_t>(*number);
  }
  if (const catalog::Service* row = catalog::find_service(word.text)) {
    const std::uint8_t transport = transport_of(context.protocol);
    if (transport != 0 && (row->transports & transport) == 0) {
      // getservbyname(3) asks for name and protocol; the host's own file may have the pair.
      add_note(context.ruleset, word.span,
               fmt::format("service \"{}\" is not registered for {}", word.text,
                           catalog::protocol_name(context.protocol)),
               fmt::format("read as port {}", row->port),
               fmt::format("Write the number {}: iptables refuses the name unless the host's own "
                           "services(5) has it.",
                           row->port));
    }
    return row->port;
  }
  refuse_port(context, word);
  return std::nullopt;
}

bool read_port_range(ValueContext& context, const Word& word, Value& value) {
  return read_range(context, word, ':', true, value);
}

bool read_port_list(ValueContext& context, const Word& word, Value& value) {
  std::size_t slots = 0;
  return for_each_part(word, ',', [&](const Word& part) {
    slots += part.text.find(':') == std::string_view::npos ? 1 : 2;
    if (slots > multiport_slots) {
      refuse(context, part, "more ports than multiport can hold",
             "a rule holds 15 ports; a range counts for two", "Split the list into two rules.");
      return false;
    }
    if (!read_range(context, part, ':', false, value)) return false;
    const Interval& range = context.ruleset.intervals.back();
    if (range.first != range.last || part.text.find(':') == std::string_view::npos) return true;
    // libxt_multiport.c, parse_multi_ports_v1: the first must be below the second.
    refuse(context, part, "multiport range of one port",
           fmt::format("did you mean \"{}\"?", static_cast<std::uint64_t>(range.first)));
    return false;
  });
}

bool read_nat_ports(ValueContext& context, const Word& word, Value& value) {
  return read_range(context, word, '-', false, value);
}

}  // namespace untrack::iptables
