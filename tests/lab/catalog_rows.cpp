// Prints the extension table for the lab tests: kind, name, families, tracking, tables, chains,
// one row a line; `-` for any table or chain. With the word `nft`, what the catalog has of nft(8):
// kind, tracking, name.
#include <cstdio>
#include <string>
#include <string_view>

#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/xtables_extensions.hpp"

namespace {

using namespace untrack;
using namespace untrack::catalog;

const char* kind_of(const Extension& row) {
  return row.kind == ExtensionKind::match ? "match" : "target";
}

const char* tracking_of(const Extension& row) {
  switch (row.tracking) {
    case Tracking::never:
      return "never";
    case Tracking::always:
      return "always";
    default:
      return "unless_notrack";
  }
}

void print_nft_rows() {
  for (const Extension& row : nft_extensions()) {
    std::printf("%s %s %.*s\n", kind_of(row), tracking_of(row), static_cast<int>(row.name.size()),
                row.name.data());
  }
}

void print_rows() {
  for (const Extension& row : extensions()) {
    const std::string tables(row.tables.empty() ? "-" : row.tables);
    const std::string chains(row.chains.empty() ? "-" : row.chains);
    std::printf("%s %.*s %s%s %s %s %s\n", kind_of(row), static_cast<int>(row.name.size()),
                row.name.data(), row.ip_versions.has(IpVersion::ipv4) ? "4" : "",
                row.ip_versions.has(IpVersion::ipv6) ? "6" : "", tracking_of(row), tables.c_str(),
                chains.c_str());
  }
}

}  // namespace

int main(int count, char** words) {
  if (count > 1 && std::string_view(words[1]) == "nft") {
    print_nft_rows();
  } else {
    print_rows();
  }
}
