// What the parts of an audit, a rewrite and a comparison take, each alone: reading text (iptables,
// nft), the program of it, the decisions of all packets (operations on diagrams), the search for
// live and dead rules without them, a rewrite with its proof, what is written, and the difference
// that one changed rule makes once both rulesets are read. Inputs: bench/generate.py.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/difference/difference.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/local/rule_lives.hpp"
#include "app/pipeline/audit.hpp"
#include "app/pipeline/rewrite.hpp"
#include "bench/bench_input.hpp"
#include "report/audit_json.hpp"
#include "report/audit_text.hpp"

namespace {

using namespace untrack;  // NOLINT(google-build-using-namespace): a program of its own

std::string input(std::string_view shape, std::size_t rules) {
  return bench::text_of(UNTRACK_BENCH_INPUTS "/" + std::string(shape) + "-" +
                        std::to_string(rules) + ".rules");
}

void count_rules(benchmark::State& state, std::size_t rules) {
  if (rules == 0) state.SkipWithError("no rule was read");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(rules));
}

void read_text(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const std::string text = input(shape, rules);
  std::size_t read = 0;
  for (auto unused : state) {
    Sources sources;
    const std::array<Input, 1> inputs{
        Input{sources.add("bench", text), std::nullopt, std::nullopt}};
    Ruleset ruleset = parse(sources, inputs);
    resolve(ruleset);
    read = std::max(ruleset.rules.size(), ruleset.sets.empty() ? std::size_t{0} : rules);
    benchmark::DoNotOptimize(ruleset);
  }
  count_rules(state, read);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}

void lower(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const auto host = bench::read(input(shape, rules));
  for (auto unused : state) {
    FreeVariables variables;
    const Program program(host->ruleset, IpVersion::ipv4, true, variables);
    benchmark::DoNotOptimize(program);
  }
  count_rules(state, host->ruleset.rules.size());
}

void decide_all(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const auto host = bench::read(input(shape, rules));
  const std::array<const Program*, 1> programs{host->program.get()};
  std::size_t nodes = 0;
  for (auto unused : state) {
    const auto world = World::make(programs);
    if (world == nullptr) {
      state.SkipWithError("a limit was reached");
      return;
    }
    nodes = world->diagram().node_count();
  }
  count_rules(state, host->ruleset.rules.size());
  state.counters["nodes"] = static_cast<double>(nodes);
}

void find_lives(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const auto host = bench::read(input(shape, rules));
  for (auto unused : state) {
    RuleLives lives = find_rule_lives(*host->program);
    benchmark::DoNotOptimize(lives);
  }
  count_rules(state, host->ruleset.rules.size());
}

void audit_whole(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const std::string text = input(shape, rules);
  for (auto unused : state) {
    AuditReport report = audit({{"bench", text}}, {});
    benchmark::DoNotOptimize(report);
  }
  count_rules(state, rules);
}

void write_audit(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const AuditReport report = audit({{"bench", input(shape, rules)}}, {});
  std::size_t bytes = 0;
  for (auto unused : state) {
    bytes = write_audit_text(report, {}, false).size() + write_audit_json(report, "").size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(bytes));
}

void rewrite_and_prove(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const std::string text = input(shape, rules);
  RewritePolicy policy;
  policy.mode = RewriteMode::stateless;
  for (auto unused : state) {
    RewriteReport report = rewrite({{"bench", text}}, policy);
    benchmark::DoNotOptimize(report);
  }
  count_rules(state, rules);
}

// The rule in the middle that names a port gets another one.
std::string with_one_changed(std::string text) {
  const std::string_view words[] = {"--dport ", "dport "};
  for (const std::string_view word : words) {
    std::size_t at = text.find(word, text.size() / 2);
    if (at == std::string::npos) continue;
    at += word.size();
    const std::size_t end = text.find_first_of(" \n", at);
    return text.replace(at, end - at, "777");
  }
  throw std::runtime_error("no rule names a port");
}

void compare_changed(benchmark::State& state, const std::string& shape, std::size_t rules) {
  const std::string text = input(shape, rules);
  const auto before = bench::read(text);
  const auto after = bench::read(with_one_changed(text), IpVersion::ipv4, before->variables);
  std::size_t changes = 0;
  for (auto unused : state) {
    FreeVariables variables;
    const bool tracks = before->program->tracks();
    const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
    if (!pairs) {
      state.SkipWithError("not known");
      return;
    }
    const Program old_program(before->ruleset, IpVersion::ipv4, tracks, variables,
                              NotrackUse::obeyed, AddressWrites::followed, &pairs->surveys[0]);
    const Program new_program(after->ruleset, IpVersion::ipv4, tracks, variables,
                              NotrackUse::obeyed, AddressWrites::followed, &pairs->surveys[1]);
    const std::array<const Program*, 2> programs{&old_program, &new_program};
    const auto matter = rules_that_matter(old_program, new_program, *pairs);
    const auto world = matter ? World::of_rules(programs, *matter) : nullptr;
    if (world == nullptr) {
      state.SkipWithError("not known");
      return;
    }
    RulesByKey old_rules(before->ruleset, pairs->surveys[0]);
    RulesByKey new_rules(after->ruleset, pairs->surveys[1]);
    world->meet_by(0, &old_rules);
    world->meet_by(1, &new_rules);
    changes = difference(*world).changes.size();
  }
  count_rules(state, rules);
  state.counters["changes"] = static_cast<double>(changes);
}

using Part = void (*)(benchmark::State&, const std::string&, std::size_t);

void add(std::string_view name, Part part, std::initializer_list<const char*> shapes,
         std::initializer_list<std::size_t> sizes) {
  for (const std::string shape : shapes) {
    for (const std::size_t rules : sizes) {
      const std::string whole = std::string(name) + "/" + shape + "/" + std::to_string(rules);
      benchmark::RegisterBenchmark(whole.c_str(), [=](benchmark::State& state) {
        part(state, shape, rules);
      })->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace

int main(int count, char** words) {
  add("read", read_text,
      {"plain", "random", "blocklist", "kube", "campus", "nft-plain", "nft-set", "nft-map"},
      {1'000, 10'000, 100'000});
  add("lower", lower, {"plain", "kube", "nft-plain"}, {1'000, 100'000});
  add("decide", decide_all, {"plain", "random", "campus", "kube", "nft-map"}, {1'000});
  add("decide", decide_all, {"campus", "kube"}, {5'000, 10'000});
  add("lives", find_lives, {"plain", "random", "campus", "kube"}, {1'000, 10'000, 100'000});
  add("audit", audit_whole, {"plain", "campus", "kube"}, {1'000, 100'000});
  add("write", write_audit, {"campus"}, {1'000, 100'000});
  add("rewrite", rewrite_and_prove, {"campus"}, {1'000});
  add("one-changed", compare_changed, {"plain", "random", "campus", "kube"}, {100'000});
  benchmark::Initialize(&count, words);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
