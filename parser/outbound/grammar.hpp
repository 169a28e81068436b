// Grammar of a list of the flows that a host starts (docs/rewrite.md): what separates lines, words
// and items. Only rules stand here; what the words say is read in profile.cpp.
//
//   list  = { line }
//   line  = { blank | comma | word } [ comment ] line_end
//   word  = what is no blank, comma, '#' or end of line
#pragma once

#include <tao/pegtl.hpp>

namespace untrack::outbound::grammar {

namespace pegtl = tao::pegtl;

struct blank : pegtl::one<' ', '\t', '\r'> {};
struct comma : pegtl::one<','> {};
struct word : pegtl::plus<pegtl::not_one<' ', '\t', '\r', '\n', ',', '#'>> {};
struct comment : pegtl::seq<pegtl::one<'#'>, pegtl::star<pegtl::not_one<'\n'>>> {};
struct line_end : pegtl::eolf {};
struct line
    : pegtl::seq<pegtl::star<pegtl::sor<blank, comma, word>>, pegtl::opt<comment>, line_end> {};
struct list : pegtl::seq<pegtl::star<pegtl::not_at<pegtl::eof>, line>, pegtl::eof> {};

}  // namespace untrack::outbound::grammar
