#include "report/certificate_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/packet/packet_text.hpp"
#include "analysis/program/service_ports.hpp"
#include "report/witness_text.hpp"

namespace untrack {
namespace {

Style style_of(Proof proof) {
  switch (proof) {
    case Proof::proven:
    case Proof::proven_under_assumptions:
      return Style::good;
    case Proof::failed:
      return Style::error;
    case Proof::not_applicable:
      return Style::note;
    case Proof::not_checked:
      return Style::warning;
  }
  return Style::note;
}

class CertificateText {
 public:
  CertificateText(const CertifiedSides& said, const Display& display)
      : said_(said), display_(display) {}

  [[nodiscard]] std::string take() { return std::move(text_); }

  void write(const Certificate& certificate) {
    text_ += fmt::format("\n{}   {} before, {} after\n",
                         paint(Style::strong, display_name(certificate.version), display_),
                         certificate.tracked_before ? "tracked" : "not tracked",
                         certificate.tracked_after ? "tracked" : "not tracked");
    for (const Obligation& obligation : certificate.obligations) {
      const std::string_view word = proof_word(obligation.proof);
      const std::string lead = fmt::format("  {}  {}{}", obligation.id,
                                           paint(style_of(obligation.proof), word, display_),
                                           std::string(15 - word.size(), ' '));
      text_ += wrap(fmt::format("{}: {}", obligation.name, obligation.explanation), lead,
                    std::string(21, ' '), display_);
      if (obligation.witness) write(*obligation.witness);
    }
    write_exposure(certificate);
    write_refused_outbound(certificate);
    write_lines(lost_answers_words, certificate.lost_reject_answers);
    write_lines(changed_packets_words, certificate.changed_packets);
  }

  void write_assumptions(const std::vector<const Certificate*>& certificates) {
    if (!rest_on_assumptions(certificates)) return;
    text_ += "\nAssumed:\n";
    for (const Assumption id : bearing_assumptions(said_)) {
      text_ += wrap(assumption_words(said_, id), fmt::format("  {:<18} ", row_of(id).name),
                    std::string(21, ' '), display_);
      if (id == Assumption::outbound_profile) write_list();
    }
  }

 private:
  // What --outbound gave.
  void write_list() {
    constexpr std::size_t most = 20;
    const OutboundProfile& profile = *said_.assumptions.outbound;
    const std::string path = profile.sources[SourceId{}].path();
    if (profile.flows.empty()) {
      text_ += wrap(path + ": nothing", std::string(21, ' '), std::string(23, ' '), display_);
    }
    for (std::size_t i = 0; i < profile.flows.size() && i < most; ++i) {
      text_ +=
          wrap(outbound_text(profile, i), std::string(21, ' '), std::string(23, ' '), display_);
    }
    if (profile.flows.size() > most) {
      text_ += wrap(fmt::format("and {} more in {}", profile.flows.size() - most, path),
                    std::string(21, ' '), std::string(23, ' '), display_);
    }
  }

  // "out.flows:3: tcp 443".
  static std::string outbound_text(const OutboundProfile& profile, std::size_t index) {
    const Span& span = profile.flows[index].span;
    return fmt::format("{}:{}: {}", profile.sources[span.source].path(),
                       profile.sources.locate(span).line, profile.sources.text(span));
  }

  void write_refused_outbound(const Certificate& certificate) {
    if (certificate.refused_outbound.empty()) return;
    text_ += wrap(refused_outbound_words, "  ", "  ", display_);
    for (const std::size_t index : certificate.refused_outbound) {
      text_ += wrap(outbound_text(*said_.assumptions.outbound, index), "    ", "      ", display_);
    }
  }

  void write_lines(std::string_view heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text_ += wrap(heading, "  ", "  ", display_);
    for (const std::string& each : lines) text_ += wrap(each, "    ", "      ", display_);
  }

  void line(std::string_view label, std::string_view text) {
    text_ += wrap(text, fmt::format("      {:<9}", label), std::string(15, ' '), display_);
  }

  void write(const Witness& witness) {
    line("packet", to_text(witness.packet) + conditions_text(said_.variables, witness));
    line("was", decided_text(said_.original, witness.before, witness.decided_before));
    line("now", decided_text(said_.rewritten, witness.after, witness.decided_after));
    if (witness.original_state != witness.rewritten_state) {
      line("", fmt::format("(the original sees it as {}, the rewritten ruleset as {})",
                           to_text(witness.original_state), to_text(witness.rewritten_state)));
    }
  }

