// Prints the extension table for the lab tests: kind, name, families, tracking, one row a line.
#include <cstdio>

#include "model/catalog/xtables_extensions.hpp"

int main() {
  using namespace untrack;
  using namespace untrack::catalog;
  for (const Extension& row : extensions()) {
    const char* tracking = row.tracking == Tracking::never    ? "never"
                           : row.tracking == Tracking::always ? "always"
                                                              : "unless_notrack";
    std::printf("%s %.*s %s%s %s\n", row.kind == ExtensionKind::match ? "match" : "target",
                static_cast<int>(row.name.size()), row.name.data(),
                row.ip_versions.has(IpVersion::ipv4) ? "4" : "",
                row.ip_versions.has(IpVersion::ipv6) ? "6" : "", tracking);
  }
}
