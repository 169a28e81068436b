#include "app/rules_options.hpp"

#include <algorithm>
#include <iterator>
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

InputTexts read_kernel(const RulesOptions& options, const Surroundings& surroundings) {
  InputTexts texts;
  if (!surroundings.live) {
    texts.unreadable.emplace_back("the running kernel: this program was built without that");
    return texts;
  }
  LiveHost host = surroundings.live(options.netns);
  for (LiveText& each : host.texts) {
    texts.texts.push_back({std::move(each.name), std::move(each.text)});
  }
  texts.not_there = std::move(host.not_there);
  texts.unreadable = std::move(host.unreadable);
  return texts;
}

}  // namespace

std::optional<IpVersion> RulesOptions::ip_version() const {
  if (family == "ipv4") return IpVersion::ipv4;
  if (family == "ipv6") return IpVersion::ipv6;
  return std::nullopt;
}

InputTexts read_texts(const std::vector<std::string>& names, const RulesOptions& options,
                      const Surroundings& surroundings) {
  InputTexts texts = options.live ? read_kernel(options, surroundings) : InputTexts();
  if (names.empty()) return texts;
  InputTexts named = read_inputs(names, surroundings.in, options.include);
  std::ranges::move(named.texts, std::back_inserter(texts.texts));
  std::ranges::move(named.unreadable, std::back_inserter(texts.unreadable));
  texts.skipped = std::move(named.skipped);
  return texts;
}

std::optional<InputTexts> read_rules(const std::vector<std::string>& names,
                                     const RulesOptions& options,
                                     const Surroundings& surroundings) {
  return unless_unreadable(read_texts(names, options, surroundings), surroundings);
}

bool are_two_hosts(const std::vector<std::string>& words, const RulesOptions& options) {
  return words.size() == (options.live ? 1 : 2);
}

std::optional<std::pair<InputTexts, InputTexts>> read_two_hosts(
    const std::vector<std::string>& words, const RulesOptions& options,
    const Surroundings& surroundings) {
  auto first =
      unless_unreadable(options.live ? read_kernel(options, surroundings)
                                     : read_host(words.front(), surroundings.in, options.include),
                        surroundings);
  auto second =
      unless_unreadable(read_host(words.back(), surroundings.in, options.include), surroundings);
  if (!first || !second) return std::nullopt;
  tell_not_there(*first, surroundings);
  return std::pair(std::move(*first), std::move(*second));
}

void tell_not_there(const InputTexts& texts, const Surroundings& surroundings) {
  for (const std::string& each : texts.not_there) {
    surroundings.err << "untrack: not there: " << escape_control(each) << "\n";
  }
}

}  // namespace untrack
