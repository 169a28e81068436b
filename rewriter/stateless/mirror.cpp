#include "rewriter/stateless/mirror.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/facts.hpp"
#include "analysis/packet/packet.hpp"
#include "rewriter/rule_text.hpp"

namespace untrack {
namespace {

constexpr std::size_t longest_name = 28;  // XT_EXTENSION_MAXNAMELEN, without its end
constexpr std::size_t deepest = 500;      // calls of chains, each of which this goes into
constexpr std::string_view leave = "-j RETURN";

// Services whose clients send from the port that they send to; as analysis/flows/flows.cpp has it.
constexpr std::array<std::uint16_t, 8> symmetric_ports = {67, 68, 123, 137, 138, 500, 4500, 5353};

Hook hook_of(Path path) {
  switch (path) {
    case Path::in:
      return Hook::input;
    case Path::forward:
      return Hook::forward;
    case Path::out:
      return Hook::output;
  }
  return Hook::forward;
}

std::string with_target(const Conditions& conditions, std::string_view target) {
  const std::string text = conditions.text();
  return text.empty() ? std::string(target) : fmt::format("{} {}", text, target);
}

bool holds(const std::vector<Interval>& ranges, Number port) {
  return std::ranges::any_of(
      ranges, [&](const Interval& range) { return port >= range.first && port <= range.last; });
}

bool has_lower(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string suffix_of(Reflection reflection) {
  switch (reflection) {
    case Reflection::replies:
      return "replies";
    case Reflection::errors_back:
      return "errors";
    case Reflection::errors_forth:
      return "errors-on";
    case Reflection::none:
      break;
  }
  return "";
}

std::string about_of(Reflection reflection, std::string_view chain) {
  switch (reflection) {
    case Reflection::replies:
      return fmt::format("replies to what {} permits", chain);
    case Reflection::errors_back:
      return fmt::format("ICMP errors to whoever begins what {} permits", chain);
    case Reflection::errors_forth:
      return fmt::format("ICMP errors that go the way of what {} permits", chain);
    case Reflection::none:
      break;
  }
  return "";
}

}  // namespace

Mirror::Mirror(const Ruleset& ruleset, const Sources& sources, TableId table,
               const Assumptions& assumptions)
    : ruleset_(ruleset),
      sources_(sources),
      table_(table),
      assumptions_(assumptions),
      version_(ruleset[table].family == Family::ip6 ? IpVersion::ipv6 : IpVersion::ipv4) {
  for (const ChainId chain : ruleset_[table].chains) names_.emplace(ruleset_[chain].name);
}

void Mirror::hinder(std::string why, RuleId rule) {
  if (!obstacle_.empty()) return;
  obstacle_ = std::move(why);
  obstacle_rule_ = rule;
}

const Mirror::Flat& Mirror::flat(ChainId chain, bool only_accepts) {
  const std::pair key(chain, only_accepts);
  const auto known = flats_.find(key);
  if (known != flats_.end()) return known->second;
  if (++depth_ > deepest) hinder("chains call each other too deep for a mirror of them");
  Flat made = obstacle_.empty() ? flattened(chain, only_accepts) : Flat();
  --depth_;
  return flats_.emplace(key, std::move(made)).first->second;
}

Mirror::Flat Mirror::flattened(ChainId chain, bool only_accepts) {
  Flat flat;
  bool ends = false;
  for (const RuleId rule : ruleset_[chain].rules) {
    if (!obstacle_.empty()) return flat;
    ends = add_item(flat, rule, only_accepts);
    if (ends) break;
  }
  const auto& base = ruleset_[chain].base;
  if (base && !ends && base->policy == Policy::accept) {
    flat.items.push_back({Kind::accept, {}, {}, false});
    ends = true;
  }
  flat.falls = !ends;
  for (Item& item : flat.items) {
    // RETURN of a base chain is its policy.
    if (base && item.kind == Kind::back) {
      item.kind = base->policy == Policy::accept ? Kind::accept : Kind::refuse;
    }
    flat.can_accept |= item.kind == Kind::accept;
    flat.can_refuse |= item.kind == Kind::refuse;
    flat.falls |= item.kind == Kind::back;
    if (item.kind != Kind::call && item.kind != Kind::go) continue;
    const Flat& callee = this->flat(item.callee, item.callee_only_accepts);
    flat.can_accept |= callee.can_accept;
    flat.can_refuse |= callee.can_refuse;
    flat.falls |= item.kind == Kind::go && callee.falls;
  }
  return flat;
}

// True: no packet comes to the rules behind it.
bool Mirror::add_item(Flat& flat, RuleId id, bool& only_accepts) {
  const Rule& rule = ruleset_[id];
  const auto* jump = find_statement<JumpStatement>(ruleset_, rule);
  const auto* verdict = find_statement<VerdictStatement>(ruleset_, rule);
  const auto* opaque = find_statement<OpaqueStatement>(ruleset_, rule);
  const bool may_end = opaque != nullptr && opaque->may_end;
  if (jump == nullptr && verdict == nullptr && !may_end && !drops(ruleset_, rule)) return false;
  Item item{Kind::accept, mirrored(ruleset_, sources_, id, path_, reflection_), {}, false};
  if (item.rule.is_never) return false;
  const bool is_wider = item.rule.is_wider;
  if (!item.rule.obstacle.empty()) {
    hinder(item.rule.obstacle, id);
    return true;
  }
  const bool is_known = jump != nullptr || drops(ruleset_, rule) ||
                        (verdict != nullptr && (verdict->verdict == Verdict::accept ||
                                                verdict->verdict == Verdict::return_));
  if (!is_known) {
    hinder("what it does with a packet is not known", id);
    return true;
  }
  const bool is_unconditional = item.rule.conditions.empty();
  if (jump != nullptr) {
    if (!jump->chain.names_something()) {
      hinder("it leads to a chain that is not here", id);
      return true;
    }
    const bool ends = add_call(flat, item, *jump, only_accepts);
    // Whoever did not meet what was left out comes to the rules behind it, too.
    if (jump->is_goto && is_wider) only_accepts = true;
    return ends;
  }
  if (accepts(ruleset_, rule)) {
    flat.items.push_back(std::move(item));
    return is_unconditional && (reflection_ != Reflection::replies || has_common_ports_);
  }
  if (drops(ruleset_, rule)) {
    if (only_accepts || is_wider) return false;
    item.kind = Kind::refuse;
  } else {
    if (is_wider) {
      only_accepts = true;
      return false;
    }
    item.kind = Kind::back;
  }
  flat.items.push_back(std::move(item));
  return is_unconditional;
}

bool Mirror::add_call(Flat& flat, const Item& found, const JumpStatement& jump, bool only_accepts) {
  Item item = found;
  item.kind = jump.is_goto && !item.rule.is_wider ? Kind::go : Kind::call;
  item.callee = jump.chain;
  item.callee_only_accepts = only_accepts || item.rule.is_wider;
  const bool is_unconditional = item.rule.conditions.empty() && !item.rule.is_wider;
  const Flat& callee = this->flat(item.callee, item.callee_only_accepts);
  if (!callee.can_accept && !callee.can_refuse) {
    if (item.kind != Kind::go) return false;
    item.kind = Kind::back;
    flat.items.push_back(std::move(item));
    return is_unconditional;
  }
  if (!callee.can_accept && !callee.falls) {
    item.kind = Kind::refuse;
    flat.items.push_back(std::move(item));
    return is_unconditional;
  }
  const bool has_back = std::ranges::any_of(callee.items, [](const Item& each) {
    return each.kind == Kind::back || each.kind == Kind::go;
  });
  // RETURN in it would lead back here, which is where the rest stands.
  if (is_unconditional && item.kind == Kind::call && callee.can_refuse && callee.falls &&
      !has_back) {
    flat.items.insert(flat.items.end(), callee.items.begin(), callee.items.end());
    return false;
  }
  const bool ends = is_unconditional && (item.kind == Kind::go || !callee.falls);
  flat.items.push_back(std::move(item));
  return ends;
}

// Whether some rule wants other ports of clients than the rest, so that each has to say its own.
void Mirror::look_at_ports(ChainId chain, std::set<ChainId>& seen) {
  if (!seen.insert(chain).second) return;
  for (const RuleId id : ruleset_[chain].rules) {
    const MirroredRule rule = mirrored(ruleset_, sources_, id, path_, reflection_);
    if (rule.is_never) continue;
    if (has_own_ports(named_with({}, rule))) has_common_ports_ = false;
    const auto* jump = find_statement<JumpStatement>(ruleset_, ruleset_[id]);
    if (jump == nullptr || !jump->chain.names_something()) continue;
    if (++depth_ > deepest) {
      hinder("chains call each other too deep for a mirror of them");
    } else {
      look_at_ports(jump->chain, seen);
    }
    --depth_;
  }
}

Mirror::Named Mirror::named_with(const Named& named, const MirroredRule& rule) const {
  Named both = named;
  if (rule.protocol) both.protocol = rule.protocol;
  both.source_ports |= rule.names_source_ports;
  if (!rule.services.empty()) both.services = rule.services;
  return both;
}

std::vector<Interval> Mirror::client_ports(const Named& named) const {
  if (!assumptions_.has(Assumption::client_ports) || named.source_ports) return {};
  const Interval& usual = path_ == Path::out ? assumptions_.host_ports : assumptions_.other_ports;
  std::vector<Interval> ports = {usual};
  if (holds(named.services, 53)) {
    ports = {{std::min(usual.first, Number{1024}), std::max(usual.last, Number{65535})}};
  }
  if (named.protocol && *named.protocol == ip_protocol::udp) {
    for (const std::uint16_t port : symmetric_ports) {
      if (holds(named.services, port) && !holds(ports, port)) ports.push_back({port, port});
    }
  }
  std::ranges::sort(ports, {}, &Interval::first);
  return ports;
}

bool Mirror::has_own_ports(const Named& named) const {
  if (!assumptions_.has(Assumption::client_ports)) return false;
  return client_ports(named) != client_ports({});
}

MirrorEntry Mirror::add(Path path, Reflection reflection, const std::string& target) {
  MirrorEntry entry;
  path_ = path;
  reflection_ = reflection;
  target_ = target;
  flats_.clear();
  protocols_.clear();
  takes_any_protocol_ = false;
  has_common_ports_ = true;
  ChainId base;
  for (const ChainId chain : ruleset_[table_].chains) {
    if (ruleset_[chain].base && ruleset_[chain].base->hook == hook_of(path)) base = chain;
  }
  if (base.names_something()) {
    std::set<ChainId> seen;
    if (reflection == Reflection::replies) look_at_ports(base, seen);
    const Flat& all = flat(base, false);
    if (!obstacle_.empty()) return entry;
    if (!all.can_accept) {
      entry.lets_nothing_pass = true;
      return entry;
    }
    entry.chain = built(base, {false, true, "", {}});
  } else {
    takes_any_protocol_ = true;
  }
  if (reflection == Reflection::replies) entry.gates = gates();
  return entry;
}

// Only what can be an answer goes into the mirror.
std::vector<Conditions> Mirror::gates() const {
  std::vector<Conditions> all;
  const auto takes = [&](std::uint8_t protocol) {
    return takes_any_protocol_ || protocols_.contains(protocol);
  };
  std::string ports;
  if (has_common_ports_ && assumptions_.has(Assumption::client_ports)) {
    const Interval range = client_ports({}).front();
    ports = fmt::format("--dport {}:{}", static_cast<unsigned>(range.first),
                        static_cast<unsigned>(range.last));
  }
  if (takes(ip_protocol::tcp)) {
    Conditions tcp;
    tcp.protocol = "-p tcp";
    tcp.add("tcp",
            ports.empty() ? "! --tcp-flags ACK,RST NONE" : ports + " ! --tcp-flags ACK,RST NONE");
    all.push_back(std::move(tcp));
  }
  if (takes(ip_protocol::udp)) {
    Conditions udp;
    udp.protocol = "-p udp";
    if (!ports.empty()) udp.add("udp", ports);
    all.push_back(std::move(udp));
  }
  const bool is_v4 = version_ == IpVersion::ipv4;
  if (takes(icmp_of(version_))) {
    Conditions icmp;
    icmp.protocol = is_v4 ? "-p icmp" : "-p ipv6-icmp";
    icmp.add(is_v4 ? "icmp" : "icmp6", fmt::format("--{} {}", is_v4 ? "icmp-type" : "icmpv6-type",
                                                   unsigned{icmp_queries(version_).front().reply}));
    all.push_back(std::move(icmp));
  }
  for (const std::uint8_t protocol : protocols_) {
    // Of those with chunks and types an answer cannot be told from what begins.
    constexpr std::array done = {ip_protocol::tcp, ip_protocol::udp, ip_protocol::sctp,
                                 ip_protocol::dccp};
    if (std::ranges::find(done, protocol) != done.end() || protocol == icmp_of(version_)) continue;
    Conditions other;
    other.protocol = fmt::format("-p {}", unsigned{protocol});
    all.push_back(std::move(other));
  }
  return all;
}

// The name of its mirror. Empty: it lets everything pass.
std::string Mirror::built(ChainId chain, const Way& way) {
  std::string services;
  for (const Interval& range : way.named.services) {
    services += fmt::format("{}-{},", static_cast<unsigned>(range.first),
                            static_cast<unsigned>(range.last));
  }
  const std::string named = has_common_ports_
                                ? std::string()
                                : fmt::format("{} {} {}", way.named.protocol.value_or(0),
                                              way.named.source_ports, services);
  const Key key(path_, reflection_, target_, chain, way.only_accepts, way.leaves, way.next, named);
  const auto known = built_.find(key);
  if (known != built_.end()) return known->second;
  if (++depth_ > deepest) hinder("chains call each other too deep for a mirror of them");
  std::string name;
  if (obstacle_.empty()) {
    std::vector<std::string> rules = body(chain, flat(chain, way.only_accepts), 0, way);
    if (rules.size() != 1 || rules.front() != target_) {
      const std::string_view of = ruleset_[chain].name;
      name = kept(of, about_of(reflection_, of), std::move(rules), suffix_of(reflection_));
    }
  }
  --depth_;
  return built_[key] = name;
}

std::vector<std::string> Mirror::body(ChainId chain, const Flat& flat, std::size_t first,
                                      const Way& way) {
  std::vector<std::string> lines;
  std::set<std::string> known;
  const auto lets_pass = [&](const Item& item) {
    if (item.kind == Kind::accept) return true;
    if (item.kind != Kind::call && item.kind != Kind::go) return false;
    return this->flat(item.callee, item.callee_only_accepts).can_accept;
  };
  // Behind the last accept nothing is left to decide, if what comes to the end leaves.
  std::size_t end = flat.items.size();
  while (way.next.empty() && end > first && !lets_pass(flat.items[end - 1])) --end;
  bool is_open = true;
  for (std::size_t i = first; is_open && i < end; ++i) {
    if (!obstacle_.empty()) return lines;
    const Item& item = flat.items[i];
    switch (item.kind) {
      case Kind::accept: {
        std::vector<std::string> more;
        write_accept(item, named_with(way.named, item.rule), more);
        for (std::string& line : more) {
          if (known.insert(line).second) lines.push_back(std::move(line));
        }
        if (item.rule.protocol) {
          protocols_.insert(*item.rule.protocol);
        } else if (way.named.protocol) {
          protocols_.insert(*way.named.protocol);
        } else {
          takes_any_protocol_ = true;
        }
        is_open = !lines.empty() && lines.back() != target_;
        break;
      }
      case Kind::refuse:
        lines.push_back(with_target(item.rule.conditions, leave));
        break;
      case Kind::back:
        lines.push_back(with_target(item.rule.conditions, way.leaves && !way.next.empty()
                                                              ? "-g " + way.next
                                                              : std::string(leave)));
        break;
      case Kind::call:
      case Kind::go:
        is_open = write_call(chain, flat, i, way, lines);
        break;
    }
  }
  if (is_open && !way.next.empty() && flat.falls) lines.push_back("-g " + way.next);
  return lines;
}

// False: what stands behind the call is written, or never reached.
bool Mirror::write_call(ChainId chain, const Flat& flat, std::size_t at, const Way& way,
                        std::vector<std::string>& lines) {
  const Item& item = flat.items[at];
  const Flat& callee = this->flat(item.callee, item.callee_only_accepts);
  const Named named = named_with(way.named, item.rule);
  const Conditions& conditions = item.rule.conditions;
  const bool goes = item.kind == Kind::go;
  const auto write = [&](char how, const std::string& name) {
    lines.push_back(
        with_target(conditions, name.empty() ? target_ : fmt::format("-{} {}", how, name)));
  };
  if (!callee.can_refuse && !(goes && way.leaves && !way.next.empty())) {
    write(goes ? 'g' : 'j', built(item.callee, {item.callee_only_accepts, false, "", named}));
    return true;
  }
  if (!callee.falls) {
    write('g', built(item.callee, {item.callee_only_accepts, true, "", named}));
    return true;
  }
  if (goes) {
    write('g', built(item.callee, {item.callee_only_accepts, true, way.next, named}));
    return true;
  }
  // What follows the call becomes a chain of its own, to which the callee goes where it would come
  // back, so that RETURN is free to leave the mirror.
  std::string next = way.next;
  std::vector<std::string> rest;
  if (++depth_ > deepest) hinder("more chains refuse and return than a mirror of them can say");
  if (obstacle_.empty()) rest = body(chain, flat, at + 1, way);
  --depth_;
  const std::string only_goes_on = "-g " + way.next;
  if (!rest.empty() && !(rest.size() == 1 && rest.front() == only_goes_on)) {
    const std::string_view of = ruleset_[chain].name;
    next = kept(of, about_of(reflection_, of) + ", what follows", std::move(rest),
                suffix_of(reflection_));
  }
  write('g', built(item.callee, {item.callee_only_accepts, true, next, named}));
  if (!conditions.empty() && !next.empty()) lines.push_back("-g " + next);
  return false;
}

void Mirror::write_accept(const Item& item, const Named& named,
                          std::vector<std::string>& lines) const {
  const Conditions& conditions = item.rule.conditions;
  const std::vector<Interval> ports = client_ports(named);
  if (reflection_ != Reflection::replies || has_common_ports_ || ports.empty()) {
    lines.push_back(with_target(conditions, target_));
    return;
  }
  std::vector<std::string> words;
  for (const Interval& range : ports) {
    words.push_back(range.first == range.last
                        ? fmt::format("{}", static_cast<unsigned>(range.first))
                        : fmt::format("{}:{}", static_cast<unsigned>(range.first),
                                      static_cast<unsigned>(range.last)));
  }
  const auto write = [&](Conditions with, std::string_view protocol) {
    if (words.size() == 1) {
      with.add(std::string(protocol), "--dport " + words.front());
    } else {
      with.add("multiport", fmt::format("--dports {}", fmt::join(words, ",")));
    }
    lines.push_back(with_target(with, target_));
  };
  if (named.protocol) {
    const bool is_tcp = *named.protocol == ip_protocol::tcp;
    if (!is_tcp && *named.protocol != ip_protocol::udp) {
      lines.push_back(with_target(conditions, target_));
      return;
    }
    Conditions with = conditions;
    with.protocol = is_tcp ? "-p tcp" : "-p udp";
    write(std::move(with), is_tcp ? "tcp" : "udp");
    return;
  }
  for (const std::string_view protocol : {"tcp", "udp"}) {
    Conditions with = conditions;
    with.protocol = fmt::format("-p {}", protocol);
    write(std::move(with), protocol);
  }
  Conditions icmp = conditions;
  icmp.protocol = version_ == IpVersion::ipv4 ? "-p icmp" : "-p ipv6-icmp";
  lines.push_back(with_target(icmp, target_));
}

// As the names of the ruleset are: with its sign between words, in capitals where it has no others.
std::string Mirror::name_for(std::string_view chain, std::string_view suffix) {
  std::size_t underscores = 0;
  std::size_t dashes = 0;
  bool is_lower = false;
  for (const ChainId id : ruleset_[table_].chains) {
    const std::string_view name = ruleset_[id].name;
    if (ruleset_[id].base) continue;
    underscores += name.find('_') != std::string_view::npos ? 1U : 0U;
    dashes += name.find('-') != std::string_view::npos ? 1U : 0U;
    is_lower = is_lower || has_lower(name);
  }
  const bool has_users = ruleset_[table_].chains.size() > 3;
  std::string tail = fmt::format("{}{}", underscores > dashes ? '_' : '-', suffix);
  for (char& c : tail) {
    if (c == '-' && underscores > dashes) c = '_';
    if (has_users && !is_lower && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  for (std::size_t number = 1;; ++number) {
    const std::string end = number == 1 ? tail : fmt::format("{}{}", tail, number);
    std::string name(chain.substr(0, longest_name - std::min(longest_name, end.size())));
    // Not within a letter of more than one byte.
    while (!name.empty() && name.size() < chain.size() &&
           (static_cast<unsigned char>(chain[name.size()]) & 0xc0U) == 0x80U) {
      name.pop_back();
    }
    name += end;
    if (names_.insert(name).second) return name;
  }
}

std::string Mirror::kept(std::string_view chain, std::string about, std::vector<std::string> rules,
                         std::string_view suffix) {
  const auto known = by_rules_.find(rules);
  if (known != by_rules_.end()) return known->second;
  lines_ += rules.size() + 1;
  if (lines_ > 4 * ruleset_.rules.size() + 1000) {
    hinder("its chains call each other so that a mirror of them would be many times as long");
  }
  const std::string name = name_for(chain, suffix);
  by_rules_.emplace(rules, chain_word(name));
  chains_.push_back({chain_word(name), std::move(about), std::move(rules)});
  return chain_word(name);
}

std::string Mirror::add_chain(std::string_view chain, std::string about,
                              std::vector<std::string> rules, std::string_view suffix) {
  return kept(chain, std::move(about), std::move(rules), suffix);
}

std::vector<MirrorChain> Mirror::chains() const {
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < chains_.size(); ++i) by_name.emplace(chains_[i].name, i);
  std::vector<MirrorChain> sorted;
  std::vector<bool> is_taken(chains_.size());
  const auto take = [&](std::size_t i) {
    if (is_taken[i]) return;
    is_taken[i] = true;
    sorted.push_back(chains_[i]);
  };
  // What calls others was made behind them.
  for (std::size_t i = chains_.size(); i-- > 0;) {
    if (is_taken[i]) continue;
    take(i);
    for (std::size_t next = sorted.size() - 1; next < sorted.size(); ++next) {
      const std::vector<std::string> rules = sorted[next].rules;
      for (const std::string& rule : rules) {
        const std::size_t word = rule.find_last_of(' ');
        const auto at =
            by_name.find(std::string_view(rule).substr(word == std::string::npos ? 0 : word + 1));
        if (at != by_name.end()) take(at->second);
      }
    }
  }
  return sorted;
}

}  // namespace untrack
