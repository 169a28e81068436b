#include "parser/nft/json/value.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/json.hpp>
#include <utility>

#include "parser/nft/token_stream.hpp"

namespace untrack::nft {
namespace {

namespace pegtl = tao::pegtl;
namespace json = tao::pegtl::json;

// Guards the stack: reading, copying and destroying go down with the nesting.
constexpr std::size_t deepest = 128;

struct Document : pegtl::seq<json::text, pegtl::eof> {};

template <typename Rule>
constexpr const char* expected = nullptr;
template <>
constexpr auto expected<json::text> = "a value";
template <>
constexpr auto expected<pegtl::eof> = "nothing behind the value";
template <>
constexpr auto expected<json::end_array> = ", or ] in the array";
template <>
constexpr auto expected<json::end_object> = ", or } in the object";
template <>
constexpr auto expected<json::next_array_element> = "a value behind the ,";
template <>
constexpr auto expected<json::next_member> = "a name in quotes behind the ,";
template <>
constexpr auto expected<json::name_separator> = ": behind the name";
template <>
constexpr auto expected<json::member_value> = "a value behind the :";
template <>
constexpr auto expected<json::escaped> = "an escape of JSON behind the \\";
template <>
constexpr auto expected<json::unescaped> = "a character of a string, or \" at its end";

struct Expectation {
  template <typename Rule>
  static constexpr auto message = expected<Rule>;
};
template <typename Rule>
using Control = pegtl::must_if<Expectation>::control<Rule>;

void add_utf8(std::string& text, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0U | code >> 6U);
    byte(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    byte(0xe0U | code >> 12U);
    byte(0x80U | (code >> 6U & 0x3fU));
    byte(0x80U | (code & 0x3fU));
  } else {
    byte(0xf0U | code >> 18U);
    byte(0x80U | (code >> 12U & 0x3fU));
    byte(0x80U | (code >> 6U & 0x3fU));
    byte(0x80U | (code & 0x3fU));
  }
}

// The grammar has seen to four digits behind each \u.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  std::uint32_t unit = 0;
  std::from_chars(text.data() + at, text.data() + at + 4, unit, 16);
  return unit;
}

// nullopt for what no text of nft can hold: NUL, and half of a pair.
std::optional<std::string> unescaped(std::string_view text) {
  constexpr std::string_view letters = "bfnrt\"\\/";
  constexpr std::string_view meanings = "\b\f\n\r\t\"\\/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    ++i;
    if (text[i] != 'u') {
      result += meanings[letters.find(text[i])];
      continue;
    }
    std::uint32_t code = code_unit(text, i + 1);
    i += 4;
    if (code >= 0xd800 && code < 0xdc00 && text.substr(i + 1).starts_with("\\u")) {
      const std::uint32_t low = code_unit(text, i + 3);
      if (low < 0xdc00 || low > 0xdfff) return std::nullopt;
      code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
      i += 6;
    }
    if (code == 0 || (code >= 0xd800 && code < 0xe000)) return std::nullopt;
    add_utf8(result, code);
  }
  return result;
}

class Builder {
 public:
  Builder(SourceId source, std::string_view text, const KeepText& keep)
      : source_(source), text_(text), keep_(keep) {
    open_.emplace_back();
  }

  template <typename ActionInput>
  [[nodiscard]] Span span(const ActionInput& in, std::uint32_t around = 0) const {
    return {source_, static_cast<std::uint32_t>(in.begin() - text_.data()) - around,
            static_cast<std::uint32_t>(in.end() - text_.data()) + around};
  }

  void open(JsonKind kind, const Span& span) {
    if (open_.size() > deepest) {
      throw SyntaxError{span, "more levels than this program reads", "no ruleset needs that many",
                        "", true};
    }
    JsonValue value;
    value.kind = kind;
    value.span = span;
    value.key = std::exchange(key_, {});
    open_.push_back(std::move(value));
  }
  void close(std::uint32_t end) {
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    value.span.end = end;
    open_.back().children.push_back(std::move(value));
  }
  void add(JsonKind kind, const Span& span, std::string_view text) {
    open_.back().children.push_back({kind, span, text, std::exchange(key_, {}), {}});
  }
  void set_key(std::string_view key) { key_ = key; }

  std::string_view string_at(const Span& span) {
    const std::string_view raw = text_.substr(span.begin, span.size());
    if (raw.find('\\') == std::string_view::npos) return raw;
    auto plain = unescaped(raw);
    if (!plain) {
      throw SyntaxError{span, "an escape that stands for no character", "nft refuses it", "", true};
    }
    return keep_(std::move(*plain));
  }

  JsonValue take() { return std::move(open_.front().children.front()); }

 private:
  SourceId source_;
  std::string_view text_;
  const KeepText& keep_;
  std::vector<JsonValue> open_;  // the first holds the document
  std::string_view key_;         // read, and its value not yet
};

template <JsonKind kind>
struct Opens {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Builder& builder) {
    builder.open(kind, builder.span(in));
  }
};
struct Closes {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Builder& builder) {
    builder.close(builder.span(in).end);
  }
};
template <JsonKind kind>
struct Adds {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Builder& builder) {
    builder.add(kind, builder.span(in), in.string_view());
  }
};
struct AddsString {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Builder& builder) {
    builder.add(JsonKind::string, builder.span(in, 1), builder.string_at(builder.span(in)));
  }
};
struct AddsKey {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Builder& builder) {
    builder.set_key(builder.string_at(builder.span(in)));
  }
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};
template <>
struct Action<json::null> : Adds<JsonKind::null> {};
template <>
struct Action<json::true_> : Adds<JsonKind::boolean> {};
template <>
struct Action<json::false_> : Adds<JsonKind::boolean> {};
template <>
struct Action<json::number> : Adds<JsonKind::number> {};
template <>
struct Action<json::string_content> : AddsString {};
template <>
struct Action<json::key_content> : AddsKey {};
template <>
struct Action<json::begin_array> : Opens<JsonKind::array> {};
template <>
struct Action<json::begin_object> : Opens<JsonKind::object> {};
template <>
struct Action<json::end_array> : Closes {};
template <>
struct Action<json::end_object> : Closes {};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  if (kind != JsonKind::object) return nullptr;
  for (std::size_t i = children.size(); i > 0; --i) {
    if (children[i - 1].key == name) return &children[i - 1];
  }
  return nullptr;
}

std::string_view JsonValue::text_of(std::string_view name) const {
  const JsonValue* member = find(name);
  return member != nullptr && member->is(JsonKind::string) ? member->text : std::string_view();
}

JsonValue read_json(SourceId source, std::string_view text, const KeepText& keep) {
  Builder builder(source, text, keep);
  pegtl::memory_input<pegtl::tracking_mode::lazy> in(text.data(), text.size(), "");
  try {
    pegtl::parse<Document, Action, Control>(in, builder);
  } catch (const pegtl::parse_error& error) {
    const auto at = static_cast<std::uint32_t>(error.positions().front().byte);
    const bool is_at_end = at >= text.size();
    const Span span{source, at, is_at_end ? at : at + 1};
    throw SyntaxError{span, is_at_end ? "the JSON ends too early" : "not JSON",
                      "expected " + std::string(error.message()),
                      "Give the whole output of `nft -j list ruleset`.", true};
  }
  return builder.take();
}

}  // namespace untrack::nft
