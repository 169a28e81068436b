#include "app/completions/completions.hpp"

namespace untrack {

std::span<const Shell> shells() {
  static constexpr Shell all[] = {
      {"bash", write_bash_completion},
      {"zsh", write_zsh_completion},
      {"fish", write_fish_completion},
  };
  return all;
}

}  // namespace untrack
