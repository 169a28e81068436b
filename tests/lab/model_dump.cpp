// Prints the model of a ruleset for the lab tests: what `dump` gives of the files named, read
// together.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "model/dump.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"

int main(int count, char** arguments) {
  untrack::Sources sources;
  std::vector<untrack::Input> inputs;
  for (int i = 1; i < count; ++i) {
    std::ifstream in(arguments[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    inputs.push_back({sources.add(arguments[i], text), std::nullopt, std::nullopt});
  }
  untrack::Ruleset ruleset = untrack::parse(sources, inputs);
  untrack::resolve(ruleset);
  std::fputs(untrack::dump(ruleset, sources).c_str(), stdout);
}
