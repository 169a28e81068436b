// libFuzzer target: any bytes are read as each input beside rulesets: entries of a conntrack table,
// a certificate, a list of outbound flows, lists of modules, settings, a snapshot, a packet. What a
// reader says lies in the text and can be printed; a packet that is read is read again from its own
// text.
#include <cstdio>
#include <cstdlib>

#include "analysis/packet/packet_text.hpp"
#include "analysis/pressure/given_settings.hpp"
#include "app/pipeline/recheck.hpp"
#include "parser/anonymize/snapshot.hpp"
#include "parser/conntrack/entries.hpp"
#include "parser/modules.hpp"
#include "parser/outbound/profile.hpp"
#include "parser/snapshot.hpp"
#include "report/certificate_file_json.hpp"
#include "report/diagnostic.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using untrack::has_control_character;
using untrack::require;

void check(const untrack::Sources& sources, const std::vector<untrack::Problem>& problems) {
  std::size_t printed = 0;
  for (const untrack::Problem& problem : problems) {
    require(!problem.message.empty(), "a problem without words");
    require(problem.span.begin <= problem.span.end &&
                problem.span.end <= sources[problem.span.source].text().size(),
            "a span outside of its text");
    if (++printed > 5) continue;
    require(!has_control_character(render_problem(sources, problem, untrack::Display{})),
            "a control character");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count) {
  const std::string text(reinterpret_cast<const char*>(bytes), count);

  const untrack::ParsedEntries entries = untrack::parse_conntrack_entries("entries", text);
  check(entries.sources, entries.problems);

  const untrack::ParsedOutboundProfile profile = untrack::parse_outbound_profile("flows", text);
  check(profile.profile.sources, profile.problems);

  untrack::Sources sources;
  const untrack::SourceId source = sources.add("text", text);
  std::vector<untrack::Problem> problems;
  (void)untrack::read_proc_modules(sources, source, problems);
  (void)untrack::read_modules_dep(sources, source, problems);
  (void)untrack::read_modules_builtin(sources, source, problems);
  (void)untrack::read_given_settings(sources, {source}, problems);
  check(sources, problems);

  const untrack::ParsedSnapshot snapshot = untrack::parse_snapshot(text);
  require(snapshot.snapshot.has_value() != !snapshot.why_not.empty(),
          "a snapshot and a reason against it");
  if (snapshot.snapshot) {
    const untrack::Anonymized other = untrack::anonymized(*snapshot.snapshot, {});
    require(other.snapshot.has_value() != !other.why_not.empty(), "neither names nor a reason");
  }

  const untrack::ReadCertificate certificate = untrack::read_certificate_file(text);
  require(certificate.certificate.has_value() == certificate.why_not.empty(),
          "a certificate and a reason against it");
  if (certificate.certificate) {
    const std::string written = write_certificate_file(*certificate.certificate);
    const untrack::ReadCertificate again = untrack::read_certificate_file(written);
    require(again.certificate.has_value() && write_certificate_file(*again.certificate) == written,
            "a certificate is another one when it is written and read again");
    // Its texts are anybody's; little work shows whether they end the program.
    (void)untrack::recheck_certificate("certificate", *certificate.certificate, {}, {20'000});
  }

  const untrack::ParsedPacket packet = untrack::parse_packet(text);
  if (packet.packet) {
    const std::string written = to_text(*packet.packet);
    const untrack::ParsedPacket again = untrack::parse_packet(written);
    require(again.packet.has_value() && to_text(*again.packet) == written,
            "a packet is another one in its own words");
  }
  return 0;
}
