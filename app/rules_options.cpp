#include "app/rules_options.hpp"

#include <algorithm>
#include <iterator>
#include <ostream>
#include <sstream>
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
  LiveHost host;
  if (options.facts != LiveFacts::none && surroundings.snapshot) {
    const bool with_entries = options.facts == LiveFacts::host_and_entries;
    Snapshot snapshot = surroundings.snapshot(options.netns, with_entries && !surroundings.entries);
    host = std::move(snapshot.rules);
    snapshot.rules = LiveHost();
    NamedSnapshot named{"live", std::move(snapshot), true};
    if (with_entries && surroundings.entries) {
      named.entries = surroundings.entries(options.netns, named.why_no_entries);
    }
    texts.snapshots.push_back(std::move(named));
  } else {
    host = surroundings.live(options.netns);
  }
  for (LiveText& each : host.texts) {
    texts.texts.push_back({std::move(each.name), std::move(each.text)});
  }
  texts.not_there = std::move(host.not_there);
  texts.unreadable = std::move(host.unreadable);
  return texts;
}

// Every text of a snapshot has a format and a family of its own.
void refuse_formats(const RulesOptions& options, InputTexts& texts) {
  if (texts.snapshots.empty() || (options.format.empty() && options.family.empty())) return;
  texts.unreadable.push_back(texts.snapshots.front().path +
                             ": it is a snapshot, whose parts --format and --family do not fit");
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
  std::ranges::move(named.not_there, std::back_inserter(texts.not_there));
  refuse_formats(options, named);
  std::ranges::move(named.unreadable, std::back_inserter(texts.unreadable));
  std::ranges::move(named.snapshots, std::back_inserter(texts.snapshots));
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
  InputTexts old = options.live ? read_kernel(options, surroundings)
                                : read_host(words.front(), surroundings.in, options.include);
  refuse_formats(options, old);
  auto first = unless_unreadable(std::move(old), surroundings);
  InputTexts read = read_host(words.back(), surroundings.in, options.include);
  refuse_formats(options, read);
  auto second = unless_unreadable(std::move(read), surroundings);
  if (!first || !second) return std::nullopt;
  tell_not_there(*first, surroundings);
  return std::pair(std::move(*first), std::move(*second));
}

std::optional<KernelVersion> kernel_of(const std::string& option, const InputTexts& texts) {
  if (!option.empty()) return parse_kernel_version(option);
  for (const NamedSnapshot& each : texts.snapshots) {
    if (auto version = parse_kernel_version(each.snapshot.kernel)) return version;
  }
  return std::nullopt;
}

std::optional<Interval> local_ports_of(const InputTexts& texts) {
  for (const NamedSnapshot& each : texts.snapshots) {
    const std::string* range = each.snapshot.setting("net.ipv4.ip_local_port_range");
    if (range == nullptr) continue;
    std::istringstream words(*range);
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    if (words >> first >> last && first != 0 && first <= last) return Interval{first, last};
  }
  return std::nullopt;
}

void tell_not_there(const InputTexts& texts, const Surroundings& surroundings) {
  // Of a usual host there are several: one line is enough for what holds no rules.
  std::string all;
  for (const std::string& each : texts.not_there) all += (all.empty() ? "" : "; ") + each;
  if (!all.empty()) surroundings.err << "untrack: not there: " << escape_control(all) << "\n";
}

}  // namespace untrack
