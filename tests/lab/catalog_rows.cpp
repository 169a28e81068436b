// Prints the extension table for the lab tests: kind, name, families, tracking, tables, chains,
// one row a line; `-` for any table or chain.
#include <cstdio>
#include <string>

#include "model/catalog/xtables_extensions.hpp"

int main() {
  using namespace untrack;
  using namespace untrack::catalog;
  for (const Extension& row : extensions()) {
    const char* tracking = row.tracking == Tracking::never    ? "never"
                           : row.tracking == Tracking::always ? "always"
                                                              : "unless_notrack";
    const std::string tables(row.tables.empty() ? "-" : row.tables);
    const std::string chains(row.chains.empty() ? "-" : row.chains);
    std::printf("%s %.*s %s%s %s %s %s\n", row.kind == ExtensionKind::match ? "match" : "target",
                static_cast<int>(row.name.size()), row.name.data(),
                row.ip_versions.has(IpVersion::ipv4) ? "4" : "",
                row.ip_versions.has(IpVersion::ipv6) ? "6" : "", tracking, tables.c_str(),
                chains.c_str());
  }
}
