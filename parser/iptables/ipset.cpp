#include "parser/iptables/ipset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "parser/iptables/ipset_element.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/restore_words.hpp"
#include "parser/line_words.hpp"
#include "parser/problem_limit.hpp"

namespace untrack::iptables {
namespace {

// Old names are those that ipset(8) 4 and iptables scripts of its time use ("ipset help", 7.17).
struct SetType {
  std::string_view name;
  std::string_view old_name;
};
constexpr SetType types[] = {
    {"bitmap:ip", "ipmap"},
    {"bitmap:ip,mac", "macipmap"},
    {"bitmap:port", "portmap"},
    {"hash:ip", "iphash"},
    {"hash:ip,mac", {}},
    {"hash:ip,mark", {}},
    {"hash:ip,port", "ipporthash"},
    {"hash:ip,port,ip", "ipportiphash"},
    {"hash:ip,port,net", "ipportnethash"},
    {"hash:mac", {}},
    {"hash:net", "nethash"},
    {"hash:net,iface", {}},
    {"hash:net,net", {}},
    {"hash:net,port", {}},
    {"hash:net,port,net", {}},
    {"list:set", "setlist"},
};

std::optional<std::string_view> type_of(std::string_view word) {
  for (const SetType& type : types) {
    if (type.name == word || (!type.old_name.empty() && type.old_name == word)) return type.name;
  }
  return std::nullopt;
}

// Calls `function` with each part between commas.
template <class Function>
void for_parts(std::string_view text, Function&& function) {
  while (true) {
    const std::size_t comma = text.find(',');
    function(text.substr(0, comma));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Ipsets::State* Ipsets::find(const Word& name) {
  const auto found = sets_.find(name.text);
  if (found != sets_.end()) return &found->second;
  std::vector<std::string_view> names;
  for (const NamedSet& set : ruleset_.sets) {
    if (names.size() == 200) break;
    names.push_back(set.name);
  }
  add_error(ruleset_, name.span, fmt::format("no set {}", in_quotes(name.text)),
            did_you_mean(name.text, names), "Create it above: create NAME hash:ip.");
  return nullptr;
}

void Ipsets::run(std::span<const Word> all, const Span& span, bool is_additive, bool is_listing) {
  // ipset takes them anywhere ("GENERIC OPTIONS", ipset(8)).
  std::vector<Word> words;
  std::ranges::remove_copy_if(all, std::back_inserter(words), [](const Word& word) {
    return is_any(word.text, {"-!", "-exist", "--exist", "-q", "-quiet"});
  });
  const bool may_exist = words.size() < all.size();
  if (words.empty()) return;
  const std::string_view command = words.front().text;
  const std::span<const Word> rest = std::span<const Word>(words).subspan(1);
  if (is_any(command, {"create", "-N", "--create", "n", "new"})) {
    create(rest, span, may_exist, is_listing);
  } else if (is_any(command, {"add", "-A", "--add"})) {
    add(rest);
  } else if (is_any(command, {"del", "-D", "--del", "flush", "-F", "--flush", "destroy", "-X", "x",
                              "--destroy"})) {
    const bool empties = is_any(command, {"flush", "-F", "--flush"});
    // What a script deletes before it builds its sets says nothing of what it builds.
    if (!is_additive) forget_contents(rest, span, empties, is_listing);
  } else if (is_any(command, {"rename", "-E", "e", "--rename", "swap", "-W", "w", "--swap"})) {
    const bool swaps = is_any(command, {"swap", "-W", "w", "--swap"});
    if (!is_additive) rename(rest, swaps);
  } else if (is_any(command, {"restore", "-R", "--restore", "-f", "-file"})) {
    for (auto& [name, state] : sets_) doubt(state);  // it may put elements into any
    add_not_understood(ruleset_, span, "ipset restore reads sets that do not stand here",
                       "their contents are not known",
                       "Give the output of `ipset save` as a further input.");
  } else if (!is_any(command, {"list", "-L", "--list", "save", "-S", "--save", "test", "-T",
                               "--test", "COMMIT", "quit", "version", "--version", "help", "-h"})) {
    add_error(ruleset_, words.front().span, fmt::format("no ipset command {}", in_quotes(command)),
              did_you_mean(command, std::array<std::string_view, 6>{"create", "add", "del", "flush",
                                                                    "destroy", "swap"}),
              "Correct the word; ipset(8) lists the commands.");
  }
}

void Ipsets::create(std::span<const Word> words, const Span& span, bool may_exist,
                    bool is_listing) {
  if (words.size() < 2) {
    add_error(ruleset_, span, "a set without a name and a type", "expected create NAME TYPE",
              "Complete it: create NAME hash:ip.");
    return;
  }
  const Word& name = words[0];
  if (const auto known = sets_.find(name.text); known != sets_.end()) {
    if (!may_exist && ruleset_[known->second.id].span.source == span.source) {
      add_error(ruleset_, name.span, fmt::format("set {} is created twice", in_quotes(name.text)),
                "ipset refuses the second", "Remove one of them, or use -exist.");
    }
    return;
  }
  const SetId id(ruleset_.sets.size());
  NamedSet& set = ruleset_.sets.emplace_back();
  State& state = sets_.emplace(name.text, State{id, false, may_exist}).first->second;
  set.kind = SetKind::ipset;
  set.name = name.text;
  set.span = span;
  set.family = Family::ip;
  set.contents_known = is_listing && !may_exist;
  const std::optional<std::string_view> type = type_of(words[1].text);
  set.type = type.value_or(words[1].text);
  if (!type) {
    doubt(state);
    std::vector<std::string_view> names;
    for (const SetType& row : types) names.push_back(row.name);
    add_not_understood(ruleset_, words[1].span,
                       fmt::format("a set type that is not known: {}", in_quotes(words[1].text)),
                       did_you_mean(words[1].text, names),
                       "Its elements are not read; any packet may be in it.");
    return;
  }
  for_parts(set.type.substr(set.type.find(':') + 1),
            [&](std::string_view field) { set.fields.push_back(field); });
  for (std::size_t at = 2; at < words.size(); ++at) {
    const std::size_t option = at;
    if (read_create_option(words, &at, set)) continue;
    doubt(state);
    add_not_understood(ruleset_, words[option].span,
                       fmt::format("an option of ipset create that is not known: {}",
                                   in_quotes(words[option].text)),
                       "the contents of the set count as not known");
  }
}

bool Ipsets::read_create_option(std::span<const Word> words, std::size_t* at, NamedSet& set) {
  const std::string_view option = words[*at].text;
  if (is_any(option, {"counters", "comment", "skbinfo", "forceadd"})) return true;
  if (*at + 1 >= words.size()) return false;
  const std::string_view value = words[++*at].text;
  if (option == "family") {
    if (value != "inet" && value != "inet6") return false;
    set.family = value == "inet6" ? Family::ip6 : Family::ip;
    return true;
  }
  constexpr std::uint64_t default_size = 65536;  // ipset(8), maxelem
  const std::uint64_t number = untrack::number_of<std::uint64_t>(value).value_or(0);
  if (option == "timeout") {
    set.bounds.timeout_ms = number * 1000;
    set.is_dynamic = true;
    return true;
  }
  if (option == "maxelem" && number != default_size) set.bounds.size = number;
  // The size and shape of the hash; netmask and markmask change what an element covers.
  return is_any(option, {"hashsize", "maxelem", "bucketsize", "initval", "probes", "resize", "size",
                         "range", "gc"});
}

void Ipsets::add(std::span<const Word> words) {
  if (words.size() < 2) {
    if (!words.empty()) {
      add_error(ruleset_, words.front().span, "an element is missing", "expected add SET ELEMENT",
                "Complete the line or remove it.");
    }
    return;
  }
  State* const state = find(words[0]);
  if (state == nullptr) return;
  NamedSet& set = ruleset_.sets[state->id.index()];
  if (set.fields.empty()) return;  // of a type that is not known
  set.contents_known = !state->is_in_doubt && !state->may_hold_more;
  bool is_exception = false;
  for (std::size_t at = 2; at < words.size(); ++at) {
    const std::string_view option = words[at].text;
    if (option == "nomatch") {
      is_exception = true;
    } else if (is_any(option, {"timeout", "packets", "bytes", "comment", "skbmark", "skbprio",
                               "skbqueue", "before", "after"}) &&
               at + 1 < words.size()) {
      ++at;
    } else {
      doubt(*state);
      add_not_understood(
          ruleset_, words[at].span,
          fmt::format("an option of ipset add that is not known: {}", in_quotes(option)),
          "the contents of the set count as not known");
      return;
    }
  }
  if (read_element(words[1], set)) {
    set.is_exception.push_back(is_exception);
    doubt_what_no_packet_tells(words[1], *state);
  } else {
    doubt(*state);
  }
}

void Ipsets::bad_element(const Word& word, const NamedSet& set, std::string_view expected) {
  const IpVersion version = set.family == Family::ip6 ? IpVersion::ipv6 : IpVersion::ipv4;
  add_error(ruleset_, word.span,
            fmt::format("not an element of a set of type {}: {}", set.type, in_quotes(word.text)),
            expected == "address"
                ? fmt::format("expected an {} address, network or range", display_name(version))
                : fmt::format("expected {}", expected),
            "Correct or remove it; until then the contents of the set count as not known.");
}

bool Ipsets::read_element(const Word& element, NamedSet& set) {
  std::vector<std::string_view> parts;
  for_parts(element.text, [&](std::string_view part) { parts.push_back(part); });
  const std::size_t before = set.keys.size();
  const auto refuse = [&](std::string_view expected) {
    set.keys.resize(before);
    bad_element(element, set, expected);
    return false;
  };
  const bool has_no_mac = set.type == "bitmap:ip,mac" && parts.size() == 1;
  if (parts.size() != set.fields.size() && !has_no_mac) {
    return refuse(fmt::format("{} parts with commas between them", set.fields.size()));
  }
  for (std::size_t i = 0; i < set.fields.size(); ++i) {
    const std::string_view field = set.fields[i];
    std::optional<Interval> key;
    std::string_view expected;
    if (field == "ip" || field == "net") {
      key = ipset_addresses(parts[i], set.family);
      expected = "address";
    } else if (field == "port") {
      key = ipset_ports(parts[i], set.type == "bitmap:port");
      expected = "PROTOCOL:PORT, as in tcp:80 or udp:53-60";
    } else if (field == "mac") {
      key = has_no_mac ? Interval{0, (Number{1} << 48U) - 1} : ipset_mac(parts[i]);
      expected = "a MAC address";
    } else if (field == "mark") {
      key = ipset_mark(parts[i]);
      expected = "a packet mark";
    } else {  // iface, set
      key = Interval{set.words.size(), set.words.size()};
      set.words.push_back(parts[i]);
    }
    if (!key) return refuse(expected);
    set.keys.push_back(*key);
  }
  return true;
}

void Ipsets::doubt_what_no_packet_tells(const Word& element, State& state) {
  const NamedSet& set = ruleset_[state.id];
  const bool is_open = set.type == "bitmap:ip,mac" && element.text.find(',') == element.text.npos;
  const bool is_of_bridge =
      set.type == "hash:net,iface" && set.words.back().starts_with("physdev:");
  if ((!is_open && !is_of_bridge) || state.is_in_doubt) return;
  doubt(state);
  add_note(ruleset_, element.span,
           fmt::format("the contents of set {} count as not known", in_quotes(set.name)),
           is_open ? "the first packet fills in its hardware address" : "the port of a bridge",
           is_open ? "Write the hardware address behind the address: ADDRESS,MAC."
                   : "Rules that look into it are judged either way.");
}

void Ipsets::doubt(State& state) {
  state.is_in_doubt = true;
  ruleset_.sets[state.id.index()].contents_known = false;
}

void Ipsets::doubt_all(std::span<const Word> words) {
  for (const Word& word : words) {
    if (const auto found = sets_.find(word.text); found != sets_.end()) doubt(found->second);
  }
}

void Ipsets::forget_contents(std::span<const Word> words, const Span& span, bool empties,
                             bool is_listing) {
  const auto forget = [&](State& state) {
    NamedSet& set = ruleset_.sets[state.id.index()];
    if (empties && set.element_count() == 0 && !state.is_in_doubt) {
      state.may_hold_more = false;
      set.contents_known = is_listing;
    }
    if (set.span.source != span.source || set.element_count() == 0 || state.is_in_doubt) return;
    doubt(state);
    add_note(ruleset_, span,
             fmt::format("elements of set {} are taken out here", in_quotes(set.name)),
             "its contents count as not known", "Give the output of `ipset save` instead.");
  };
  if (words.empty()) {
    for (std::size_t i = 0; i < ruleset_.sets.size(); ++i) {
      const auto found = sets_.find(ruleset_.sets[i].name);
      if (found != sets_.end()) forget(found->second);
    }
  } else if (const auto found = sets_.find(words.front().text); found != sets_.end()) {
    forget(found->second);
  }
}

void Ipsets::rename(std::span<const Word> words, bool swaps) {
  if (words.size() < 2) return;
  State* const from = find(words[0]);
  if (from == nullptr) return;
  if (swaps) {
    State* const to = find(words[1]);
    if (to == nullptr) return;
    std::swap(ruleset_.sets[from->id.index()].name, ruleset_.sets[to->id.index()].name);
    std::swap(*from, *to);
    return;
  }
  const State state = *from;
  sets_.erase(words[0].text);
  ruleset_.sets[state.id.index()].name = words[1].text;
  sets_.insert_or_assign(words[1].text, state);
}

bool read_ipset_save(const Document& document, Ruleset& ruleset, Ipsets& sets) {
  ProblemLimit limit(ruleset, document.source);
  std::vector<Word> words;
  bool has_any = false;
  for (const Line& line : document.lines) {
    if (line.kind == LineKind::blank || line.kind == LineKind::comment) continue;
    std::string_view text = document.text_of(line);
    if (text.ends_with("\r\n")) text.remove_suffix(2);
    split_restore_line(text, document.span_of(line), ruleset, &words);
    if (words.empty()) continue;
    has_any = true;
    sets.run(words, cover(words.front().span, words.back().span), false, true);
    limit.apply();
  }
  limit.finish();
  return has_any;
}

}  // namespace untrack::iptables
