// Lines of one shape are read alike (parser/iptables/shaped_rules.hpp). Held against the slow twin,
// which reads each line word by word: every pool, place and problem of a rule must be the same, for
// every golden case, for large texts, and for texts that were spoiled.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "model/dump.hpp"
#include "model/resolve.hpp"
#include "parser/iptables/document.hpp"
#include "parser/iptables/line_shapes.hpp"
#include "parser/parse_word_by_word.hpp"
#include "tests/paths.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::string place(const Span& span) {
  return fmt::format("{}:{}-{}", static_cast<unsigned>(span.source), span.begin, span.end);
}

// All that a ruleset holds, by value: where equal intervals and names stand once for several rules
// does not show, but each text shows where it stands, if it stands in the source.
class Everything {
 public:
  Everything(const Sources& sources, const Ruleset& ruleset)
      : sources_(sources), ruleset_(ruleset) {}

  std::string text() {
    for (const Rule& rule : ruleset_.rules) add(rule);
    for (const Chain& chain : ruleset_.chains) {
      out_ += fmt::format("chain {} {} {} {}:", chain.table.value, words(chain.name),
                          place(chain.span), counters(chain.counters));
      for (const RuleId id : chain.rules) out_ += fmt::format(" {}", id.value);
      out_ += '\n';
    }
    for (const Problem& problem : ruleset_.problems) {
      out_ += fmt::format("problem {} {} {} | {} | {} {}\n", static_cast<int>(problem.kind),
                          place(problem.span), problem.message, problem.label, problem.cure,
                          problem.may_track);
    }
    for (const InputSummary& input : ruleset_.inputs) {
      out_ += fmt::format("input {} {} {}\n", input.format, input.rules,
                          display_name(input.ip_versions));
    }
    return out_ + dump(ruleset_, sources_);
  }

