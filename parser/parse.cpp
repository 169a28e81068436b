#include "parser/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "parser/iptables/document.hpp"
#include "parser/iptables/ipset.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/restore.hpp"
#include "parser/iptables/script/script.hpp"
#include "parser/nft/json/script.hpp"
#include "parser/nft/script.hpp"
#include "parser/parse_word_by_word.hpp"
#include "parser/reading_too_large.hpp"
#include "parser/recognise.hpp"

namespace untrack {
namespace {

using iptables::ChainIndex;
using iptables::Completeness;
using iptables::Document;
using iptables::Execution;
using iptables::FamilyEvidence;

constexpr std::string_view give_a_listing = "Give what iptables-save or `nft list ruleset` prints.";

std::string_view display_name(Format format) {
  switch (format) {
    case Format::iptables_save:
      return "iptables-save";
    case Format::iptables_list:
      return "iptables -S";
    case Format::iptables_commands:
      return "iptables commands";
    case Format::shell_script:
      return "shell script";
    case Format::ipset_save:
      return "ipset save";
    case Format::iptables_table:
      return "iptables -L";
    case Format::nft_script:
      return "nft";
    case Format::nft_commands:
      return "nft commands";
    case Format::nft_json:
      return "nft JSON";
    case Format::unknown:
      return "unknown";
  }
  return {};
}

// Everything that the inputs of one run share.
class Parser {
 public:
  Parser(const Sources& sources, std::span<const Include> includes, bool by_shape)
      : sources_(sources), includes_(includes), by_shape_(by_shape) {}

  void read(const Input& input);
  // Where the last thing stands that was kept of the input, or of what it includes.
  [[nodiscard]] Span last_kept(const Input& input) const;
  [[nodiscard]] Ruleset take() {
    nft_.finish();
    return std::move(ruleset_);
  }

 private:
  void read_save(const Input& input, Format format);
  void read_script(const Input& input);
  void read_nft(const Input& input, nft::Dialect dialect);
  void refuse(const Input& input, std::string message, std::string label, std::string cure);
  void refuse_unknown(const Input& input);
  [[nodiscard]] std::string_view text(const Input& input) const {
    return sources_[input.source].text();
  }

