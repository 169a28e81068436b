#include "rewriter/stateless/mirrored_rule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/packet/packet.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

class RuleMirror {
 public:
  RuleMirror(const Ruleset& ruleset, const Sources& sources, const Rule& rule, Path path,
             Reflection reflection)
      : ruleset_(ruleset), sources_(sources), rule_(rule), path_(path), reflection_(reflection) {}

  MirroredRule take() {
    for (const RulePart& part : slice(ruleset_.parts, rule_.parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      if (match == nullptr) continue;
      std::visit(Overloaded{
                     [&](const FieldTest& test) { take(part, test); },
                     [&](const NameTest& test) { take(part, test); },
                     [&](const StateTest& test) { take(test); },
                     [&](const SetTest& test) { take(part, test); },
                     [&](const FamilyTest&) { leave_out(part); },
                     [&](const OpaqueTest&) { leave_out(part); },
                 },
                 *match);
    }
    return std::move(found_);
  }

 private:
  bool turns() const { return reflection_ != Reflection::errors_forth && stands() == false; }
  bool stands() const { return reflection_ == Reflection::none; }
  bool is_error() const {
    return reflection_ == Reflection::errors_back || reflection_ == Reflection::errors_forth;
  }

  const OptionUse* option_of(const RulePart& part) const {
    if (!part.construct.names_something()) return nullptr;
    for (const OptionUse& option : slice(ruleset_.options, ruleset_[part.construct].options)) {
      if (option.span.begin <= part.place.begin && part.place.end <= option.span.end)
        return &option;
    }
    return nullptr;
  }

  // What stands behind -s, -i, -p.
  std::string last_word(const RulePart& part) const {
    std::string_view text = sources_.text(part.span_in(rule_));
    const auto space = text.find_last_of(" \t=");
    if (space != std::string_view::npos) return std::string(text.substr(space + 1));
    // "-ieth0"
    return std::string(text.substr(std::min<std::size_t>(text.size(), 2)));
  }

  static std::string sign(bool is_negated) { return is_negated ? "! " : ""; }

  // Where nothing turns a condition round, the words of the ruleset stay.
  void leave_out(const RulePart& part) {
    if (!stands() || !part.construct.names_something()) {
      found_.is_wider = true;
      return;
    }
    const Construct& construct = ruleset_[part.construct];
    // All options of a module come with its first.
    if (std::ranges::find(found_.conditions.modules, construct.name.view(),
                          &Conditions::Module::name) != found_.conditions.modules.end()) {
      return;
    }
    for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
      found_.conditions.add(std::string(construct.name), std::string(sources_.text(option.span)));
    }
  }

  bool holds_for(const FieldTest& test, Number value) const {
    const bool is_in = std::ranges::any_of(
        slice(ruleset_.intervals, test.values),
        [&](const Interval& range) { return value >= range.first && value <= range.last; });
    return is_in != test.negated;
  }

  // A condition of which it is known whether those packets meet it that have answers.
  void decide(bool is_met) {
    if (!is_met) found_.is_never = true;
  }

  void take(const StateTest& test) {
    if (!stands()) decide(test.states.has(CtState::new_) != test.negated);
  }

  void take(const RulePart& part, const NameTest& test) {
    const auto names = slice(ruleset_.names, test.names);
    const bool is_loopback =
        names.size() == 1 && names.front().text == "lo" && !names.front().is_prefix;
    if (is_loopback && !stands()) {
      // What goes out over lo comes in over it, too: there is no answer to tell from it.
      decide(test.negated);
      return;
    }
    const bool is_in = (test.field == Field::in_interface) != turns();
    std::string& words = is_in ? found_.conditions.in : found_.conditions.out;
    words = fmt::format("{}-{} {}", sign(test.negated), is_in ? 'i' : 'o', last_word(part));
  }

