#include "app/assumption_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <ostream>
#include <utility>

#include "app/files/read_settings.hpp"
#include "model/spelling.hpp"
#include "parser/outbound/profile.hpp"
#include "report/diagnostic.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

// One NAME, no-NAME or none. False, with the reason told, if it is none of these.
bool assume(std::string_view word, Assumptions& assumptions, std::string_view command,
            std::ostream& err) {
  if (word == "none") {
    for (const AssumptionRow& row : all_assumptions()) assumptions.set(row.id, false);
    return true;
  }
  const bool is_on = !word.starts_with("no-");
  const std::string_view name = is_on ? word : word.substr(3);
  const auto id = assumption_of(name);
  if (id == Assumption::outbound_profile) {
    err << "untrack " << command
        << ": outbound_profile needs a list of flows: --outbound FILE switches it on, and without "
           "that it is off\n";
    return false;
  }
  if (id) {
    assumptions.set(*id, is_on);
    return true;
  }
  err << "untrack " << command << ": no assumption is called \"" << escape_control(name) << '"';
  Nearest meant(name);
  for (const AssumptionRow& row : all_assumptions()) meant.offer(row.name);
  if (!meant.best().empty()) err << "; did you mean " << meant.best() << "?";
  err << "\nThey are:";
  for (const AssumptionRow& row : all_assumptions()) {
    if (row.id != Assumption::outbound_profile) err << ' ' << row.name;
  }
  err << ", each also with no- in front, and none.\n";
  return false;
}

// "32768:60999".
std::optional<Interval> ports_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = [](std::string_view word) -> std::optional<std::uint16_t> {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return value;
  };
  const auto first = port(text.substr(0, colon));
  const auto last = port(text.substr(colon + 1));
  if (!first || !last || *first > *last || *first == 0) return std::nullopt;
  return Interval{*first, *last};
}

}  // namespace

void add_assumption_options(CommandOptions& command, AssumptionWords& into) {
  command.repeated("--assume", into.assume,
                   "Assumptions to switch on, or off with no- in front; none switches all off",
                   "NAME[,NAME]");
  command.text("--client-ports", into.client_ports,
               "Source ports of what this host starts (default 32768:60999)", "A:B");
  command.text("--outbound", into.outbound,
               "The flows that this host starts, one a line; only these are answered", "FILE");
}

std::optional<Assumptions> read_assumptions(const AssumptionWords& words, std::string_view command,
                                            std::ostream& err) {
  Assumptions assumptions;
  for (const std::string& list : words.assume) {
    std::string_view rest = list;
    while (true) {
      const std::size_t comma = rest.find(',');
      if (!assume(rest.substr(0, comma), assumptions, command, err)) return std::nullopt;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  if (!words.client_ports.empty()) {
    const auto ports = ports_of(words.client_ports);
    if (!ports) {
      err << "untrack " << command << ": --client-ports: not a range of ports like 32768:60999: \""
          << escape_control(words.client_ports) << "\"\n";
      return std::nullopt;
    }
    assumptions.host_ports = *ports;
  }
  return assumptions;
}

void take_local_ports(const AssumptionWords& words, const InputTexts& texts,
                      Assumptions& assumptions, std::ostream& err) {
  if (!words.client_ports.empty()) return;
  if (const auto ports = local_ports_of(texts)) {
    assumptions.host_ports = *ports;
  } else if (std::ranges::any_of(texts.snapshots, &NamedSnapshot::is_live)) {
    err << fmt::format(
        "untrack: net.ipv4.ip_local_port_range of this host cannot be read; {}:{} is taken for it, "
        "--client-ports says otherwise\n",
        static_cast<std::uint32_t>(assumptions.host_ports.first),
        static_cast<std::uint32_t>(assumptions.host_ports.last));
  }
}

bool read_outbound(const AssumptionWords& words, const Surroundings& surroundings,
                   const Display& display, Assumptions& assumptions) {
  if (words.outbound.empty()) return true;
  std::vector<std::string> errors;
  std::string text = read_text(words.outbound, surroundings.in, errors);
  for (const std::string& reason : errors) {
    surroundings.err << "untrack: cannot read " << escape_control(reason) << "\n";
  }
  if (!errors.empty()) return false;
  ParsedOutboundProfile parsed = parse_outbound_profile(words.outbound, std::move(text));
  for (const Problem& problem : parsed.problems) {
    surroundings.err << render_problem(parsed.profile.sources, problem, display);
  }
  if (!parsed.problems.empty()) return false;
  assumptions.set(Assumption::outbound_profile, true);
  assumptions.outbound = std::make_shared<const OutboundProfile>(std::move(parsed.profile));
  return true;
}

}  // namespace untrack
