#include "analysis/translation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "model/address_text.hpp"

namespace untrack {
namespace {

constexpr std::string_view other_form =
    "only `ip daddr D dnat to A` and `ip saddr A snat to D`, each with one interface or none, are "
    "translated without state";

bool is_address(Field field) {
  return field == Field::source_address || field == Field::destination_address;
}

bool is_port(Field field) {
  return field == Field::source_port || field == Field::destination_port;
}

bool is_flag(std::string_view word) {
  return word == "random" || word == "fully-random" || word == "persistent";
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n\\", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\\", begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    at = end;
  }
  return words;
}

class Reading {
 public:
  Reading(const Ruleset& ruleset, const Sources& sources, TranslationForm form)
      : ruleset_(ruleset), sources_(sources), form_(form) {}

  Translations read() {
    for (const Table& table : ruleset_.tables) {
      if (table.is_dormant) continue;
      for (const ChainId chain : table.chains) {
        // Tables of netdev and bridge see packets, too.
        if (ip_versions(table.family).empty()) {
          refuse_translations(ruleset_[chain]);
        } else {
          read_chain(table, chain);
        }
      }
    }
    if (!translates_) return {};
    pair_up();
    return std::move(found_);
  }

 private:
  // One rule, before the one of the other direction is found.
  struct Half {
    Translation what;
    RuleId rule;
    bool is_destination = false;
  };

  void refuse(const Span& span, std::string reason) {
    found_.obstacles.push_back({span, std::move(reason)});
  }

  // Whether it sets an address or a port, in whatever way.
  [[nodiscard]] static bool translates(const Statement& statement) {
    if (std::holds_alternative<NatStatement>(statement)) return true;
    const auto* opaque = std::get_if<OpaqueStatement>(&statement);
    return opaque != nullptr && opaque->writes &&
           (is_address(*opaque->writes) || is_port(*opaque->writes));
  }

  void refuse_translations(const Chain& chain) {
    for (const RuleId rule : chain.rules) {
      for (const RulePart& part : slice(ruleset_.parts, ruleset_[rule].parts)) {
        const auto* statement = std::get_if<Statement>(&part.what);
        if (statement == nullptr || !translates(*statement)) continue;
        translates_ = true;
        refuse(ruleset_[rule].text, std::string(other_form));
      }
    }
  }

  void read_chain(const Table& table, ChainId id) {
    const Chain& chain = ruleset_[id];
    if (chain.rules.empty() && (!chain.base || chain.base->policy == Policy::accept)) return;
    const bool is_around_routing = chain.base && (chain.base->hook == Hook::prerouting ||
                                                  chain.base->hook == Hook::postrouting);
    const ChainType wanted = form_ == TranslationForm::nat ? ChainType::nat : ChainType::filter;
    if (is_around_routing && chain.base->type == wanted) {
      if (table.language != Language::nft) {
        return refuse(chain.span, "it is a chain of iptables, which has no payload statements");
      }
      if (chain.base->policy != Policy::accept) {
        return refuse(chain.span, "its policy drops what is not translated");
      }
      found_.chains.push_back(id);
      for (const RuleId rule : chain.rules) read_rule(table, *chain.base, rule);
      return;
    }
    refuse_translations(chain);
    if (is_around_routing && !chain.rules.empty()) {
      refuse(ruleset_[chain.rules.front()].text,
             "its chain sees packets beside the translation, with another address than without "
             "state");
    } else if (is_around_routing) {
      refuse(chain.span, "its policy drops packets beside the translation");
    }
  }

  void read_rule(const Table& table, const BaseChain& base, RuleId id) {
    const Rule& rule = ruleset_[id];
    Half half;
    half.rule = id;
    half.is_destination = base.hook == Hook::prerouting;
    IpVersions versions = ip_versions(table.family);
    std::optional<Number> asked;
    std::optional<Number> given;
    std::uint32_t part_that_sets = 0;
    bool is_accepted = form_ == TranslationForm::nat;
    bool is_right = true;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      const std::uint32_t at = rule.parts.first + i;
      const RulePart& part = ruleset_.parts[at];
      if (const auto* match = std::get_if<Match>(&part.what)) {
        is_right = is_right && !given && read_match(*match, half, versions, asked);
        continue;
      }
      const auto& statement = std::get<Statement>(part.what);
      translates_ = translates_ || translates(statement);
      if (const auto* verdict = std::get_if<VerdictStatement>(&statement)) {
        is_right = is_right && given && verdict->verdict == Verdict::accept && !is_accepted;
        is_accepted = true;
      } else if (const auto* passive = std::get_if<PassiveStatement>(&statement)) {
        is_right = is_right && !given && passive->what.starts_with("counter");
      } else if (!given) {
        given = address_set(part.span_in(rule), statement, half.is_destination);
        is_right = is_right && given;
        part_that_sets = at;
      } else {
        is_right = false;
      }
    }
    const bool is_of_one = versions == IpVersion::ipv4 || versions == IpVersion::ipv6;
    if (!is_right || !asked || !given || !is_accepted || !is_of_one || rule.copies != 1) {
      return refuse(rule.text, std::string(other_form));
    }
    half.what.version = versions.has(IpVersion::ipv4) ? IpVersion::ipv4 : IpVersion::ipv6;
    half.what.outside = half.is_destination ? *asked : *given;
    half.what.inside = half.is_destination ? *given : *asked;
    halves_.push_back(half);
    found_.rules.push_back({id, part_that_sets, half.is_destination});
  }

