#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/catalog/hooks.hpp"
#include "parser/iptables/command.hpp"
#include "parser/iptables/restore.hpp"
#include "parser/iptables/restore_text.hpp"
#include "parser/iptables/script/reader.hpp"
#include "parser/pool_mark.hpp"

namespace untrack::iptables {

// Each such program once: what it does is not read, however often it is called.
void ScriptReader::once(const Call& call, const Program& program) {
  if (program.name == "service" || program.name == "systemctl") {
    constexpr std::array services = {"iptables", "ip6tables", "nftables", "firewalld",
                                     "ufw",      "docker",    "libvirtd"};
    const bool is_firewall = std::ranges::any_of(call.words, [&](std::size_t i) {
      const std::string_view word = plain(line_.tokens[i]);
      return std::ranges::any_of(services,
                                 [&](std::string_view name) { return word.starts_with(name); });
    });
    if (!is_firewall) return;
    const bool loads = std::ranges::any_of(call.words, [&](std::size_t i) {
      const std::string_view word = plain(line_.tokens[i]);
      return word == "start" || word.ends_with("restart") || word.ends_with("reload");
    });
    if (loads && program.kind != ProgramKind::may_track) {
      return once(call, {program.name, ProgramKind::may_track, program.why});
    }
  }
  const bool may_track = program.kind == ProgramKind::may_track;
  if (!told_.emplace(fmt::format("{}{}", program.name, may_track ? " loads" : "")).second) return;
  std::string message = fmt::format("{} is not looked at", program.name);
  if (may_track) {
    changes();
    add_not_understood(ruleset_, span_of(call), std::move(message), std::string(program.why),
                       "Give the rules that it loads as a further input.", true);
  } else {
    add_note(ruleset_, span_of(call), std::move(message), std::string(program.why));
  }
}

void ScriptReader::doubt_function(Call& call, const Word& name) {
  switch (find_program(name.text).kind) {
    case ProgramKind::iptables:
    case ProgramKind::ip6tables:
    case ProgramKind::restore:
    case ProgramKind::restore6:
    case ProgramKind::ipset:
      break;
    default:
      return;
  }
  call.is_additive = true;
  if (!told_.emplace(fmt::format("function {}", name.text)).second) return;
  add_not_understood(ruleset_, name.span,
                     fmt::format("{} is a function of this script here", in_quotes(name.text)),
                     "what its calls add is taken, what they remove is not",
                     std::string(give_what_it_loads));
}

void ScriptReader::note_backend(Call& call, IpVersion version, const Word& program) {
  auto& first = backends_[static_cast<std::size_t>(version)];
  const Backend backend = backend_of(program.text);
  if (!first) first = backend;
  if (*first == backend) return;
  call.is_additive = true;
  if (!told_.emplace("two backends").second) return;
  add_not_understood(
      ruleset_, program.span,
      fmt::format("{} may work on other tables than the commands in front",
                  in_quotes(program.text)),
      "iptables-legacy and iptables-nft do not see each other's rules: what is added counts for "
      "both, what is removed for none",
      "Give the output of iptables-legacy-save and of iptables-nft-save instead.");
}

void ScriptReader::run_ip(const Call& call, std::size_t next) {
  std::string_view object;
  for (; next < call.words.size(); ++next) {
    object = plain(line_.tokens[call.words[next]]);
    if (!object.starts_with('-')) break;
  }
  if (object == "netns" && names_iptables(call, next)) {
    not_read(call, "a firewall command in another network namespace",
             "each namespace has its own rules", "Audit that namespace by itself.", true);
  } else if (object == "rule" || object == "ru") {
    once(call, {"ip rule", ProgramKind::not_looked_at, "policy routing never tracks connections"});
  }
}

void ScriptReader::run_iptables(Call& call, IpVersion version, const std::vector<Word>& front,
                                std::size_t next) {
  std::vector<Word> words(front.begin() + 1, front.end());
  outcome_.ip_versions = outcome_.ip_versions | version;
  if (!expand_rest(call, next, base_name(front.front().text), &words)) return;
  outcome_.has_commands = true;
  const PoolMark mark(ruleset_);
  const std::size_t problems = ruleset_.problems.size();
  Command command = read_command(words, {version, "filter"}, ruleset_);
  // What iptables refuses removes nothing; what it would add still counts.
  const bool is_refused = std::any_of(
      ruleset_.problems.begin() + static_cast<std::ptrdiff_t>(problems), ruleset_.problems.end(),
      [](const Problem& problem) { return problem.kind == ProblemKind::error; });
  const bool is_change = command.kind != CommandKind::list && command.kind != CommandKind::check;
  if (is_change) {
    took();
    note_backend(call, version, front.front());
  }
  if (is_change && commands_ != nullptr) {
    commands_->add(version, command.table.value_or("filter"), words);
  }
  if (!command.only.has(version)) {
    mark.roll_back(ruleset_);
    ruleset_.problems.resize(problems);
    return;
  }
  const bool makes_rule = command.kind == CommandKind::append ||
                          command.kind == CommandKind::insert ||
                          command.kind == CommandKind::replace;
  const std::string_view name = command.table.value_or("filter");
  if (catalog::builtin_chains_of(name).empty()) {
    const std::string hint = did_you_mean(name, catalog::table_names());
    add_error(ruleset_, command.table_span, fmt::format("no table {}", in_quotes(name)),
              hint.empty() ? "expected filter, nat, mangle, raw or security" : hint,
              "Correct the name; the kernel has only these tables.", true);
  }
  const Span whole = span_of(call);
  if (makes_rule && call.is_doubtful) {
    add_note(ruleset_, whole, "a test in front of it decides whether this rule is added",
             "taken as if it were");
  }
  command.rule.text = whole;
  const TableId table = execution_.open_table(version == IpVersion::ipv4 ? Family::ip : Family::ip6,
                                              name, {source_, whole.begin, whole.begin});
  execution_.run(command, table, is_alone_ ? line_span() : whole, call.is_additive || is_refused);
  if (!makes_rule) mark.roll_back(ruleset_);
}

void ScriptReader::run_restore(Call& call, IpVersion version, const std::vector<Word>& front,
                               std::size_t next) {
  const std::string_view name = base_name(front.front().text);
  std::vector<Word> words(front.begin() + 1, front.end());
  if (!expand_rest(call, next, name, &words)) return;
  RestoreOptions options;
  bool is_in_part = false;
  options.ip_versions = version;
  options.is_embedded = true;
  for (const Word& word : words) {
    if (word.text == "-t" || word.text == "--test" || word.text == "-h") return;
    options.keeps_old = options.keeps_old || word.text == "-n" || word.text == "--noflush";
    // One table alone: which of those in the text is loaded is not looked at.
    is_in_part = is_in_part || word.text.starts_with("-T") || word.text.starts_with("--ta");
  }
  const Token* body = call.here_document;
  if (body == nullptr) {
    not_read(call, fmt::format("{} loads rules that do not stand in this script", name),
             call.reads_file ? "they come from this file" : "they come from elsewhere",
             "Give the file that it reads as a further input.", true);
    return;
  }
  const std::string_view text = text_.substr(body->body_begin, body->body_end - body->body_begin);
  if (body->is_expanded && text.find_first_of("$`\\") != std::string_view::npos) {
    not_read(call, fmt::format("the here-document of {} holds variables", name),
             "they are not followed there", std::string(give_what_it_loads), true);
    return;
  }
  outcome_.ip_versions = outcome_.ip_versions | version;
  took();
  note_backend(call, version, front.front());
  if (commands_ != nullptr) commands_->give_up();
  // In a branch the tables that it would flush must stay: it may not run. Nor does a table without
  // COMMIT replace another.
  const std::size_t last_table =
      text.rfind("\n*") == std::string_view::npos ? 0 : text.rfind("\n*");
  const bool is_open = text.find("COMMIT", last_table) == std::string_view::npos;
  const bool is_additive = call.is_additive || is_in_part || is_open;
  options.keeps_old = options.keeps_old || is_additive;
  options.is_additive = is_additive;
  read_restore(read_lines(source_, text_, body->body_begin, body->body_end), options, ruleset_,
               execution_);
}

void ScriptReader::run_ipset(const Call& call, const std::vector<Word>& front, std::size_t next) {
  std::vector<Word> words(front.begin() + 1, front.end());
  changes();
  outcome_.has_commands = true;
  Expansion expansion;
  for (std::size_t i = next; i < call.words.size(); ++i) {
    variables_.expand(line_, line_.tokens[call.words[i]], source_, text_, ruleset_, &expansion);
  }
  words.insert(words.end(), expansion.words.begin(), expansion.words.end());
  if (expansion.unknown.empty()) {
    ipsets_.run(words, span_of(call), call.is_additive, false);
    return;
  }
  // What an element is decides nothing about tracking; the set just counts as not known.
  ipsets_.doubt_all(words);
  add_not_understood(ruleset_, span_of(call),
                     fmt::format("the value of {} in this ipset command is not known",
                                 in_quotes(expansion.unknown)),
                     "the contents of the set count as not known",
                     "Give the output of `ipset save` instead.");
}

}  // namespace untrack::iptables
