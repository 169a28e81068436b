#include "rewriter/notrack/candidates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "rewriter/unload/loaders.hpp"

namespace untrack {
namespace {

using Kind = Selector::Kind;

// Ports to try where the rules name none: services that most hosts know. Beside those below 512,
// which are taken up without being named, what else often listens.
constexpr std::array<std::string_view, 2> usual_tcp{"tcp/443", "tcp/22"};
constexpr std::array<std::string_view, 2> higher_tcp{"tcp/8080", "tcp/5432"};
constexpr std::array<std::string_view, 2> usual_udp{"udp/53", "udp/514"};

// Nobody has said anything about that way.
constexpr std::string_view is_untracked_already = "it is untracked already";

bool has_no_chain(const FlowClass& row) {
  return !row.rule.names_something() && !row.chain.names_something();
}

class Finder {
 public:
  Finder(FamilyWorld& family, const Sources& sources, const Assumptions& assumptions,
         const std::vector<ExposureKind>& allowed, const Selection& selection)
      : world_(*family.world()),
        d_(world_.diagram()),
        ruleset_(family.program().ruleset()),
        sources_(sources),
        flows_(family.flows(FamilyWorld::as_it_is, assumptions)),
        allowed_(allowed),
        selection_(selection),
        only_(selection.only.size()),
        except_(selection.except.size()) {}

  // Of each free class that is not taken up.
  std::vector<std::string> why_left() {
    std::vector<bool> is_taken(flows_.classes().size());
    for (const Candidate& row : find().rows) is_taken[row.flow_class] = true;
    std::vector<std::string> all(is_taken.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const FlowClass& row = flows_.classes()[i];
      if (row.need != Need::free || is_taken[i]) continue;
      Use use;
      if (!has_no_chain(row)) (void)usable(row, row.flows, &use);
      if (use.why_not && use.why_not->refusal.reason == is_untracked_already) continue;
      all[i] = use.why_not ? use.why_not->refusal.reason : "no chain decides about it";
    }
    return all;
  }

  Candidates find() {
    for (std::size_t i = 0; i < flows_.classes().size(); ++i) take(i);
    // Who has untracked some of them has said which.
    const bool names_none = found_.rows.empty() && !has_untracked_;
    if (selection_.only.empty() && names_none && publisher().empty()) take_low_ports();
    if (found_.are_low_ports) advise_other_ports();
    if (selection_.only.empty() && found_.rows.empty()) tell_prices();
    for (std::size_t i = 0; i < selection_.only.size(); ++i) {
      if (!only_[i].is_used) tell("--only", selection_.only[i], only_[i]);
    }
    for (std::size_t i = 0; i < selection_.except.size(); ++i) {
      if (!except_[i].is_used) tell("--except", selection_.except[i], except_[i]);
    }
    return std::move(found_);
  }

 private:
  // What became of a selector.
  struct Use {
    bool is_used = false;
    std::optional<LeftFlows> why_not;  // of the first flows that it selects
  };

  Ref with_ports() {
    return d_.disj(world_.protocol(ip_protocol::tcp), world_.protocol(ip_protocol::udp));
  }

  Ref selected(const Selector& selector, const FlowClass& row) {
    switch (selector.kind) {
      case Kind::port: {
        const Ref protocol =
            selector.protocol == 0 ? with_ports() : world_.protocol(selector.protocol);
        return d_.conj(protocol, world_.range(Field::destination_port, selector.ports));
      }
      case Kind::interface: {
        const auto atom = world_.layout().names().atom_of(selector.text);
        const auto with = [&](Field field) {
          return d_.interval(world_.layout().level_of(field), atom, atom);
        };
        return d_.disj(with(Field::in_interface), with(Field::out_interface));
      }
      case Kind::line:
      case Kind::comment:
        break;
    }
    return selects(selector, ruleset_, sources_, row.rule) ? Diagram::yes : Diagram::no;
  }

