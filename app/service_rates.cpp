#include "app/service_rates.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ostream>
#include <string_view>

#include "analysis/pressure/load.hpp"
#include "report/terminal.hpp"
#include "rewriter/notrack/selectors.hpp"

namespace untrack {
namespace {

// One service, known by protocol and port.
std::optional<Selector> read_service(std::string_view word) {
  auto selector = read_selector(word);
  if (!selector || selector->kind != Selector::Kind::port || selector->protocol == 0) {
    return std::nullopt;
  }
  return selector;
}

}  // namespace

std::optional<std::vector<ServiceEntries>> read_service_rates(
    const std::vector<std::string>& words, const std::optional<KernelVersion>& kernel,
    std::ostream& err, const Display& display) {
  const KernelVersion version = kernel.value_or(newest_kernel_read);
  const Timeouts timeouts = default_timeouts(version);
  std::vector<ServiceEntries> all;
  for (const std::string& word : words) {
    const std::size_t at = word.find('=');
    const auto service = read_service(std::string_view(word).substr(0, at));
    if (at == std::string::npos || !service) {
      err << "untrack rewrite: --rate: \"" << escape_control(word)
          << "\" is no service with a load; it takes tcp/PORT=LOAD or udp/PORT=LOAD, as in "
             "tcp/443=500/s,60s\n";
      return std::nullopt;
    }
    const std::string load_text =
        fmt::format("{}{}", word.substr(0, word.find('/')), word.substr(at));
    Sources sources;
    const SourceId id = sources.add("--rate", load_text);
    std::vector<Problem> problems;
    const auto load =
        parse_load(sources[id].text(),
                   {id, 0, static_cast<std::uint32_t>(sources[id].text().size())}, problems);
    for (const Problem& problem : problems) err << render_problem(sources, problem, display);
    if (!load) return std::nullopt;
    all.push_back(
        {service->protocol, service->ports,
         static_cast<std::size_t>(std::llround(steady_state(*load, timeouts, version).entries))});
  }
  return all;
}

}  // namespace untrack
