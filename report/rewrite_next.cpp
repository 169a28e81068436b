#include "report/rewrite_next.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "rewriter/unload/shell_quote.hpp"

namespace untrack {
namespace {

// A name that the shell takes as it is stays as it is.
std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(text);
  }
  return shell_quote(text);
}

// The built-in chains of a table, as iptables-restore declares them.
std::string_view chains_of(std::string_view table) {
  if (table == "raw") return ":PREROUTING ACCEPT\\n:OUTPUT ACCEPT\\n";
  return ":PREROUTING ACCEPT\\n:INPUT ACCEPT\\n:FORWARD ACCEPT\\n:OUTPUT ACCEPT\\n"
         ":POSTROUTING ACCEPT\\n";
}

constexpr std::string_view nft_old = "/etc/nftables.old";
constexpr std::string_view nft_mark = "/run/nftables.trial";

class NextText {
 public:
  NextText(const RewriteReport& report, const Display& display)
      : report_(report), display_(display) {}

  std::string write() {
    for (const FamilyRewrite& family : report_.families) {
      if (family.outcome == RewriteOutcome::rewritten) families_.push_back(&family);
    }
    if (families_.empty()) return {};
    if (!is_nft()) restored_ = families_;
    text_ = "\nNext:\n";
    const bool is_written = std::ranges::all_of(report_.files, [](const RewrittenFile& file) {
      return file.diff.empty() || !file.target.empty();
    });
    const bool asks = std::ranges::any_of(
        families_, [&](const FamilyRewrite* family) { return has_to_be_tested(*family); });
    say(fmt::format("{}{}eep those that run:", is_written ? "" : how_to_write(),
                    asks && is_written ? "Ask the kernel whether it takes the new rules, and k"
                    : asks             ? ", ask the kernel whether it takes them, and k"
                    : is_written       ? "K"
                                       : ", and k"));
    write_checks();
    say("Try them with a way back that comes by itself after two minutes, whatever becomes of "
        "your session:");
    write_trials();
    go_on("Open a new connection to this host. If it works, keep the new rules:");
    if (is_nft()) command(fmt::format("rm {}", nft_mark));
    for (const FamilyRewrite* family : restored_) command("rm " + mark_of(*family));
    write_apply();
    if (report_.mode == RewriteMode::stateless) {
      write_stateless();
    } else {
      write_notrack();
    }
    return std::move(text_);
  }

 private:
  void say(std::string_view text) { text_ += wrap(text, "  - ", "    ", display_); }
  void go_on(std::string_view text) { text_ += wrap(text, "    ", "    ", display_); }
  // Not wrapped, so that it can be copied.
  void command(std::string_view text) { text_ += "      " + escape_control(text) + '\n'; }

  static bool is_nft(const RewrittenFile& file) {
    return file.use == FileUse::nft || file.use == FileUse::nft_json;
  }
  // With the option that makes nft take JSON.
  static std::string_view nft_of(const RewrittenFile& file) {
    return file.use == FileUse::nft_json ? "nft -j" : "nft";
  }

  // What nft loads is for both families.
  [[nodiscard]] bool is_nft() const {
    return std::ranges::any_of(report_.files, [](const RewrittenFile& file) {
      return is_nft(file) && !file.diff.empty();
    });
  }

  [[nodiscard]] std::string_view how_to_write() const {
    const bool changes_included = std::ranges::any_of(report_.files, [](const RewrittenFile& file) {
      return file.is_included && !file.diff.empty();
    });
    return changes_included ? "Write the new rules with --in-place"
                            : "Write the new rules with --to FILE";
  }

  static bool is_v4(const FamilyRewrite& family) { return family.version == IpVersion::ipv4; }
  static std::string_view tool(const FamilyRewrite& family) {
    return is_v4(family) ? "iptables" : "ip6tables";
  }
  static std::string old_of(const FamilyRewrite& family) {
    return fmt::format("/etc/rules.{}.old", is_v4(family) ? "v4" : "v6");
  }
  static std::string mark_of(const FamilyRewrite& family) {
    return fmt::format("/run/rules.{}.trial", is_v4(family) ? "v4" : "v6");
  }

