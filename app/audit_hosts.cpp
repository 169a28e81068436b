#include "app/audit_hosts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <new>
#include <ostream>
#include <utility>

#include "analysis/parallel.hpp"
#include "app/audit_host.hpp"
#include "app/files/expand_names.hpp"
#include "app/memory_limit.hpp"
#include "app/progress.hpp"
#include "app/verbose.hpp"
#include "app/version.hpp"
#include "report/audit_text.hpp"
#include "report/diff_text.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/hosts_text.hpp"
#include "report/html/hosts_html.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

// What is kept of a host: a report holds its ruleset, and a thousand of them much memory.
struct Done {
  HostRow row;
  std::vector<std::vector<FormatPiece>> pieces;  // by output; text has one
  std::vector<BaselineEntry> entries;            // for a baseline to write
  std::vector<std::string> bad_usage;
  ExitStatus status = ExitStatus::clean;
  bool is_skipped = false;
  bool is_unchanged = false;
  std::string told;  // for --verbose
};

std::string host_text(const HostAudit& host, const Display& display, bool each) {
  const AuditReport& report = host.report;
  std::string text = write_host_heading(report.host, display);
  if (host.change) text += write_diff_text(*host.change, display) + "\n";
  return text +
         (report.unreadable.empty() ? write_audit_text(report, display, each)
                                    : wrap(report.verdict, "", "", display)) +
         "\n";
}

// What the patterns found in the older tree and that is no longer there.
std::vector<std::string> gone_of(const AuditOptions& options) {
  std::vector<std::string> gone;
  if (!options.older || !options.hosts) return gone;
  for (const std::string& name : options.rules) {
    std::error_code ignored;
    if (std::filesystem::exists(name, ignored)) continue;
    for (const ExpandedName& each : expand_names({options.older->older_of(name)})) {
      const std::string today = options.older->today_of(each.name);
      if (each.is_matched && !std::filesystem::exists(today, ignored)) gone.push_back(today);
    }
  }
  return gone;
}

HostAudit not_audited(const HostInputs& host, std::string why) {
  HostAudit result;
  result.report.host = host.name;
  result.report.is_fully_understood = false;
  result.report.verdict = fmt::format("Nothing was judged: {}. {}", why, out_of_memory_cure);
  result.report.unreadable.push_back(std::move(why));
  return result;
}

// The index and the page of each host; what went wrong, or nothing.
std::string add_pages(const std::string& directory, const HostsSummary& summary,
                      std::vector<FormatPiece>& pieces, std::vector<OutputFile>& files) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    std::filesystem::create_directory(directory, error);
    if (error) return error.message();
  }
  const std::filesystem::path root(directory);
  std::vector<bool> has_change;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string& host = summary.rows[i].name;
    has_change.push_back(!pieces[i].plain.empty());
    if (!pieces[i].text.empty()) {
      files.push_back({(root / host_page_name(i, host)).string(), std::move(pieces[i].text)});
    }
    if (has_change.back()) {
      files.push_back(
          {(root / host_page_name(i, host, true)).string(), std::move(pieces[i].plain)});
    }
  }
  files.push_back(
      {(root / "index.html").string(), write_hosts_html(summary, has_change, UNTRACK_VERSION)});
  return {};
}

}  // namespace

