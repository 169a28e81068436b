// Grammar of iptables-restore input: what kind each line is, and the words of one line. Only rules
// stand here; actions build from them in document.cpp and restore_words.cpp. The options in a line
// are no grammar: the catalog row of an extension says how many words an option takes.
//
// White space: a rule owns the blanks inside it, never those around it; blanks between words are
// matched where the words are listed.
#pragma once

#include <tao/pegtl.hpp>

namespace untrack::iptables::grammar {

namespace pegtl = tao::pegtl;

// Lines. iptables-restore looks at the first byte of a line (iptables-restore.c, 1.8.9:
// ip46tables_restore_main); leading blanks are allowed here, so that the reader can say what is
// wrong.
//   line               = blank_line | comment | table_header | chain_declaration | rule_line
//                      | commit | command_line | other_line
struct line_end : pegtl::eolf {};
struct rest : pegtl::until<line_end> {};
struct padding : pegtl::star<pegtl::one<' ', '\t', '\r'>> {};
struct blank_line : pegtl::seq<padding, line_end> {};
struct comment : pegtl::seq<padding, pegtl::one<'#'>, rest> {};
struct table_header : pegtl::seq<padding, pegtl::one<'*'>, rest> {};
struct chain_declaration : pegtl::seq<padding, pegtl::one<':'>, rest> {};
struct rule_line : pegtl::seq<padding, pegtl::one<'-', '['>, rest> {};
struct commit : pegtl::seq<padding, TAO_PEGTL_STRING("COMMIT"), padding, line_end> {};
struct command_line
    : pegtl::seq<padding,
                 pegtl::sor<pegtl::alpha,
                            pegtl::one<'/', '.', '$', '_', '`', '"', '\'', '{', '}', '(', ')'>>,
                 rest> {};
struct other_line : rest {};
struct line : pegtl::sor<blank_line, comment, table_header, chain_declaration, rule_line, commit,
                         command_line, other_line> {};
struct lines : pegtl::star<pegtl::not_at<pegtl::eof>, line> {};

// Words (xshared.c, 1.8.9: add_param_to_argv). A closing quote ends the word; a quote may open
// within one; a backslash escapes only inside quotes; a quote that is not closed takes the newline
// with it.
//   words  = { blank | word }
//   word   = plain [ quoted ] | quoted
//   quoted = '"' { '\' any | any but '"' } [ '"' ]
struct blank : pegtl::one<' ', '\t', '\n'> {};
struct plain : pegtl::plus<pegtl::not_one<' ', '\t', '\n', '"'>> {};
struct escape : pegtl::seq<pegtl::one<'\\'>, pegtl::any> {};
struct quoted_text : pegtl::star<pegtl::sor<escape, pegtl::not_one<'"'>>> {};
struct open_quote : pegtl::one<'"'> {};
struct close_quote : pegtl::one<'"'> {};
struct quoted : pegtl::seq<open_quote, quoted_text, pegtl::opt<close_quote>> {};
struct word : pegtl::sor<pegtl::seq<plain, pegtl::opt<quoted>>, quoted> {};
struct words : pegtl::seq<pegtl::star<pegtl::sor<pegtl::plus<blank>, word>>, pegtl::eof> {};

}  // namespace untrack::iptables::grammar
