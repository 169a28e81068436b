// table
#include "live/known_expressions.hpp"

#include <array>

namespace untrack::live {
namespace {

struct Row {
  std::string_view name;
  std::uint16_t highest;
};
// include/uapi/linux/netfilter/nf_tables.h and nf_tables_compat.h of 6.1, NFTA_*_MAX. Written out,
// since newer headers know more than the library does.
constexpr std::array rows = {
    Row{"bitwise", 7}, Row{"byteorder", 5}, Row{"cmp", 3},          Row{"connlimit", 2},
    Row{"counter", 3}, Row{"ct", 4},        Row{"dup", 2},          Row{"dynset", 10},
    Row{"exthdr", 7},  Row{"fib", 3},       Row{"flow_offload", 1}, Row{"fwd", 3},
    Row{"hash", 9},    Row{"immediate", 2}, Row{"last", 3},         Row{"limit", 6},
    Row{"log", 6},     Row{"lookup", 5},    Row{"masq", 3},         Row{"match", 3},
    Row{"meta", 3},    Row{"nat", 7},       Row{"notrack", 0},      Row{"numgen", 6},
    Row{"objref", 5},  Row{"osf", 3},       Row{"payload", 8},      Row{"queue", 4},
    Row{"quota", 4},   Row{"range", 4},     Row{"redir", 3},        Row{"reject", 2},
    Row{"rt", 2},      Row{"socket", 3},    Row{"synproxy", 3},     Row{"target", 3},
    Row{"tproxy", 3},  Row{"tunnel", 3},    Row{"xfrm", 4},
};

}  // namespace

std::optional<std::uint16_t> highest_attribute(std::string_view expression) {
  for (const Row& row : rows) {
    if (row.name == expression) return row.highest;
  }
  return std::nullopt;
}

}  // namespace untrack::live