  void take(std::size_t index) {
    const FlowClass& row = flows_.classes()[index];
    if (has_no_chain(row)) return;
    if (selection_.only.empty()) {
      const Ref flows = usable(row, without_excepted(row, row.flows), nullptr);
      if (flows != Diagram::no) found_.rows.push_back({index, flows, ""});
    }
    Ref taken = Diagram::no;
    for (std::size_t i = 0; i < selection_.only.size(); ++i) {
      const Selector& selector = selection_.only[i];
      const Ref wanted = d_.conj(row.flows, selected(selector, row));
      if (wanted == Diagram::no) continue;
      const Ref left = without_excepted(row, wanted);
      // What both select is excepted, and nobody need be told.
      if (left == Diagram::no) only_[i].is_used = true;
      const Ref flows = usable(row, left, &only_[i]);
      if (flows == Diagram::no) continue;
      only_[i].is_used = true;
      const Ref others = d_.minus(flows, taken);
      if (others == Diagram::no) continue;
      found_.rows.push_back({index, others, fmt::format("--only {}", selector.word)});
      taken = d_.disj(taken, flows);
    }
  }

  // Where nothing names a service: TCP to those ports of this host that no client takes.
  void take_low_ports() {
    const Ref low = d_.conj(world_.protocol(ip_protocol::tcp),
                            world_.range(Field::destination_port, low_ports));
    // What is translated to such a port looks like a service on it, and may have to be left out.
    Ref translated = Diagram::no;
    for (const Interval& ports : translated_low_ports(ruleset_)) {
      translated = d_.disj(translated, world_.range(Field::destination_port, ports));
    }
    for (std::size_t i = 0; i < flows_.classes().size(); ++i) {
      const FlowClass& row = flows_.classes()[i];
      if (row.path != Path::in || has_no_chain(row)) continue;
      const Ref wanted = without_excepted(row, d_.conj(row.flows, low));
      for (const Ref part : {d_.minus(wanted, translated), d_.conj(wanted, translated)}) {
        const Ref flows = usable(row, part, nullptr);
        if (flows == Diagram::no) continue;
        found_.rows.push_back({i, flows, ""});
        found_.are_low_ports = true;
      }
    }
  }

  // Who translates more ports while it runs may take any of them, and what is untracked cannot be
  // translated.
  std::string_view publisher() const {
    for (const Loader& loader : find_loaders(sources_, ruleset_)) {
      if (loader.row->publishes_ports) return loader.row->who;
    }
    return {};
  }

  void advise_other_ports() {
    for (LeftFlows& row : found_.left) {
      if (row.proposal) row.proposal->ports.assign(higher_tcp.begin(), higher_tcp.end());
    }
  }

  // Of what could be untracked at a price, and of what cannot.
  void tell_prices() {
    constexpr std::size_t most = 8;
    for (const FlowClass& row : flows_.classes()) {
      if (row.path == Path::out || has_no_chain(row) || found_.left.size() == most) continue;
      Use use;
      const Ref flows = usable(row, without_excepted(row, d_.conj(row.flows, with_ports())), &use);
      if (flows != Diagram::no || !use.why_not) continue;
      const bool is_told = std::ranges::any_of(found_.left, [&](const LeftFlows& known) {
        return known.refusal.span == use.why_not->refusal.span &&
               known.refusal.reason == use.why_not->refusal.reason;
      });
      if (!is_told) found_.left.push_back(std::move(*use.why_not));
    }
  }

  Ref without_excepted(const FlowClass& row, Ref flows) {
    for (std::size_t i = 0; i < selection_.except.size(); ++i) {
      const Ref excepted = d_.conj(row.flows, selected(selection_.except[i], row));
      if (excepted == Diagram::no) continue;
      except_[i].is_used = true;
      flows = d_.minus(flows, excepted);
    }
    return flows;
  }