  void take(const RulePart& part, const SetTest& test) {
    const OptionUse* option = option_of(part);
    const auto types =
        test.set.names_something() ? std::string_view(ruleset_[test.set].type) : std::string_view();
    if (option == nullptr || is_error() || types.find("mac") != std::string_view::npos) {
      leave_out(part);
      return;
    }
    std::string sides;
    for (std::uint8_t i = 0; i < test.dimension_count; ++i) {
      const bool is_destination = ((test.destination_dimensions >> i) & 1) != 0;
      sides += fmt::format("{}{}", i == 0 ? "" : ",", is_destination != turns() ? "dst" : "src");
    }
    found_.conditions.add(
        "set", fmt::format("{}--match-set {} {}", sign(test.negated), test.set_name, sides));
  }

  void take(const RulePart& part, const FieldTest& test) {
    switch (test.field) {
      case Field::source_address:
      case Field::destination_address:
        take_address(part, test);
        return;
      case Field::protocol:
        take_protocol(part, test);
        return;
      case Field::source_port:
      case Field::destination_port:
      case Field::either_port:
        take_port(part, test);
        return;
      case Field::tcp_flags:
        take_flags(test);
        return;
      case Field::icmp_type_code:
        take_icmp(part, test);
        return;
      case Field::later_fragment:
        if (!stands()) decide(!holds_for(test, 1));
        return;
      case Field::packet_type:
        stands() ? leave_out(part) : decide(holds_for(test, 0));
        return;
      case Field::source_type:
      case Field::destination_type:
        take_type(part, test);
        return;
      case Field::mark:
        found_.obstacle = "this rule asks for a mark of the packet, which answers do not have";
        return;
      default:
        leave_out(part);
        return;
    }
  }

  // No answer comes from the address of a group.
  bool is_group(const FieldTest& test) const {
    const auto values = slice(ruleset_.intervals, test.values);
    return !test.negated && std::ranges::all_of(values, [&](const Interval& range) {
      if (version_ == IpVersion::ipv4) {
        return range.first >= Number{0xe0000000U} &&
               (range.last <= Number{0xefffffffU} || range.first == Number{0xffffffffU});
      }
      return range.first >> 120 == 0xff;
    });
  }

  void take_address(const RulePart& part, const FieldTest& test) {
    if (!stands() && test.field == Field::destination_address && is_group(test)) {
      found_.is_to_group = true;
    }
    const bool is_source = (test.field == Field::source_address) != turns();
    if (is_error() && is_source) {
      // Any router on the way may send it.
      found_.is_wider = true;
      return;
    }
    const OptionUse* option = option_of(part);
    if (option != nullptr) {
      found_.conditions.add("iprange", fmt::format("{}--{}-range {}", sign(test.negated),
                                                   is_source ? "src" : "dst", option->value));
      return;
    }
    std::string& words = is_source ? found_.conditions.source : found_.conditions.destination;
    words = fmt::format("{}-{} {}", sign(test.negated), is_source ? 's' : 'd', last_word(part));
  }

  void take_protocol(const RulePart& part, const FieldTest& test) {
    const auto values = slice(ruleset_.intervals, test.values);
    const bool is_one = values.size() == 1 && values.front().first == values.front().last;
    if (!test.negated && is_one) {
      found_.protocol = static_cast<std::uint8_t>(values.front().first);
    }
    if (is_error()) {
      found_.is_wider = true;
      return;
    }
    found_.conditions.protocol = fmt::format("{}-p {}", sign(test.negated), last_word(part));
  }

  void take_port(const RulePart& part, const FieldTest& test) {
    const OptionUse* option = option_of(part);
    if (test.field != Field::destination_port && !test.negated) found_.names_source_ports = true;
    if (test.field != Field::source_port && !test.negated) {
      for (const Interval& range : slice(ruleset_.intervals, test.values)) {
        found_.services.push_back(range);
      }
    }
    if (is_error() || option == nullptr) {
      leave_out(part);
      return;
    }
    const Construct& construct = ruleset_[part.construct];
    const bool is_list = construct.name == "multiport";
    std::string_view word = "port";
    if (test.field != Field::either_port) {
      word = (test.field == Field::source_port) != turns() ? "sport" : "dport";
    }
    found_.conditions.add(
        std::string(construct.name),
        fmt::format("{}--{}{} {}", sign(test.negated), word, is_list ? "s" : "", option->value));
  }

