// Selectors: what of a packet, its connection or the host stands left of a comparison, as nft(8),
// "PRIMARY EXPRESSIONS" and "PAYLOAD EXPRESSIONS", has them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/expressions.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

// Headers that other headers may follow: `vxlan ip saddr`.
constexpr std::string_view tunnels = "vxlan geneve gre gretap";
constexpr std::string_view raw_bases = "ll nh th ih";
constexpr std::string_view rt_keys = "classid nexthop mtu ipsec";
constexpr std::string_view extension_headers = "hbh frag rt dst mh srh";
constexpr std::string_view fib_flags = "saddr daddr mark iif oif";
constexpr std::string_view fib_results = "type oif oifname";
constexpr std::string_view directed_ct_keys =
    "saddr daddr l3proto protocol proto-src proto-dst bytes packets avgpkt zone";
constexpr std::string_view tcp_options =
    "eol nop maxseg mss window sack-permitted sack-perm sack sack0 sack1 sack2 sack3 timestamp "
    "fastopen md5sig mptcp";
constexpr std::string_view ip_options = "lsrr rr ssrr ra";
constexpr std::string_view sctp_chunks =
    "data init init-ack sack heartbeat heartbeat-ack abort shutdown shutdown-ack error "
    "cookie-echo cookie-ack ecne cwr shutdown-complete asconf-ack forward-tsn asconf";
constexpr std::string_view rt_header_fields = "nexthdr hdrlength type seg-left";

}  // namespace

bool ExpressionReader::begins_selector() const {
  const std::string_view word = in_.word();
  if (word.empty()) return in_.is_symbol("@") && has_word(raw_bases, in_.word(1));
  const std::string_view next = in_.word(1);
  if (const catalog::NftHeader* header = catalog::find_nft_header(word)) {
    return has_word(header->fields, next) ||
           (has_word(tunnels, word) && catalog::find_nft_header(next) != nullptr);
  }
  if (word == "meta") return has_word(catalog::nft_meta_keys, next);
  if (word == "ct") return has_word(catalog::nft_ct_keys, next);
  if (word == "rt") {
    return has_word(rt_keys, next) || has_word(rt_header_fields, next) || next == "ip" ||
           next == "ip6";
  }
  if (word == "osf") return next == "name" || next == "version" || next == "ttl";
  constexpr std::array alone = {"fib",     "socket", "numgen", "jhash",
                                "symhash", "ipsec",  "exthdr", "tunnel"};
  if (std::ranges::find(alone, word) != alone.end()) return in_.peek(1).kind == TokenKind::word;
  return has_word(catalog::nft_bare_meta_keys, word);
}

Node ExpressionReader::read_key() {
  const std::size_t first = in_.position();
  Node part = read_selector();
  if (!in_.is_symbol(".")) return part;
  std::vector<Node> parts;
  parts.push_back(std::move(part));
  while (in_.accept_symbol(".")) {
    in_.skip_newlines();
    // A constant may stand among them.
    parts.push_back(begins_selector() || in_.is_symbol("(") ? read_selector()
                                                            : read_operand(Selectors::no));
  }
  return node(NodeKind::concat, first, ".", std::move(parts));
}