ExitStatus audit_hosts(const std::vector<HostInputs>& hosts, const AuditOptions& options,
                       const std::vector<Output>& outputs, const Surroundings& surroundings) {
  for (const Output& output : outputs) {
    const AuditFormat* format = find_audit_format(output.form);
    if (format == nullptr || !format->is_directory_of_many || !output.file.empty()) continue;
    surroundings.err << "untrack: --output " << output.form
                     << " of many hosts is a directory of pages: --output " << output.form
                     << "=DIRECTORY\n";
    return ExitStatus::bad_usage;
  }
  const Display display = display_for(options.display, surroundings);
  const FormatOptions form_options{UNTRACK_VERSION, severity_of(options.fail_on)};
  // Of several hosts each has one thread; one alone may have them all.
  const auto jobs = static_cast<std::size_t>(options.jobs.value_or(0));
  const std::size_t threads = hosts.size() > 1 ? 1 : jobs;
  // The table has numbers of flow classes alone; what else is written has them in words.
  const bool is_table_alone =
      options.only_table && std::ranges::all_of(outputs, [](const Output& output) {
        return find_audit_format(output.form) == nullptr;
      });
  const FlowWords words = is_table_alone ? FlowWords::none : FlowWords::lines;
  std::vector<Done> all(hosts.size());
  Stopwatch watch;
  {
    Progress progress("audited", hosts.size(), surroundings);
    const auto take = [&](std::size_t i, HostAudit host) {
      Done& done = all[i];
      done.bad_usage = std::move(host.bad_usage);
      done.is_skipped = host.is_skipped;
      done.is_unchanged = host.is_unchanged;
      if (done.is_skipped || done.is_unchanged || !done.bad_usage.empty()) return;
      done.row = row_of(host.report);
      if (options.older) {
        done.row.packets = host.change   ? packets_of(*host.change)
                           : host.is_new ? "new"
                                         : "not known";
      }
      FormatOptions own_options = form_options;
      own_options.change = host.change ? &*host.change : nullptr;
      done.status = status_of(host.report, form_options.fail_on);
      // What cannot be read is told below the table.
      const bool is_silent = options.only_table || !host.report.unreadable.empty() ||
                             (options.quiet && done.status == ExitStatus::clean);
      if (options.verbose) done.told = verbose_lines(host);
      if (!options.write_baseline.empty()) done.entries = baseline_entries(host.report);
      for (const Output& output : outputs) {
        const AuditFormat* format = find_audit_format(output.form);
        if (format != nullptr) {
          done.pieces.push_back(format->pieces(host.report, own_options));
        } else {
          done.pieces.push_back(
              {{Severity::note,
                is_silent ? std::string() : host_text(host, display, options.each)}});
        }
      }
    };
    // One host that needs too much is not to end the audit of the others. Which of those that are
    // audited at the same time runs out of memory is chance: each of them has a second go, alone.
    std::vector<std::uint8_t> has_run_out(hosts.size());
    const std::size_t at_once = jobs_of(jobs, hosts.size());
    limit_memory(most_memory * at_once);
    in_parallel(hosts.size(), at_once, [&](std::size_t i) {
      try {
        take(i, audit_host(hosts[i], options, surroundings, threads, words));
      } catch (const std::bad_alloc&) {
        has_run_out[i] = 1;
      }
      progress.step();
    });
    limit_memory(most_memory);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      if (has_run_out[i] == 0) continue;
      std::string why;
      all[i] = {};
      give_memory_back();
      try {
        take(i, audit_host(hosts[i], options, surroundings, threads, words));
        continue;
      } catch (const std::bad_alloc& reason) {
        why = out_of_memory(reason);
      }
      all[i] = {};
      take(i, not_audited(hosts[i], std::move(why)));
    }
  }
  const auto auditing = watch.lap();
  HostsSummary summary;
  summary.since = options.since;
  summary.gone = gone_of(options);
  ExitStatus worst_status = ExitStatus::clean;
  std::vector<std::vector<FormatPiece>> pieces(outputs.size());
  std::vector<BaselineEntry> entries;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Done& done = all[i];
    if (!done.bad_usage.empty()) {
      surroundings.err << done.bad_usage.front();
      return ExitStatus::bad_usage;
    }
    if (done.is_skipped) {
      summary.skipped.push_back(hosts[i].names.front());
      continue;
    }
    if (done.is_unchanged) {
      ++summary.unchanged;
      continue;
    }
    surroundings.err << done.told;
    worst_status = std::max(worst_status, done.status);
    summary.rows.push_back(std::move(done.row));
    std::ranges::move(done.entries, std::back_inserter(entries));
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      std::ranges::move(done.pieces[k], std::back_inserter(pieces[k]));
    }
  }
  if (summary.rows.empty() && summary.unchanged == 0 && summary.gone.empty()) {
    surroundings.err << "untrack: nothing that was named looks like a ruleset\n";
    return ExitStatus::bad_input;
  }
  const auto write = [&](const std::string& form) {
    const auto at = std::ranges::find(outputs, form, &Output::form) - outputs.begin();
    const std::vector<FormatPiece>& own = pieces[static_cast<std::size_t>(at)];
    if (const AuditFormat* format = find_audit_format(form)) {
      return format->document(summary, own, form_options);
    }
    std::string text;
    for (const FormatPiece& piece : own) text += piece.text;
    return text + write_hosts_table(summary, display) + config_line(options.config, display);
  };
  const bool is_silent = options.quiet && worst_status == ExitStatus::clean;
  std::vector<Output> plain = is_silent ? without_text(outputs) : outputs;
  std::vector<OutputFile> pages;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const AuditFormat* format = find_audit_format(outputs[k].form);
    if (format == nullptr || !format->is_directory_of_many) continue;
    std::erase_if(plain, [&](const Output& each) { return each.file == outputs[k].file; });
    const std::string why = add_pages(outputs[k].file, summary, pieces[k], pages);
    if (why.empty()) continue;
    surroundings.err << "untrack: cannot write " << escape_control(outputs[k].file) << ": " << why
                     << "\n";
    return ExitStatus::internal_error;
  }
  if (!write_outputs(plain, write, surroundings.out, surroundings.err, std::move(pages))) {
    return ExitStatus::internal_error;
  }
  if (options.verbose) {
    surroundings.err << fmt::format("untrack: {} hosts took {}, writing {}\n", all.size(),
                                    spell_time(auditing), spell_time(watch.lap()));
  }
  if (options.write_baseline.empty()) return worst_status;
  return write_baseline(options.write_baseline, entries, worst_status, surroundings);
}

}  // namespace untrack