  // The flows if they can be taken up; else nothing, and the selector knows why.
  Ref usable(const FlowClass& row, Ref flows, Use* use) {
    if (flows == Diagram::no) return flows;
    const auto refused = [&](std::string reason, std::vector<ExposureKind> price = {}) {
      if (use == nullptr || use->why_not) return Diagram::no;
      use->why_not = LeftFlows{{span_of(row), std::move(reason), {}}};
      if (!price.empty()) {
        use->why_not->proposal = Proposal{row.path, row.rule, row.chain, std::move(price), {}};
      }
      return Diagram::no;
    };
    if (row.path == Path::out) return refused("it is this host that begins these flows");
    if (row.path == Path::forward && has_tproxy()) {
      return refused("TPROXY may hand it to this host, whatever its addresses say");
    }
    const Ref all = flows;
    flows = d_.minus(flows, world_.flow_of(world_.untracked(FamilyWorld::as_it_is, row.path)));
    const Ref untracked = d_.conj(d_.minus(all, flows), with_ports());
    if (flows != all && row.path == Path::in) {
      has_untracked_ = true;
      // Loopback and broadcast, which stay tracked.
      const Ref to_here =
          world_.range(Field::destination_type, {address_type::local, address_type::local});
      if (d_.implies(d_.conj(flows, to_here), world_.loopback(Path::in))) flows = Diagram::no;
    }
    if (flows == Diagram::no) return refused(std::string(is_untracked_already));
    if (row.path == Path::in && flows_.flows(Path::forward) != Diagram::no &&
        d_.implies(world_.mirrored(flows), world_.from_groups())) {
      return refused("it goes to a group, which in front of the route is not this host");
    }
    FlowClass part = flows == row.flows ? row : flows_.narrowed(row, flows);
    std::vector<Refusal> bound_apart;
    while (part.need == Need::bound) {
      const Ref bound = d_.conj(flows, part.bound_by->flows);
      const Ref rest = d_.minus(flows, bound);
      if (!binds_some(part) || bound == Diagram::no || rest == Diagram::no) {
        return refused(bound_text(part));
      }
      bound_apart.push_back(
          {span_of(row),
           fmt::format("{}: {}", fmt::join(flows_.summary_of(flows_.narrowed(row, bound)), "; "),
                       bound_text(part)),
           {}});
      flows = rest;
      part = flows_.narrowed(row, flows);
    }
    std::vector<ExposureKind> price;
    for (const ExposureKind kind : part.exposure) {
      if (!is_harmless(kind) && std::ranges::find(allowed_, kind) == allowed_.end()) {
        price.push_back(kind);
      }
    }
    if (!price.empty()) return refused(price_text(price), price);
    // With what is untracked already, so that a second rewrite takes up no more than the first.
    if (!names_a_port(d_.disj(flows, untracked))) {
      Ref& spare = found_.spare[static_cast<std::size_t>(row.path)];
      spare = d_.disj(spare, flows);
      if (d_.intersects(flows, with_ports())) return refused_without_port(row, flows, use);
      return refused("only services of TCP and UDP, known by their port, are taken up");
    }
    for (Refusal& refusal : bound_apart) found_.left.push_back({std::move(refusal)});
    return flows;
  }

  // What matches on entries, or a rate: the flows that a rule lets in beside those that it asks of
  // may do without. Of translation nobody knows ahead of the route what it is for.
  bool binds_some(const FlowClass& part) const {
    if (!part.bound_by->construct.names_something()) return false;
    const Construct& construct = ruleset_[part.bound_by->construct];
    return construct.kind == catalog::ExtensionKind::match;
  }

  bool has_tproxy() const {
    return std::ranges::any_of(ruleset_.constructs, [](const Construct& construct) {
      return construct.extension != nullptr &&
             (construct.extension->name == "TPROXY" || construct.extension->name == "tproxy");
    });
  }

  // A service is known by its port; what the rules ahead leave of all ports names none.
  bool names_a_port(Ref flows) {
    if (!d_.implies(flows, with_ports())) return false;
    constexpr Number most = 32768;
    std::vector<bool> others(d_.level_count(), true);
    others[world_.layout().level_of(Field::destination_port)] = false;
    const Ref ports = d_.exists(flows, others);
    if (Diagram::is_constant(ports)) return false;
    Number count = 0;
    Diagram::Atom begin = 0;
    for (const Diagram::Edge& edge : d_.edges(ports)) {
      if (edge.child == Diagram::yes) {
        const NumberDomain& numbers = world_.layout().numbers(Field::destination_port);
        count += numbers.values_of(edge.last).last - numbers.values_of(begin).first + 1;
      }
      begin = edge.last + 1;
    }
    return count < most;
  }

