#include "app/pipeline/load_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "parser/iptables/restore_text.hpp"

namespace untrack {
namespace {

// Options of iptables that name a program, which it runs where the kernel lacks a module: long or
// shortened, in front of the value or joined to it, among others of one letter. Whatever is quoted:
// better not asked than run.
bool may_run_programs(std::string_view written) {
  constexpr std::string_view blanks = " \t\r\n";
  constexpr std::string_view option = "--modprobe";
  std::string plain(written);
  std::erase_if(plain, [](char c) { return c == '"' || c == '\'' || c == '\\'; });
  std::string_view text = plain;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.empty()) return false;
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    const std::string_view name = word.substr(0, word.find('='));
    if (name.size() > 2 && option.starts_with(name)) return true;
    if (name.starts_with('-') && !name.starts_with("--") &&
        name.find('M') != std::string_view::npos) {
      return true;
    }
  }
}

bool is_save(const InputSummary& input) { return input.format == "iptables-save"; }

// What a restore command is given of an input of iptables.
std::optional<std::string> restored(const Loaded& loaded, const InputSummary& input,
                                    IpVersion version) {
  const std::string_view text = (*loaded.sources)[input.source].text();
  if (is_save(input)) return std::string(text);
  return input.format == "iptables -S"
             ? iptables::restore_text_of_listing(input.source, text, version)
             : iptables::restore_text_of_script(input.source, text, version);
}

// The texts of the family; none, with the reason told, if one of them cannot be asked about.
std::optional<std::vector<std::string>> texts_to_load(const Loaded& loaded,
                                                      const LoadQuestion& question,
                                                      std::string& why) {
  constexpr std::array<std::string_view, 4> of_iptables = {"iptables-save", "iptables -S",
                                                           "iptables commands", "shell script"};
  std::vector<std::string> texts;
  for (const InputSummary& input : loaded.ruleset.inputs) {
    if (!input.ip_versions.has(question.version)) continue;
    const SourceText& source = (*loaded.sources)[input.source];
    const bool is_fit = question.is_nft
                            ? input.format == (question.is_json ? "nft JSON" : "nft")
                            : std::ranges::find(of_iptables, input.format) != of_iptables.end();
    if (!is_fit) {
      why =
          fmt::format("{} is read as {}, which no command loads here", source.path(), input.format);
      return std::nullopt;
    }
    const auto text = question.is_nft ? std::optional<std::string>(source.text())
                                      : restored(loaded, input, question.version);
    if (!text) {
      why = fmt::format("{} holds more than the words of single commands", source.path());
      return std::nullopt;
    }
    if (!question.is_nft && may_run_programs(*text)) {
      why = fmt::format("{} names a program that loads modules (-M), which would be run",
                        source.path());
      return std::nullopt;
    }
    texts.push_back(*text);
  }
  if (texts.empty()) why = "there is nothing to load";
  return texts.empty() ? std::nullopt : std::optional(std::move(texts));
}

}  // namespace

void check_load(Certificate& certificate, const Loaded& before, const Loaded& after,
                const LoadTester& tester) {
  LoadTest test;
  LoadQuestion question;
  question.version = certificate.version;
  const auto has = [&](std::string_view format) {
    return std::ranges::find(after.ruleset.inputs, format, &InputSummary::format) !=
           after.ruleset.inputs.end();
  };
  question.is_json = has("nft JSON");
  question.is_nft = question.is_json || has("nft");
  question.keeps_old =
      !question.is_nft && std::ranges::any_of(after.ruleset.inputs, [&](const InputSummary& input) {
        return input.ip_versions.has(certificate.version) && !is_save(input);
      });
  if (after.sources->size() > after.ruleset.inputs.size()) {
    test.why_not = "it includes other files, which the command would take from their places";
    add_load_test(certificate, std::move(test));
    return;
  }
  auto original = texts_to_load(before, question, test.why_not);
  auto rewritten = texts_to_load(after, question, test.why_not);
  if (original && rewritten) {
    question.original = std::move(*original);
    question.rewritten = std::move(*rewritten);
    test = tester(question);
    test.is_of_words = question.keeps_old;
  }
  add_load_test(certificate, std::move(test));
}

bool is_of_nft(const Loaded& loaded, IpVersion version) {
  return std::ranges::any_of(loaded.ruleset.tables, [&](const Table& table) {
    return table.language == Language::nft && ip_versions(table.family).has(version);
  });
}

bool check_load_of_nft(std::vector<FamilyRewrite>& families, const Loaded& before,
                       const Loaded& after, const LoadTester& tester) {
  bool is_taken = true;
  for (FamilyRewrite& family : families) {
    if (family.outcome != RewriteOutcome::rewritten || !is_of_nft(before, family.version)) continue;
    check_load(*family.certificate, before, after, tester);
    is_taken = is_taken && holds(*family.certificate);
  }
  if (is_taken) return true;
  for (FamilyRewrite& family : families) {
    if (family.outcome != RewriteOutcome::rewritten) continue;
    family.outcome = RewriteOutcome::refused;
    family.why = "what was found does not load where the original does";
  }
  return false;
}

}  // namespace untrack
