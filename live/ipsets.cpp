#include "live/ipsets.hpp"

#include <libipset/ipset.h>

#include <cstdio>
#include <memory>

namespace untrack::live {

bool print_ipsets() {
  ipset_load_types();
  const std::unique_ptr<ipset, decltype(&ipset_fini)> sets(ipset_init(), &ipset_fini);
  if (!sets) {
    std::fputs("libipset cannot be used\n", stderr);
    return false;
  }
  char program[] = "ipset";
  char command[] = "save";
  char* words[] = {program, command, nullptr};
  return ipset_parse_argv(sets.get(), 2, words) == 0;
}

}  // namespace untrack::live
