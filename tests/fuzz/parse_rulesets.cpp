// libFuzzer target: any bytes are read, as what they look like and as each format that can be
// named, resolved, and keep the invariants.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "model/resolve.hpp"
#include "parser/parse.hpp"
#include "tests/fuzz/invariants.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count) {
  using untrack::Format;
  constexpr std::array<std::optional<Format>, 8> formats{
      std::nullopt,         Format::iptables_save, Format::iptables_commands, Format::iptables_list,
      Format::shell_script, Format::ipset_save,    Format::nft_script,        Format::nft_commands};
  for (const std::optional<Format> format : formats) {
    untrack::Sources sources;
    const std::array<untrack::Input, 1> inputs{untrack::Input{
        sources.add("input.rules", std::string(reinterpret_cast<const char*>(bytes), count)),
        format, std::nullopt}};
    untrack::Ruleset ruleset = untrack::parse(sources, inputs);
    untrack::resolve(ruleset);
    const std::string broken = untrack::broken_invariant(sources, ruleset);
    if (!broken.empty()) {
      std::fprintf(stderr, "broken invariant: %s\n", broken.c_str());
      std::abort();
    }
  }
  return 0;
}