  const Sources& sources_;
  std::span<const Include> includes_;
  bool by_shape_;  // see parse_word_by_word.hpp
  Ruleset ruleset_;
  ChainIndex index_;
  iptables::Ipsets ipsets_{ruleset_};
  nft::RulesetBuilder nft_{ruleset_};
  InputSummary summary_;
};

void Parser::read(const Input& input) {
  const Format format = input.format ? *input.format : recognise(text(input));
  summary_ = {input.source, std::string(display_name(format)), 0, IpVersions::none()};
  switch (format) {
    case Format::iptables_save:
    case Format::iptables_list:
      read_save(input, format);
      break;
    case Format::iptables_commands:
    case Format::shell_script:
      read_script(input);
      break;
    case Format::ipset_save:
      if (!iptables::read_ipset_save(iptables::read_lines(input.source, text(input)), ruleset_,
                                     ipsets_)) {
        refuse(input, "no set in it", "", "Give the output of `ipset save`.");
      }
      break;
    case Format::nft_script:
      read_nft(input, nft::Dialect::script);
      break;
    case Format::nft_commands:
      read_nft(input, nft::Dialect::commands);
      break;
    case Format::nft_json:
      nft::read_json_script(input.source, text(input), ruleset_, nft_);
      summary_.rules = nft_.rule_count();
      summary_.ip_versions = nft_.seen_versions();
      break;
    case Format::iptables_table:
      refuse(input, "this is a listing of iptables -L, which leaves out parts of the rules",
             "interfaces, options and more are missing",
             "Run iptables-save (and ip6tables-save) and give its output.");
      break;
    case Format::unknown:
      refuse_unknown(input);
      break;
  }
  ruleset_.inputs.push_back(std::move(summary_));
}

Span Parser::last_kept(const Input& input) const {
  Span last{input.source, 0, 0};
  // Includes have their texts behind those that name them.
  const auto look = [&](const auto& pool) {
    if (!pool.empty()) last = std::max(last, Span(pool.back().span));
  };
  look(ruleset_.tables);
  look(ruleset_.chains);
  look(ruleset_.sets);
  if (!ruleset_.rules.empty()) last = std::max(last, ruleset_.rules.back().text);
  return last;
}

// Underlines the first line that is no comment.
void Parser::refuse(const Input& input, std::string message, std::string label, std::string cure) {
  const Document document = iptables::read_lines(input.source, text(input).substr(0, 4096));
  Span span{input.source, 0, 0};
  for (const iptables::Line& line : document.lines) {
    if (line.kind == iptables::LineKind::blank || line.kind == iptables::LineKind::comment)
      continue;
    span = document.span_of(line);
    while (!span.empty() &&
           (document.text[span.end - 1] == '\n' || document.text[span.end - 1] == '\r')) {
      --span.end;
    }
    break;
  }
  iptables::add_error(ruleset_, span, std::move(message), std::move(label), std::move(cure), true);
}

void Parser::refuse_unknown(const Input& input) {
  const std::string_view all = text(input);
  const std::string_view start = all.substr(0, 4096);
  const Span place{input.source, 0, 0};
  if (all.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    iptables::add_error(ruleset_, place, "the input is empty", "no ruleset in it",
                        "Give what iptables-save or `nft list ruleset` prints; an empty file means "
                        "that it did not run, or not as root.",
                        true);
    return;
  }
  if (start.find('\0') != std::string_view::npos) {
    iptables::add_error(ruleset_, place, "the input is not text", "no ruleset in it",
                        "Give what iptables-save or `nft list ruleset` prints, as a text file.",
                        true);
    return;
  }
  const Document lines = iptables::read_lines(input.source, start);
  const bool has_content = std::ranges::any_of(lines.lines, [](const iptables::Line& line) {
    return line.kind != iptables::LineKind::blank && line.kind != iptables::LineKind::comment;
  });
  if (!has_content) {
    refuse(input, "no ruleset in it", "it begins with comments and has no rules",
           std::string(give_a_listing));
    return;
  }
  // Chains of nft that another file includes into a table.
  const bool is_nft_part = std::ranges::any_of(lines.lines, [&](const iptables::Line& line) {
    const std::string_view words = start.substr(line.begin, line.end - line.begin);
    return words.starts_with("chain ") && words.find('{') != std::string_view::npos;
  });
  if (is_nft_part) {
    refuse(input, "no ruleset in it", "chains of nft without their table",
           "Give the file that includes this one into a table, or the output of `nft list "
           "ruleset`.");
    return;
  }
  refuse(input, "no ruleset in it",
         "not a line of iptables-save, iptables -S, nft, ipset or a script",
         std::string(give_a_listing));
}

void Parser::read_save(const Input& input, Format format) {
  Document document = iptables::read_lines(input.source, text(input));
  std::optional<iptables::LineShapes> shapes;
  if (by_shape_) shapes.emplace(document);
  iptables::RestoreOptions options;
  options.has_header = format == Format::iptables_save;
  const Span start{input.source, 0, 0};
  if (input.ip_version) {
    options.ip_versions = *input.ip_version;
  } else {
    const iptables::FamilyGuess guess =
        iptables::guess_family(document, sources_[input.source].path());
    options.ip_versions = guess.ip_versions;
    if (guess.evidence == FamilyEvidence::none) {
      iptables::add_note(ruleset_, start, "nothing says whether this is for IPv4 or IPv6",
                         "read as IPv4", "Say so with --family if that is wrong.");
    }
  }
  options.keeps_old = options.has_header && iptables::is_of_ufw(document);
  if (!options.has_header) {
    options.table = iptables::guess_table(document);
    iptables::add_note(
        ruleset_, start,
        fmt::format("rules without a table header are read as table {}", options.table), "",
        "Run iptables-save for a listing that names its tables.");
  }
  const bool is_whole = options.has_header && !options.keeps_old;
  Execution execution(ruleset_, index_, input.source,
                      is_whole ? Completeness::whole : Completeness::partial);
  iptables::read_restore(document, options, ruleset_, execution, shapes ? &*shapes : nullptr);
  execution.finish();
  summary_.ip_versions = options.ip_versions;
  summary_.rules = execution.rule_count();
  summary_.starts_over = execution.starts_over();
  summary_.about_standing = execution.about_standing();
  if (!execution.has_tables())
    refuse(input, "no table and no rule in it", "", std::string(give_a_listing));
}

void Parser::read_script(const Input& input) {
  Execution execution(ruleset_, index_, input.source, Completeness::partial);
  const iptables::ScriptOutcome outcome =
      iptables::read_script(input.source, text(input), ruleset_, execution, ipsets_);
  execution.finish();
  summary_.rules = execution.rule_count();
  summary_.starts_over = execution.starts_over();
  summary_.about_standing = execution.about_standing();
  summary_.ip_versions = outcome.ip_versions;
  if (!outcome.has_commands) {
    refuse(input, "no command of iptables or ipset in it", "",
           "Give the output of iptables-save instead.");
  }
}

void Parser::read_nft(const Input& input, nft::Dialect dialect) {
  const nft::ScriptOutcome outcome =
      nft::read_script(input.source, dialect, {sources_, includes_}, ruleset_, nft_);
  summary_.rules = nft_.rule_count();
  summary_.ip_versions = nft_.seen_versions();
  summary_.included = outcome.included;
  if (!outcome.has_commands) {
    // nft takes it for a ruleset without rules; it may be one that someone failed to print, too.
    ruleset_.problems.push_back({ProblemKind::not_understood,
                                 {input.source, 0, 0},
                                 "no command of nft in it",
                                 "",
                                 "Give the output of `nft list ruleset`.",
                                 true});
  }
}

}  // namespace

Ruleset parse(const Sources& sources, std::span<const Input> inputs,
              std::span<const Include> includes) {
  Parser parser(sources, includes, true);
  for (const Input& input : inputs) {
    try {
      parser.read(input);
    } catch (const std::bad_alloc&) {
      // What the reader held is free again, so that there is enough for the words.
      const Span last = parser.last_kept(input);
      const SourceText& source = sources[last.source];
      throw ReadingTooLarge(source.path(),
                            source.locate({last.source, last.begin, last.begin}).line,
                            source.text().size());
    }
  }
  return parser.take();
}

Ruleset parse_word_by_word(const Sources& sources, std::span<const Input> inputs) {
  Parser parser(sources, {}, false);
  for (const Input& input : inputs) parser.read(input);
  return parser.take();
}

}  // namespace untrack
