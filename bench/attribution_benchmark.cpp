// A million entries of a conntrack table against 5,000 rules, reading the text included: what each
// entry costs, and what the obvious way costs, the concrete walk rule by rule. Inputs:
// bench/generate.py plain 5000; three entries of four are of a flow that a rule speaks of.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include "analysis/attribution/attribution.hpp"
#include "analysis/walk/concrete.hpp"
#include "model/resolve.hpp"
#include "parser/conntrack/entries.hpp"
#include "parser/parse.hpp"

namespace {

using namespace untrack;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::size_t entry_count = 1'000'000;

struct Host {
  Sources sources;
  Ruleset ruleset;
  FreeVariables variables;
  std::unique_ptr<Program> program;
  LocalAddresses locals;
};

// The rules of the shape stand in FORWARD and INPUT; the host has none of their addresses.
Host& host() {
  static Host host;
  if (host.program) return host;
  std::ifstream file(UNTRACK_BENCH_INPUTS "/plain-5000.rules");
  std::ostringstream text;
  text << file.rdbuf();
  const std::array<Input, 1> inputs{
      Input{host.sources.add("plain-5000.rules", text.str()), std::nullopt, IpVersion::ipv4}};
  host.ruleset = parse(host.sources, inputs);
  resolve(host.ruleset);
  host.program = std::make_unique<Program>(host.ruleset, IpVersion::ipv4, true, host.variables,
                                           NotrackUse::ignored);
  host.locals.add(IpVersion::ipv4, 0xc6336401, 32);
  return host;
}

Number some_value(const Ruleset& ruleset, const Rule& rule, Field field, std::mt19937& dice) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
    if (test == nullptr || test->field != field || test->values.count == 0) continue;
    const Interval values = ruleset.intervals[test->values.first];
    return values.first + Number{dice()} % (values.last - values.first + 1);
  }
  return dice() % 65536;
}

// As /proc/net/nf_conntrack writes it.
const std::string& table() {
  static std::string text;
  if (!text.empty()) return text;
  std::mt19937 dice(1);  // NOLINT(bugprone-random-generator-seed): the same each time
  const Ruleset& ruleset = host().ruleset;
  const auto dotted = [](Number address) {
    const auto a = static_cast<std::uint32_t>(address);
    return fmt::format("{}.{}.{}.{}", a >> 24U, a >> 16U & 255U, a >> 8U & 255U, a & 255U);
  };
  for (std::size_t i = 0; i < entry_count; ++i) {
    const Rule& rule = ruleset.rules[dice() % ruleset.rules.size()];
    std::string source = dotted(some_value(ruleset, rule, Field::source_address, dice));
    const std::string target = dotted(some_value(ruleset, rule, Field::destination_address, dice));
    if (dice() % 4 == 0) source = dotted(Number{dice()});
    const unsigned port =
        static_cast<unsigned>(some_value(ruleset, rule, Field::destination_port, dice) % 65536);
    const bool is_tcp = dice() % 3 != 0;
    const auto from = static_cast<unsigned>(1024 + dice() % 60000);
    text += fmt::format(
        "ipv4     2 {}      {} 431999 {}src={} dst={} sport={} dport={} src={} dst={} sport={} "
        "dport={} [ASSURED] mark=0 zone=0 use=2\n",
        is_tcp ? "tcp" : "udp", is_tcp ? 6 : 17, is_tcp ? "ESTABLISHED " : "", source, target, from,
        port, target, source, port, from);
  }
  return text;
}

// The table as it comes from a file that the system has in memory.
class Reopened : public TextBlocks {
 public:
  std::size_t read(std::span<char> into) override {
    const std::size_t size = std::min(into.size(), table().size() - at_);
    std::copy_n(table().begin() + static_cast<std::ptrdiff_t>(at_), size, into.begin());
    at_ += size;
    return size;
  }

 private:
  std::size_t at_ = 0;
};

std::unique_ptr<TextBlocks> reopened() { return std::make_unique<Reopened>(); }

void attribute_a_million(benchmark::State& state) {
  Host& of = host();
  Sources sources;
  for (auto _ : state) {
    Attributor attributor({of.program.get(), nullptr}, of.locals);
    const std::unique_ptr<TextBlocks> text = reopened();
    const auto problems = each_conntrack_entry(
        *text, "table", sources,
        [&](const ConntrackEntry& entry, std::string_view) { attributor.add(entry); });
    if (!problems.empty()) state.SkipWithError("a line that is no entry");
    const Attribution result = attributor.result();
    state.counters["admitted"] =
        static_cast<double>(result.all.entries - result.refused.entries - result.unknown.entries);
    state.counters["not known"] = static_cast<double>(result.unknown.entries);
  }
}
BENCHMARK(attribute_a_million)->Unit(benchmark::kMillisecond);

void read_a_million(benchmark::State& state) {
  Sources sources;
  for (auto _ : state) {
    std::size_t count = 0;
    const std::unique_ptr<TextBlocks> text = reopened();
    (void)each_conntrack_entry(*text, "table", sources,
                               [&](const ConntrackEntry&, std::string_view) { ++count; });
    benchmark::DoNotOptimize(count);
  }
}
BENCHMARK(read_a_million)->Unit(benchmark::kMillisecond);

// Rule by rule, of so many as can be waited for.
void walk_a_thousand(benchmark::State& state) {
  Host& of = host();
  Sources sources;
  std::vector<Packet> packets;
  HeldText text(table().substr(0, table().find('\n', 170'000) + 1));
  (void)each_conntrack_entry(text, "table", sources,
                             [&](const ConntrackEntry& entry, std::string_view) {
                               if (packets.size() == 1000) return;
                               Packet packet;
                               packet.path = Path::forward;
                               packet.in_interface = "eth0";
                               packet.out_interface = "eth1";
                               packet[Field::source_address] = entry.source;
                               packet[Field::destination_address] = entry.destination;
                               packet[Field::destination_type] = 1;
                               packet[Field::protocol] = entry.protocol;
                               packet[Field::source_port] = entry.source_port;
                               packet[Field::destination_port] = entry.destination_port;
                               packet[Field::tcp_flags] = tcp_flag::syn;
                               packets.push_back(packet);
                             });
  for (auto _ : state) {
    for (const Packet& packet : packets) {
      benchmark::DoNotOptimize(walk(*of.program, packet, {}).decision);
    }
  }
}
BENCHMARK(walk_a_thousand)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
