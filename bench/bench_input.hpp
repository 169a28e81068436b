// What every benchmark begins with: a generated ruleset (bench/generate.py), read and linked.
#pragma once

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/program/program.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack::bench {

inline std::string text_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Host {
  Sources sources;
  Ruleset ruleset;
  std::shared_ptr<FreeVariables> variables;
  std::unique_ptr<Program> program;
};

inline std::unique_ptr<Host> read(const std::string& text, IpVersion version = IpVersion::ipv4,
                                  std::shared_ptr<FreeVariables> variables = nullptr) {
  auto host = std::make_unique<Host>();
  const std::array<Input, 1> inputs{
      Input{host->sources.add("bench", text), std::nullopt, std::nullopt}};
  host->ruleset = parse(host->sources, inputs);
  resolve(host->ruleset);
  host->variables = variables ? std::move(variables) : std::make_shared<FreeVariables>();
  const bool tracks =
      find_tracking(host->ruleset, std::nullopt)[version].state != TrackingState::not_forced;
  host->program = std::make_unique<Program>(host->ruleset, version, tracks, *host->variables,
                                            NotrackUse::obeyed, AddressWrites::followed);
  return host;
}

}  // namespace untrack::bench
