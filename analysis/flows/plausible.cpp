#include "analysis/flows/plausible.hpp"

#include <vector>

#include "analysis/packet/sent.hpp"

namespace untrack {
namespace {

class Wishes {
 public:
  Wishes(World& world, Path path) : world_(world), d_(world.diagram()), path_(path) {}

  // What matters most comes first.
  std::vector<Ref> list() {
    const Ref over_lo = path_ == Path::forward ? Diagram::no : world_.loopback(path_);
    const Ref sent =
        d_.ite(over_lo, sent_between(true), d_.disj(sent_between(false), without_address()));
    const bool from_here = path_ == Path::out;
    const bool to_here = path_ == Path::in;
    const Ref types =
        d_.conj(type(Field::source_type, from_here), type(Field::destination_type, to_here));
    const auto new_state = Layout::atom_of(CtState::new_);
    const Ref first = d_.interval(world_.layout().level_of(Field::ct_state), new_state, new_state);
    const Ref usual =
        d_.disj(d_.disj(world_.protocol(ip_protocol::tcp), world_.protocol(ip_protocol::udp)),
                world_.protocol(icmp_of(world_.version())));
    std::vector<Ref> wishes = {
        d_.conj(sent, d_.disj(over_lo, type(Field::source_type, from_here))),
        d_.disj(over_lo, d_.conj(types, without(Field::destination_address, no_group()))),
        d_.negate(over_lo), usual, first};
    for (const Field field : {Field::in_interface, Field::out_interface}) {
      const Ref named = named_interfaces(field);
      if (named != Diagram::no) wishes.push_back(named);
    }
    return wishes;
  }

 private:
  Ref without(Field field, std::span<const Interval> never) {
    return d_.negate(world_.certainly_in(field, never));
  }

  std::span<const Interval> no_group() const { return groups(world_.version()); }

  Ref sent_between(bool is_over_lo) {
    return d_.conj(
        without(Field::source_address, never_sources(world_.version(), is_over_lo)),
        without(Field::destination_address, never_destinations(world_.version(), is_over_lo)));
  }

  // Who has no address yet: see why_not_sent. Only where the rules tell that address from others.
  Ref without_address() {
    const Interval none{0, 0};
    const Interval all{0xffffffff, 0xffffffff};
    if (!is_exact(Field::source_address, none)) return Diagram::no;
    const Ref nobody = world_.range(Field::source_address, none);
    if (world_.version() == IpVersion::ipv6) {
      return d_.conj(nobody, world_.protocol(ip_protocol::icmpv6));
    }
    return is_exact(Field::destination_address, all)
               ? d_.conj(nobody, world_.range(Field::destination_address, all))
               : Diagram::no;
  }

  bool is_exact(Field field, const Interval& value) const {
    const NumberDomain& domain = world_.layout().numbers(field);
    return domain.values_of(domain.atom_of(value.first)) == value;
  }

  Ref type(Field field, bool is_local) {
    const Number number = is_local ? address_type::local : address_type::unicast;
    return world_.range(field, {number, number});
  }

  Ref named_interfaces(Field field) {
    const bool is_absent = path_ == (field == Field::in_interface ? Path::out : Path::in);
    if (is_absent) return Diagram::no;
    const NameDomain& names = world_.layout().names();
    std::vector<bool> members(names.size());
    bool is_any = false;
    for (NameDomain::Atom atom = 1; atom < names.size(); ++atom) {
      members[atom] = atom != names.loopback() && names.text(atom) == names.example(atom);
      is_any = is_any || members[atom];
    }
    return is_any ? d_.atoms(world_.layout().level_of(field), members) : Diagram::no;
  }

  World& world_;
  Diagram& d_;
  Path path_;
};

}  // namespace

Ref plausible(World& world, Path path, Ref packets) {
  Diagram& d = world.diagram();
  Ref best = packets;
  (void)within_budget([&] {
    const std::vector<Ref> wishes = Wishes(world, path).list();
    Ref all = Diagram::yes;
    for (const Ref wish : wishes) all = d.conj(all, wish);
    if (d.intersects(packets, all)) {
      best = d.conj(packets, all);
      return true;
    }
    for (const Ref wish : wishes) {
      if (d.intersects(best, wish)) best = d.conj(best, wish);
    }
    return true;
  });
  return best;
}

}  // namespace untrack
