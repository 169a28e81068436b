#include "app/pipeline/load_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace untrack {
namespace {

// The texts of the family; none, with the reason told, if one is of another format.
std::optional<std::vector<std::string>> texts_to_load(const Loaded& loaded, IpVersion version,
                                                      std::string_view format, std::string& why) {
  std::vector<std::string> texts;
  for (const InputSummary& input : loaded.ruleset.inputs) {
    if (!input.ip_versions.has(version)) continue;
    const SourceText& source = (*loaded.sources)[input.source];
    if (input.format != format) {
      why =
          fmt::format("{} is read as {}, which no command loads here", source.path(), input.format);
      return std::nullopt;
    }
    texts.emplace_back(source.text());
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
  const std::string_view format = question.is_json  ? "nft JSON"
                                  : question.is_nft ? "nft"
                                                    : "iptables-save";
  if (after.sources->size() > after.ruleset.inputs.size()) {
    test.why_not = "it includes other files, which the command would take from their places";
    add_load_test(certificate, std::move(test));
    return;
  }
  auto original = texts_to_load(before, certificate.version, format, test.why_not);
  auto rewritten = texts_to_load(after, certificate.version, format, test.why_not);
  if (original && rewritten) {
    question.original = std::move(*original);
    question.rewritten = std::move(*rewritten);
    test = tester(question);
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
