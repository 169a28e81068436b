// LiveHost: what the running kernel holds, as texts in the languages that parser/ reads. Made by
// live/, handed to the commands by app/: neither needs the other.
#pragma once

#include <string>
#include <vector>

namespace untrack {

struct LiveText {
  std::string name;  // "live:ip_tables/filter", as findings print it
  std::string text;  // what iptables-save, nft or ipset would print of it
};

struct LiveHost {
  std::vector<LiveText> texts;
  std::vector<std::string>
      not_there;  // what holds no rules, or was not asked, each with the reason
  std::vector<std::string>
      unreadable;  // what is there and could not be read: no verdict without it
};

}  // namespace untrack
