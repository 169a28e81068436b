#include "analysis/pressure/quantity.hpp"

namespace untrack {

std::string_view to_text(Origin origin) {
  switch (origin) {
    case Origin::measured:
      return "measured";
    case Origin::given:
      return "given";
    case Origin::kernel_default:
      return "default";
    case Origin::computed:
      return "computed";
    case Origin::estimated:
      return "estimated";
  }
  return {};
}

}  // namespace untrack
