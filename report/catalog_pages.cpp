#include "report/catalog_pages.hpp"

#include <fmt/format.h>

#include <span>
#include <string_view>

#include "model/catalog/kernel_modules.hpp"
#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/xtables_extensions.hpp"

namespace untrack {
namespace {

using catalog::Exactness;
using catalog::Extension;
using catalog::ExtensionKind;
using catalog::KernelModule;

std::string_view tracking_words(catalog::Tracking tracking) {
  switch (tracking) {
    case catalog::Tracking::never:
      return "";
    case catalog::Tracking::always:
      return "yes";
    case catalog::Tracking::unless_notrack:
      return "yes, but for `--notrack`";
  }
  return "";
}

std::string_view computed_words(Exactness exactness) {
  switch (exactness) {
    case Exactness::exact:
      return "all";
    case Exactness::over_approximated:
      return "in part";
    case Exactness::opaque:
      return "";
  }
  return "";
}

// A bar would end the cell.
std::string cell(std::string_view text) {
  std::string words;
  for (const char c : text) {
    if (c == '|') words += '\\';
    words += c;
  }
  return words;
}

std::string extension_table(std::span<const Extension> rows, ExtensionKind kind,
                            std::string_view lead) {
  std::string text =
      "| name | for | what it does | tracks | computed |\n| --- | --- | --- | --- | --- |\n";
  for (const Extension& row : rows) {
    if (row.kind != kind) continue;
    text += fmt::format("| `{}{}` | {} | {} | {} | {} |\n", lead, row.name,
                        display_name(row.ip_versions), cell(row.summary),
                        tracking_words(row.tracking), computed_words(row.exactness));
  }
  return text;
}

std::string versions_of(const KernelModule& row) {
  std::string words;
  if (row.since != KernelVersion{}) words = fmt::format("since {}", to_text(row.since));
  if (row.before != KernelModule{}.before) {
    words += fmt::format("{}before {}", words.empty() ? "" : ", ", to_text(row.before));
  }
  return words;
}

}  // namespace

std::string write_extension_page() {
  std::string text =
      "# Extensions and modules\n\n"
      "What the program knows of matches and targets of iptables, of statements and expressions of "
      "nft, and of the kernel modules that stand on connection tracking. *Tracks*: a rule with it "
      "switches connection tracking on as soon as it is loaded. *Computed*: what is said about "
      "packets follows from its options, all of them or some; where nothing stands, such a "
      "condition may turn out either way, the same wherever it stands in the same words (a rate or "
      "a counter in each place for itself), and a target may do what its kind can do. What stands "
      "in no table here is kept as text, reported as not understood, and never taken for "
      "harmless. This page is made from the tables in `model/catalog/`; each row there says where "
      "it comes from.\n\n## Matches of iptables\n\n";
  text += extension_table(catalog::extensions(), ExtensionKind::match, "-m ");
  text += "\n## Targets of iptables\n\n";
  text += extension_table(catalog::extensions(), ExtensionKind::target, "-j ");
  text +=
      "\n## Expressions of nft\n\nThose that are more than a look at a field of the packet, which "
      "are computed where the field is known.\n\n";
  text += extension_table(catalog::nft_extensions(), ExtensionKind::match, "");
  text += "\n## Statements and objects of nft\n\n";
  text += extension_table(catalog::nft_extensions(), ExtensionKind::target, "");
  text +=
      "\n## Kernel modules\n\nWhat makes each of them load, or load again once it was removed: "
      "[unload](unload.md) plans for it.\n\n"
      "| module | kernels | uses | loaded by | today |\n| --- | --- | --- | --- | --- |\n";
  for (const KernelModule& row : catalog::kernel_modules()) {
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, versions_of(row), row.depends,
                        cell(row.loaded_by), row.now);
  }
  return text;
}

}  // namespace untrack
