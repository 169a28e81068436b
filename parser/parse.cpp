#include "parser/parse.hpp"

#include <fmt/format.h>

#include "parser/iptables/document.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/restore.hpp"
#include "parser/recognise.hpp"

namespace untrack {
namespace {

using iptables::ChainIndex;
using iptables::Document;
using iptables::FamilyEvidence;

void read_rules(const Document& document, const Input& input, Format format, std::string_view path,
                Ruleset& ruleset, ChainIndex& index, InputSummary& summary) {
  iptables::RestoreOptions options;
  options.has_header = format == Format::iptables_save;
  const Span start{document.source, 0, 0};
  if (input.ip_version) {
    options.ip_versions = *input.ip_version;
  } else {
    const iptables::FamilyGuess guess = iptables::guess_family(document, path);
    options.ip_versions = guess.ip_versions;
    if (guess.evidence == FamilyEvidence::none) {
      iptables::add_note(ruleset, start, "nothing says whether this is for IPv4 or IPv6",
                         "read as IPv4", "Say so with --family if that is wrong.");
    }
  }
  options.keeps_old = options.has_header && iptables::is_of_ufw(document);
  if (!options.has_header) {
    options.table = iptables::guess_table(document);
    iptables::add_note(
        ruleset, start,
        fmt::format("rules without a table header are read as table {}", options.table), "",
        "Run iptables-save for a listing that names its tables.");
  }
  summary.ip_versions = options.ip_versions;
  summary.rules = iptables::read_restore(document, options, ruleset, index);
}

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
    case Format::unknown:
      return "unknown";
  }
  return {};
}

}  // namespace

Ruleset parse(const Sources& sources, std::span<const Input> inputs) {
  Ruleset ruleset;
  ChainIndex index;
  for (const Input& input : inputs) {
    const SourceText& source = sources[input.source];
    const Format format = input.format ? *input.format : recognise(source.text());
    InputSummary summary;
    summary.source = input.source;
    summary.format = display_name(format);
    const Span start{input.source, 0, 0};
    switch (format) {
      case Format::iptables_save:
      case Format::iptables_list:
        read_rules(iptables::read_lines(input.source, source.text()), input, format, source.path(),
                   ruleset, index, summary);
        break;
      case Format::iptables_table:
        iptables::add_error(ruleset, start,
                            "this is the output of iptables -L, which leaves out part of each rule",
                            "", "Run iptables-save instead and give its output.", true);
        break;
      case Format::iptables_commands:
      case Format::shell_script:
      case Format::ipset_save:
      case Format::unknown:
        iptables::add_error(ruleset, start, "no ruleset in it", "", "", true);
        break;
    }
    ruleset.inputs.push_back(std::move(summary));
  }
  return ruleset;
}

}  // namespace untrack
