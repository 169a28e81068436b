#include "analysis/pressure/entry_size.hpp"

#include <fmt/format.h>

namespace untrack {

EntrySize entry_size(const Platform& platform, const HostSettings& host,
                     const ExtensionRules* rules) {
  EntrySize size;
  size.extension = extension_use(platform.kernel, host.extension, rules);
  size.plain = entry_bytes(platform);
  size.extended = entry_bytes(platform, size.extension.extensions);
  // What the kernel's own allocator says is better than any table; the extension block is in a
  // cache that others use, too, and is known from the table alone.
  const std::optional<Quantity>& object = host.entry_object;
  if (!object) return size;
  const std::uint64_t block = size.extended.value - size.plain.value;
  size.plain = *object;
  size.extended = {object->value + block,
                   {Origin::computed,
                    fmt::format("{} + {}: {}", object->value, block, size.extended.source.text)}};
  return size;
}

}  // namespace untrack
