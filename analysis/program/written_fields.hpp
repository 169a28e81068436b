// Which extensions of iptables bear on how other rules are judged: those that change a field, and
// those that have packets put together. Used by Program and by the survey that goes before it.
#pragma once

#include <string_view>

#include "model/catalog/xtables_extensions.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// Targets that change a field which later rules may test; such a test is then a free variable.
struct WrittenField {
  std::string_view target;
  Field field;
};
inline constexpr WrittenField written_fields[] = {
    {"TOS", Field::dscp},
    {"TOS", Field::ecn},
    {"DSCP", Field::dscp},
    {"ECN", Field::ecn},
    {"TTL", Field::ttl},
    {"HL", Field::ttl},
    {"SNPT", Field::source_address},
    {"DNPT", Field::destination_address},
};

// Of nft only tproxy does (measured).
[[nodiscard]] inline bool loads_defragmentation(const catalog::Extension& extension) {
  static const catalog::Extension* const socket = catalog::find_match("socket", IpVersion::ipv4);
  return &extension == socket || extension.name == "TPROXY" || extension.name == "tproxy";
}

}  // namespace untrack
