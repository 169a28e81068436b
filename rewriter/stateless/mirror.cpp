#include "rewriter/stateless/mirror.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "analysis/facts.hpp"
#include "analysis/packet/packet.hpp"
#include "model/catalog/one_port_services.hpp"

namespace untrack {
namespace {

constexpr std::string_view leave = "-j RETURN";
constexpr std::uint16_t dns = 53;

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

std::string port_text(const Interval& range) {
  return fmt::format("{}:{}", static_cast<unsigned>(range.first),
                     static_cast<unsigned>(range.last));
}

}  // namespace

Mirror::Mirror(const Ruleset& ruleset, const Sources& sources, TableId table,
               const Assumptions& assumptions, bool answers_of_groups)
    : ruleset_(ruleset),
      sources_(sources),
      table_(table),
      assumptions_(assumptions),
      answers_of_groups_(answers_of_groups),
      version_(ruleset[table].family == Family::ip6 ? IpVersion::ipv6 : IpVersion::ipv4),
      chains_(ruleset, table) {}

void Mirror::hinder(std::string why) {
  if (obstacle_.why.empty()) obstacle_ = {std::move(why), {}};
}

// Whether a mirror can still come of it.
bool Mirror::is_hindered() const {
  return !obstacle_.why.empty() || !flats_->obstacle().why.empty();
}

// Which ports of clients the rules want, beside the usual ones.
void Mirror::look_at_ports(ChainId chain, std::set<ChainId>& seen) {
  if (!seen.insert(chain).second) return;
  const bool has_usual = assumptions_.has(Assumption::client_ports);
  for (const RuleId id : ruleset_[chain].rules) {
    const MirroredRule rule = mirrored(ruleset_, sources_, id, path_, reflection_);
    if (rule.is_never) continue;
    names_source_ports_ |= rule.names_source_ports;
    // Whoever names the ports of clients has said which.
    for (const Interval& range :
         rule.names_source_ports || !has_usual ? std::vector<Interval>() : rule.services) {
      for (const std::uint16_t port : catalog::symmetric_ports()) {
        if (holds(range, port) && !holds(usual_ports(), port)) special_.insert(port);
      }
      if (holds(range, dns) && (usual_ports().first > 1024 || usual_ports().last < 65535)) {
        special_.insert(dns);
      }
    }
    const auto* jump = find_statement<JumpStatement>(ruleset_, ruleset_[id]);
    if (jump == nullptr || !jump->chain.names_something()) continue;
    if (++depth_ > deepest_mirror) {
      hinder("chains call each other too deep for that");
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

Mirror::Way Mirror::way_to(const MirrorItem& item, const Way& way, bool leaves, std::string next) {
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
  flats_.emplace(ruleset_, sources_, path, reflection, answers_of_groups_);
  passing_ = {};
  special_.clear();
  names_source_ports_ = false;
  ChainId base;
  for (const ChainId chain : ruleset_[table_].chains) {
    if (ruleset_[chain].base && ruleset_[chain].base->hook == hook_of(path)) base = chain;
  }
  if (base.names_something()) {
    std::set<ChainId> seen;
    if (is_reply(reflection)) look_at_ports(base, seen);
    const FlatChain& all = flats_->chain(base, false, false);
    if (!is_hindered() && !all.can_accept) {
      entry.lets_nothing_pass = true;
      return entry;
    }
    Way way;
    way.leaves = true;
    const Built& made = built(base, way);
    entry.chain = made.name;
    passing_ = made.passing;
    chains_.add_entry(entry.chain);
  } else {
    passing_.takes_named = true;
  }
  has_left_groups_ = has_left_groups_ || flats_->has_left_groups();
  if (obstacle_.why.empty()) obstacle_ = flats_->obstacle();
  if (is_reply(reflection)) entry.gates = gates();
  return entry;
}

void Mirror::let_pass(const std::optional<std::uint8_t>& protocol) {
  if (protocol) {
    passing_.protocols.insert(*protocol);
  } else {
    passing_.takes_named = true;
  }
}

std::string Mirror::called(const MirrorItem& item, const Way& way) {
  const Built& made = built(item.callee, way);
  passing_.protocols.insert(made.passing.protocols.begin(), made.passing.protocols.end());
  if (made.passing.takes_named) let_pass(item.rule.protocol);
  return made.name;
}

const Mirror::Built& Mirror::built(ChainId chain, const Way& way) {
  const std::string named = special_.empty()
                                ? std::string()
                                : fmt::format("{} {} {}", way.named.protocol.value_or(0),
                                              way.named.has_services, fmt::join(special_, ","));
  const Key key(path_, reflection_, target_, chain, way.only_accepts, way.from_named, way.leaves,
                way.next, named);
  const auto known = built_.find(key);
  if (known != built_.end()) return known->second;
  if (++depth_ > deepest_mirror) hinder("chains call each other too deep for that");
  const Passing of_caller = std::exchange(passing_, {});
  std::string name;
  if (!is_hindered()) {
    std::vector<std::string> rules =
        body(chain, flats_->chain(chain, way.only_accepts, way.from_named), 0, way);
    if (rules.size() != 1 || rules.front() != target_) {
      const std::string_view of = ruleset_[chain].name;
      name = kept(of, about_of(reflection_, of), std::move(rules));
    }
  }
  --depth_;
  return built_[key] = {name, std::exchange(passing_, of_caller)};
}

// Whether nothing is refused, or returned, before everything is let pass.
bool Mirror::accepts_all(const FlatChain& flat, std::size_t first, const Way& way) {
  for (std::size_t i = first; i < flat.items.size(); ++i) {
    const MirrorItem& item = flat.items[i];
    const bool is_call = item.kind == MirrorItem::Kind::call;
    if (item.kind != MirrorItem::Kind::accept && !is_call) return false;
    if (is_call && flats_->callee_of(item).can_refuse) return false;
    if (!is_call && item.rule.conditions.empty()) {
      std::vector<std::string> lines;
      write_accept(item, named_with(way.named, item.rule), lines);
      return lines.size() == 1 && lines.front() == target_;
    }
  }
  return false;
}

std::vector<std::string> Mirror::body(ChainId chain, const FlatChain& flat, std::size_t first,
                                      const Way& way) {
  std::vector<std::string> lines;
  std::set<std::string> known;
  // Behind the last accept nothing is left to decide, if what comes to the end leaves.
  std::size_t end = flat.items.size();
  while (way.next.empty() && end > first && !flats_->lets_pass(flat.items[end - 1])) --end;
  bool is_open = true;
  if (accepts_all(flat, first, way)) {
    passing_.takes_named = true;
    return {target_};
  }
  for (std::size_t i = first; is_open && i < end; ++i) {
    if (is_hindered()) return lines;
    const MirrorItem& item = flat.items[i];
    switch (item.kind) {
      case MirrorItem::Kind::accept: {
        std::vector<std::string> more;
        write_accept(item, named_with(way.named, item.rule), more);
        for (std::string& line : more) {
          if (known.insert(line).second) lines.push_back(std::move(line));
        }
        let_pass(item.rule.protocol);
        is_open = !lines.empty() && lines.back() != target_;
        break;
      }
      case MirrorItem::Kind::refuse:
        lines.push_back(with_target(item.rule.conditions, leave));
        is_open = !item.rule.conditions.empty();
        break;
      case MirrorItem::Kind::back:
        lines.push_back(with_target(item.rule.conditions, way.leaves && !way.next.empty()
                                                              ? "-g " + way.next
                                                              : std::string(leave)));
        break;
      case MirrorItem::Kind::call:
      case MirrorItem::Kind::go:
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
bool Mirror::write_call(ChainId chain, const FlatChain& flat, std::size_t at, const Way& way,
                        std::vector<std::string>& lines) {
  const MirrorItem& item = flat.items[at];
  const FlatChain& callee = flats_->callee_of(item);
  const Conditions& conditions = item.rule.conditions;
  const bool goes = item.kind == MirrorItem::Kind::go;
  const auto write = [&](char how, const std::string& name) {
    lines.push_back(
        with_target(conditions, name.empty() ? target_ : fmt::format("-{} {}", how, name)));
  };
  if (!callee.can_refuse && !(goes && way.leaves && !way.next.empty())) {
    write(goes ? 'g' : 'j', called(item, way_to(item, way, false, "")));
    return true;
  }
  if (!callee.falls) {
    write('g', called(item, way_to(item, way, true, "")));
    return true;
  }
  if (goes) {
    write('g', called(item, way_to(item, way, true, way.next)));
    return true;
  }
  // What follows the call becomes a chain of its own, to which the callee goes where it would come
  // back, so that RETURN is free to leave the mirror.
  std::string next = way.next;
  std::vector<std::string> rest;
  if (++depth_ > deepest_mirror) hinder("too many chains refuse some packets and return others");
  if (!is_hindered()) rest = body(chain, flat, at + 1, way);
  --depth_;
  const std::string only_goes_on = "-g " + way.next;
  if (!rest.empty() && !(rest.size() == 1 && rest.front() == only_goes_on)) {
    const std::string_view of = ruleset_[chain].name;
    next = kept(of, about_of(reflection_, of) + ", continued", std::move(rest));
  }
  write('g', called(item, way_to(item, way, true, next)));
  if (!conditions.empty() && !next.empty()) lines.push_back("-g " + next);
  return false;
}

void Mirror::write_accept(const MirrorItem& item, const Named& named,
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

std::string Mirror::kept(std::string_view chain, std::string about,
                         std::vector<std::string> rules) {
  if (chains_.rule_count() > 4 * ruleset_.rules.size() + 1000) {
    hinder("chains call each other in so many ways that those would be many times as long");
  }
  return chains_.add(chain, std::move(about), std::move(rules), suffix_of(reflection_));
}

}  // namespace untrack
