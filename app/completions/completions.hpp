// The completions of shells, written from the option table: commands, options, and what can stand
// as their values. Each is one text that works alone, sourced or at the place where the shell
// looks.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/option_table.hpp"

namespace untrack {

struct Shell {
  std::string_view name;
  std::string (*write)(const std::vector<CommandRow>& table) = nullptr;
};
[[nodiscard]] std::span<const Shell> shells();

[[nodiscard]] std::string write_bash_completion(const std::vector<CommandRow>& table);
[[nodiscard]] std::string write_zsh_completion(const std::vector<CommandRow>& table);
[[nodiscard]] std::string write_fish_completion(const std::vector<CommandRow>& table);

}  // namespace untrack