 private:
  std::string words(std::string_view text) {
    const std::string_view all = sources_[SourceId{}].text();
    const std::less_equal<const char*> is_before;
    if (!text.empty() && is_before(all.data(), text.data()) &&
        is_before(text.data() + text.size(), all.data() + all.size())) {
      return fmt::format("\"{}\"@{}", text, text.data() - all.data());
    }
    return fmt::format("\"{}\"", text);
  }
  static std::string counters(const std::optional<Counters>& given) {
    return given ? fmt::format("[{}:{}]", given->packets, given->bytes) : std::string("-");
  }
  void add(PoolRange<Interval> range) {
    for (const Interval& one : slice(ruleset_.intervals, range)) {
      out_ += fmt::format(" {:x}.{:x}-{:x}.{:x}", static_cast<std::uint64_t>(one.first >> 64U),
                          static_cast<std::uint64_t>(one.first),
                          static_cast<std::uint64_t>(one.last >> 64U),
                          static_cast<std::uint64_t>(one.last));
    }
  }
  void add(const Match& match) {
    out_ += fmt::format(" match {}", match.index());
    if (const auto* field = std::get_if<FieldTest>(&match)) {
      out_ += fmt::format(" {} {} {:x}", to_text(field->field), field->negated, field->mask);
      add(field->values);
    } else if (const auto* name = std::get_if<NameTest>(&match)) {
      out_ += fmt::format(" {} {}", to_text(name->field), name->negated);
      for (const NamePattern& one : slice(ruleset_.names, name->names)) {
        out_ += fmt::format(" {} {}", one.text, one.is_prefix);
      }
    } else if (const auto* state = std::get_if<StateTest>(&match)) {
      out_ += fmt::format(" {} {}", state->states.bits(), state->negated);
    } else if (const auto* set = std::get_if<SetTest>(&match)) {
      out_ += fmt::format(" {} {} {} {} {} {}", set->set_name, set->set.value, set->field_count,
                          set->negated, set->dimension_count, set->destination_dimensions);
    } else if (const auto* opaque = std::get_if<OpaqueTest>(&match)) {
      out_ += fmt::format(" {} {} {}", opaque->key, opaque->negated, opaque->has_history);
    }
  }
  void add(const Statement& statement) {
    out_ += fmt::format(" statement {}", statement.index());
    if (const auto* verdict = std::get_if<VerdictStatement>(&statement)) {
      out_ += fmt::format(" {}", to_text(verdict->verdict));
    } else if (const auto* jump = std::get_if<JumpStatement>(&statement)) {
      out_ += fmt::format(" {} {} {}", words(jump->chain_name), jump->chain.value, jump->is_goto);
    } else if (const auto* reject = std::get_if<RejectStatement>(&statement)) {
      out_ += fmt::format(" {}", reject->with);
    } else if (const auto* nat = std::get_if<NatStatement>(&statement)) {
      out_ += fmt::format(" {}", to_text(nat->kind));
      add(nat->addresses);
      out_ += " to";
      add(nat->ports);
    } else if (const auto* mark = std::get_if<MarkStatement>(&statement)) {
      out_ += fmt::format(" {} {}", mark->value, mark->mask);
    } else if (const auto* conntrack = std::get_if<ConntrackStatement>(&statement)) {
      out_ += fmt::format(" {} {}", conntrack->what, conntrack->value);
    } else if (const auto* passive = std::get_if<PassiveStatement>(&statement)) {
      out_ += fmt::format(" {}", passive->what);
    } else if (const auto* opaque = std::get_if<OpaqueStatement>(&statement)) {
      out_ += fmt::format(" {} {}", opaque->key, opaque->may_end);
      add(opaque->value);
    }
  }
  void add(const Rule& rule) {
    out_ += fmt::format(
        "rule {} {} {} {} {} {} {}\n", rule.chain.value, place(rule.line), place(rule.text),
        words(rule.comment),
        counters(rule.counters.names_something() ? std::optional(ruleset_[rule.counters])
                                                 : std::nullopt),
        rule.handle, rule.copies);
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      out_ += fmt::format("  {} {}", place(part.span_in(rule)),
                          part.construct.names_something()
                              ? static_cast<int>(part.construct.value - rule.constructs.first)
                              : -1);
      std::visit([&](const auto& what) { add(what); }, part.what);
      out_ += '\n';
    }
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      out_ += fmt::format("  construct {} {} {} {} {} {}\n",
                          static_cast<const void*>(construct.extension), words(construct.name),
                          static_cast<int>(construct.kind), place(construct.span),
                          construct.rule.value, display_name(construct.ip_versions));
      for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
        out_ += fmt::format("    {} {} {} {} {}\n", static_cast<const void*>(option.row),
                            words(option.name), words(option.value), place(option.span),
                            option.negated);
      }
    }
  }

  const Sources& sources_;
  const Ruleset& ruleset_;
  std::string out_;
};

std::string read(const std::string& text, bool by_shape) {
  Sources sources;
  const std::array<Input, 1> inputs{Input{sources.add("a", text), std::nullopt, std::nullopt}};
  Ruleset ruleset = by_shape ? parse(sources, inputs) : parse_word_by_word(sources, inputs);
  resolve(ruleset);
  return Everything(sources, ruleset).text();
}

void expect_same(const std::string& text) {
  const std::string quick = read(text, true);
  const std::string slow = read(text, false);
  if (quick == slow) return;
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(quick, slow).in1 - quick.begin());
  const std::size_t from = at < 300 ? 0 : at - 300;
  FAIL() << "quick:\n"
         << quick.substr(from, 500) << "\nword by word:\n"
         << slow.substr(from, 500) << "\nof\n"
         << text.substr(0, 9'000);
}

std::size_t lines_with_shape(const std::string& text) {
  iptables::Document document = iptables::read_lines(SourceId{}, text);
  const iptables::LineShapes shapes(document);
  std::size_t count = 0;
  for (const iptables::Line& line : document.lines) count += line.shape != 0 ? 1U : 0U;
  return count - shapes.size();  // the first of each is read word by word
}

