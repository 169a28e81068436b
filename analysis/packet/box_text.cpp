// Boxes, in words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>

#include "analysis/packet/boxes.hpp"
#include "analysis/packet/field_protocols.hpp"
#include "analysis/packet/packet_words.hpp"
#include "model/address_text.hpp"
#include "model/catalog/icmp_types.hpp"
#include "model/catalog/protocols.hpp"

namespace untrack {
namespace {

constexpr std::size_t shown_values = 4;

// The first few, and how many more there are.
std::string list(const std::vector<std::string>& words) {
  if (words.size() <= shown_values + 1) return fmt::format("{}", fmt::join(words, ","));
  return fmt::format("{} and {} more", fmt::join(words.begin(), words.begin() + shown_values, ","),
                     words.size() - shown_values);
}

std::string port_text(const Interval& range) {
  const auto first = static_cast<unsigned>(range.first);
  const auto last = static_cast<unsigned>(range.last);
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

std::string protocol_text(const Interval& range) {
  const auto name = [](Number number) {
    const std::string_view known = catalog::protocol_name(static_cast<std::uint8_t>(number));
    return known.empty() ? fmt::format("protocol {}", static_cast<unsigned>(number))
                         : std::string(known);
  };
  if (range.first == range.last) return range.first == 0 ? "protocol 0" : name(range.first);
  return fmt::format("protocols {}-{}", static_cast<unsigned>(range.first),
                     static_cast<unsigned>(range.last));
}

std::string icmp_text(const Interval& range, IpVersion version) {
  const auto type = static_cast<std::uint8_t>(range.first / 256);
  const auto last_type = static_cast<std::uint8_t>(range.last / 256);
  if (type != last_type) return fmt::format("types {}-{}", type, last_type);
  const auto first = static_cast<std::uint8_t>(range.first % 256);
  const auto last = static_cast<std::uint8_t>(range.last % 256);
  const std::string_view name = catalog::icmp_type_name(type, first, last, version);
  if (!name.empty()) return std::string(name);
  if (first == 0 && last == 255) return fmt::format("type {}", type);
  if (first == last) return fmt::format("type {} code {}", type, first);
  return fmt::format("type {} codes {}-{}", type, first, last);
}

std::string address_type_text(const Interval& range) {
  static constexpr std::array<std::string_view, 6> names = {"unspec",    "unicast", "local",
                                                            "broadcast", "anycast", "multicast"};
  std::vector<std::string> words;
  for (Number type = range.first; type <= range.last && type < names.size(); ++type) {
    words.emplace_back(names[static_cast<std::size_t>(type)]);
  }
  if (range.last >= names.size()) words.emplace_back("other");
  return fmt::format("{}", fmt::join(words, ","));
}

std::string printable(const std::string& name) {
  std::string safe;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      safe += c;
    }
  }
  return safe;
}

// The sides of one box by what they speak of.
class BoxWords {
 public:
  BoxWords(const Box& box, const Layout& layout) : box_(box), layout_(layout) {}

  [[nodiscard]] const BoxSide* side(Field field) const {
    const auto at = std::ranges::find(box_, layout_.level_of(field), &BoxSide::level);
    return at == box_.end() ? nullptr : &*at;
  }

  // The values that a side allows, neighbours joined.
  [[nodiscard]] std::vector<Interval> values(Field field, const BoxSide& side) const {
    std::vector<Interval> values;
    for (const auto& [first, last] : side.runs) {
      values.push_back({layout_.numbers(field).values_of(first).first,
                        layout_.numbers(field).values_of(last).last});
    }
    return values;
  }

  template <class Text>
  [[nodiscard]] std::string words(Field field, Text&& text) const {
    const BoxSide* found = side(field);
    if (found == nullptr) return {};
    const std::vector<Interval> in = values(field, *found);
    const std::vector<Interval> out = complement(in, layout_.numbers(field).last());
    // Whatever takes fewer words.
    const bool is_not = out.size() < in.size();
    std::vector<std::string> all;
    for (const Interval& range : is_not ? out : in) all.push_back(text(range));
    return (is_not ? "not " : "") + list(all);
  }

  [[nodiscard]] std::string names(Field field) const {
    const BoxSide* found = side(field);
    if (found == nullptr) return {};
    std::vector<std::string> all;
    std::size_t count = 0;
    for (const auto& [first, last] : found->runs) {
      for (auto atom = first; atom <= last; ++atom) {
        if (atom == NameDomain::absent()) continue;
        ++count;
        all.push_back(printable(layout_.names().text(atom)));
      }
    }
    const std::size_t present = layout_.names().size() - 1;
    // That lo is left out goes without saying.
    const bool has_lo = std::ranges::any_of(found->runs, [&](const auto& run) {
      return layout_.names().loopback() >= run.first && layout_.names().loopback() <= run.second;
    });
    if (count == present || (count + 1 == present && !has_lo)) return {};
    if (count + 2 <= present && count <= 4) return list(all);
    std::vector<std::string> others;
    for (NameDomain::Atom atom = 1; atom < layout_.names().size(); ++atom) {
      const bool is_in = std::ranges::any_of(
          found->runs, [&](const auto& run) { return atom >= run.first && atom <= run.second; });
      if (!is_in) others.push_back(printable(layout_.names().text(atom)));
    }
    return others.size() < all.size() ? "not " + list(others) : list(all);
  }

