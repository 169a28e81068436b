#include "app/pipeline/certificate.hpp"

#include <utility>

#include "analysis/certificate/sha256.hpp"

namespace untrack {
namespace {

CertifiedText certified(const InputText& input) {
  CertifiedText file{input.path, sha256(input.text), input.text, {}};
  for (const InputText::Include& include : input.includes) {
    CertifiedText::Include own{include.pattern, {}, include.why_not, include.cure};
    for (const InputText& each : include.files) own.files.push_back(certified(each));
    file.includes.push_back(std::move(own));
  }
  return file;
}

}  // namespace

CertificateFile certificate_file(const CertifiedPolicy& policy,
                                 const std::vector<InputText>& original,
                                 const std::vector<InputText>& rewritten,
                                 std::vector<FamilyClaims> families,
                                 std::string_view tool_version) {
  CertificateFile file;
  file.tool_version = tool_version;
  file.mode = policy.mode;
  file.assumptions = policy.assumptions.list();
  file.host_ports = policy.assumptions.host_ports;
  file.other_ports = policy.assumptions.other_ports;
  file.stateless_nat = policy.stateless_nat;
  if (policy.format) file.format = to_text(*policy.format);
  file.ip_version = policy.ip_version;
  if (policy.kernel) file.kernel = to_text(*policy.kernel);
  if (policy.assumptions.outbound) {
    const SourceText& list = policy.assumptions.outbound->sources[SourceId{}];
    const std::string text(list.text());
    file.outbound = CertifiedText{list.path(), sha256(text), text, {}};
  }
  for (const InputText& input : original) file.original.push_back(certified(input));
  for (const InputText& input : rewritten) file.rewritten.push_back(certified(input));
  file.families = std::move(families);
  return file;
}

}  // namespace untrack
