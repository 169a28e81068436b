#include "analysis/packet/layout.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "analysis/packet/field_orders.hpp"
#include "analysis/packet/field_protocols.hpp"
#include "analysis/program/destinations.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_ranges = 4096;

constexpr Field others[] = {
    Field::packet_type, Field::length, Field::ttl,     Field::dscp,    Field::ecn,
    Field::dccp_type,   Field::ah_spi, Field::esp_spi, Field::mh_type,
};

void normalise(std::vector<Interval>& values) {
  std::ranges::sort(values, {}, &Interval::first);
  std::vector<Interval> merged;
  for (const Interval& next : values) {
    if (!merged.empty() &&
        (next.first <= merged.back().last || next.first == merged.back().last + 1)) {
      merged.back().last = std::max(merged.back().last, next.last);
    } else {
      merged.push_back(next);
    }
  }
  values.swap(merged);
}

}  // namespace

std::vector<Interval> complement(const std::vector<Interval>& ranges, Number last) {
  std::vector<Interval> outside;
  Number begin = 0;
  bool is_open = true;
  for (const Interval& range : ranges) {
    if (range.first > begin) outside.push_back({begin, range.first - 1});
    is_open = range.last < last;
    begin = range.last + 1;
  }
  if (is_open) outside.push_back({begin, last});
  return outside;
}

std::optional<std::vector<Interval>> values_of(const FieldTest& test, const Ruleset& ruleset,
                                               unsigned width) {
  const Number last = width >= 128 ? ~Number{0} : (Number{1} << width) - 1;
  const Number full = width >= 32 ? 0xffffffffU : last;
  std::vector<Interval> values;
  if ((test.mask & full) == full) {
    for (const Interval& range : slice(ruleset.intervals, test.values)) {
      if (range.first <= last) values.push_back({range.first, std::min(range.last, last)});
    }
  } else {
    if (width > 16) return std::nullopt;
    const auto mask = static_cast<std::uint32_t>(test.mask & last);
    const auto wanted = slice(ruleset.intervals, test.values);
    for (std::uint32_t value = 0; value <= static_cast<std::uint32_t>(last); ++value) {
      const bool is_in = std::ranges::any_of(wanted, [&](const Interval& range) {
        return range.first <= (value & mask) && (value & mask) <= range.last;
      });
      if (!is_in) continue;
      if (!values.empty() && values.back().last + 1 == value) {
        values.back().last = value;
      } else {
        values.push_back({value, value});
      }
    }
  }
  if (values.size() > 1) normalise(values);
  if (test.negated) values = complement(values, last);
  // What has no header of Ethernet meets no test of its source, negated or not (no_mac).
  if (test.field == Field::source_mac && !values.empty() && values.front().first == no_mac) {
    if (values.front().last == no_mac) {
      values.erase(values.begin());
    } else {
      values.front().first = no_mac + 1;
    }
  }
  if (values.size() > most_ranges && width <= 16) return std::nullopt;
  return values;
}

std::size_t Layout::domain_of(Field field) {
  switch (field) {
    case Field::destination_address:
      return static_cast<std::size_t>(Field::source_address);
    case Field::destination_port:
    case Field::either_port:
      return static_cast<std::size_t>(Field::source_port);
    case Field::destination_type:
      return static_cast<std::size_t>(Field::source_type);
    case Field::in_interface:
    case Field::out_interface:
    case Field::source_address:
    case Field::protocol:
    case Field::source_port:
    case Field::tcp_flags:
    case Field::tcp_option:
    case Field::icmp_type_code:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::mark:
    case Field::packet_type:
    case Field::source_mac:
    case Field::length:
    case Field::ttl:
    case Field::dscp:
    case Field::ecn:
    case Field::source_type:
    case Field::sctp_chunks:
    case Field::dccp_type:
    case Field::ah_spi:
    case Field::esp_spi:
    case Field::mh_type:
    case Field::family:
      return static_cast<std::size_t>(field);
  }
  return static_cast<std::size_t>(field);
}

template <class Intervals>
void Layout::cut(Field field, const Intervals& ranges) {
  for (const Interval& range : ranges) domains_[domain_of(field)].cut(range);
}

void Layout::collect(const FieldTest& test, const Ruleset& ruleset) {
  const unsigned width = width_of(test.field, version_);
  if (test.field == Field::mark) {
    const auto range = slice(ruleset.intervals, test.values);
    marks_.add_test(test.mask, {range.begin(), range.end()});
    return;
  }
  const auto values = values_of(test, ruleset, width);
  if (!values) return;
  if (test.field == Field::tcp_flags) {
    FlagSet set;
    for (const Interval& range : *values) {
      for (Number value = range.first; value <= range.last; ++value) {
        set[static_cast<std::size_t>(value)] = true;
      }
    }
    flags_.distinguish(set);
    return;
  }
  cut(test.field, *values);
}