  [[nodiscard]] std::string flags() const {
    const BoxSide* found = side(Field::tcp_flags);
    if (found == nullptr) return {};
    FlagSet set;
    for (const auto& [first, last] : found->runs) {
      for (auto atom = first; atom <= last; ++atom) set |= layout_.flags().values_of(atom);
    }
    using namespace tcp_flag;
    struct Named {
      std::uint8_t flags;
      std::string_view name;
    };
    // What stacks send, by the names that people use; the rest is odd.
    static constexpr std::array<Named, 6> usual = {{{syn, "syn"},
                                                    {syn | ack, "syn-ack"},
                                                    {ack, "ack"},
                                                    {fin | ack, "fin"},
                                                    {rst, "rst"},
                                                    {rst | ack, "rst"}}};
    std::vector<std::string> all;
    FlagSet rest = set;
    for (const Named& row : usual) {
      if (!set[row.flags]) continue;
      if (all.empty() || all.back() != row.name) all.emplace_back(row.name);
      for (const std::uint8_t also : {std::uint8_t{0}, urg}) {
        rest &= ~flags_where(fin | syn | rst | ack | urg, row.flags | also);
      }
    }
    if (rest.any()) all.emplace_back("odd flags");
    return fmt::format("{}", fmt::join(all, "/"));
  }

 private:
  const Box& box_;
  const Layout& layout_;
};

}  // namespace

std::string address_range_text(const Interval& range, IpVersion version) {
  const unsigned width = version == IpVersion::ipv4 ? 32 : 128;
  if (range.first == range.last) return address_text(range.first, version);
  for (unsigned length = 0; length < width; ++length) {
    const unsigned host_bits = width - length;
    const Number hosts = host_bits >= 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
    if ((range.first & hosts) == 0 && range.last == (range.first | hosts)) {
      return fmt::format("{}/{}", address_text(range.first, version), length);
    }
  }
  return fmt::format("{}-{}", address_text(range.first, version),
                     address_text(range.last, version));
}

std::string flags_text(std::uint8_t flags) {
  if (flags == 0) return "none";
  if (flags == (tcp_flag::syn | tcp_flag::ack)) return "syn,ack";
  std::vector<std::string_view> set;
  for (std::size_t i = 0; i < tcp_flag_names.size(); ++i) {
    if ((flags >> i & 1U) != 0) set.push_back(tcp_flag_names[i]);
  }
  return fmt::format("{}", fmt::join(set, ","));
}

std::string to_text(const Box& box, const Layout& layout, Path way) {
  const BoxWords words(box, layout);
  const IpVersion version = layout.version();
  const auto address = [version](const Interval& range) {
    return address_range_text(range, version);
  };
  std::string text = words.words(Field::protocol, protocol_text);
  if (text.empty()) text = "any protocol";
  const auto add = [&](std::string_view before, const std::string& what) {
    if (!what.empty()) text += fmt::format(" {}{}", before, what);
  };
  add("", words.flags());
  add("", words.words(Field::icmp_type_code,
                      [version](const Interval& range) { return icmp_text(range, version); }));
  const auto side = [&](std::string_view word, Field addresses, Field ports, Field type) {
    const std::string where = words.words(addresses, address);
    const std::string port = words.words(ports, port_text);
    if (!where.empty()) text += fmt::format(" {} {}", word, where);
    if (!port.empty())
      text += fmt::format("{} port {}", where.empty() ? fmt::format(" {}", word) : "", port);
    const bool is_said = (way == Path::in && type == Field::destination_type) ||
                         (way == Path::out && type == Field::source_type);
    const std::string kind = is_said ? "" : words.words(type, address_type_text);
    const bool is_routed = way == Path::forward && kind == "unicast,multicast";
    if (!kind.empty() && kind != "unicast" && !is_routed)
      text += fmt::format(" ({} {})", kind, word);
  };
  side("from", Field::source_address, Field::source_port, Field::source_type);
  side("to", Field::destination_address, Field::destination_port, Field::destination_type);
  add("in by ", words.names(Field::in_interface));
  add("out by ", words.names(Field::out_interface));
  add("mac ", words.words(Field::source_mac, [](const Interval& range) {
    if (range.last == no_mac) return std::string("none");
    return fmt::format("{:012x}", static_cast<std::uint64_t>(range.first));
  }));
  if (words.side(Field::later_fragment) != nullptr &&
      words.side(Field::later_fragment)->runs.front().first == 1) {
    text += " later fragments";
  }
  std::size_t other = 0;
  for (const BoxSide& each : box) {
    const auto field = layout.field_at(each.level);
    if (!field || (*field >= Field::mark && *field != Field::source_mac &&
                   *field != Field::source_type && *field != Field::destination_type)) {
      ++other;
    }
  }
  if (other > 0) text += fmt::format(" under {} more condition{}", other, other == 1 ? "" : "s");
  return text;
}

std::vector<std::string> to_lines(const Cover& cover, const Layout& layout, Path way) {
  std::vector<std::string> lines;
  for (const Box& box : cover.boxes) {
    std::string line = to_text(box, layout, way);
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  if (!cover.is_whole) lines.emplace_back("and more");
  return lines;
}

}  // namespace untrack
