#include "parser/conntrack/identities.hpp"

#include "parser/line_words.hpp"

namespace untrack {
namespace {

// FNV-1a, 64 bits: of a million flows two share a number once in some ten million listings.
class Hash {
 public:
  void add(std::string_view word) {
    for (const char c : word) add(static_cast<unsigned char>(c));
    add(' ');
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void add(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3U; }

  std::uint64_t value_ = 0xcbf29ce484222325U;
};

bool is_of_identity(std::string_view key) {
  return key == "src" || key == "dst" || key == "sport" || key == "dport" || key == "type" ||
         key == "code" || key == "id";
}

}  // namespace

std::uint64_t conntrack_identity(std::string_view line) {
  std::string_view word = next_word(line);
  if (word == "ipv4" || word == "ipv6") {
    (void)next_word(line);
    word = next_word(line);
  }
  Hash hash;
  hash.add(next_word(line));  // the number of the protocol
  std::size_t sources = 0;
  while (!(word = next_word(line)).empty()) {
    const std::string_view key = word.substr(0, word.find('='));
    if (key.size() == word.size()) continue;
    if (key == "src") ++sources;
    const bool is_original = sources == 1 && is_of_identity(key);
    if (is_original || key.starts_with("zone")) hash.add(word);
  }
  return hash.value();
}

}  // namespace untrack
