// `include`: the items of other files, read in the place where they are included. After nft(8),
// "INCLUDE FILES", and scanner_include_file in src/scanner.l (nft 1.0.6).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parser/nft/script_reader.hpp"

namespace untrack::nft {

void ScriptReader::read_include(const std::function<void()>& read_item) {
  has_commands_ = true;
  const std::size_t first = in_.position();
  in_.next();
  if (!in_.is_quoted()) in_.fail("the name of a file, in quotes");
  const std::string_view pattern = in_.text(in_.next());
  const Span span = in_.span_since(first);
  end_statement();
  const auto& includes = included_.includes;
  const auto at = std::ranges::find_if(includes, [&](const Include& include) {
    return include.source == in_.source() && include.pattern == pattern;
  });
  const bool is_given = at != includes.end();
  if (!is_given || !at->why_not.empty()) {
    ruleset_.problems.push_back({ProblemKind::not_understood, span,
                                 "what this includes was not read", is_given ? at->why_not : "",
                                 is_given ? at->cure : "Give the output of `nft list ruleset`.",
                                 true});
  }
  if (!is_given) return;
  for (const SourceId file : at->files) read_included(file, read_item);
}

void ScriptReader::read_included(SourceId file, const std::function<void()>& read_item) {
  read_.push_back(file);
  const std::string_view text = included_.sources[file].text();
  TokenStream outer = std::exchange(in_, TokenStream(file, text, Dialect::script));
  builder_.go_on_in(file, text);
  report_carriage_return();
  read_items(read_item);
  // Measured with nft 1.0.6: a syntax error, or one rule made of two.
  if (!text.empty() && text.back() != '\n' && text.back() != ';') {
    const auto end = static_cast<std::uint32_t>(text.size());
    ruleset_.problems.push_back(
        {ProblemKind::not_understood,
         {file, end, end},
         "an included file does not end with a newline",
         "nft reads its last line and the next one after the include as one",
         "End it with a newline.",
         false});
  }
  in_ = std::move(outer);
  builder_.go_on_in(in_.source(), in_.source_text());
}

}  // namespace untrack::nft