  // Where its new rules are.
  [[nodiscard]] std::vector<const RewrittenFile*> files_of(const FamilyRewrite& family) const {
    std::vector<const RewrittenFile*> files;
    for (const RewrittenFile& file : report_.files) {
      if (!file.diff.empty() && file.versions.has(family.version)) files.push_back(&file);
    }
    return files;
  }
  static std::string word_of(const RewrittenFile& file) {
    return file.target.empty() ? "FILE" : shell_word(file.target);
  }
  static bool is_restored(const RewrittenFile* file) { return file->use == FileUse::restored; }

  // --load-test has asked the kernel already, or nothing can ask it.
  [[nodiscard]] bool has_to_be_tested(const FamilyRewrite& family) const {
    const auto& certificate = family.certificate;
    if (certificate && certificate->load_test) {
      for (const Obligation& obligation : certificate->obligations) {
        if (obligation.id == "O5" && obligation.proof == Proof::proven) return false;
      }
    }
    return is_nft() || std::ranges::any_of(files_of(family), is_restored);
  }

  void write_checks() {
    for (const FamilyRewrite* family : restored_) write_checks(*family);
    if (!is_nft()) return;
    const bool asks = std::ranges::any_of(
        families_, [&](const FamilyRewrite* family) { return has_to_be_tested(*family); });
    if (asks) {
      std::string words = fmt::format("{} -c", nft_of(*nft_files().front()));
      for (const RewrittenFile* file : nft_files()) words += fmt::format(" -f {}", word_of(*file));
      command(words);
    }
    command(fmt::format("(echo flush ruleset; nft list ruleset) > {}", nft_old));
  }

  // Those that are loaded: what they include comes with them.
  [[nodiscard]] std::vector<const RewrittenFile*> nft_files() const {
    std::vector<const RewrittenFile*> files;
    for (const RewrittenFile& file : report_.files) {
      if (is_nft(file) && !file.is_included) files.push_back(&file);
    }
    return files;
  }

  void write_trials() {
    for (const FamilyRewrite* family : restored_) write_trial(*family);
    if (!is_nft()) return;
    command(fmt::format("touch {}", nft_mark));
    command(fmt::format("nohup sh -c 'sleep 120; test ! -e {} || nft -f {}' >/dev/null 2>&1 &",
                        nft_mark, nft_old));
    bool is_first = true;
    for (const RewrittenFile* file : nft_files()) {
      // Without this the new rules would stand behind the old ones.
      if (is_first && file->starts_over.empty()) {
        command(file->use == FileUse::nft_json
                    ? fmt::format(
                          R"(sed '0,/\[/s//[{{"flush": {{"ruleset": null}}}}, /' {} | nft -j -f -)",
                          word_of(*file))
                    : fmt::format("(echo flush ruleset; cat {}) | nft -f -", word_of(*file)));
      } else {
        command(fmt::format("{} -f {}", nft_of(*file), word_of(*file)));
      }
      is_first = false;
    }
  }

  void write_checks(const FamilyRewrite& family) {
    if (has_to_be_tested(family)) {
      for (const RewrittenFile* file : files_of(family)) {
        if (!is_restored(file)) continue;
        command(fmt::format("{}-restore --test < {}", tool(family), word_of(*file)));
      }
    }
    if (family.new_tables.empty()) {
      command(fmt::format("{}-save > {}", tool(family), old_of(family)));
      return;
    }
    std::string empty;
    for (const std::string& table : family.new_tables) {
      empty += fmt::format("*{}\\n{}COMMIT\\n", table, chains_of(table));
    }
    command(fmt::format("(printf '{}'; {}-save) > {}", empty, tool(family), old_of(family)));
  }

  void write_trial(const FamilyRewrite& family) {
    command("touch " + mark_of(family));
    command(
        fmt::format("nohup sh -c 'sleep 120; test ! -e {0} || {1}-restore < {2}' >/dev/null "
                    "2>&1 &",
                    mark_of(family), tool(family), old_of(family)));
    for (const RewrittenFile* file : files_of(family)) write_load(family, *file);
  }

