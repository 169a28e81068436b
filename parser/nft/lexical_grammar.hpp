// Grammar of the words of nft: only rules; tokens.cpp makes tokens of them. After src/scanner.l of
// nft 1.0.6, whose longest match becomes an order of alternatives here.
//
// White space: blanks, comments and joined lines stand between tokens and are in none of them.
#pragma once

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <tao/pegtl.hpp>

namespace untrack::nft::grammar {

namespace pegtl = tao::pegtl;

//   skipped = blank | comment | '\' newline
struct carriage_return : pegtl::one<'\r'> {};  // nft refuses it; passed over, and reported once
struct blank : pegtl::sor<pegtl::one<' ', '\t'>, carriage_return> {};
struct joined : pegtl::seq<pegtl::one<'\\'>, pegtl::opt<carriage_return>, pegtl::one<'\n'>> {};
struct comment : pegtl::seq<pegtl::one<'#'>, pegtl::star<pegtl::not_one<'\n'>>> {};
struct skipped : pegtl::plus<pegtl::sor<blank, joined, comment>> {};

struct newline : pegtl::one<'\n'> {};

//   quoted = '"' { any but '"' } '"'
struct quoted : pegtl::seq<pegtl::one<'"'>, pegtl::star<pegtl::not_one<'"'>>, pegtl::one<'"'>> {};

// An IPv6 or MAC address: the longest run of their characters that is one. No grammar of its own,
// since inet_pton(3) is what nft asks in the end.
struct address {
  using rule_t = address;
  using subs_t = pegtl::empty_list;

  static bool is_part(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
  }
  // Six bytes of one or two digits.
  static bool is_mac(std::string_view text) {
    std::size_t bytes = 0;
    std::size_t digits = 0;
    for (const char c : text) {
      if (c == '.') return false;
      if (c != ':') {
        ++digits;
      } else if (digits == 0 || ++bytes > 5) {
        return false;
      } else {
        digits = 0;
      }
      if (digits > 2) return false;
    }
    return bytes == 5 && digits > 0;
  }
  static bool is_address(std::string_view text) {
    if (std::count(text.begin(), text.end(), ':') < 2) return false;
    if (is_mac(text)) return true;
    unsigned char bytes[16];
    return inet_pton(AF_INET6, std::string(text).c_str(), bytes) == 1;
  }

  template <typename Input>
  static bool match(Input& in) {
    constexpr std::size_t longest = 46;  // INET6_ADDRSTRLEN
    std::size_t size = 0;
    while (size < longest && size < in.size(longest) && is_part(in.peek_char(size))) ++size;
    const std::string_view run(in.current(), size);
    for (const std::size_t shorter : {std::size_t{0}, std::size_t{1}}) {
      if (size <= shorter || !is_address(run.substr(0, size - shorter))) continue;
      in.bump(size - shorter);
      return true;
    }
    return false;
  }
};

//   number  = digit { letter | digit | '_' | '.' digit }      1, 0x1f, 10.0.0.1, 1h30m, 3des
//   name    = ( letter | '_' | '.' ) { letter | digit | '/' '-' '_' '.' } [ '*' ]
//   class of tc = 1 to 4 hexadecimal digits, ':', 1 to 4 of them, and none of it goes on behind
// A '.' alone joins the parts of a concatenation. A backslash stands before an asterisk that means
// itself.
struct tail : pegtl::sor<pegtl::alnum, pegtl::one<'/', '-', '_', '.'>> {};
struct number
    : pegtl::seq<pegtl::digit,
                 pegtl::star<pegtl::sor<pegtl::alnum, pegtl::one<'_'>,
                                        pegtl::seq<pegtl::one<'.'>, pegtl::at<pegtl::digit>>>>> {};
struct class_of_tc : pegtl::seq<pegtl::rep_min_max<1, 4, pegtl::xdigit>, pegtl::one<':'>,
                                pegtl::rep_min_max<1, 4, pegtl::xdigit>,
                                pegtl::at<pegtl::one<' ', '\t', '\n', ':', '-', '}', ','>>> {};
struct asterisk : pegtl::seq<pegtl::opt<pegtl::one<'\\'>>, pegtl::one<'*'>> {};
struct name
    : pegtl::seq<
          pegtl::sor<pegtl::alpha, pegtl::one<'_'>, pegtl::seq<pegtl::one<'.'>, pegtl::at<tail>>>,
          pegtl::star<tail>, pegtl::opt<asterisk>> {};
struct word : pegtl::sor<address, class_of_tc, number, name> {};

struct two : pegtl::sor<TAO_PEGTL_STRING("!="), TAO_PEGTL_STRING("=="), TAO_PEGTL_STRING("<="),
                        TAO_PEGTL_STRING(">="), TAO_PEGTL_STRING("<<"), TAO_PEGTL_STRING(">>")> {};
struct one : pegtl::one<'{', '}', '(', ')', '[', ']', ',', ';', '.', '/', '-', '*', '@', '$', '&',
                        '|', '^', '=', '<', '>', ':', '~', '+', '!'> {};
struct symbol : pegtl::sor<two, one> {};

struct bad : pegtl::any {};

struct token : pegtl::sor<newline, quoted, word, symbol, bad> {};
struct tokens : pegtl::seq<pegtl::star<pegtl::sor<skipped, token>>, pegtl::eof> {};

// Of a line for a shell, which takes single quotes and a backslash away.
struct shell_skipped
    : pegtl::plus<pegtl::sor<
          skipped, pegtl::one<'\''>,
          pegtl::seq<pegtl::one<'\\'>, pegtl::at<pegtl::one<'{', '}', ';', '"', '*', '!', '(', ')',
                                                            '<', '>', '&', '|'>>>>> {};
struct command_tokens : pegtl::seq<pegtl::star<pegtl::sor<shell_skipped, token>>, pegtl::eof> {};

}  // namespace untrack::nft::grammar
