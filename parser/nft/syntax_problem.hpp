// syntax_problem: what could not be read of a text of nft or of its JSON, as the problem that the
// user is told. Used by the readers of both.
#pragma once

#include <span>
#include <string_view>

#include "model/problem.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack::nft {

// `whole`: what was not read for it, which may hold anything. It may track unless it is short and
// has none of the words of nft about connections, nor any of `more_words`.
[[nodiscard]] Problem syntax_problem(const SyntaxError& error, std::string_view whole,
                                     std::span<const std::string_view> more_words = {});

}  // namespace untrack::nft
