#include "model/set_dimensions.hpp"

#include <optional>

namespace untrack {
namespace {

std::optional<Field> field_of(std::string_view part, bool of_destination) {
  if (part == "ip" || part == "net") {
    return of_destination ? Field::destination_address : Field::source_address;
  }
  if (part == "port") return of_destination ? Field::destination_port : Field::source_port;
  if (part == "iface") return of_destination ? Field::out_interface : Field::in_interface;
  if (part == "mac" && !of_destination) return Field::source_mac;
  return std::nullopt;
}

}  // namespace

void name_fields(SetTest& test, const NamedSet& set) {
  test.field_count = 0;
  const std::size_t parts = set.fields.size();
  if (parts > test.fields.size() || parts > test.dimension_count) return;
  for (std::size_t i = 0; i < parts; ++i) {
    const auto field = field_of(set.fields[i], (test.destination_dimensions >> i & 1U) != 0);
    if (!field) return;
    test.fields[i] = *field;
  }
  test.field_count = static_cast<std::uint8_t>(parts);
}

}  // namespace untrack
