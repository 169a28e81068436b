// How fast text becomes a resolved Ruleset, for every generated input: shape/rules, bytes and rules
// a second. The files come from bench/generate.py.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace {

void parse_file(benchmark::State& state, const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  std::size_t rules = 0;
  for (auto unused : state) {
    untrack::Sources sources;
    const std::array<untrack::Input, 1> inputs{
        untrack::Input{sources.add(path, text), std::nullopt, std::nullopt}};
    untrack::Ruleset ruleset = untrack::parse(sources, inputs);
    untrack::resolve(ruleset);
    rules = ruleset.rules.size();
    benchmark::DoNotOptimize(ruleset);
  }
  if (rules == 0) state.SkipWithError("no rule was read");
  const auto runs = static_cast<std::int64_t>(state.iterations());
  state.SetBytesProcessed(runs * static_cast<std::int64_t>(text.size()));
  state.SetItemsProcessed(runs * static_cast<std::int64_t>(rules));
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(UNTRACK_BENCH_INPUTS)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    benchmark::RegisterBenchmark(("parse/" + file.stem().string()).c_str(), parse_file,
                                 file.string())
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&count, words);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
