// TableWatch: two looks at the conntrack table, so far apart, and what they say together. A part of
// the pipeline of `pressure`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/pressure/listing_change.hpp"
#include "analysis/pressure/watch.hpp"
#include "model/table_reading.hpp"
#include "model/text_blocks.hpp"

namespace untrack {

struct TableWatch {
  TableReading first, second;  // `second` must be of a later time
  // Filled with the entries of the second listing; null: one of the listings could not be read.
  std::shared_ptr<ListingChange> change = {};
};

// Reads a listing to its end: the one to compare with. Null, with the reason, if it ends too soon.
[[nodiscard]] std::shared_ptr<ListingChange> change_since(TextBlocks& listing,
                                                          std::string& why_not);
// The second listing, where nobody else reads it. False, with the reason, if it ends too soon.
[[nodiscard]] bool add_listing(TextBlocks& listing, ListingChange& change, std::string& why_not);

// Of the text of a file of /proc/sys; none: it is none, or could not be read.
[[nodiscard]] std::optional<std::uint64_t> number_of_text(const std::optional<std::string>& text);

[[nodiscard]] Watched watched_between(const TableWatch& watch);

}  // namespace untrack