  void write_exposure(const Certificate& certificate) {
    if (certificate.exposure.empty()) {
      const bool is_listed =
          std::ranges::all_of(certificate.obligations, [](const Obligation& obligation) {
            return obligation.id != "O3" || obligation.proof != Proof::not_checked;
          });
      if (is_listed) text_ += "  Nothing is exposed that was not before.\n";
      return;
    }
    text_ += "  Exposed, and not before:\n";
    for (const Exposure& row : certificate.exposure) {
      text_ += wrap(description(row.kind),
                    fmt::format("    {:<16} {:<8} ", to_text(row.kind), to_text(row.path)),
                    std::string(30, ' '), display_);
      for (const std::string& region : row.region) {
        text_ += wrap(region, std::string(30, ' '), std::string(32, ' '), display_);
      }
      text_ += wrap(
          "e.g. " + to_text(row.witness.packet) + conditions_text(said_.variables, row.witness),
          std::string(30, ' '), std::string(32, ' '), display_);
    }
  }

  const CertifiedSides& said_;
  const Display& display_;
  std::string text_;
};

}  // namespace

std::string_view proof_word(Proof proof) {
  switch (proof) {
    case Proof::proven:
      return "proven";
    case Proof::proven_under_assumptions:
      return "assuming";
    case Proof::failed:
      return "FAILED";
    case Proof::not_applicable:
      return "nothing to do";
    case Proof::not_checked:
      return "not checked";
  }
  return {};
}

std::string assumption_words(const Assumptions& assumptions, Assumption id) {
  std::string says(row_of(id).says);
  const Interval& ports = assumptions.host_ports;
  if (id == Assumption::client_ports && !(ports == Assumptions().host_ports)) {
    says += fmt::format("; given for this host: {} to {}", static_cast<std::uint32_t>(ports.first),
                        static_cast<std::uint32_t>(ports.last));
  }
  return says;
}

std::string assumption_words(const CertifiedSides& said, Assumption id) {
  std::string says = assumption_words(said.assumptions, id);
  if (id == Assumption::service_ports) {
    constexpr std::size_t most = 8;
    const std::vector<Interval> named = named_service_ports(said);
    std::vector<std::string> words;
    for (const Interval& range : named) {
      const auto first = static_cast<std::uint32_t>(range.first);
      const auto last = static_cast<std::uint32_t>(range.last);
      if (words.size() == most) break;
      words.push_back(first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last));
    }
    says += fmt::format("; named here: {}", fmt::join(words, ", "));
    if (named.size() > most) says += fmt::format(" and {} more", named.size() - most);
  }
  return says;
}

std::vector<Interval> named_service_ports(const CertifiedSides& said) {
  std::vector<Interval> all;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    for (const Interval& range :
         service_ports(said.original.ruleset, version, said.assumptions.host_ports).all) {
      if (std::ranges::find(all, range) == all.end()) all.push_back(range);
    }
  }
  std::ranges::sort(all, {}, &Interval::first);
  return all;
}

std::vector<Assumption> bearing_assumptions(const CertifiedSides& said) {
  std::vector<Assumption> list = said.assumptions.list();
  if (named_service_ports(said).empty()) std::erase(list, Assumption::service_ports);
  for (FreeId id = 0; id < said.variables.size(); ++id) {
    if (said.variables[id].scope == FreeScope::packet) return list;
  }
  std::erase(list, Assumption::rate_per_packet);
  return list;
}

bool rest_on_assumptions(const std::vector<const Certificate*>& certificates) {
  return std::ranges::any_of(certificates, [](const Certificate* certificate) {
    return std::ranges::any_of(certificate->obligations, [](const Obligation& obligation) {
      return obligation.proof == Proof::proven_under_assumptions;
    });
  });
}

std::string certificate_text(const CertifiedSides& said, const Certificate& certificate,
                             const Display& display) {
  CertificateText text(said, display);
  text.write(certificate);
  return text.take();
}

std::string assumptions_text(const CertifiedSides& said,
                             const std::vector<const Certificate*>& certificates,
                             const Display& display) {
  CertificateText text(said, display);
  text.write_assumptions(certificates);
  return text.take();
}

}  // namespace untrack
