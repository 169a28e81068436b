// Grammar of a shell script as far as words, operators and here-documents go (POSIX.1-2017, Shell
// Command Language, 2.2 to 2.7). What a command means is not grammar here: script.cpp reads the
// tokens. One match of `line` takes one line with all it drags along: continuation lines, quotes
// over several lines, here-documents.
//
// White space: blanks and continuations stand between tokens and belong to none.
//
// Nothing fails once it has begun: what is not closed ends with the text and is marked, because
// actions cannot be taken back.
#pragma once

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/limit_depth.hpp>

namespace untrack::iptables::shell_grammar {

namespace pegtl = tao::pegtl;

struct balanced;

//   escape         = '\' any
//   single_quoted  = "'" { any but "'" } "'"
//   parameter      = '$' name
//   special        = '$' one of 0-9 @ * # ? $ ! -
//   braced         = '${' name '}'
//   other_braced   = '${' balanced '}'
//   substitution   = '$(' balanced ')'
//   arithmetic     = '$((' balanced '))'
//   backquoted     = '`' { escape | any but '`' } '`'
struct escape : pegtl::seq<pegtl::one<'\\'>, pegtl::any> {};
struct unclosed : pegtl::eof {};
struct single_text : pegtl::star<pegtl::not_one<'\''>> {};
struct single_quoted
    : pegtl::seq<pegtl::one<'\''>, single_text, pegtl::sor<pegtl::one<'\''>, unclosed>> {};
struct name : pegtl::identifier {};
struct parameter : pegtl::seq<pegtl::one<'$'>, name> {};
struct special : pegtl::seq<pegtl::one<'$'>, pegtl::one<'0', '1', '2', '3', '4', '5', '6', '7', '8',
                                                        '9', '@', '*', '#', '?', '$', '!', '-'>> {};
struct braced : pegtl::seq<TAO_PEGTL_STRING("${"), name, pegtl::one<'}'>> {};
struct other_braced : pegtl::seq<TAO_PEGTL_STRING("${"), pegtl::disable<balanced>,
                                 pegtl::sor<pegtl::one<'}'>, unclosed>> {};
struct arithmetic
    : pegtl::seq<TAO_PEGTL_STRING("$(("), pegtl::disable<balanced>, TAO_PEGTL_STRING("))")> {};
struct substitution : pegtl::seq<TAO_PEGTL_STRING("$("), pegtl::disable<balanced>,
                                 pegtl::sor<pegtl::one<')'>, unclosed>> {};
struct backquoted
    : pegtl::seq<pegtl::one<'`'>, pegtl::star<pegtl::sor<escape, pegtl::not_one<'`'>>>,
                 pegtl::sor<pegtl::one<'`'>, unclosed>> {};
struct dollar : pegtl::one<'$'> {};
struct expansion
    : pegtl::sor<arithmetic, substitution, braced, other_braced, parameter, special, backquoted> {};

//   balanced = everything up to the bracket that closes the one before; recursive
struct quiet_double
    : pegtl::seq<pegtl::one<'"'>, pegtl::star<pegtl::sor<escape, pegtl::not_one<'"'>>>,
                 pegtl::opt<pegtl::one<'"'>>> {};
struct round : pegtl::seq<pegtl::one<'('>, balanced, pegtl::opt<pegtl::one<')'>>> {};
struct curly : pegtl::seq<pegtl::one<'{'>, balanced, pegtl::opt<pegtl::one<'}'>>> {};
struct balanced
    : pegtl::star<
          pegtl::sor<escape, single_quoted, quiet_double, round, curly, pegtl::not_one<')', '}'>>> {
};

//   double_quoted  = '"' { double_escape | expansion | double_text } '"'
struct continuation : pegtl::seq<pegtl::one<'\\'>, pegtl::opt<pegtl::one<'\r'>>, pegtl::one<'\n'>> {
};
struct double_escape : pegtl::seq<pegtl::one<'\\'>, pegtl::one<'$', '`', '"', '\\'>> {};
struct double_text
    : pegtl::plus<
          pegtl::sor<pegtl::not_one<'"', '$', '`', '\\'>,
                     pegtl::seq<pegtl::one<'\\'>,
                                pegtl::not_at<pegtl::one<'$', '`', '"', '\\', '\n', '\r'>>>>> {};
struct open_double : pegtl::one<'"'> {};
struct close_double : pegtl::one<'"'> {};
struct double_quoted : pegtl::seq<open_double,
                                  pegtl::star<pegtl::sor<continuation, double_escape, expansion,
                                                         double_text, dollar, pegtl::one<'\\'>>>,
                                  pegtl::sor<close_double, unclosed>> {};

//   word = { single_quoted | double_quoted | expansion | escape | literal }
struct literal : pegtl::plus<pegtl::not_one<' ', '\t', '\r', '\n', '\'', '"', '$', '`', '\\', ';',
                                            '&', '|', '(', ')', '<', '>'>> {};
struct word_part : pegtl::sor<literal, continuation, escape, single_quoted, double_quoted,
                              expansion, dollar, pegtl::one<'\\'>> {};
struct word : pegtl::plus<word_part> {};

//   redirection = [ digits ] operator; the word behind it is the next token
struct here_document : pegtl::seq<TAO_PEGTL_STRING("<<"), pegtl::not_at<pegtl::one<'<'>>,
                                  pegtl::opt<pegtl::one<'-'>>> {};
struct redirect_sign
    : pegtl::sor<TAO_PEGTL_STRING("<<<"), TAO_PEGTL_STRING("<>"), TAO_PEGTL_STRING("<&"),
                 TAO_PEGTL_STRING(">&"), TAO_PEGTL_STRING(">>"), TAO_PEGTL_STRING(">|"),
                 TAO_PEGTL_STRING("&>>"), TAO_PEGTL_STRING("&>"), pegtl::one<'<', '>'>> {};
struct redirection : pegtl::seq<pegtl::star<pegtl::digit>, redirect_sign> {};

struct and_if : TAO_PEGTL_STRING("&&") {};
struct or_if : TAO_PEGTL_STRING("||") {};
struct end_of_case : TAO_PEGTL_STRING(";;") {};
struct semicolon : pegtl::one<';'> {};
struct background : pegtl::one<'&'> {};
struct pipe : pegtl::seq<pegtl::one<'|'>, pegtl::opt<pegtl::one<'&'>>> {};
struct open_round : pegtl::one<'('> {};
struct close_round : pegtl::one<')'> {};

struct blank : pegtl::plus<pegtl::sor<pegtl::one<' ', '\t'>, continuation,
                                      pegtl::seq<pegtl::one<'\r'>, pegtl::at<pegtl::eolf>>>> {};
struct comment : pegtl::seq<pegtl::one<'#'>, pegtl::star<pegtl::not_one<'\n'>>> {};
struct newline : pegtl::one<'\n'> {};
struct stray : pegtl::one<'\r'> {};

// A line ends with its newline, behind which the bodies of its here-documents stand.
template <typename HereBodies>
struct line : pegtl::seq<pegtl::not_at<pegtl::eof>,
                         pegtl::star<pegtl::sor<blank, comment, here_document, redirection, word,
                                                and_if, or_if, end_of_case, semicolon, background,
                                                pipe, open_round, close_round, stray>>,
                         pegtl::sor<pegtl::seq<newline, HereBodies>, pegtl::eof>> {};

}  // namespace untrack::iptables::shell_grammar