  Ref refused_without_port(const FlowClass& row, Ref flows, Use* use) {
    LeftFlows left{
        {span_of(row),
         row.rule.names_something()
             ? "the rule names no port, so that it does not tell which services there are"
             : fmt::format("the policy of {} tells no services apart", ruleset_[row.chain].name),
         {}}};
    const bool has_tcp = d_.intersects(flows, world_.protocol(ip_protocol::tcp));
    const auto& ports = has_tcp ? usual_tcp : usual_udp;
    left.proposal = Proposal{row.path, row.rule, row.chain, {}, {ports.begin(), ports.end()}};
    if (const auto who = publisher(); row.path == Path::in && !who.empty()) {
      left.refusal.reason += fmt::format(
          "; {} may translate any port later, and what is untracked cannot be translated", who);
    }
    if (use != nullptr) {
      if (!use->why_not) use->why_not = std::move(left);
    } else {
      found_.left.push_back(std::move(left));
    }
    return Diagram::no;
  }

  Span span_of(const FlowClass& row) const {
    return row.rule.names_something() ? ruleset_[row.rule].text : Span{};
  }

  std::string bound_text(const FlowClass& part) const {
    if (!part.bound_by->construct.names_something()) {
      return "what lets these flows begin chooses for each packet, and needs their entries for the "
             "rest";
    }
    const Construct& construct = ruleset_[part.bound_by->construct];
    const Span& span = ruleset_[part.bound_by->rule].text;
    return fmt::format("\"{}\" in line {} of {} needs the entries of these flows",
                       sources_.text(construct.span), sources_.locate(span).line,
                       sources_[span.source].path());
  }

  static std::string price_text(const std::vector<ExposureKind>& price) {
    std::string text = "to untrack it exposes";
    for (const ExposureKind kind : price) {
      text += fmt::format("{} {}", kind == price.front() ? "" : ",", to_text(kind));
    }
    return text;
  }

  void tell(std::string_view option, const Selector& selector, const Use& use) {
    if (!use.why_not && names_other_family(selector)) return;
    LeftFlows left =
        use.why_not ? *use.why_not : LeftFlows{{{}, why_none(selector, ruleset_, sources_), ""}};
    left.refusal.reason =
        fmt::format("{} {} selects nothing: {}", option, selector.word, left.refusal.reason);
    found_.left.push_back(std::move(left));
  }

  // It names rules, all of which are of the other IP version.
  bool names_other_family(const Selector& selector) const {
    bool names_any = false;
    for (const Chain& chain : ruleset_.chains) {
      for (const RuleId rule : chain.rules) {
        if (!selects(selector, ruleset_, sources_, rule)) continue;
        if (ip_versions(ruleset_[chain.table].family).has(world_.version())) return false;
        names_any = true;
      }
    }
    return names_any;
  }

  World& world_;
  Diagram& d_;
  const Ruleset& ruleset_;
  const Sources& sources_;
  Flows& flows_;
  const std::vector<ExposureKind>& allowed_;
  const Selection& selection_;
  std::vector<Use> only_;
  std::vector<Use> except_;
  bool has_untracked_ = false;  // some of what comes in to this host
  Candidates found_;
};

}  // namespace

Candidates find_candidates(FamilyWorld& family, const Sources& sources,
                           const Assumptions& assumptions, const std::vector<ExposureKind>& allowed,
                           const Selection& selection) {
  return Finder(family, sources, assumptions, allowed, selection).find();
}

std::vector<std::string> why_left(FamilyWorld& family, const Sources& sources,
                                  const Assumptions& assumptions) {
  return Finder(family, sources, assumptions, {}, {}).why_left();
}

}  // namespace untrack
