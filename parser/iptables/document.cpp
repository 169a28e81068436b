#include "parser/iptables/document.hpp"

#include "model/newlines.hpp"
#include "parser/iptables/restore_grammar.hpp"

namespace untrack::iptables {

std::string_view to_text(LineKind kind) {
  switch (kind) {
    case LineKind::blank:
      return "blank";
    case LineKind::comment:
      return "comment";
    case LineKind::table_header:
      return "table_header";
    case LineKind::chain_declaration:
      return "chain_declaration";
    case LineKind::rule:
      return "rule";
    case LineKind::commit:
      return "commit";
    case LineKind::command:
      return "command";
    case LineKind::other:
      return "other";
  }
  return {};
}

namespace {

namespace pegtl = tao::pegtl;

template <LineKind kind>
struct Add {
  template <typename Input>
  static void apply(const Input& in, Document& document) {
    const auto begin = static_cast<std::uint32_t>(in.begin() - document.text.data());
    document.lines.push_back({kind, 0, begin, begin + static_cast<std::uint32_t>(in.size())});
  }
};

template <typename Rule>
struct LineAction : pegtl::nothing<Rule> {};
template <>
struct LineAction<grammar::blank_line> : Add<LineKind::blank> {};
template <>
struct LineAction<grammar::comment> : Add<LineKind::comment> {};
template <>
struct LineAction<grammar::table_header> : Add<LineKind::table_header> {};
template <>
struct LineAction<grammar::chain_declaration> : Add<LineKind::chain_declaration> {};
template <>
struct LineAction<grammar::rule_line> : Add<LineKind::rule> {};
template <>
struct LineAction<grammar::commit> : Add<LineKind::commit> {};
template <>
struct LineAction<grammar::command_line> : Add<LineKind::command> {};
template <>
struct LineAction<grammar::other_line> : Add<LineKind::other> {};

}  // namespace

Document read_lines(SourceId source, std::string_view text) {
  return read_lines(source, text, 0, static_cast<std::uint32_t>(text.size()));
}

Document read_lines(SourceId source, std::string_view text, std::uint32_t begin,
                    std::uint32_t end) {
  Document document{source, text, {}};
  document.lines.reserve(estimated_lines(text.substr(begin, end - begin)));
  const auto add = [&](std::uint32_t from, std::uint32_t to) {
    const char first = text[from];
    // What most lines of most files are is told by their first byte; the grammar says the same.
    if (first == '-' || first == '[' || first == ':') {
      const LineKind kind = first == ':' ? LineKind::chain_declaration : LineKind::rule;
      document.lines.push_back({kind, 0, from, to});
    } else {
      pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf> in(text.data() + from,
                                                                         text.data() + to, "");
      pegtl::parse<grammar::line, LineAction>(in, document);
    }
  };
  std::uint32_t at = begin;
  for_each_newline(text.substr(begin, end - begin), [&](std::size_t newline) {
    const std::uint32_t next = begin + static_cast<std::uint32_t>(newline) + 1;
    add(at, next);
    at = next;
  });
  if (at != end) add(at, end);
  return document;
}

std::string print(const Document& document) {
  std::string bytes;
  bytes.reserve(document.text.size());
  for (const Line& line : document.lines) bytes += document.text_of(line);
  return bytes;
}

}  // namespace untrack::iptables
