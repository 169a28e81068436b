#include <fmt/format.h>

#include <algorithm>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

constexpr KernelVersion auto_assign_off{4, 7, 0};   // nf_conntrack_helper=0 by default
constexpr KernelVersion auto_assign_gone{6, 0, 0};  // commit b118509076b3

// "ftp-2121" is the helper ftp on port 2121 (iptables-extensions(8), helper).
std::string_view base_of(std::string_view helper) { return helper.substr(0, helper.find('-')); }

struct Use {
  ConstructId construct;
  std::string_view helper;
};

// The last word of `ct helper "ftp"`.
std::string_view name_in(std::string_view text) {
  if (text.ends_with('"')) text.remove_suffix(1);
  const std::size_t begin = text.find_last_of(" \"");
  return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

// Those of iptables that can name a helper: a handful.
const std::vector<const catalog::Extension*>& with_helper() {
  static const std::vector<const catalog::Extension*> found = [] {
    std::vector<const catalog::Extension*> rows;
    for (const catalog::Extension& row : catalog::extensions()) {
      if (std::ranges::find(row.options, "helper", &catalog::Option::name) != row.options.end()) {
        rows.push_back(&row);
      }
    }
    return rows;
  }();
  return found;
}

std::vector<Use> uses_of(const Facts& facts, catalog::ExtensionKind kind, IpVersion version) {
  std::vector<Use> uses;
  for (std::size_t i = 0; i < facts.ruleset.constructs.size(); ++i) {
    const Construct& construct = facts.ruleset.constructs[i];
    if (construct.kind != kind || construct.extension == nullptr) continue;
    if (construct.language == Language::iptables &&
        std::ranges::find(with_helper(), construct.extension) == with_helper().end()) {
      continue;
    }
    if (!facts.is_loaded[construct.rule.index()]) continue;
    if (!facts.ip_versions_of(construct.rule).has(version)) continue;
    if (construct.language == Language::nft) {
      // Which type an object has that a rule assigns is not looked up: any may be the one.
      if (construct.extension->name == "ct helper read") {
        uses.push_back({ConstructId(i), name_in(facts.sources.text(construct.span))});
      } else if (construct.extension->name == "ct helper set") {
        uses.push_back({ConstructId(i), {}});
      }
      continue;
    }
    for (const OptionUse& option : slice(facts.ruleset.options, construct.options)) {
      if (option.row != nullptr && option.row->name == "helper" && !option.negated) {
        uses.push_back({ConstructId(i), option.value});
      }
    }
  }
  return uses;
}

void find_helper_unassigned(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.kernel && *facts.kernel < auto_assign_off) return;
  const bool may_be_on = facts.kernel && *facts.kernel < auto_assign_gone;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const auto asked = uses_of(facts, catalog::ExtensionKind::match, version);
    if (asked.empty()) continue;
    const auto assigned = uses_of(facts, catalog::ExtensionKind::target, version);
    for (const Use& use : asked) {
      const bool is_assigned = std::any_of(assigned.begin(), assigned.end(), [&](const Use& other) {
        return use.helper.empty() || other.helper.empty() ||
               base_of(other.helper) == base_of(use.helper);
      });
      if (is_assigned) continue;
      const Construct& construct = facts.ruleset[use.construct];
      Finding finding;
      finding.check = &helper_unassigned;
      finding.severity = helper_unassigned.severity;
      finding.span = construct.span;
      finding.message = fmt::format("no rule assigns the helper {}, so that this never matches",
                                    use.helper.empty() ? "it asks for" : use.helper);
      finding.label = may_be_on ? "unless the sysctl nf_conntrack_helper is 1"
                                : "helpers have not been assigned by port since 6.0";
      const std::string_view helper = use.helper.empty() ? "ftp" : use.helper;
      finding.notes.push_back(
          construct.language == Language::nft
              ? fmt::format(
                    "assign it where the control connection starts: declare ct helper NAME {{ "
                    "type \"{}\" protocol tcp; }}, and in prerouting, behind the tracker, say "
                    "tcp dport 21 ct helper set \"NAME\" (its own protocol and port), or in "
                    "output for this host's own",
                    helper)
              : fmt::format("assign it where the control connection starts: -t raw -A PREROUTING "
                            "-p tcp --dport 21 "
                            "-j CT --helper {} (its own protocol and port), or in OUTPUT for this "
                            "host's own",
                            helper));
      finding.notes.emplace_back(
          "until then the rule does nothing but keep tracking on; if nobody misses it, delete it");
      finding.ip_versions = version;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

const CheckInfo helper_unassigned{
    .code = "UT401",
    .name = "helper-unassigned",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A rule matches packets of a helper that no rule assigns.",
    .why =
        R"(A conntrack helper reads the control connection of FTP, SIP and the like and expects the data connections. Until 4.7
the kernel gave each flow the helper of its port; then that became a sysctl, off by default; in 6.0 it was removed. Since
then a flow has a helper only if a rule in the raw table says so, `-j CT --helper ftp`. Without one,
`-m helper --helper ftp` matches nothing, and data connections are neither RELATED nor accepted.

What to do: assign the helper for the flows that need it, or delete the rule if that protocol is no longer used.

Limits: nftables can assign helpers, too; a ruleset that does is not seen here unless it is given. On kernels from 4.7
to 5.19 the sysctl `net.netfilter.nf_conntrack_helper` may be 1. A negated match is not judged.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 21 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED -m helper --helper ftp -j ACCEPT
COMMIT
)",
    .good = R"(*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 21 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED -m helper --helper ftp -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_helper_unassigned};

}  // namespace untrack::checks
