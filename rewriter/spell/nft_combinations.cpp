#include "rewriter/spell/nft_combinations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rewriter/spell/box_values.hpp"

namespace untrack {
namespace {

// Fewer boxes are plainer as rules of their own.
constexpr std::size_t least_boxes = 3;
constexpr std::size_t most_elements = 64;  // of one box
// More rules than these, and the interfaces are part of the combinations.
constexpr std::size_t most_rules = 12;
constexpr std::size_t longest_key = 64;            // NFT_DATA_VALUE_MAXLEN, in bytes
constexpr std::string_view place_of_words = "\n";  // nothing else in a rule has one

constexpr std::array combinable = {Field::in_interface, Field::out_interface, Field::source_address,
                                   Field::destination_address, Field::source_port};

bool is_interface(Field field) {
  return field == Field::in_interface || field == Field::out_interface;
}

bool is_address(Field field) {
  return field == Field::source_address || field == Field::destination_address;
}

using Element = NftElement;  // of interfaces, an atom

bool meet(const Element& a, const Element& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].last < b[i].first || b[i].last < a[i].first) return false;
  }
  return true;
}

struct Combination {
  std::vector<Field> fields;
  std::string words;  // "ip saddr . tcp sport"
  std::string text;   // of the rule, with a place for the words and the set
  std::vector<std::size_t> boxes;
  std::vector<Element> elements;
};

class Combiner {
 public:
  Combiner(std::span<const Box> boxes, const Layout& layout, const NftSpellOptions& options,
           bool with_interfaces)
      : boxes_(boxes), layout_(layout), options_(options), with_interfaces_(with_interfaces) {}

  SpelledBox spell() {
    for (std::size_t i = 0; i < boxes_.size(); ++i) put(i);
    // By the box that comes first.
    std::map<std::size_t, std::vector<std::string>> rules;
    for (Combination& each : combinations_) {
      std::ranges::sort(each.elements, is_less);
      const std::string_view name = name_of(each);
      if (each.boxes.size() >= least_boxes || !name.empty()) {
        rules[each.boxes.front()].push_back(text_of(each, name));
      } else {
        alone_.insert(alone_.end(), each.boxes.begin(), each.boxes.end());
      }
    }
    for (const std::size_t i : alone_) {
      SpelledBox spelled = spell_nft(boxes_[i], layout_, options_);
      all_.is_wider |= spelled.is_wider;
      all_.is_too_large |= spelled.is_too_large;
      std::ranges::move(spelled.rules, std::back_inserter(rules[i]));
    }
    for (auto& [first, lines] : rules) std::ranges::move(lines, std::back_inserter(all_.rules));
    return std::move(all_);
  }

 private:
  // What a combination can hold of the side; nothing: not all of it.
  std::optional<std::vector<Interval>> values_of(const BoxValues& asked, Field field) const {
    if (!is_interface(field)) {
      SidedValues sided = asked.shorter(field, true);
      const bool has_name =
          !nft_set_of(options_.sets, field, layout_.version(), sided.values).empty();
      if (sided.values.empty() || sided.is_negated || has_name) return std::nullopt;
      return std::move(sided.values);
    }
    const BoxSide* side = asked.side(field);
    if (!with_interfaces_ || side == nullptr) return std::nullopt;
    const auto [in, out] = asked.interfaces(*side);
    const NameDomain& names = layout_.names();
    std::vector<Interval> values;
    for (const NameDomain::Atom atom : in) {
      const bool is_name = names.example(atom) == names.text(atom) && nft_interface(names, atom);
      if (!is_name) return std::nullopt;
      values.push_back({atom, atom});
    }
    if (out.empty() || values.empty()) return std::nullopt;
    return values;
  }

  std::size_t bytes_of(Field field) const {
    if (is_interface(field)) return 16;  // IFNAMSIZ
    if (is_address(field)) return layout_.version() == IpVersion::ipv4 ? 4 : 16;
    return 4;  // a port takes a whole register
  }

  void put(std::size_t at) {
    const BoxValues asked(boxes_[at], layout_);
    std::vector<Field> fields;
    std::vector<Element> elements = {{}};
    std::size_t bytes = 0;
    for (const Field field : combinable) {
      const auto values = values_of(asked, field);
      if (!values) continue;
      bytes += bytes_of(field);
      fields.push_back(field);
      std::vector<Element> longer;
      for (const Element& element : elements) {
        for (const Interval& range : *values) {
          longer.push_back(element);
          longer.back().push_back(range);
        }
      }
      elements = std::move(longer);
      if (elements.size() > most_elements || bytes > longest_key) break;
    }
    if (fields.size() < 2 || elements.size() > most_elements || bytes > longest_key ||
        !is_combined(at, asked, std::move(fields), std::move(elements))) {
      alone_.push_back(at);
    }
  }

