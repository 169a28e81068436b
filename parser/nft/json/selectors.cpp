// What of a packet, its connection or the host stands left of a comparison, in the words that the
// reader of text has for it. After libnftables-json(5), "EXPRESSIONS"; what later versions print is
// from their source (src/json.c, 1.1.3).
#include <fmt/format.h>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/json/expressions.hpp"
#include "parser/nft/lowering.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

// A number or word as it stands there.
std::string_view word_of(const JsonValue& value, std::string_view name) {
  const JsonValue& found = member(value, name);
  const bool is_word = found.is(JsonKind::string) || found.is(JsonKind::number);
  if (!is_word || found.text.empty()) refuse_json(found, "a word or a number");
  return found.text;
}

std::string_view known_word(const JsonValue& value, std::string_view name, std::string_view words) {
  const std::string_view word = word_of(value, name);
  if (!has_word(words, word)) unknown_json(member(value, name), fmt::format("a {}", name));
  return word;
}

std::string with_optional(std::string text, const JsonValue& value, std::string_view name) {
  const std::string_view word = value.text_of(name);
  return word.empty() ? text : fmt::format("{} {}", text, word);
}

bool is_given(const JsonValue& value, std::string_view name) {
  const JsonValue* found = value.find(name);
  return found != nullptr && found->text != "0";
}

}  // namespace

std::string JsonExpressionReader::payload_text(const JsonValue& value) const {
  if (value.find("base") != nullptr) {
    return fmt::format("@{},{},{}", known_word(value, "base", "ll nh th ih"),
                       word_of(value, "offset"), word_of(value, "len"));
  }
  const std::string_view protocol = word_of(value, "protocol");
  const catalog::NftHeader* header = catalog::find_nft_header(protocol);
  const std::string_view field = word_of(value, "field");
  // `arp saddr ip` is one field.
  if (header == nullptr || !has_word(header->fields, field.substr(0, field.find(' ')))) {
    unknown_json(value, "a field of a header");
  }
  const std::string_view tunnel = value.text_of("tunnel");
  std::string text = fmt::format("{} {}", protocol, field);
  if (tunnel.empty()) return text;
  if (catalog::find_nft_header(tunnel) == nullptr) unknown_json(value, "a tunnel");
  return fmt::format("{} {}", tunnel, text);
}

// An extension header of IPv6.
std::string JsonExpressionReader::header_text(const JsonValue& value) const {
  const std::string_view name = known_word(value, "name", "hbh rt rt0 rt2 rt4 srh frag dst mh");
  if (value.find("field") == nullptr) return fmt::format("exthdr {}", name);
  std::string text = fmt::format("{} {}", name, word_of(value, "field"));
  if (name.starts_with("rt") && value.find("offset") != nullptr) {
    text += fmt::format(" {}", word_of(value, "offset"));
  }
  return text;
}

// {"tcp option": {"name": "maxseg", "field": "size"}} and the like.
std::string JsonExpressionReader::option_text(const JsonValue& value) const {
  if (value.find("base") != nullptr) {
    return fmt::format("{} @{},{},{}", value.key, word_of(value, "base"), word_of(value, "offset"),
                       word_of(value, "len"));
  }
  const std::string_view kind = value.find("name") != nullptr ? "name" : "type";
  return with_optional(fmt::format("{} {}", value.key, word_of(value, kind)), value, "field");
}

std::string JsonExpressionReader::hash_text(const JsonValue& value, Node& node) {
  std::string text(value.key);
  if (value.key == "jhash") {
    node.children.push_back(read(member(value, "expr")));
    text += fmt::format(" {}", text_of(node.children.front()));
  } else if (value.key == "numgen") {
    text += fmt::format(" {}", known_word(value, "mode", "inc random"));
  }
  text += fmt::format(" mod {}", word_of(value, "mod"));
  for (const std::string_view option : {"seed", "offset"}) {
    if (is_given(value, option)) text += fmt::format(" {} {}", option, word_of(value, option));
  }
  return text;
}

bool JsonExpressionReader::read_selector(const JsonValue& value, Node& node) {
  const std::string_view word = value.key;
  std::string text;
  if (word == "payload") {
    text = payload_text(value);
  } else if (word == "meta") {
    text = fmt::format("meta {}", known_word(value, "key", catalog::nft_meta_keys));
  } else if (word == "ct") {
    const std::string_view key = word_of(value, "key");
    if (!has_word(catalog::nft_ct_keys, key.substr(key.rfind(' ') + 1))) {
      unknown_json(value, "a key of ct");
    }
    text = with_optional(with_optional("ct", value, "dir"), value, "family");
    text += fmt::format(" {}", key);
  } else if (word == "exthdr") {
    text = header_text(value);
  } else if (word == "tcp option" || word == "ip option" || word == "sctp chunk" ||
             word == "dccp option") {
    text = option_text(value);
  } else if (word == "fib") {
    for (const JsonValue* flag : values_of(member(value, "flags"))) {
      if (!has_word("saddr daddr mark iif oif", flag->text)) unknown_json(*flag, "a flag of fib");
      text += text.empty() ? "fib " : " . ";
      text += flag->text;
    }
    text += fmt::format(" {}", known_word(value, "result", "type oif oifname"));
  } else if (word == "rt") {
    text = with_optional("rt", value, "family");
    text += fmt::format(" {}", known_word(value, "key", "classid nexthop mtu ipsec"));
  } else if (word == "socket") {
    text = fmt::format("socket {}", known_word(value, "key", "transparent mark wildcard cgroupv2"));
    if (value.find("level") != nullptr) text += fmt::format(" level {}", word_of(value, "level"));
  } else if (word == "osf") {
    text = value.find("ttl") == nullptr ? "osf" : fmt::format("osf ttl {}", word_of(value, "ttl"));
    text += fmt::format(" {}", known_word(value, "key", "name version"));
  } else if (word == "numgen" || word == "jhash" || word == "symhash") {
    text = hash_text(value, node);
  } else if (word == "ipsec") {
    text = with_optional("ipsec", value, "dir");
    if (is_given(value, "spnum")) text += fmt::format(" spnum {}", word_of(value, "spnum"));
    text = with_optional(std::move(text), value, "family");
    text += fmt::format(" {}", known_word(value, "key", "reqid spi saddr daddr"));
  } else if (word == "tunnel") {
    text = fmt::format("tunnel {}", known_word(value, "key", "id path"));
  } else {
    return false;
  }
  node.kind = NodeKind::selector;
  node.text = keep(std::move(text));
  return true;
}

}  // namespace untrack::nft
