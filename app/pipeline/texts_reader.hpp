// TextsReader: the texts of a rewrite, read as whoever is given them will read them. Used by the
// pipeline of `rewrite`, which asks several things of the same texts: those read last are kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/pipeline/loaded.hpp"
#include "app/pipeline/rewrite.hpp"

namespace untrack {

// A rewritten text is not understood where the original is.
struct NotReadAlike {};

class TextsReader {
 public:
  // All are to outlive it.
  TextsReader(const std::vector<InputText>& inputs, const Loaded& original,
              const RewritePolicy& policy)
      : inputs_(inputs), original_(original), policy_(policy) {}

  [[nodiscard]] Loaded parsed(const std::vector<std::string>& texts) const;

  // In commands a variable may stand for more words than those that an edit is about, and a part of
  // a table is not seen whole (`is_whole`: no input is one): throws NotReadAlike. Elsewhere a text
  // that is not understood is a fault of the rewriter's: throws std::logic_error.
  [[nodiscard]] std::shared_ptr<const Loaded> understood(const std::vector<std::string>& texts,
                                                         bool is_whole);

 private:
  const std::vector<InputText>& inputs_;
  const Loaded& original_;
  const RewritePolicy& policy_;
  std::shared_ptr<const Loaded> last_read_;
  std::vector<std::string> last_texts_;
};

}  // namespace untrack