// Rules of few shapes with values that are good, unusual or wrong.
std::string table_of_shapes(std::mt19937& dice, bool is_ipv6) {
  const auto one_of = [&](const std::vector<std::string>& words) {
    return words[std::uniform_int_distribution<std::size_t>(0, words.size() - 1)(dice)];
  };
  const auto number = [&](int most) {
    return std::to_string(std::uniform_int_distribution(0, most)(dice));
  };
  const bool is_nat = number(1) == "0";
  std::string text = is_nat ? "*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [1:2]\n"
                            : "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n";
  text += ":web - [0:0]\n:zone_a - [0:0]\n:LOGDROP - [0:0]\n:f2b.x - [0:0]\n";
  const bool is_mostly_good = number(3) != "0";
  const auto is_good = [&] { return is_mostly_good && number(19) != "0"; };
  const auto address = [&] {
    if (is_good()) return (is_ipv6 ? "2001:db8::" : "10.0.0.") + number(99);
    if (is_ipv6)
      return one_of({"2001:db8::" + number(99), "2001:db8::/" + number(130), "::/0",
                     "1:2:3:4:5:6:7:" + number(9), "fe80::1%eth0", "1::2::3", "host",
                     "2001:DB8::1/064", "::ffff:10.0.0.1"});
    return one_of({"10.0." + number(260) + "." + number(255), "10.1.0.0/" + number(34), "0.0.0.0/0",
                   "10.2." + number(255) + ".0/24", "010.0.0.1", "10.0.1", "1.2.3.4/255.255.0.0",
                   "1.2.3.4,5.6.7.8", "192.0.2.1/08", "example.org", "2001:db8::1", "1.2.3.4.5"});
  };
  const auto ports = [&] {
    if (is_good()) return number(65535);
    return one_of({number(65535), number(65535), number(70000), "80:90", "90:80", ":80",
                   "80:", "http", "080", "0x50", "1:2:3", "5:5"});
  };
  const auto comment = [&] {
    if (is_good()) return "\"service/" + number(99) + ":http\"";
    return one_of({"\"a b " + number(9) + "\"", "\"x:y/" + number(9) + "\"", "word" + number(9),
                   "\"\"", "\"a \\\" b\"", "\"open", "10.0.0.1", "#", "\"#\"", "\"b\"c", "-x",
                   "!"});
  };
  const auto jump = [&] {
    if (is_good()) return one_of({"ACCEPT", "web", "zone_a"});
    return one_of({"ACCEPT", "DROP", "RETURN", "web", "zone_a", "LOGDROP", "f2b.x", "missing",
                   "LOG", "MASQUERADE", "REJECT --reject-with icmp-port-unreachable", "HL",
                   "HL --hl-set 3", "MARK --set-xmark 0x4000/0x4000", "web --x"});
  };
  const auto protocol = [&] { return one_of({"tcp", "udp", "tcp", "icmp", "6"}); };
  const int count = std::uniform_int_distribution(20, 300)(dice);
  for (int i = 0; i < count; ++i) {
    const std::string chain = is_good() ? one_of({"web", "zone_a"})
                                        : one_of({is_nat ? "PREROUTING" : "INPUT", "web", "zone_a",
                                                  "OUTPUT", "LOGDROP", "nowhere", "f2b.x", "web"});
    const std::string p = protocol();
    std::string line = is_good() ? "" : one_of({"", "[1:" + number(99) + "] ", "[x] ", " "});
    line += "-A " + chain;
    switch (std::uniform_int_distribution(0, 9)(dice)) {
      case 0:
        line += " -s " + address() + " -d " + address() + " -p " + p + " -m " + p + " --dport " +
                ports() + " -j " + jump();
        break;
      case 1:
        line += " ! -s " + address() + " -j " + jump();
        break;
      case 2:
        line += " -p tcp -m comment --comment " + comment() + " -m tcp --dport " + ports() +
                " -j " + jump();
        break;
      case 3:
        line += " -i " +
                one_of({"eth" + number(3), "eth+", "br0.1", "1.2.3.4", "averylonginterface0"}) +
                " -o " + one_of({"eth0", "lo"}) + " -j " + jump();
        break;
      case 4:
        line += " -p tcp -m tcp -j DNAT --to-destination " +
                one_of({"10.0.0." + number(300) + ":8080", "10.0.0.1", "10.0.0.1-10.0.0.2:80-90",
                        "10.0.0.1:" + number(70000), "[2001:db8::1]:80",
                        "[2001:db8::" + number(9) + "]:" + number(70000), "[::1]", "[x::]:1"});
        break;
      case 5:
        line += " -p tcp -m multiport --dport " + ports() + " -j ACCEPT";
        break;
      case 6:
        line += " -m conntrack --ctstate " + one_of({"NEW", "RELATED,ESTABLISHED", "BAD"}) +
                " -s " + address() + " -j " + jump();
        break;
      case 7:
        line += " -m limit --limit 5/min -m comment --comment " + comment() + " -j " + jump();
        break;
      case 8:
        line += " -p " + p + " --dport " + ports() + " --sport " + ports() + " -j " + jump();
        break;
      default:
        line += " -m nosuch --x " + number(2) + " --dport " + ports() + " -j " + jump();
        break;
    }
    text += line + (is_good() ? "\n" : one_of({" \n", "\r\n", " # why\n", " -4\n"}));
    // What changes the chains between two lines of one shape.
    if (number(30) == "7") {
      text += one_of({"-F web\n-X web\n", "-E zone_a zone_b\n", "-N web\n", ":web - [0:0]\n",
                      "-D web -j DROP\n", "-I web -j DROP\n", is_nat ? "*nat\n" : "*filter\n"});
    }
  }
  return text + one_of({"COMMIT\n", "COMMIT\n", "", "COMMIT"});
}