  bool is_combined(std::size_t at, const BoxValues& asked, std::vector<Field> fields,
                   std::vector<Element> elements) {
    NftSpellOptions options = options_;
    options.together = fields;
    options.words = place_of_words;
    SpelledBox spelled = spell_nft(boxes_[at], layout_, options);
    if (spelled.rules.size() != 1 || spelled.is_wider || spelled.is_too_large) return false;
    std::string& text = spelled.rules.front();
    std::string words = words_of(fields, asked);
    // Of the protocol of ports, the words alone may tell.
    const auto [known, is_new] = by_text_.emplace(words + text, combinations_.size());
    if (is_new) {
      combinations_.push_back({std::move(fields), std::move(words), std::move(text), {}, {}});
    }
    Combination& to = combinations_[known->second];
    // The kernel takes no set whose elements overlap.
    for (const Element& element : elements) {
      const auto meets = [&](const Element& other) { return meet(element, other); };
      if (std::ranges::any_of(to.elements, meets)) return false;
    }
    to.boxes.push_back(at);
    std::ranges::move(elements, std::back_inserter(to.elements));
    return true;
  }

  std::string words_of(const std::vector<Field>& fields, const BoxValues& asked) const {
    const std::vector<Interval> protocols = asked.values(Field::protocol);
    std::vector<std::string> words;
    for (const Field field : fields) {
      if (is_interface(field)) {
        words.emplace_back(field == Field::in_interface ? "iifname" : "oifname");
      } else if (is_address(field)) {
        words.push_back(fmt::format("{} {}", layout_.version() == IpVersion::ipv4 ? "ip" : "ip6",
                                    field == Field::source_address ? "saddr" : "daddr"));
      } else {
        words.push_back(fmt::format(
            "{} sport", nft_protocol_word(protocols.empty() ? 0 : protocols.front().first)));
      }
    }
    return fmt::format("{}", fmt::join(words, " . "));
  }

  std::string word_of(Field field, const Interval& range) const {
    if (!is_interface(field)) return nft_element(range, field, layout_.version());
    return nft_interface(layout_.names(), static_cast<NameDomain::Atom>(range.first)).value_or("");
  }

  // Of the ruleset, as long as it holds the same.
  std::string_view name_of(const Combination& each) const {
    std::vector<std::string_view> types;
    for (const Field field : each.fields) {
      types.push_back(is_interface(field)                    ? "ifname"
                      : !is_address(field)                   ? "inet_service"
                      : layout_.version() == IpVersion::ipv4 ? "ipv4_addr"
                                                             : "ipv6_addr");
    }
    const std::string type = fmt::format("{}", fmt::join(types, " . "));
    const bool has_interfaces = std::ranges::any_of(each.fields, is_interface);
    const auto at = std::ranges::find_if(options_.sets, [&](const NftNamedValues& set) {
      return set.type == type && !has_interfaces && set.combinations == each.elements;
    });
    return at == options_.sets.end() ? std::string_view() : at->name;
  }

  std::string text_of(const Combination& each, std::string_view name) const {
    const std::string set = name.empty() ? set_text(each) : fmt::format("@{}", name);
    std::string text = each.text;
    text.replace(text.find(place_of_words), place_of_words.size(),
                 fmt::format("{} {}", each.words, set));
    return text;
  }

  std::string set_text(const Combination& each) const {
    std::vector<std::string> elements;
    for (const Element& element : each.elements) {
      std::vector<std::string> words;
      for (std::size_t i = 0; i < element.size(); ++i) {
        words.push_back(word_of(each.fields[i], element[i]));
      }
      elements.push_back(fmt::format("{}", fmt::join(words, " . ")));
    }
    return fmt::format("{{ {} }}", fmt::join(elements, ", "));
  }

  std::span<const Box> boxes_;
  const Layout& layout_;
  const NftSpellOptions& options_;
  bool with_interfaces_;
  std::vector<Combination> combinations_;
  std::map<std::string, std::size_t> by_text_;
  std::vector<std::size_t> alone_;
  SpelledBox all_;
};

}  // namespace

SpelledBox spell_nft_combined(std::span<const Box> boxes, const Layout& layout,
                              const NftSpellOptions& options) {
  SpelledBox found = Combiner(boxes, layout, options, false).spell();
  if (found.rules.size() <= most_rules) return found;
  SpelledBox shorter = Combiner(boxes, layout, options, true).spell();
  return shorter.rules.size() < found.rules.size() ? shorter : found;
}

}  // namespace untrack
