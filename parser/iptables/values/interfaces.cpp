#include "parser/iptables/values/interfaces.hpp"

#include <fmt/format.h>

namespace untrack::iptables {
namespace {

constexpr std::size_t longest_name = 15;  // IFNAMSIZ - 1, linux/if.h

}  // namespace

bool read_interface(ValueContext& context, const Word& word, NamePattern& pattern) {
  if (word.text.empty()) {
    refuse(context, word, "empty interface name", "expected a name, or + for every interface");
    return false;
  }
  if (word.text.size() > longest_name) {
    refuse(context, word, "interface name too long",
           fmt::format("{} bytes; the kernel takes at most {}", word.text.size(), longest_name));
    return false;
  }
  pattern.is_prefix = word.text.back() == '+';
  pattern.text = word.text.substr(0, word.text.size() - (pattern.is_prefix ? 1 : 0));
  return true;
}

}  // namespace untrack::iptables