  void write_load(const FamilyRewrite& family, const RewrittenFile& file) {
    if (is_restored(&file)) {
      command(fmt::format("{}-restore < {}", tool(family), word_of(file)));
      return;
    }
    // Without this the new rules would stand behind the old ones.
    if (!file.starts_over.has(family.version)) {
      command(fmt::format("{0} -F && {0} -X", tool(family)));
    }
    if (file.use == FileUse::line_by_line) {
      command(fmt::format("sed -n 's/^-/{} -/p' {} | sh -e", tool(family), word_of(file)));
    } else if (std::ranges::find(run_, &file) == run_.end()) {
      // It may be for both families.
      run_.push_back(&file);
      command(fmt::format("sh {}", word_of(file)));
    }
  }

  // The tool for this, and where it is none.
  void write_apply() {
    for (const FamilyRewrite* family : families_) {
      if (family->new_tables.empty()) continue;
      go_on(
          fmt::format("Do not use {0}-apply here: the table {1} is new, {0}-save does not know "
                      "it, and the rules in it would stay when the old ones come back.",
                      tool(*family), fmt::join(family->new_tables, ", ")));
      return;
    }
    if (is_nft()) return;
    const FamilyRewrite& family = *families_.front();
    const auto files = files_of(family);
    if (families_.size() > 1 || files.size() != 1 || !is_restored(files.front())) return;
    go_on(fmt::format("At a terminal that stays open, {}-apply -t 120 {} does the same.",
                      tool(family), word_of(*files.front())));
  }

  void write_stateless() {
    const Interval& ports = report_.assumptions.host_ports;
    std::string lost = fmt::format("one that this host began from a port outside {}:{}",
                                   static_cast<std::uint32_t>(ports.first),
                                   static_cast<std::uint32_t>(ports.last));
    if (report_.assumptions.has(Assumption::outbound_profile)) {
      lost += ", or to what is not listed";
    }
    say(fmt::format(
        "Open connections go on: no entry is asked for any more, and the rules for replies let "
        "their "
        "packets pass. What an assumption leaves out is lost, such as {}. The entries stay until "
        "they time out and nothing looks at them; untrack unload takes the modules out.",
        lost));
    say("To go back later:");
    write_back();
    go_on(
        "Connections are picked up where they are, if nf_conntrack_tcp_loose is 1, its default; "
        "what this host began, when it sends next.");
  }

  void write_notrack() {
    say("Open connections to what is untracked now go on: from the next packet on they are "
        "UNTRACKED, and the new rules let that pass. What stays tracked, and all that is "
        "translated, is not touched. Delete the entries that have become useless, for each "
        "untracked service and each address of this host:");
    for (const FamilyRewrite* family : families_) {
      command(fmt::format("conntrack -D{} -p tcp -d ADDRESS --dport PORT",
                          is_v4(*family) ? "" : " -f ipv6"));
    }
    go_on(
        "An entry that has missed packets makes its connection INVALID as soon as it is tracked "
        "again: without this it hangs when you go back.");
    say(is_nft() ? "To go back later:"
                 : "To go back later, with the tables that are new emptied, too:");
    write_back();
  }

  void write_back() {
    if (is_nft()) command(fmt::format("nft -f {}", nft_old));
    for (const FamilyRewrite* family : restored_) {
      command(fmt::format("{}-restore < {}", tool(*family), old_of(*family)));
    }
  }

  const RewriteReport& report_;
  const Display& display_;
  std::vector<const FamilyRewrite*> families_;
  std::vector<const FamilyRewrite*> restored_;  // of iptables
  std::vector<const RewrittenFile*> run_;       // that a command for the other family runs already
  std::string text_;
};

}  // namespace

std::string rewrite_next_text(const RewriteReport& report, const Display& display) {
  return NextText(report, display).write();
}

}  // namespace untrack
