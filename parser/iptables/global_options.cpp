// table
#include "parser/iptables/global_options.hpp"

#include <array>

namespace untrack::iptables {
namespace {

using enum GlobalOption;
using enum Argument;

// The first name of each option is the one for messages.
constexpr std::array rows = {
    GlobalOptionRow{"append", 'A', append, required},
    GlobalOptionRow{"delete", 'D', delete_, required},
    GlobalOptionRow{"check", 'C', check, required},
    GlobalOptionRow{"insert", 'I', insert, required},
    GlobalOptionRow{"replace", 'R', replace, required},
    GlobalOptionRow{"list", 'L', list, optional},
    GlobalOptionRow{"list-rules", 'S', list_rules, optional},
    GlobalOptionRow{"flush", 'F', flush, optional},
    GlobalOptionRow{"zero", 'Z', zero, optional},
    GlobalOptionRow{"new-chain", 'N', new_chain, required},
    GlobalOptionRow{"delete-chain", 'X', delete_chain, optional},
    GlobalOptionRow{"rename-chain", 'E', rename_chain, required},
    GlobalOptionRow{"policy", 'P', policy, required},
    GlobalOptionRow{"source", 's', source, required},
    GlobalOptionRow{"destination", 'd', destination, required},
    GlobalOptionRow{"src", 's', source, required},
    GlobalOptionRow{"dst", 'd', destination, required},
    GlobalOptionRow{"protocol", 'p', protocol, required},
    GlobalOptionRow{"in-interface", 'i', in_interface, required},
    GlobalOptionRow{"jump", 'j', jump, required},
    GlobalOptionRow{"table", 't', table, required},
    GlobalOptionRow{"match", 'm', match, required},
    GlobalOptionRow{"numeric", 'n', numeric, none},
    GlobalOptionRow{"out-interface", 'o', out_interface, required},
    GlobalOptionRow{"verbose", 'v', verbose, none},
    GlobalOptionRow{"wait", 'w', wait, optional},
    GlobalOptionRow{"wait-interval", 'W', wait_interval, optional},
    GlobalOptionRow{"exact", 'x', exact, none},
    GlobalOptionRow{"fragments", 'f', fragments, none},
    GlobalOptionRow{"version", 'V', version, none},
    GlobalOptionRow{"help", 'h', help, optional},
    GlobalOptionRow{"line-numbers", '0', line_numbers, none},
    GlobalOptionRow{"modprobe", 'M', modprobe, required},
    GlobalOptionRow{"set-counters", 'c', set_counters, required},
    GlobalOptionRow{"goto", 'g', goto_, required},
    GlobalOptionRow{"ipv4", '4', ipv4, none},
    GlobalOptionRow{"ipv6", '6', ipv6, none},
};

constexpr auto by_letter = [] {
  std::array<std::uint8_t, 128> index{};  // position + 1; 0: none
  for (std::size_t i = rows.size(); i-- > 0;) {
    index[static_cast<unsigned char>(rows[i].letter)] = static_cast<std::uint8_t>(i + 1);
  }
  return index;
}();

}  // namespace

std::span<const GlobalOptionRow> global_options() { return rows; }

const GlobalOptionRow* find_letter(char letter) {
  const auto at = static_cast<unsigned char>(letter);
  if (at >= by_letter.size() || by_letter[at] == 0) return nullptr;
  return &rows[by_letter[at] - 1U];
}

}  // namespace untrack::iptables
