#include "report/rewrite/next.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "report/managers.hpp"
#include "report/rewrite/nft_trial.hpp"
#include "report/rewrite/reserved_ports.hpp"
#include "report/shell_word.hpp"
#include "rewriter/unload/loaders.hpp"

namespace untrack {
namespace {

// The built-in chains of a table, as iptables-restore declares them.
std::string_view chains_of(std::string_view table) {
  if (table == "raw") return ":PREROUTING ACCEPT\\n:OUTPUT ACCEPT\\n";
  return ":PREROUTING ACCEPT\\n:INPUT ACCEPT\\n:FORWARD ACCEPT\\n:OUTPUT ACCEPT\\n"
         ":POSTROUTING ACCEPT\\n";
}

class NextText {
 public:
  NextText(const RewriteReport& report, const Display& display)
      : report_(report), display_(display), where_(in_namespace(report.netns)) {}

  std::string write() {
    for (const FamilyRewrite& family : report_.families) {
      if (family.outcome == RewriteOutcome::rewritten) families_.push_back(&family);
    }
    if (families_.empty()) return {};
    for (const FamilyRewrite* family : families_) add_restores(*family);
    if (is_nft()) {
      std::vector<std::string> words;
      for (const RewrittenFile* file : nft_files()) words.push_back(word_of(*file));
      nft_ = nft_trial(report_, nft_files(), words, where_);
    }
    text_ = where_.is_other() ? fmt::format("\nNext, in the network namespace {}:\n",
                                            escape_control(report_.netns))
                              : "\nNext:\n";
    if (where_.is_process) {
      say(
          fmt::format("The namespace is named by process {}: see first that it is still the same "
                      "process.",
                      report_.netns));
    }
    const bool is_written = std::ranges::all_of(report_.files, [](const RewrittenFile& file) {
      return file.diff.empty() || !file.target.empty();
    });
    const bool asks = has_nft_to_be_tested() || std::ranges::any_of(restored_, has_to_be_tested);
    say(fmt::format("{}{}eep those that run:", is_written ? "" : how_to_write(),
                    asks && is_written ? "Ask the kernel whether it takes the new rules, and k"
                    : asks             ? ", ask the kernel whether it takes them, and k"
                    : is_written       ? "K"
                                       : ", and k"));
    write_checks();
    say("Try them with a way back that comes by itself after two minutes, whatever becomes of "
        "your session:");
    write_trials();
    go_on(fmt::format("Open a new connection to {}. If it works, keep the new rules:",
                      where_.is_other() ? "what is in the namespace" : "this host"));
    if (is_nft()) command("rm " + nft_mark());
    for (const Restore& each : restored_) command("rm " + mark_of(each));
    write_apply();
    if (report_.mode == RewriteMode::stateless) {
      write_stateless();
    } else {
      write_notrack();
    }
    write_managers();
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

  // Rules of iptables that one of its programs keeps, and loads again.
  struct Restore {
    const FamilyRewrite* family = nullptr;
    std::string backend;
    std::vector<const RewrittenFile*> files;
    bool has_twin = false;  // the other backend has rules of this family, too
  };

  static bool is_v4(const FamilyRewrite& family) { return family.version == IpVersion::ipv4; }
  // Without the namespace: for what is said, and for scripts that are in it already.
  static std::string plain_tool(const Restore& each) {
    return fmt::format("{}{}{}", is_v4(*each.family) ? "iptables" : "ip6tables",
                       each.backend.empty() ? "" : "-", each.backend);
  }
  [[nodiscard]] std::string tool(const Restore& each) const {
    return where_.lead + plain_tool(each);
  }
  [[nodiscard]] std::string rules_of(const Restore& each) const {
    return fmt::format("rules.v{}{}{}", is_v4(*each.family) ? 4 : 6,
                       each.has_twin ? "." + each.backend : "", where_.suffix);
  }
  [[nodiscard]] std::string nft_mark() const {
    return fmt::format("/run/nftables{}.trial", where_.suffix);
  }
  // It holds the namespace from the beginning: what it is named by may be gone by then.
  [[nodiscard]] std::string way_back(std::string_view mark, std::string_view back) const {
    return fmt::format("nohup {}sh -c 'sleep 120; test ! -e {} || {}' >/dev/null 2>&1 &",
                       where_.lead, mark, back);
  }
  [[nodiscard]] std::string old_of(const Restore& each) {
    return fmt::format("/etc/{}.old", rules_of(each));
  }
  [[nodiscard]] std::string mark_of(const Restore& each) const {
    return fmt::format("/run/{}.trial", rules_of(each));
  }

  // Where its new rules are.
  void add_restores(const FamilyRewrite& family) {
    const std::size_t first = restored_.size();
    for (const RewrittenFile& file : report_.files) {
      if (file.diff.empty() || is_nft(file) || !file.versions.has(family.version)) continue;
      const auto known =
          std::find_if(restored_.begin() + static_cast<std::ptrdiff_t>(first), restored_.end(),
                       [&](const Restore& each) { return each.backend == file.backend; });
      if (known == restored_.end()) {
        restored_.push_back({&family, file.backend, {&file}});
        continue;
      }
      known->files.push_back(&file);
    }
    if (restored_.size() - first < 2) return;
    for (std::size_t i = first; i < restored_.size(); ++i) restored_[i].has_twin = true;
  }
  static std::string word_of(const RewrittenFile& file) {
    return file.target.empty() ? "FILE" : shell_word(file.target);
  }
  static bool is_restored(const RewrittenFile* file) { return file->use == FileUse::restored; }

  // --load-test has asked the kernel already.
  static bool is_tested(const FamilyRewrite& family) {
    const auto& certificate = family.certificate;
    if (!certificate || !certificate->load_test) return false;
    return std::ranges::any_of(certificate->obligations, [](const Obligation& obligation) {
      return obligation.id == "O5" && obligation.proof == Proof::proven;
    });
  }
  // Or nothing can ask it.
  static bool has_to_be_tested(const Restore& each) {
    return !is_tested(*each.family) && std::ranges::any_of(each.files, is_restored);
  }
  [[nodiscard]] bool has_nft_to_be_tested() const {
    return is_nft() && !std::ranges::all_of(families_, [](const FamilyRewrite* family) {
             return is_tested(*family);
           });
  }

  void write_checks() {
    for (const Restore& each : restored_) write_checks(each);
    const auto is_legacy = [](const Restore& each) { return each.backend == "legacy"; };
    if (std::ranges::any_of(restored_, is_legacy)) {
      go_on(
          "These rules stand in the legacy tables, which the programs for nf_tables neither list "
          "nor load. Where iptables is older than 1.8, leave -legacy out of the names.");
    }
    if (!is_nft()) return;
    if (has_nft_to_be_tested()) {
      for (const std::string& words : nft_.check) command(words);
    }
    command(nft_.keep);
    command(fmt::format("{}nft -c -f {}", where_.lead, nft_kept(where_)));
    go_on(
        "The last line asks whether what was kept can come back. If it complains, do not go on: "
        "nft lists rules of iptables-nft (xt match, xt target), and cannot load them.");
    if (!nft_.empties_all) return;
    go_on(
        "The new rules begin by emptying the whole ruleset, as the old ones did, which takes away "
        "what other programs have in it (iptables-nft, Docker) until they put it there again.");
  }

  // Those that are loaded: what they include comes with them. The tables of a kernel are one file.
  [[nodiscard]] std::vector<const RewrittenFile*> nft_files() const {
    std::vector<const RewrittenFile*> files;
    for (const RewrittenFile& file : report_.files) {
      if (!is_nft(file) || file.is_included) continue;
      if (file.is_of_kernel && !files.empty() && files.back()->is_of_kernel) continue;
      files.push_back(&file);
    }
    return files;
  }

  void write_trials() {
    for (const Restore& each : restored_) write_trial(each);
    if (!is_nft()) return;
    command("touch " + nft_mark());
    command(way_back(nft_mark(), "nft -f " + nft_kept(where_)));
    for (const std::string& words : nft_.load) command(words);
  }

  // The tables of a kernel are written to one.
  static std::vector<const RewrittenFile*> written(const Restore& each) {
    if (each.files.front()->is_of_kernel) return {each.files.front()};
    return each.files;
  }

  // That the programs of this backend do not know yet.
  static std::vector<std::string> new_tables_of(const Restore& each) {
    std::vector<std::string> tables = each.family->new_tables;
    if (!each.has_twin) return tables;
    std::erase_if(tables, [&](const std::string& table) {
      return std::ranges::none_of(each.files, [&](const RewrittenFile* file) {
        return file->text.find(fmt::format("*{}\n", table)) != std::string::npos;
      });
    });
    return tables;
  }

  void write_checks(const Restore& each) {
    if (has_to_be_tested(each)) {
      for (const RewrittenFile* file : written(each)) {
        if (!is_restored(file)) continue;
        command(fmt::format("{}-restore --test < {}", tool(each), word_of(*file)));
      }
    }
    const std::vector<std::string> new_tables = new_tables_of(each);
    if (new_tables.empty()) {
      command(fmt::format("{}-save > {}", tool(each), old_of(each)));
      return;
    }
    std::string empty;
    for (const std::string& table : new_tables) {
      empty += fmt::format("*{}\\n{}COMMIT\\n", table, chains_of(table));
    }
    command(fmt::format("(printf '{}'; {}-save) > {}", empty, tool(each), old_of(each)));
  }

  void write_trial(const Restore& each) {
    command("touch " + mark_of(each));
    command(
        way_back(mark_of(each), fmt::format("{}-restore < {}", plain_tool(each), old_of(each))));
    for (const RewrittenFile* file : written(each)) write_load(each, *file);
  }

  void write_load(const Restore& each, const RewrittenFile& file) {
    if (is_restored(&file)) {
      command(fmt::format("{}-restore < {}", tool(each), word_of(file)));
      return;
    }
    // Without this the new rules would stand behind the old ones.
    if (!file.starts_over.has(each.family->version)) {
      command(fmt::format("{0} -F && {0} -X", tool(each)));
    }
    if (file.use == FileUse::line_by_line) {
      command(fmt::format("sed -n 's/^-/{} -/p' {} | {}sh -e", plain_tool(each), word_of(file),
                          where_.lead));
    } else if (std::ranges::find(run_, &file) == run_.end()) {
      // It may be for both families.
      run_.push_back(&file);
      command(fmt::format("{}sh {}", where_.lead, word_of(file)));
    }
  }

  // The tool for this, and where it is none. It asks the programs without a backend in their names.
  void write_apply() {
    for (const Restore& each : restored_) {
      const std::vector<std::string> new_tables = new_tables_of(each);
      if (new_tables.empty() || !each.backend.empty()) continue;
      go_on(
          fmt::format("Do not use {0}-apply here: the table {1} is new, {0}-save does not know "
                      "it, and the rules in it would stay when the old ones come back.",
                      plain_tool(each), fmt::join(new_tables, ", ")));
      return;
    }
    if (is_nft() || restored_.size() != 1) return;
    const Restore& each = restored_.front();
    if (!each.backend.empty() || written(each).size() != 1 || !is_restored(each.files.front()))
      return;
    go_on(fmt::format("At a terminal that stays open, {}-apply -t 120 {} does the same.",
                      tool(each), word_of(*each.files.front())));
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
    write_reserved();
    say("To go back later:");
    write_back();
    go_on(
        "Connections are picked up where they are, if nf_conntrack_tcp_loose is 1, its default; "
        "what this host began, when it sends next.");
  }

  // Where answers no longer come to.
  void write_reserved() {
    const std::vector<std::string> ports = reserved_ports(report_);
    if (ports.empty()) return;
    say("Answers by UDP are not let in to ports that rules name as those of services. While such a "
        "service does not run, a client of this host may be given its port; keep them free, beside "
        "what is reserved already:");
    command(fmt::format("{}sysctl -w net.ipv4.ip_local_reserved_ports={}", where_.lead,
                        fmt::join(ports, ",")));
  }

  void write_notrack() {
    say("Open connections to what is untracked now go on: from the next packet on they are "
        "UNTRACKED, and the new rules let that pass. What stays tracked, and all that is "
        "translated, is not touched. Delete the entries that have become useless, for each "
        "untracked service (-p udp where it is one of UDP) and each address of this host:");
    for (const FamilyRewrite* family : families_) {
      command(fmt::format("{}conntrack -D{} -p tcp -d ADDRESS --dport PORT", where_.lead,
                          is_v4(*family) ? "" : " -f ipv6"));
    }
    go_on(
        "An entry that has missed packets makes its connection INVALID as soon as it is tracked "
        "again: without this it hangs when you go back.");
    write_publishers();
    say(is_nft() ? "To go back later:"
                 : "To go back later, with the tables that are new emptied, too:");
    write_back();
  }

  // What is untracked is never translated, also not by rules that are not there yet.
  void write_publishers() {
    for (const Loader& loader : find_loaders(*report_.original.sources, report_.original.ruleset)) {
      if (!loader.row->publishes_ports) continue;
      say(
          fmt::format("{} is at work here ({}) and adds {}. A port of this host that is untracked "
                      "by then is not translated, and what it publishes there cannot be reached: "
                      "leave such ports tracked (--except tcp/PORT), or rewrite the rules anew.",
                      loader.row->who, loader.seen, loader.row->reloads));
    }
  }

  // Whose rules these are: what is loaded once is gone when they load theirs.
  void write_managers() {
    const ManagedChange change =
        report_.mode == RewriteMode::stateless ? ManagedChange::stateless : ManagedChange::notrack;
    for (const Loader& each : managers_of(*report_.original.sources, report_.original.ruleset)) {
      say(manager_words(each, change));
    }
  }

  void write_back() {
    if (is_nft()) command(fmt::format("{}nft -f {}", where_.lead, nft_kept(where_)));
    for (const Restore& each : restored_) {
      command(fmt::format("{}-restore < {}", tool(each), old_of(each)));
    }
  }

  const RewriteReport& report_;
  const Display& display_;
  InNamespace where_;
  std::vector<const FamilyRewrite*> families_;
  std::vector<Restore> restored_;
  NftTrial nft_;
  std::vector<const RewrittenFile*> run_;  // that a command for the other family runs already
  std::string text_;
};

}  // namespace

std::string rewrite_next_text(const RewriteReport& report, const Display& display) {
  return NextText(report, display).write();
}

}  // namespace untrack
