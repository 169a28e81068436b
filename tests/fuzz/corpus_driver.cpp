// Runs a fuzz target as an ordinary test, without libFuzzer: over every file below the directories
// named, whole and cut short at evenly spread places, and over each with one byte changed. A text
// that was there before is left out: golden cases share many, and a target knows nothing but the
// text. Usage: fuzz_TARGET_corpus CUTS ONE_IN DIRECTORY...; of the first directory's files one in
// ONE_IN is run.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <unordered_set>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count);

namespace {

constexpr std::size_t largest = 32 * 1024;  // larger files are run whole only

std::size_t run(const std::string& text) {
  static std::unordered_set<std::string> done;
  if (!done.insert(text).second) return 0;
  LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return 1;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::filesystem::path> files;
  if (count < 4) return 2;
  const std::size_t cuts = std::strtoul(words[1], nullptr, 10);
  const std::size_t one_in = std::max<std::size_t>(1, std::strtoul(words[2], nullptr, 10));
  for (int index = 3; index < count; ++index) {
    std::vector<std::filesystem::path> here;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(words[index])) {
      if (entry.is_regular_file()) here.push_back(entry.path());
    }
    std::sort(here.begin(), here.end());
    for (std::size_t i = 0; i < here.size(); i += index == 3 ? one_in : 1) {
      files.push_back(std::move(here[i]));
    }
  }
  std::size_t runs = 0;
  for (const std::filesystem::path& file : files) {
    std::cerr << file.string() << "\n";  // the last line before a crash tells the file
    std::ifstream stream(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    runs += run(text);
    if (text.size() > largest) continue;
    for (std::size_t cut = 0; cut < cuts; ++cut) {
      const std::size_t place = text.size() * cut / cuts;
      runs += run(text.substr(0, place));
      std::string changed = text;
      if (!changed.empty()) changed[place] = static_cast<char>(changed[place] ^ (1 << cut % 8));
      runs += run(changed);
    }
  }
  std::cout << files.size() << " files, " << runs << " runs\n";
  return files.empty() ? 1 : 0;
}
