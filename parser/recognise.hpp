// What an input is: its language, and for iptables text the address families and the table where
// the text does not say them. Used by parser/parse.cpp. Everything here is a guess from evidence
// and is reported as such where it decides something.
#pragma once

#include <optional>
#include <string_view>

#include "model/ruleset.hpp"
#include "parser/iptables/document.hpp"

namespace untrack::iptables {

// Where the address family of a save file or listing comes from.
enum class FamilyEvidence : std::uint8_t { flags, header, content, file_name, none };

struct FamilyGuess {
  IpVersions ip_versions = IpVersion::ipv4;
  FamilyEvidence evidence = FamilyEvidence::none;
};

// Looks, in this order, for lines with -4 or -6 (then the file serves both), for the comment of
// iptables-save or ip6tables-save or the chains of ufw, for what only one family has (addresses,
// ICMP names, extensions), and at the file's name.
[[nodiscard]] FamilyGuess guess_family(const Document& document, std::string_view path);

// The table of a listing without headers: the only one that has all built-in chains and targets
// that the lines name; filter if it is among several.
[[nodiscard]] std::string_view guess_table(const Document& document);

// True for the files of ufw, which are loaded with `iptables-restore -n` one after the other.
[[nodiscard]] bool is_of_ufw(const Document& document);

}  // namespace untrack::iptables