  bool read_match(const Match& match, Half& half, IpVersions& versions,
                  std::optional<Number>& asked) const {
    if (const auto* family = std::get_if<FamilyTest>(&match)) {
      versions = versions & family->ip_versions;
      return true;
    }
    if (const auto* name = std::get_if<NameTest>(&match)) {
      const Field field = half.is_destination ? Field::in_interface : Field::out_interface;
      const auto names = slice(ruleset_.names, name->names);
      if (name->field != field || name->negated || names.size() != 1 || names[0].is_prefix ||
          names[0].text.empty() || !half.what.interface.empty()) {
        return false;
      }
      half.what.interface = names[0].text;
      return true;
    }
    const auto* test = std::get_if<FieldTest>(&match);
    const Field field = half.is_destination ? Field::destination_address : Field::source_address;
    if (test == nullptr || test->field != field || test->negated || asked) return false;
    const auto values = slice(ruleset_.intervals, test->values);
    if (test->mask != 0xffffffffU || values.size() != 1 || values[0].first != values[0].last) {
      return false;
    }
    asked = values[0].first;
    return true;
  }

  // The address that the statement sets, if it does that and no more.
  [[nodiscard]] std::optional<Number> address_set(const Span& words_at, const Statement& statement,
                                                  bool is_destination) const {
    PoolRange<Interval> values;
    if (const auto* nat = std::get_if<NatStatement>(&statement)) {
      const NatKind kind = is_destination ? NatKind::dnat : NatKind::snat;
      if (form_ != TranslationForm::nat || nat->kind != kind || nat->ports.count != 0) {
        return std::nullopt;
      }
      // `dnat to A` or `dnat ip to A`; flags are words behind it, maps have braces or signs.
      const auto words = words_of(sources_.text(words_at));
      const bool is_plain = words.size() >= 3 && words.size() <= 4 &&
                            words[words.size() - 2] == "to" && !is_flag(words.back());
      if (!is_plain || words.back().find_first_of("{@") != std::string_view::npos) {
        return std::nullopt;
      }
      values = nat->addresses;
    } else if (const auto* opaque = std::get_if<OpaqueStatement>(&statement)) {
      const Field field = is_destination ? Field::destination_address : Field::source_address;
      if (form_ != TranslationForm::payload || opaque->may_end || opaque->writes != field) {
        return std::nullopt;
      }
      values = opaque->value;
    }
    const auto range = slice(ruleset_.intervals, values);
    if (range.size() != 1 || range[0].first != range[0].last) return std::nullopt;
    return range[0].first;
  }

  // Both directions, or an answer could not be told from a packet that begins a flow; and no
  // address twice.
  void pair_up() {
    for (const Half& half : halves_) {
      const Span& text = ruleset_[half.rule].text;
      std::size_t others = 0;
      bool is_shared = false;
      for (const Half& other : halves_) {
        const bool is_other_way = other.is_destination != half.is_destination;
        const bool is_pair = is_other_way && other.what == half.what;
        if (is_pair) ++others;
        if (other.rule == half.rule || other.what.version != half.what.version) continue;
        const bool has_common =
            other.what.outside == half.what.outside || other.what.inside == half.what.inside ||
            other.what.outside == half.what.inside || other.what.inside == half.what.outside;
        is_shared = is_shared || (has_common && !is_pair);
      }
      if (half.is_destination) found_.list.push_back(half.what);
      if (is_shared) {
        refuse(text, "one of its addresses is translated by another rule, too, and in another way");
        continue;
      }
      if (half.what.outside == half.what.inside) refuse(text, "it translates an address to itself");
      if (others == 0) {
        refuse(text, half.is_destination
                         ? "no rule gives what the address inside sends the address outside, over "
                           "the same interface: its answers cannot be told from flows that it "
                           "begins"
                         : "no rule sends what comes for the address outside to the one inside, "
                           "over the same interface: answers cannot be told from flows that others "
                           "begin");
      }
    }
    std::ranges::sort(found_.list, {}, [](const Translation& t) {
      return std::tuple(t.version, t.interface, t.outside);
    });
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  TranslationForm form_;
  Translations found_;
  std::vector<Half> halves_;
  bool translates_ = false;
};

}  // namespace

Translations translations_of(const Ruleset& ruleset, const Sources& sources, TranslationForm form) {
  return Reading(ruleset, sources, form).read();
}

std::string to_text(const Translation& translation) {
  const auto over = translation.interface.empty() ? std::string()
                                                  : fmt::format(" over {}", translation.interface);
  return fmt::format("{}{} is {}", address_text(translation.outside, translation.version), over,
                     address_text(translation.inside, translation.version));
}

}  // namespace untrack