TEST(ShapedRules, AreThoseOfEveryGoldenCase) {
  std::size_t texts = 0;
  std::size_t shaped = 0;
  for (const char* const folder : {"/tests/cases", "/samples"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(UNTRACK_SOURCE_DIR) + folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 200'000) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(stream)), {});
      if (text.find("-A ") == std::string::npos) continue;
      expect_same(text);
      shaped += lines_with_shape(text);
      ++texts;
    }
  }
  EXPECT_GE(texts, 300U);
  EXPECT_GE(shaped, 100U);
}

TEST(ShapedRules, AreThoseOfRandomTexts) {
  std::mt19937 dice = seeded_dice();
  std::size_t shaped = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string text = table_of_shapes(dice, i % 3 == 0);
    expect_same(text);
    if (HasFatalFailure()) return;
    shaped += lines_with_shape(text);
  }
  EXPECT_GE(shaped, 2'000U);
  for (int i = 0; i < 100; ++i) {
    RandomRulesetOptions options;
    options.is_ipv6 = i % 2 == 0;
    options.most_rules = 30;
    expect_same(random_ruleset(dice, options));
    if (HasFatalFailure()) return;
  }
}

TEST(ShapedRules, AreThoseOfSpoiledTexts) {
  std::mt19937 dice = seeded_dice();
  constexpr std::string_view signs = " \t\n\r\"\\'#:/.-![]0129azA\x01\xff$;";
  for (int i = 0; i < 200; ++i) {
    std::string text = table_of_shapes(dice, i % 3 == 0);
    const int count = std::uniform_int_distribution(1, 12)(dice);
    for (int j = 0; j < count; ++j) {
      const std::size_t at = std::uniform_int_distribution<std::size_t>(0, text.size() - 1)(dice);
      const char sign =
          j == 0 && i % 20 == 0
              ? '\0'
              : signs[std::uniform_int_distribution<std::size_t>(0, signs.size() - 1)(dice)];
      switch (std::uniform_int_distribution(0, 2)(dice)) {
        case 0:
          text[at] = sign;
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, sign);
          break;
      }
    }
    expect_same(text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace untrack
