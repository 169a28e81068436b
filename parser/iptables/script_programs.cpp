#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "parser/iptables/restore.hpp"
#include "parser/iptables/restore_text.hpp"
#include "parser/iptables/script_reader.hpp"

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
  }
  if (!told_.emplace(program.name).second) return;
  std::string message = fmt::format("{} is not looked at", program.name);
  if (program.kind == ProgramKind::may_track) {
    changes();
    add_not_understood(ruleset_, span_of(call), std::move(message), std::string(program.why),
                       "Give the rules that it loads as a further input.", true);
  } else {
    add_note(ruleset_, span_of(call), std::move(message), std::string(program.why));
  }
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

void ScriptReader::run_restore(const Call& call, IpVersion version, const std::vector<Word>& front,
                               std::size_t next) {
  const std::string_view name = base_name(front.front().text);
  std::vector<Word> words(front.begin() + 1, front.end());
  if (!expand_rest(call, next, name, &words)) return;
  RestoreOptions options;
  options.ip_versions = version;
  options.is_embedded = true;
  for (const Word& word : words) {
    if (word.text == "-t" || word.text == "--test" || word.text == "-h") return;
    options.keeps_old = options.keeps_old || word.text == "-n" || word.text == "--noflush";
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
             "they are not followed there", "Give the output of iptables-save instead.", true);
    return;
  }
  outcome_.ip_versions = outcome_.ip_versions | version;
  took();
  if (commands_ != nullptr) commands_->give_up();
  // In a branch the tables that it would flush must stay: it may not run.
  options.keeps_old = options.keeps_old || call.is_additive;
  options.is_additive = call.is_additive;
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
