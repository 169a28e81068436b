#include "app/pipeline/load_check.hpp"

#include <fmt/format.h>

#include <utility>

namespace untrack {
namespace {

// The texts of the family; none, with the reason told, if one is not for a restore command.
std::optional<std::vector<std::string>> restore_texts(const Loaded& loaded, IpVersion version,
                                                      std::string& why) {
  std::vector<std::string> texts;
  for (const InputSummary& input : loaded.ruleset.inputs) {
    if (!input.ip_versions.has(version)) continue;
    const SourceText& source = (*loaded.sources)[input.source];
    if (input.format != "iptables-save") {
      why = fmt::format("{} is read as {}, which no restore command takes", source.path(),
                        input.format);
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
  const auto original = restore_texts(before, certificate.version, test.why_not);
  const auto rewritten = restore_texts(after, certificate.version, test.why_not);
  if (original && rewritten) test = tester(certificate.version, *original, *rewritten);
  add_load_test(certificate, std::move(test));
}

}  // namespace untrack
