#include "app/pipeline/recheck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

#include "analysis/certificate/sha256.hpp"
#include "analysis/header_writes.hpp"
#include "app/pipeline/loaded.hpp"
#include "app/pipeline/translated.hpp"
#include "model/kernel_version.hpp"
#include "parser/outbound/profile.hpp"

namespace untrack {
namespace {

// Why the certificate cannot be judged; thrown within this file alone.
struct NotReadable {
  std::string why;
};

class Subjects {
 public:
  explicit Subjects(RecheckReport& report) : report_(report) {}

  // The texts of one side, each the one that the certificate names.
  std::vector<InputText> of(const std::vector<CertifiedText>& files,
                            const std::vector<InputText>& given, std::string_view side) {
    if (!given.empty() && given.size() != files.size()) {
      report_.refused.push_back(fmt::format(
          "it is about {} file{} of the {}, and {} given", files.size(),
          files.size() == 1 ? "" : "s", side,
          given.size() == 1 ? std::string("1 is") : fmt::format("{} are", given.size())));
    }
    std::vector<InputText> inputs;
    for (std::size_t i = 0; i < files.size(); ++i) {
      inputs.push_back(of(files[i], i < given.size() ? &given[i] : nullptr, side));
    }
    return inputs;
  }

  InputText of(const CertifiedText& file, const InputText* given, std::string_view side) {
    if (given != nullptr && sha256(given->text) != file.sha256) {
      report_.refused.push_back(
          fmt::format("{} is not the {} that it is about ({})", given->path, side, file.path));
    }
    if (file.text && sha256(*file.text) != file.sha256) {
      report_.refused.push_back(
          fmt::format("its own text of {} is not the one whose hash it names", file.path));
    }
    InputText input{file.path, {}, {}};
    if (file.text) {
      input.text = *file.text;
    } else if (given != nullptr) {
      input.text = given->text;
    } else {
      throw NotReadable{fmt::format("it does not hold the text of {}; give it with --{}", file.path,
                                    side == "original" ? side : "rewritten")};
    }
    for (const CertifiedText::Include& include : file.includes) {
      InputText::Include own{include.pattern, {}, include.why_not, include.cure};
      for (const CertifiedText& each : include.files) own.files.push_back(of(each, nullptr, side));
      input.includes.push_back(std::move(own));
    }
    return input;
  }

 private:
  RecheckReport& report_;
};

Assumptions assumptions_of(const CertificateFile& file, RecheckReport& report) {
  Assumptions assumptions = Assumptions::none();
  for (const Assumption id : file.assumptions) assumptions.set(id, true);
  assumptions.host_ports = file.host_ports;
  assumptions.other_ports = file.other_ports;
  if (file.outbound) {
    const InputText list = Subjects(report).of(*file.outbound, nullptr, "list of flows");
    ParsedOutboundProfile parsed = parse_outbound_profile(list.path, list.text);
    if (!parsed.problems.empty()) throw NotReadable{"its list of flows is not understood"};
    assumptions.outbound = std::make_shared<const OutboundProfile>(std::move(parsed.profile));
  } else if (assumptions.has(Assumption::outbound_profile)) {
    throw NotReadable{"it assumes outbound_profile, and brings no list of flows"};
  }
  return assumptions;
}

// What is not understood, for people.
std::string not_understood(const Loaded& loaded, std::string_view side) {
  for (const Problem& problem : loaded.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    const Location at = loaded.sources->locate(problem.span);
    return fmt::format("the {} is not fully understood: {}:{}: {}", side,
                       (*loaded.sources)[problem.span.source].path(), at.line, problem.message);
  }
  return fmt::format("the {} has no rules", side);
}

std::string obstacle_of(const PutAside& aside, const Loaded& loaded, std::string_view which) {
  if (aside.obstacles.empty()) return {};
  const TranslationObstacle& first = aside.obstacles.front();
  const Location at = loaded.sources->locate(first.span);
  return fmt::format("the translation of {} is not known to go on without state: {}:{}: {}", which,
                     (*loaded.sources)[first.span.source].path(), at.line, first.reason);
}

Translated translated(const Loaded& before, const Loaded& after, IpVersion version,
                      const std::string& obstacle) {
  const auto own = [&](const std::vector<Translation>& list) {
    std::vector<Translation> found;
    std::ranges::copy_if(list, std::back_inserter(found),
                         [&](const Translation& each) { return each.version == version; });
    return found;
  };
  Translated what;
  what.is_put_aside = !own(before.translations).empty();
  if (own(before.translations) != own(after.translations)) {
    what.fault = "addresses are translated in another way than before";
    what.is_fault_of_all = true;
  } else if (auto changed = changed_headers(before.ruleset, *before.sources, after.ruleset,
                                            *after.sources, version)) {
    what.fault = *changed;
    what.is_fault_of_all = true;
  }
  if (!obstacle.empty()) what.fault = obstacle;
  return what;
}

void recheck_families(const CertificateFile& file, const GivenTexts& given,
                      const RecheckLimits& limits, RecheckReport& report) {
  Subjects subjects(report);
  std::vector<InputText> original = subjects.of(file.original, given.original, "original");
  std::vector<InputText> rewritten =
      subjects.of(file.rewritten, given.rewritten, "rewritten ruleset");
  const Assumptions assumptions = assumptions_of(file, report);
  if (!report.refused.empty()) return;
  std::optional<Format> format;
  if (!file.format.empty()) {
    format = format_of(file.format);
    if (!format) throw NotReadable{"it names a format of rules that is not known"};
  }
  std::optional<KernelVersion> kernel;
  if (!file.kernel.empty()) {
    kernel = parse_kernel_version(file.kernel);
    if (!kernel) throw NotReadable{"it names a kernel that is none"};
  }
  Loaded before = load(std::move(original), format, file.ip_version);
  Loaded after = load(std::move(rewritten), format, file.ip_version);
  if (!before.is_fully_understood()) throw NotReadable{not_understood(before, "original")};
  if (!after.is_fully_understood()) throw NotReadable{not_understood(after, "rewritten ruleset")};
  std::string obstacle;
  if (file.stateless_nat) {
    obstacle = obstacle_of(put_aside_as_original(before), before, "the original");
    if (!before.translations.empty()) {
      const PutAside aside = put_translation_aside(after, TranslationForm::payload);
      const std::string other = obstacle_of(aside, after, "what was rewritten");
      if (!other.empty()) obstacle = other;
    }
  }
  for (const FamilyClaims& claims : file.families) {
    FreeVariables variables;
    const Program first(before.ruleset, claims.version, is_tracked(before, claims.version, kernel),
                        variables);
    const Program second(after.ruleset, claims.version, is_tracked(after, claims.version, kernel),
                         variables);
    report.families.push_back(recheck(first, second, file.mode, assumptions, claims,
                                      translated(before, after, claims.version, obstacle), limits));
  }
}

}  // namespace

RecheckReport recheck_certificate(std::string path, const CertificateFile& file,
                                  const GivenTexts& given, const RecheckLimits& limits) {
  RecheckReport report;
  report.path = std::move(path);
  report.made_by = file.tool_version;
  report.mode = file.mode;
  report.assumptions = file.assumptions;
  for (const CertifiedText& text : file.original) report.original.push_back(text.path);
  for (const CertifiedText& text : file.rewritten) report.rewritten.push_back(text.path);
  try {
    recheck_families(file, given, limits, report);
  } catch (const NotReadable& reason) {
    report.why_not = reason.why;
  }
  report.summary = summary_of(report);
  return report;
}

}  // namespace untrack