  void take_flags(const FieldTest& test) {
    if (stands()) return;
    constexpr Number told = tcp_flag::syn | tcp_flag::ack | tcp_flag::rst | tcp_flag::fin;
    if ((test.mask & ~told & 0xffU) == 0) {
      decide(holds_for(test, tcp_flag::syn & test.mask));
      return;
    }
    found_.is_wider = true;
  }

  void take_icmp(const RulePart& part, const FieldTest& test) {
    if (is_error() || stands()) {
      leave_out(part);
      return;
    }
    const IcmpQuery echo = icmp_queries(version_).front();
    const Number request = Number{echo.request} * 256;
    decide(holds_for(test, request));
    const auto values = slice(ruleset_.intervals, test.values);
    if (test.negated || values.size() != 1 || values.front().first < request ||
        values.front().last > request + 255) {
      return;
    }
    const bool is_v4 = version_ == IpVersion::ipv4;
    const bool is_one_code = values.front().first == values.front().last;
    found_.conditions.add(
        is_v4 ? "icmp" : "icmp6",
        fmt::format("--{} {}{}", is_v4 ? "icmp-type" : "icmpv6-type", unsigned{echo.reply},
                    is_one_code
                        ? fmt::format("/{}", static_cast<unsigned>(values.front().first % 256))
                        : std::string()));
  }

  void take_type(const RulePart& part, const FieldTest& test) {
    const OptionUse* option = option_of(part);
    if (stands() || option == nullptr) {
      leave_out(part);
      return;
    }
    if (test.field == Field::destination_type) {
      // What answers has one of these: routing says so.
      decide(holds_for(test, path_ == Path::in ? address_type::local : address_type::unicast));
      return;
    }
    if (is_error()) {
      leave_out(part);
      return;
    }
    found_.conditions.add("addrtype",
                          fmt::format("{}--dst-type {}", sign(test.negated), option->value));
  }

 public:
  IpVersion version_ = IpVersion::ipv4;

 private:
  const Ruleset& ruleset_;
  const Sources& sources_;
  const Rule& rule_;
  Path path_;
  Reflection reflection_;
  MirroredRule found_;
};

}  // namespace

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

bool Conditions::empty() const {
  return source.empty() && destination.empty() && in.empty() && out.empty() && protocol.empty() &&
         modules.empty();
}

void Conditions::add(const std::string& module, const std::string& options) {
  const auto at = std::ranges::find(modules, module, &Module::name);
  // multiport takes one list.
  if (at == modules.end() || module == "multiport") {
    modules.push_back({module, options});
    return;
  }
  // What is of the source stands first, as iptables-save has it.
  const bool is_first = options.find("--s") != std::string::npos;
  at->options = is_first ? options + ' ' + at->options : at->options + ' ' + options;
}

std::string Conditions::text() const {
  std::string all;
  const auto add_words = [&](const std::string& words) {
    if (words.empty()) return;
    if (!all.empty()) all += ' ';
    all += words;
  };
  for (const std::string* words : {&source, &destination, &in, &out, &protocol}) add_words(*words);
  for (const Module& module : modules) {
    add_words("-m " + module.name);
    add_words(module.options);
  }
  return all;
}

MirroredRule mirrored(const Ruleset& ruleset, const Sources& sources, RuleId rule, Path path,
                      Reflection reflection) {
  RuleMirror mirror(ruleset, sources, ruleset[rule], path, reflection);
  mirror.version_ =
      ruleset.table_of(ruleset[rule]).family == Family::ip6 ? IpVersion::ipv6 : IpVersion::ipv4;
  return mirror.take();
}

}  // namespace untrack