Node ExpressionReader::read_selector() {
  const std::size_t first = in_.position();
  Node selector = [&] {
    if (in_.is_symbol("(")) {
      in_.next();
      Node inner = read_key();
      in_.expect_symbol(")", "behind what ( opens");
      return inner;
    }
    if (in_.is_symbol("@")) return read_raw(first);
    const std::string_view word = in_.word();
    if (word == "ct") return read_ct(first);
    if (word == "fib") return read_fib(first);
    if (word == "jhash" || word == "symhash" || word == "numgen") return read_hash(first);
    if (word == "socket") return read_words(first, {}, "transparent mark wildcard cgroupv2");
    if (word == "osf") return read_words(first, {"ttl"}, "name version");
    if (word == "ipsec") {
      return read_words(first, {"in", "out", "spnum", "ip", "ip6"}, "reqid spi saddr daddr");
    }
    if (word == "tunnel") return read_words(first, {}, "id path");
    if (word == "rt") {
      return read_words(first, {"ip", "ip6"},
                        has_word(rt_keys, in_.word(1)) || in_.word(1).starts_with("ip")
                            ? rt_keys
                            : rt_header_fields);
    }
    if (word == "exthdr") {
      in_.next();
      if (!has_word(extension_headers, in_.word())) {
        in_.fail(fmt::format("one of {}", extension_headers));
      }
      const Token header = in_.next();
      return node(NodeKind::selector, first, keep(fmt::format("exthdr {}", in_.text(header))));
    }
    if (word == "meta") {
      in_.next();
      if (!has_word(catalog::nft_meta_keys, in_.word())) in_.fail("a key of meta");
      const Token key = in_.next();
      return node(NodeKind::selector, first, keep(fmt::format("meta {}", in_.text(key))));
    }
    if (catalog::find_nft_header(word) != nullptr) return read_header(first);
    if (has_word(catalog::nft_bare_meta_keys, word)) {
      in_.next();
      return node(NodeKind::selector, first, keep(fmt::format("meta {}", word)));
    }
    in_.fail("an expression, such as \"tcp dport\" or \"ct state\"");
  }();
  for (std::string_view text = operator_here(); !text.empty(); text = operator_here()) {
    in_.next();
    std::vector<Node> both;
    both.push_back(std::move(selector));
    both.push_back(read_operand(Selectors::no));
    selector = node(NodeKind::binary, first, text, std::move(both));
  }
  return selector;
}

Node ExpressionReader::read_header(std::size_t first) {
  const std::string_view header = in_.text(in_.next());
  const catalog::NftHeader* row = catalog::find_nft_header(header);
  if (has_word(tunnels, header) && catalog::find_nft_header(in_.word()) != nullptr) {
    const Node inner = read_selector();
    return node(NodeKind::selector, first, keep(fmt::format("{} {}", header, inner.text)));
  }
  if (!has_word(row->fields, in_.word())) {
    in_.fail(fmt::format("a field of {} ({})", header, row->fields));
  }
  const std::string_view field = in_.text(in_.next());
  std::string text = fmt::format("{} {}", header, field);
  if (field == "option" || field == "chunk") {
    if (in_.is_symbol("@")) {  // tcp option @KIND,OFFSET,LENGTH
      text += fmt::format(" {}", read_raw(first).text);
      return node(NodeKind::selector, first, keep(std::move(text)));
    }
    const std::string_view kinds = header == "tcp"    ? tcp_options
                                   : header == "ip"   ? ip_options
                                   : header == "sctp" ? sctp_chunks
                                                      : std::string_view();
    const char digit = in_.word().empty() ? ' ' : in_.word().front();
    const bool is_number = digit >= '0' && digit <= '9' && header != "ip";
    if (!is_number && !has_word(kinds, in_.word())) in_.fail(fmt::format("one of {}", kinds));
    text += fmt::format(" {}", in_.text(in_.next()));
    constexpr std::string_view parts =
        "kind length size count left right tsval tsecr subtype type flags value ptr addr "
        "tsn stream ssn ppid init-tag a-rwnd num-outbound-streams num-inbound-streams init-tsn "
        "cum-tsn-ack num-gap-ack-blocks num-dup-tsns lowest-tsn seqno new-cum-tsn";
    if (has_word(parts, in_.word())) text += fmt::format(" {}", in_.text(in_.next()));
  } else if (header == "arp" && (field == "saddr" || field == "daddr")) {
    text += fmt::format(" {}", in_.text(in_.expect_word("ip or ether")));
  } else if ((header.starts_with("rt") || header == "srh") && in_.accept_symbol("[")) {
    text += fmt::format(" {}", in_.text(in_.expect_word("a number")));
    in_.expect_symbol("]", "behind the number");
  }
  return node(NodeKind::selector, first, keep(std::move(text)));
}

// @base,offset,length in bits
Node ExpressionReader::read_raw(std::size_t first) {
  in_.next();
  std::string text = fmt::format("@{}", in_.text(in_.next()));
  for (int i = 0; i < 2; ++i) {
    in_.expect_symbol(",", "in front of an offset or a length");
    const std::string_view bits = in_.text(in_.expect_word("a number of bits"));
    const auto number = plain_number(bits);
    constexpr Number most = 128;  // of a register
    if (!number || (i == 1 && (*number == 0 || *number > most))) {
      throw SyntaxError{in_.span_since(first), fmt::format("not a number of bits: \"{}\"", bits),
                        "expected 1 to 128", "", true};
    }
    text += fmt::format(",{}", bits);
  }
  return node(NodeKind::selector, first, keep(std::move(text)));
}

