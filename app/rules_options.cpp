#include "app/rules_options.hpp"

#include <ostream>
#include <utility>

#include "report/terminal.hpp"

namespace untrack {
namespace {

std::optional<InputTexts> unless_unreadable(InputTexts texts, const Surroundings& surroundings) {
  for (const std::string& reason : texts.unreadable) {
    surroundings.err << "untrack: cannot read " << escape_control(reason) << "\n";
  }
  if (!texts.unreadable.empty()) return std::nullopt;
  return texts;
}

}  // namespace

std::optional<IpVersion> RulesOptions::ip_version() const {
  if (family == "ipv4") return IpVersion::ipv4;
  if (family == "ipv6") return IpVersion::ipv6;
  return std::nullopt;
}

std::optional<InputTexts> read_rules(const std::vector<std::string>& names,
                                     const RulesOptions& options,
                                     const Surroundings& surroundings) {
  return unless_unreadable(read_inputs(names, surroundings.in, options.include), surroundings);
}

std::optional<InputTexts> read_rules_of_host(const std::string& word, const RulesOptions& options,
                                             const Surroundings& surroundings) {
  return unless_unreadable(read_host(word, surroundings.in, options.include), surroundings);
}

}  // namespace untrack
