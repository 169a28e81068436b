// What of a test an entry of the conntrack table tells. Tests that it tells are computed by the
// concrete walk's own functions (analysis/walk/evaluate.hpp).
#include <algorithm>
#include <array>
#include <limits>

#include "analysis/attribution/admission.hpp"
#include "analysis/walk/evaluate.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_elements = 1024;  // of a set that is gone through one by one
// First packets of TCP; congestion notification sets two more bits (RFC 3168, 6.1.1).
constexpr std::array<Number, 2> first_flags = {
    Number{tcp_flag::syn}, Number{tcp_flag::syn | tcp_flag::ece | tcp_flag::cwr}};

// The keys of a set of one field, joined and sorted.
std::vector<Interval> joined(std::vector<Interval> keys) {
  std::ranges::sort(keys, {}, &Interval::first);
  std::vector<Interval> all;
  for (const Interval& each : keys) {
    if (!all.empty() && each.first <= all.back().last) {
      all.back().last = std::max(all.back().last, each.last);
    } else {
      all.push_back(each);
    }
  }
  return all;
}

bool is_in(const std::vector<Interval>& sorted, Number value) {
  const auto behind = std::ranges::upper_bound(sorted, value, {}, &Interval::first);
  return behind != sorted.begin() && value <= std::prev(behind)->last;
}

}  // namespace

CtState Admitter::state() const {
  return run_->is_before_conntrack ? CtState::invalid : CtState::new_;
}

bool Admitter::is_known(Field field) const {
  switch (field) {
    case Field::source_address:
    case Field::destination_address:
    case Field::protocol:
    case Field::source_port:
    case Field::destination_port:
    case Field::either_port:
    case Field::icmp_type_code:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::family:
      return true;
    case Field::in_interface:
    case Field::out_interface:
    case Field::tcp_flags:
    case Field::tcp_option:
    case Field::mark:
    case Field::packet_type:
    case Field::source_mac:
    case Field::length:
    case Field::ttl:
    case Field::dscp:
    case Field::ecn:
    case Field::source_type:
    case Field::destination_type:
    case Field::sctp_chunks:
    case Field::dccp_type:
    case Field::ah_spi:
    case Field::esp_spi:
    case Field::mh_type:
      return false;
  }
  return false;
}

Admitter::Truth Admitter::truth(std::uint32_t part, const Match& match) {
  const PartKind kind = program_.kind(part);
  if (kind == PartKind::free_test) return Truth::maybe;
  return std::visit(Overloaded{[&](const FieldTest& test) { return truth_of(test); },
                               [&](const NameTest& test) { return truth_of(test); },
                               [&](const StateTest& test) { return truth_of(test, kind); },
                               [&](const SetTest& test) { return truth_of(test, part); },
                               [&](const FamilyTest& test) {
                                 return test.ip_versions.has(packet_.version) ? Truth::yes
                                                                              : Truth::no;
                               },
                               [](const OpaqueTest&) { return Truth::maybe; }},
                    match);
}

Admitter::Truth Admitter::truth_of(const StateTest& test, PartKind kind) const {
  // To what stands ahead of connection tracking a packet with a template is NEW, and which packets
  // have one is not followed here.
  const bool may_have_template =
      run_->is_before_conntrack && program_.template_variable() != no_free_variable;
  if (may_have_template && test.states.has(CtState::new_) != test.states.has(state())) {
    return Truth::maybe;
  }
  const bool found = test.states.has(state());
  if (!found && kind == PartKind::status_test) return Truth::maybe;
  return found != test.negated ? Truth::yes : Truth::no;
}

Admitter::Truth Admitter::truth_of(const FieldTest& test) const {
  // A field that a packet does not have makes every test of it false.
  if (!has_field(packet_, test.field)) return Truth::no;
  if (is_known(test.field)) return holds(ruleset_, test, packet_) ? Truth::yes : Truth::no;
  const auto all_alike = [&](std::span<const Number> values) {
    Packet packet = packet_;
    std::size_t count = 0;
    for (const Number value : values) {
      packet[test.field] = value;
      count += holds(ruleset_, test, packet) ? 1U : 0U;
    }
    return count == 0 ? Truth::no : count == values.size() ? Truth::yes : Truth::maybe;
  };
  if (test.field == Field::tcp_flags) return all_alike(first_flags);
  const bool is_source = test.field == Field::source_type;
  if (is_source || test.field == Field::destination_type) {
    const Number address = packet_[is_source ? Field::source_address : Field::destination_address];
    const bool is_told = is_source ? knows_source_ : knows_destination_;
    // Broadcast addresses are the host's, too, and of another type.
    if (is_told && locals_.is_own(packet_.version, address))
      return all_alike(std::array{address_type::local});
    if (!is_source && is_told && packet_.path == Path::forward) {
      return all_alike(std::array{address_type::unicast});
    }
  }
  return Truth::maybe;
}

Admitter::Truth Admitter::truth_of(const NameTest& test) const {
  const bool is_in = test.field == Field::in_interface;
  const auto as = [&](std::string_view name) {
    Packet packet = packet_;
    (is_in ? packet.in_interface : packet.out_interface) = name;
    return holds(ruleset_, test, packet, run_->sees_out_interface()) ? Truth::yes : Truth::no;
  };
  const bool has_none =
      is_in ? packet_.path == Path::out : packet_.path == Path::in || !run_->sees_out_interface();
  if (has_none) return as("");
  if (is_loopback_) return as("lo");
  // Some interface other than lo.
  const auto patterns = slice(ruleset_.names, test.names);
  const bool is_about_lo = std::ranges::all_of(patterns, [](const NamePattern& pattern) {
    return !pattern.is_prefix && pattern.text == "lo";
  });
  if (!may_be_loopback_ && is_about_lo) return test.negated ? Truth::yes : Truth::no;
  return Truth::maybe;
}

Admitter::Truth Admitter::truth_of(const SetTest& test, std::uint32_t part) {
  const NamedSet& set = ruleset_[test.set];
  const auto fields = std::span(test.fields).first(test.field_count);
  const bool is_plain = fields.size() == 1 && set.kind != SetKind::ipset &&
                        fields.front() != Field::ct_state && is_known(fields.front());
  if (is_plain) {
    if (!has_field(packet_, fields.front())) return Truth::no;
    auto [values, is_new] = set_values_.try_emplace(part);
    if (is_new) values->second = joined(set.keys);
    return untrack::is_in(values->second, packet_[fields.front()]) != test.negated ? Truth::yes
                                                                                   : Truth::no;
  }
  const bool all_known = std::ranges::all_of(fields, [&](Field each) { return is_known(each); });
  if (!all_known || set.element_count() > most_elements) return Truth::maybe;
  return holds(ruleset_, test, packet_, run_->sees_out_interface(), state()) ? Truth::yes
                                                                             : Truth::no;
}

}  // namespace untrack