Node ExpressionReader::read_ct(std::size_t first) {
  in_.next();
  std::string text = "ct";
  bool has_direction = false;
  for (const std::string_view word : {"original", "reply", "ip", "ip6"}) {
    if (!in_.accept_word(word)) continue;
    text += fmt::format(" {}", word);
    has_direction = true;
  }
  const std::string_view keys = has_direction ? directed_ct_keys : catalog::nft_ct_keys;
  if (!has_word(keys, in_.word())) in_.fail(fmt::format("a key of ct ({})", keys));
  text += fmt::format(" {}", in_.text(in_.next()));
  return node(NodeKind::selector, first, keep(std::move(text)));
}

Node ExpressionReader::read_fib(std::size_t first) {
  std::string text{in_.text(in_.next())};
  std::vector<std::string_view> flags;
  do {
    text += text == "fib" ? " " : " . ";
    if (!has_word(fib_flags, in_.word())) in_.fail(fmt::format("one of {}", fib_flags));
    flags.push_back(in_.text(in_.next()));
    text += flags.back();
  } while (in_.accept_symbol("."));
  const auto count = [&](std::string_view flag) { return std::ranges::count(flags, flag); };
  if (count("saddr") + count("daddr") == 0 || (count("saddr") > 0 && count("daddr") > 0)) {
    throw SyntaxError{in_.span_since(first), "fib asks for one of saddr and daddr",
                      "nft refuses it", "", true};
  }
  if (!has_word(fib_results, in_.word())) in_.fail(fmt::format("one of {}", fib_results));
  text += fmt::format(" {}", in_.text(in_.next()));
  return node(NodeKind::selector, first, keep(std::move(text)));
}

// jhash KEY mod N [seed N] [offset N], symhash mod N ..., numgen inc|random mod N [offset N]
Node ExpressionReader::read_hash(std::size_t first) {
  const std::string_view word = in_.text(in_.next());
  std::string text(word);
  std::vector<Node> key;
  if (word == "jhash") {
    key.push_back(read_key());
    text += fmt::format(" {}", in_.source_text().substr(key[0].span.begin, key[0].span.size()));
  } else if (word == "numgen") {
    if (!in_.is_word("inc") && !in_.is_word("random")) in_.fail("inc or random");
    text += fmt::format(" {}", in_.text(in_.next()));
  }
  if (!in_.is_word("mod")) in_.fail("mod");
  for (const std::string_view option : {"mod", "seed", "offset"}) {
    if (!in_.accept_word(option)) continue;
    if (option == std::string_view("mod") && plain_number(in_.word()) == Number{0}) {
      in_.fail("a number above 0");
    }
    text += fmt::format(" {} {}", option, in_.text(in_.expect_word("a number")));
  }
  return node(NodeKind::selector, first, keep(std::move(text)), std::move(key));
}

// A word, others that may stand behind it, each with a number or word where it takes one, and a
// key.
Node ExpressionReader::read_words(std::size_t first,
                                  std::initializer_list<std::string_view> optional,
                                  std::string_view keys) {
  std::string text{in_.text(in_.next())};
  for (const std::string_view word : optional) {
    if (!in_.accept_word(word)) continue;
    text += fmt::format(" {}", word);
    if (word == "ttl" && !in_.is_word("loose") && !in_.is_word("skip")) in_.fail("loose or skip");
    if (word == "spnum" || word == "ttl") {
      text += fmt::format(" {}", in_.text(in_.expect_word("a value")));
    }
  }
  if (text == "ipsec") in_.fail("in or out");
  if (!has_word(keys, in_.word())) in_.fail(fmt::format("one of {}", keys));
  const std::string_view key = in_.text(in_.next());
  const bool is_address = key == "saddr" || key == "daddr";
  if (is_address && !text.ends_with(" ip") && !text.ends_with(" ip6")) in_.fail("ip or ip6");
  text += fmt::format(" {}", key);
  if (key == "cgroupv2" && in_.accept_word("level")) {
    text += fmt::format(" level {}", in_.text(in_.expect_word("a level")));
  }
  return node(NodeKind::selector, first, keep(std::move(text)));
}

}  // namespace untrack::nft
