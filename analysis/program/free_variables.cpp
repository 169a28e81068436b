#include "analysis/program/free_variables.hpp"

#include <utility>

namespace untrack {

FreeId FreeVariables::of(std::string key, std::string_view text, FreeScope scope, const Span& use) {
  const auto [at, is_new] = by_key_.try_emplace(key, static_cast<FreeId>(variables_.size()));
  if (is_new) variables_.push_back({std::move(key), std::string(text), scope, use});
  return at->second;
}

}  // namespace untrack
