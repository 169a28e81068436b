#include "rewriter/stateless/mirror.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/facts.hpp"
#include "analysis/packet/packet.hpp"

namespace untrack {
namespace {

constexpr std::size_t longest_name = 28;  // XT_EXTENSION_MAXNAMELEN, without its end
constexpr std::size_t deepest = 500;      // calls of chains, each of which this goes into
constexpr std::string_view leave = "-j RETURN";
constexpr std::string_view gate = "! --tcp-flags ACK,RST NONE";
constexpr std::uint16_t dns = 53;
constexpr std::size_t inlinable = 32;  // rules under the condition of a jump

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

bool holds(const Interval& range, Number port) { return port >= range.first && port <= range.last; }

bool is_reply(Reflection reflection) {
  return reflection == Reflection::replies || reflection == Reflection::named_replies;
}

// The conditions of both, where iptables can say them in one rule.
std::optional<MirroredRule> both_of(const MirroredRule& a, const MirroredRule& b) {
  MirroredRule both = a;
  Conditions& to = both.conditions;
  const auto join = [](std::string& words, const std::string& more) {
    if (!words.empty() && !more.empty() && words != more) return false;
    if (words.empty()) words = more;
    return true;
  };
  const Conditions& from = b.conditions;
  if (!join(to.source, from.source) || !join(to.destination, from.destination) ||
      !join(to.in, from.in) || !join(to.out, from.out) || !join(to.protocol, from.protocol)) {
    return std::nullopt;
  }
  for (const Conditions::Module& module : from.modules) {
    for (const Conditions::Module& known : a.conditions.modules) {
      if (known.name == module.name) return std::nullopt;
    }
    to.modules.push_back(module);
  }
  if (b.protocol) both.protocol = b.protocol;
  both.names_source_ports |= b.names_source_ports;
  both.services.insert(both.services.end(), b.services.begin(), b.services.end());
  return both;
}

std::string port_text(const Interval& range) {
  return fmt::format("{}:{}", static_cast<unsigned>(range.first),
                     static_cast<unsigned>(range.last));
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '+' || c == '~' || c == ':' || c == '@';
}

bool has_lower(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string_view last_word(std::string_view rule) {
  const std::size_t space = rule.find_last_of(' ');
  return space == std::string_view::npos ? rule : rule.substr(space + 1);
}

std::string suffix_of(Reflection reflection) {
  switch (reflection) {
    case Reflection::replies:
    case Reflection::named_replies:
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
    case Reflection::named_replies:
      return fmt::format("replies to what {} permits from ports that it names", chain);
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
               const Assumptions& assumptions, bool answers_of_groups)
    : ruleset_(ruleset),
      sources_(sources),
      table_(table),
      assumptions_(assumptions),
      answers_of_groups_(answers_of_groups),
      version_(ruleset[table].family == Family::ip6 ? IpVersion::ipv6 : IpVersion::ipv4) {
  for (const ChainId chain : ruleset_[table].chains) names_.emplace(ruleset_[chain].name);
}

void Mirror::hinder(std::string why, RuleId rule) {
  if (!obstacle_.empty()) return;
  obstacle_ = std::move(why);
  obstacle_rule_ = rule;
}

const Mirror::Flat& Mirror::callee_of(const Item& item) {
  return flat(item.callee, item.callee_only_accepts, item.callee_from_named);
}

const Mirror::Flat& Mirror::flat(ChainId chain, bool only_accepts, bool from_named) {
  const std::tuple key(chain, only_accepts, from_named);
  const auto known = flats_.find(key);
  if (known != flats_.end()) return known->second;
  if (++depth_ > deepest) hinder("chains call each other too deep for a mirror of them");
  Flat made = obstacle_.empty() ? flattened(chain, only_accepts, from_named) : Flat();
  --depth_;
  return flats_.emplace(key, std::move(made)).first->second;
}

Mirror::Flat Mirror::flattened(ChainId chain, bool only_accepts, bool from_named) {
  Flat flat;
  bool ends = false;
  for (const RuleId rule : ruleset_[chain].rules) {
    if (!obstacle_.empty()) return flat;
    ends = add_item(flat, rule, only_accepts, from_named);
    if (ends) break;
  }
  const auto& base = ruleset_[chain].base;
  if (base && !ends && base->policy == Policy::accept) {
    if (reflection_ != Reflection::named_replies) flat.items.push_back({});
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
    const Flat& callee = callee_of(item);
    flat.can_accept |= callee.can_accept;
    flat.can_refuse |= callee.can_refuse;
    flat.falls |= item.kind == Kind::go && callee.falls;
  }
  return flat;
}

// True: no packet comes to the rules behind it.
bool Mirror::add_item(Flat& flat, RuleId id, bool& only_accepts, bool from_named) {
  const Rule& rule = ruleset_[id];
  const auto* jump = find_statement<JumpStatement>(ruleset_, rule);
  const auto* verdict = find_statement<VerdictStatement>(ruleset_, rule);
  const auto* opaque = find_statement<OpaqueStatement>(ruleset_, rule);
  const bool may_end = opaque != nullptr && opaque->may_end;
  if (jump == nullptr && verdict == nullptr && !may_end && !drops(ruleset_, rule)) return false;
  Item item;
  item.rule = mirrored(ruleset_, sources_, id, path_, reflection_);
  if (item.rule.is_never) return false;
  if (item.rule.is_to_group && !answers_of_groups_) {
    has_left_groups_ = true;
    return false;
  }
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
    const bool ends = add_call(flat, item, *jump, only_accepts, from_named);
    // Whoever did not meet what was left out comes to the rules behind it, too.
    if (jump->is_goto && is_wider) only_accepts = true;
    return ends;
  }
  if (accepts(ruleset_, rule)) {
    const bool is_named = from_named || item.rule.names_source_ports;
    const bool is_wanted =
        !is_reply(reflection_) || is_named == (reflection_ == Reflection::named_replies);
    if (is_wanted) flat.items.push_back(std::move(item));
    return is_unconditional;
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

bool Mirror::add_call(Flat& flat, const Item& found, const JumpStatement& jump, bool only_accepts,
                      bool from_named) {
  Item item = found;
  item.kind = jump.is_goto && !item.rule.is_wider ? Kind::go : Kind::call;
  item.callee = jump.chain;
  item.callee_only_accepts = only_accepts || item.rule.is_wider;
  item.callee_from_named = is_reply(reflection_) && (from_named || item.rule.names_source_ports);
  const bool is_unconditional = item.rule.conditions.empty() && !item.rule.is_wider;
  const Flat& callee = callee_of(item);
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
  // What refuses some and lets the others go on stands here instead, where that can be said: RETURN
  // has to leave the mirror, and would only leave the callee.
  if (item.kind == Kind::call && !item.rule.is_wider && callee.can_refuse && callee.falls) {
    std::vector<Item> inlined;
    for (const Item& each : callee.items) {
      auto both = both_of(item.rule, each.rule);
      if (each.kind == Kind::back || each.kind == Kind::go || !both) break;
      inlined.push_back(each);
      inlined.back().rule = std::move(*both);
    }
    if (inlined.size() == callee.items.size() &&
        (is_unconditional || inlined.size() <= inlinable)) {
      std::ranges::move(inlined, std::back_inserter(flat.items));
      return false;
    }
  }
  const bool ends = is_unconditional && (item.kind == Kind::go || !callee.falls);
  flat.items.push_back(std::move(item));
  return ends;
}

// Which ports of clients the rules want, beside the usual ones.
void Mirror::look_at_ports(ChainId chain, std::set<ChainId>& seen) {
  if (!seen.insert(chain).second || !assumptions_.has(Assumption::client_ports)) return;
  for (const RuleId id : ruleset_[chain].rules) {
    const MirroredRule rule = mirrored(ruleset_, sources_, id, path_, reflection_);
    if (rule.is_never) continue;
    names_source_ports_ |= rule.names_source_ports;
    // Whoever names the ports of clients has said which.
    for (const Interval& range :
         rule.names_source_ports ? std::vector<Interval>() : rule.services) {
      for (const std::uint16_t port : symmetric_ports) {
        if (holds(range, port) && !holds(usual_ports(), port)) special_.insert(port);
      }
      if (holds(range, dns) && (usual_ports().first > 1024 || usual_ports().last < 65535)) {
        special_.insert(dns);
      }
    }
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

const Interval& Mirror::usual_ports() const {
  return path_ == Path::out ? assumptions_.host_ports : assumptions_.other_ports;
}

Mirror::Named Mirror::named_with(const Named& named, const MirroredRule& rule) {
  Named both = named;
  if (rule.protocol) both.protocol = rule.protocol;
  both.has_services |= !rule.services.empty();
  return both;
}

Mirror::Way Mirror::way_to(const Item& item, const Way& way, bool leaves, std::string next) {
  Way to;
  to.only_accepts = item.callee_only_accepts;
  to.from_named = item.callee_from_named;
  to.leaves = leaves;
  to.next = std::move(next);
  to.named = named_with(way.named, item.rule);
  return to;
}

MirrorEntry Mirror::add(Path path, Reflection reflection, const std::string& target) {
  MirrorEntry entry;
  path_ = path;
  reflection_ = reflection;
  target_ = target;
  flats_.clear();
  protocols_.clear();
  takes_any_protocol_ = false;
  special_.clear();
  names_source_ports_ = false;
  ChainId base;
  for (const ChainId chain : ruleset_[table_].chains) {
    if (ruleset_[chain].base && ruleset_[chain].base->hook == hook_of(path)) base = chain;
  }
  if (base.names_something()) {
    std::set<ChainId> seen;
    if (is_reply(reflection)) look_at_ports(base, seen);
    const Flat& all = flat(base, false, false);
    if (!obstacle_.empty()) return entry;
    if (!all.can_accept) {
      entry.lets_nothing_pass = true;
      return entry;
    }
    Way way;
    way.leaves = true;
    entry.chain = built(base, way);
    entered_.push_back(entry.chain);
  } else {
    takes_any_protocol_ = true;
  }
  if (is_reply(reflection)) entry.gates = gates();
  return entry;
}

// Only what can be an answer goes into the mirror.
std::vector<Conditions> Mirror::gates() const {
  std::vector<Conditions> all;
  const auto takes = [&](std::uint8_t protocol) {
    return takes_any_protocol_ || protocols_.contains(protocol);
  };
  std::string ports;
  const bool has_ports =
      reflection_ == Reflection::replies && assumptions_.has(Assumption::client_ports);
  if (has_ports) ports = fmt::format("--dport {}", port_text(usual_ports()));
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
    all.push_back(udp);
    for (const std::uint16_t port : has_ports ? special_ : std::set<std::uint16_t>()) {
      // Clients of these ask from the port of the service itself, resolvers from any.
      udp.modules = {{"udp", fmt::format("--sport {} --dport {}", port,
                                         port == dns ? "1024:65535" : fmt::format("{}", port))}};
      all.push_back(udp);
    }
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

std::string Mirror::built(ChainId chain, const Way& way) {
  const std::string named = special_.empty()
                                ? std::string()
                                : fmt::format("{} {} {}", way.named.protocol.value_or(0),
                                              way.named.has_services, fmt::join(special_, ","));
  const Key key(path_, reflection_, target_, chain, way.only_accepts, way.from_named, way.leaves,
                way.next, named);
  const auto known = built_.find(key);
  if (known != built_.end()) return known->second;
  if (++depth_ > deepest) hinder("chains call each other too deep for a mirror of them");
  std::string name;
  if (obstacle_.empty()) {
    std::vector<std::string> rules =
        body(chain, flat(chain, way.only_accepts, way.from_named), 0, way);
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
    return callee_of(item).can_accept;
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
        is_open = !item.rule.conditions.empty();
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
  // The end of a chain returns by itself.
  while (!lines.empty() && lines.back() == leave) lines.pop_back();
  return lines;
}

// False: what stands behind the call is written, or never reached.
bool Mirror::write_call(ChainId chain, const Flat& flat, std::size_t at, const Way& way,
                        std::vector<std::string>& lines) {
  const Item& item = flat.items[at];
  const Flat& callee = callee_of(item);
  const Conditions& conditions = item.rule.conditions;
  const bool goes = item.kind == Kind::go;
  const auto write = [&](char how, const std::string& name) {
    lines.push_back(
        with_target(conditions, name.empty() ? target_ : fmt::format("-{} {}", how, name)));
  };
  if (!callee.can_refuse && !(goes && way.leaves && !way.next.empty())) {
    write(goes ? 'g' : 'j', built(item.callee, way_to(item, way, false, "")));
    return true;
  }
  if (!callee.falls) {
    write('g', built(item.callee, way_to(item, way, true, "")));
    return true;
  }
  if (goes) {
    write('g', built(item.callee, way_to(item, way, true, way.next)));
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
  write('g', built(item.callee, way_to(item, way, true, next)));
  if (!conditions.empty() && !next.empty()) lines.push_back("-g " + next);
  return false;
}

void Mirror::write_accept(const Item& item, const Named& named,
                          std::vector<std::string>& lines) const {
  const Conditions& conditions = item.rule.conditions;
  // The gates let answers to special services pass, which only a rule that names one may do.
  if (reflection_ != Reflection::replies || special_.empty() || named.has_services) {
    lines.push_back(with_target(conditions, target_));
    return;
  }
  const auto write = [&](Conditions with, std::string_view protocol) {
    with.add(std::string(protocol), fmt::format("--dport {}", port_text(usual_ports())));
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
std::string Mirror::ending(std::string_view suffix) const {
  std::size_t underscores = 0;
  std::size_t dashes = 0;
  bool is_upper = false;
  bool is_lower = false;
  for (const ChainId id : ruleset_[table_].chains) {
    if (ruleset_[id].base) continue;
    const std::string_view name = ruleset_[id].name;
    underscores += name.find('_') != std::string_view::npos ? 1U : 0U;
    dashes += name.find('-') != std::string_view::npos ? 1U : 0U;
    is_lower = is_lower || has_lower(name);
    is_upper = is_upper || !has_lower(name);
  }
  std::string tail = fmt::format("-{}", suffix);
  for (char& c : tail) {
    if (c == '-' && underscores > dashes) c = '_';
    if (is_upper && !is_lower && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return tail;
}

std::string Mirror::name_for(std::string_view chain, const std::string& tail) {
  for (std::size_t number = 1;; ++number) {
    const std::string end = number == 1 ? tail : fmt::format("{}{}", tail, number);
    std::string name(chain.substr(0, longest_name - std::min(longest_name, end.size())));
    for (char& c : name) {
      if (!is_plain(c)) c = '_';
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
  const std::string tail = ending(suffix);
  const std::string name = name_for(chain, tail);
  by_rules_.emplace(rules, name);
  chains_.push_back({name, std::move(about), std::move(rules), fmt::format("{}{}", chain, tail)});
  return name;
}

std::string Mirror::add_chain(std::string_view chain, std::string about,
                              std::vector<std::string> rules, std::string_view suffix) {
  return kept(chain, std::move(about), std::move(rules), suffix);
}

std::size_t Mirror::size() const {
  std::size_t rules = 0;
  for (const MirrorChain& chain : chains_) rules += chain.rules.size();
  return rules;
}

std::vector<MirrorChain> Mirror::callers_first() const {
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < chains_.size(); ++i) by_name.emplace(chains_[i].name, i);
  std::vector<MirrorChain> sorted;
  std::vector<bool> is_taken(chains_.size());
  const auto take = [&](std::size_t i) {
    if (is_taken[i]) return;
    is_taken[i] = true;
    sorted.push_back(chains_[i]);
  };
  std::vector<std::size_t> order;
  for (const std::string& name : entered_) {
    if (by_name.contains(name)) order.push_back(by_name[name]);
  }
  for (std::size_t i = 0; i < chains_.size(); ++i) order.push_back(i);
  for (const std::size_t i : order) {
    const std::size_t known = sorted.size();
    take(i);
    for (std::size_t next = known; next < sorted.size(); ++next) {
      for (const std::string& rule : std::vector<std::string>(sorted[next].rules)) {
        const auto at = by_name.find(last_word(rule));
        if (at != by_name.end()) take(at->second);
      }
    }
  }
  return sorted;
}

std::vector<MirrorChain> Mirror::chains(std::map<std::string, std::string>& renamed) const {
  std::map<std::string, std::vector<std::string>> names;
  for (const MirrorChain& chain : chains_) names[chain.stem].push_back(chain.name);
  std::vector<MirrorChain> sorted = callers_first();
  std::map<std::string, std::size_t> used;
  for (MirrorChain& chain : sorted) {
    const std::string& name = names[chain.stem][used[chain.stem]++];
    renamed[chain.name] = name;
    chain.name = name;
  }
  for (MirrorChain& chain : sorted) {
    for (std::string& rule : chain.rules) {
      const std::string_view word = last_word(rule);
      const auto at = renamed.find(std::string(word));
      if (at == renamed.end()) continue;
      rule = rule.substr(0, rule.size() - word.size()) + at->second;
    }
  }
  return sorted;
}

}  // namespace untrack