void Layout::collect(const SetTest& test, const Ruleset& ruleset) {
  const NamedSet& set = ruleset[test.set];
  const bool is_ipset = set.kind == SetKind::ipset;
  const bool has_plain_ports = !is_ipset || set.type.starts_with("bitmap:port");
  std::vector<Interval> marks;
  for (std::size_t i = 0; i < set.keys.size(); ++i) {
    const std::size_t field = i % set.fields.size();
    if (field >= test.field_count) continue;
    const Field what = test.fields[field];
    Interval key = set.keys[i];
    if (what == Field::in_interface || what == Field::out_interface) {
      names_.add(interface_in(set, key));
      continue;
    }
    if (what == Field::ct_state || what == Field::family) continue;
    if (what == Field::source_mac) cut(what, std::array{Interval{no_mac, no_mac}});
    if (what == Field::mark) {
      marks.push_back(key);
      continue;
    }
    if (what == Field::tcp_flags) {
      for (Number value = key.first; value <= key.last && value < 256; ++value) {
        FlagSet flags;
        flags[static_cast<std::size_t>(value)] = true;
        flags_.distinguish(flags);
      }
      continue;
    }
    if (domain_of(what) == domain_of(Field::source_port) && !has_plain_ports) {
      const Number protocol = key.first >> 16U;
      domains_[domain_of(Field::protocol)].cut({protocol, protocol});
      key = {key.first & 0xffffU, key.last & 0xffffU};
      if (protocol == icmp_of(version_)) {
        domains_[domain_of(Field::icmp_type_code)].cut(key);
        continue;
      }
    }
    domains_[domain_of(what)].cut(key);
  }
  if (!marks.empty()) marks_.add_test(~0U, marks);
}

void Layout::collect(const Program& program, const std::vector<bool>* only) {
  const Ruleset& ruleset = program.ruleset();
  // What a set holds is the same for each of the rules that look into it.
  std::set<std::tuple<std::uint32_t, std::uint8_t, decltype(SetTest::fields)>> known_sets;
  const auto collect_set = [&](const SetTest& test) {
    const bool is_new = known_sets.emplace(test.set.value, test.field_count, test.fields).second;
    if (is_new) collect(test, ruleset);
  };
  for (const Table& table : ruleset.tables) {
    if (table.is_dormant || !ip_versions(table.family).has(version_)) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId rule : ruleset[chain].rules) {
        if (only != nullptr && !(*only)[rule.index()]) continue;
        for (std::uint32_t i = 0; i < ruleset[rule].parts.count; ++i) {
          const std::uint32_t part = ruleset[rule].parts.first + i;
          const auto& what = ruleset.parts[part].what;
          if (const auto* match = std::get_if<Match>(&what)) {
            if (program.kind(part) != PartKind::test) continue;
            std::visit(
                Overloaded{[&](const FieldTest& test) { collect(test, ruleset); },
                           [&](const NameTest& test) {
                             for (const NamePattern& name : slice(ruleset.names, test.names)) {
                               names_.add(name);
                             }
                           },
                           [&](const StateTest&) {},
                           [&](const SetTest& test) { collect_set(test); },
                           [&](const FamilyTest&) {}, [&](const OpaqueTest&) {}},
                *match);
          } else if (const auto* map =
                         std::get_if<VerdictMapStatement>(&std::get<Statement>(what))) {
            if (program.kind(part) == PartKind::statement) collect_set(ruleset[*map].key);
          } else if (const auto* nat = std::get_if<NatStatement>(&std::get<Statement>(what))) {
            cut(Field::source_address, slice(ruleset.intervals, nat->addresses));
            cut(Field::source_port, slice(ruleset.intervals, nat->ports));
          } else if (const auto* mark = std::get_if<MarkStatement>(&std::get<Statement>(what))) {
            marks_.add_statement(*mark);
          } else if (saves_mark(std::get<Statement>(what))) {
            marks_.add_test(~0U, {});  // what is saved counts, asked for or not
          } else if (const auto set = program.followed_address(std::get<Statement>(what))) {
            domains_[domain_of(Field::source_address)].cut(*set);
          }
        }
      }
    }
  }
}

