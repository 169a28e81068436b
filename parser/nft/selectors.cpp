// Selectors: what of a packet, its connection or the host stands left of a comparison, as nft(8),
// "PRIMARY EXPRESSIONS" and "PAYLOAD EXPRESSIONS", has them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/expressions.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

// Headers that other headers may follow: `vxlan ip saddr`.
constexpr std::string_view tunnels = "vxlan geneve gre gretap";
constexpr std::string_view raw_bases = "ll nh th ih";
constexpr std::string_view rt_keys = "classid nexthop mtu ipsec";
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
      const Token header = in_.expect_word("an IPv6 extension header");
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
    text += fmt::format(" {}", in_.text(in_.expect_word("the kind")));
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
    text += fmt::format(",{}", in_.text(in_.expect_word("a number of bits")));
  }
  return node(NodeKind::selector, first, keep(std::move(text)));
}

Node ExpressionReader::read_ct(std::size_t first) {
  in_.next();
  std::string text = "ct";
  for (const std::string_view word : {"original", "reply", "ip", "ip6"}) {
    if (in_.accept_word(word)) text += fmt::format(" {}", word);
  }
  if (!has_word(catalog::nft_ct_keys, in_.word())) {
    in_.fail(fmt::format("a key of ct ({})", catalog::nft_ct_keys));
  }
  text += fmt::format(" {}", in_.text(in_.next()));
  return node(NodeKind::selector, first, keep(std::move(text)));
}

Node ExpressionReader::read_fib(std::size_t first) {
  std::string text{in_.text(in_.next())};
  do {
    text += text == "fib" ? " " : " . ";
    text += in_.text(in_.expect_word("saddr, daddr, mark, iif or oif"));
  } while (in_.accept_symbol("."));
  const Token result = in_.expect_word("type, oif or oifname");
  text += fmt::format(" {}", in_.text(result));
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
    text += fmt::format(" {}", in_.text(in_.expect_word("inc or random")));
  }
  if (!in_.is_word("mod")) in_.fail("mod");
  for (const std::string_view option : {"mod", "seed", "offset"}) {
    if (!in_.accept_word(option)) continue;
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
    if (word == "spnum" || word == "ttl") {
      text += fmt::format(" {}", in_.text(in_.expect_word("a value")));
    }
  }
  if (!has_word(keys, in_.word())) in_.fail(fmt::format("one of {}", keys));
  const std::string_view key = in_.text(in_.next());
  text += fmt::format(" {}", key);
  if (key == "cgroupv2" && in_.accept_word("level")) {
    text += fmt::format(" level {}", in_.text(in_.expect_word("a level")));
  }
  return node(NodeKind::selector, first, keep(std::move(text)));
}

}  // namespace untrack::nft
