// What a program that links the installed libraries writes: reads a ruleset through the library,
// and runs a command in memory.
#include <array>
#include <iostream>
#include <sstream>

#include "app/cli.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"

int main() {
  untrack::Sources sources;
  const std::array<untrack::Input, 1> inputs{
      untrack::Input{sources.add("web.rules", "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"), {}, {}}};
  untrack::Ruleset ruleset = untrack::parse(sources, inputs);
  untrack::resolve(ruleset);
  std::cout << ruleset.tables.size() << " table\n";

  std::istringstream in;
  return static_cast<int>(
      untrack::run({"version"}, {in, std::cout, std::cerr, false, std::nullopt,
                                 [](const char*) -> const char* { return nullptr; }}));
}
