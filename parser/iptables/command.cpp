#include "parser/iptables/command.hpp"

namespace untrack::iptables {

// Knows the first option only; the rest of the line is opaque and reported.
Command read_command(std::span<const Word> words, const CommandContext&, Ruleset& ruleset) {
  Command command;
  if (words.empty()) return command;
  command.span = cover(words.front().span, words.back().span);
  std::size_t i = 0;
  if (words[0].text == "-t" && words.size() > 2) {
    command.table = words[1].text;
    command.table_span = words[1].span;
    i = 2;
  }
  const std::string_view option = words[i].text;
  if (i + 1 < words.size()) {
    command.chain = words[i + 1].text;
    command.chain_span = words[i + 1].span;
  }
  if (option == "-N") command.kind = CommandKind::new_chain;
  if (option == "-F") command.kind = CommandKind::flush;
  if (option == "-X") command.kind = CommandKind::delete_chain;
  if (option == "-P") {
    command.kind = CommandKind::policy;
    command.policy = words.back().text == "DROP" ? Policy::drop : Policy::accept;
  }
  if (option == "-A" || option == "-I" || option == "-D") {
    command.kind = option == "-A"   ? CommandKind::append
                   : option == "-I" ? CommandKind::insert
                                    : CommandKind::delete_rule;
    command.rule.parts.first = static_cast<std::uint32_t>(ruleset.parts.size());
    for (std::size_t k = i + 2; k < words.size(); ++k) {
      if (words[k].text == "-j" && k + 1 < words.size()) {
        ruleset.parts.push_back(
            {words[k].span, {}, Statement(JumpStatement{words[k + 1].text, {}, false})});
      } else {
        ruleset.parts.push_back(
            {words[k].span, {}, Match(OpaqueTest{words[k].text, false, false})});
      }
    }
    command.rule.parts.count =
        static_cast<std::uint32_t>(ruleset.parts.size()) - command.rule.parts.first;
    ruleset.problems.push_back(
        {ProblemKind::not_understood, command.span, "options are not read yet", "", "", true});
  }
  return command;
}

}  // namespace untrack::iptables
