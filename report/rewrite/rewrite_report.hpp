// RewriteReport: the one value that `untrack rewrite` produces and that every format prints. Made
// by app/pipeline/rewrite; no format computes anything of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/program/free_variables.hpp"
#include "report/compared_side.hpp"
#include "rewriter/refusal.hpp"
#include "rewriter/unified_diff.hpp"

namespace untrack {

enum class RewriteOutcome : std::uint8_t { rewritten, nothing_to_do, refused };
[[nodiscard]] std::string_view to_text(RewriteOutcome outcome);  // "nothing-to-do", as in JSON

// What of a conntrack table that was given, or of what given rates keep in it, is no longer in it,
// at most: what this host asked of others on the same ports is counted with it.
struct SavedEntries {
  struct Service {
    Span rule;                // that admits it; empty: a policy
    std::string selected_by;  // "--only tcp/443"; empty: it was not asked for
    std::size_t entries = 0;
  };
  std::vector<Service> services;  // those that are untracked, the most entries first
  std::size_t all = 0;            // entries of this IP version, or of all rates
  bool is_by_rates = false;       // what rates keep in the table, and not a table
};

struct FamilyRewrite {
  IpVersion version{};
  RewriteOutcome outcome = RewriteOutcome::refused;
  std::string why;  // half a sentence; of what was not rewritten
  // What stands in the way; of a family that is rewritten, why some services stay tracked.
  std::vector<Refusal> refusals;
  // Of the text that was found, whether it is given or refused; none: there was no text.
  std::optional<Certificate> certificate;
  // Its inputs do not say that they are all of it (a listing, commands), and are taken as if they
  // did: nothing else is loaded, and a chain without a policy accepts.
  bool is_taken_as_whole = false;
  std::vector<std::string> new_tables;  // names of those that the original does not have
  std::size_t rules_before = 0;
  std::size_t rules_after = 0;
  std::optional<SavedEntries> saved;  // of NOTRACK, where a table or rates were given
};

// How the rules of a file come into the kernel.
enum class FileUse : std::uint8_t {
  restored,      // iptables-restore reads it
  run,           // the shell runs it
  line_by_line,  // each line is put behind the name of the program
  nft,           // nft -f reads it
  nft_json,      // nft -j -f reads it
};

// What a script of nft itself takes away, so that it can be loaded again and again.
struct NftEmptied {
  bool is_all = false;              // the whole ruleset, or what cannot be told by its name
  std::vector<std::string> tables;  // "inet filter": that stand already when it is loaded
};

struct RewrittenFile {
  std::string path;
  std::string text;  // the new one
  UnifiedDiff diff;
  IpVersions versions = {};  // that its rules are of
  FileUse use = FileUse::restored;
  IpVersions starts_over = {};  // whose rules it empties first; of commands
  NftEmptied emptied = {};
  std::string target = {};    // the file that it is written to; empty: none
  bool is_included = false;   // by one of those that were given
  UnifiedDiff in_words = {};  // of JSON, whose lines tell people little; else empty
  bool is_of_kernel = false;  // a table of it, and not a file that somebody has
  std::string backend = {};   // of iptables, of such a table: "legacy" or "nft"
};

struct RewriteReport {
  RewriteMode mode{};
  Assumptions assumptions;
  ComparedSide original;
  ComparedSide rewritten;                          // as far as it is given
  std::shared_ptr<const FreeVariables> variables;  // that the witnesses speak of
  std::vector<FamilyRewrite> families;             // of the inputs, IPv4 first
  std::vector<RewrittenFile> files;                // all inputs; unchanged ones have an empty diff
  std::string summary;                             // one or two sentences
  std::string netns = {};  // that the rules were read from, as --netns names it; empty: the host's
  bool is_fully_understood = true;

  [[nodiscard]] bool is_refused() const;  // some family is
  [[nodiscard]] bool has_changed() const;
};

// RewriteReport::summary, from the rest of it.
[[nodiscard]] std::string summary_of(const RewriteReport& report);

}  // namespace untrack