Layout::Layout(std::span<const Program* const> programs, const Distinctions& distinctions,
               Order order, std::span<const std::vector<bool>> only)
    : version_(programs.front()->version()) {
  for (std::size_t field = 0; field < field_count; ++field) {
    const unsigned width = width_of(static_cast<Field>(field), version_);
    domains_[field] = NumberDomain(static_cast<Field>(field) == Field::mark ? 0 : width);
  }
  for (std::size_t i = 0; i < programs.size(); ++i)
    collect(*programs[i], only.empty() ? nullptr : &only[i]);
  for (const auto& [field, range] : distinctions.ranges) domains_[domain_of(field)].cut(range);
  for (const FlagSet& set : distinctions.flags) flags_.distinguish(set);
  for (const NamePattern& name : distinctions.names) names_.add(name);
  // What the walks themselves ask: is there a port, an ICMP type, a fragment; where routing goes.
  using namespace ip_protocol;
  for (const Number protocol :
       {Number{icmp_of(version_)}, Number{tcp}, Number{udp}, Number{dccp}, Number{sctp},
        Number{udplite}, Number{50}, Number{51}, Number{135}}) {
    domains_[domain_of(Field::protocol)].cut({protocol, protocol});
  }
  domains_[domain_of(Field::later_fragment)].cut({1, 1});
  for (const Number type : {Number{1}, Number{2}, Number{3}, Number{4}, Number{5}}) {
    domains_[domain_of(Field::source_type)].cut({type, type});
  }
  if (version_ == IpVersion::ipv6) cut(Field::icmp_type_code, never_tracked_icmpv6);
  NumberDomain& icmp_types = domains_[domain_of(Field::icmp_type_code)];
  for (const IcmpQuery& query : icmp_queries(version_)) {
    const Interval request{Number{query.request} * 256, Number{query.request} * 256 + 255};
    const Interval reply{Number{query.reply} * 256, Number{query.reply} * 256 + 255};
    icmp_types.cut(request);
    icmp_types.cut(reply);
    icmp_types.repeat(request, reply.first);
  }
  for (NumberDomain& domain : domains_) domain.finish();
  names_.finish();
  flags_.finish();
  marks_.finish();
  set_levels(order, programs.front()->variables().size());
  set_weights();
}

void Layout::set_levels(Order order, std::size_t free_variables) {
  field_levels_.fill(0);
  const auto add = [this](Field field) {
    field_levels_[static_cast<std::size_t>(field)] = static_cast<Level>(fields_.size());
    fields_.emplace_back(field);
  };
  for (const Field field : fields_of(order)) add(field);
  for (const Field field : others) add(field);
  for (std::size_t i = 0; i < marks_.blocks().size(); ++i) {
    block_levels_.push_back(static_cast<Level>(fields_.size()));
    fields_.emplace_back(std::nullopt);
  }
  first_free_ = static_cast<Level>(fields_.size());
  for (FreeId id = 0; id < free_variables; ++id) {
    free_levels_.push_back(first_free_ + id);
    free_at_level_.push_back(id);
    fields_.emplace_back(std::nullopt);
  }
}

Layout::Atom Layout::size_of(Field field) const {
  if (field == Field::in_interface || field == Field::out_interface) return names_.size();
  if (field == Field::tcp_flags) return flags_.size();
  if (field == Field::ct_state) return state_count;
  return numbers(field).size();
}

std::vector<Layout::Atom> Layout::sizes() const {
  std::vector<Atom> sizes;
  sizes.reserve(fields_.size());
  std::size_t block = 0;
  for (Level level = 0; level < fields_.size(); ++level) {
    sizes.push_back(fields_[level]   ? size_of(*fields_[level])
                    : is_free(level) ? 2
                                     : marks_.blocks()[block++].values.size());
  }
  return sizes;
}

std::optional<Field> Layout::field_at(Level level) const { return fields_[level]; }

void Layout::set_weights() {
  const auto by_size = [](const NumberDomain& domain) {
    std::vector<double> shares;
    const double all = static_cast<double>(domain.last()) + 1;
    for (Atom atom = 0; atom < domain.size(); ++atom) {
      const Interval values = domain.values_of(atom);
      shares.push_back((static_cast<double>(values.last - values.first) + 1) / all);
    }
    return shares;
  };
  const std::vector<Atom> sizes = this->sizes();
  std::size_t block = 0;
  for (Level level = 0; level < fields_.size(); ++level) {
    const auto field = fields_[level];
    if (!field && !is_free(level)) {
      weights_.push_back(by_size(marks_.blocks()[block++].values));
    } else if (!field || *field == Field::ct_state || *field == Field::in_interface ||
               *field == Field::out_interface || *field == Field::protocol ||
               domain_of(*field) == domain_of(Field::source_type)) {
      // Of names and protocols each is worth the same: 250 unheard-of protocols are not the larger
      // half of the world.
      weights_.emplace_back(sizes[level], 1.0 / sizes[level]);
    } else if (*field == Field::tcp_flags) {
      std::vector<double> shares;
      for (Atom atom = 0; atom < flags_.size(); ++atom) {
        // A witness should look usual: with SYN where it may, without URG where it need not.
        const std::uint8_t flags = flags_.example(atom);
        double weight = static_cast<double>(flags_.values_of(atom).count()) / 256;
        if (flags == tcp_flag::syn) weight *= 2;
        if ((flags & tcp_flag::urg) != 0) weight /= 10;
        shares.push_back(weight);
      }
      weights_.push_back(std::move(shares));
    } else {
      weights_.push_back(by_size(numbers(*field)));
    }
  }
}

}  // namespace untrack
