#include "analysis/packet/packet.hpp"

namespace untrack {
namespace {

constexpr IcmpQuery queries_v4[] = {{8, 0}, {13, 14}, {15, 16}, {17, 18}};
constexpr IcmpQuery queries_v6[] = {{128, 129}, {139, 140}};

}  // namespace

std::span<const IcmpQuery> icmp_queries(IpVersion version) {
  if (version == IpVersion::ipv4) return queries_v4;
  return queries_v6;
}

std::string_view to_text(Path path) {
  switch (path) {
    case Path::in:
      return "in";
    case Path::forward:
      return "forward";
    case Path::out:
      return "out";
  }
  return {};
}

Path opposite(Path path) {
  switch (path) {
    case Path::in:
      return Path::out;
    case Path::forward:
      return Path::forward;
    case Path::out:
      return Path::in;
  }
  return path;
}

}  // namespace untrack
