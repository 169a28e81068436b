// The page docs/extensions.md, made from the tables of model/catalog/: what the program knows of
// extensions, of words of nft and of kernel modules. A unit test compares it with the file.
#pragma once

#include <string>

namespace untrack {

[[nodiscard]] std::string write_extension_page();

}  // namespace untrack
