#include "analysis/packet/packet.hpp"

namespace untrack {

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
