#include "parser/anonymize/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "parser/anonymize/address_words.hpp"
#include "parser/anonymize/names.hpp"
#include "parser/anonymize/rule_names.hpp"

namespace untrack {
namespace {

using anonymize::NameKind;

// live:nf_tables/inet/NAME has the table's name.
std::string renamed(std::string_view name, anonymize::Names& names) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return std::string(name);
  return std::string(name.substr(0, slash + 1)) + names.of(NameKind::table, name.substr(slash + 1));
}

std::string with_names(const LiveText& text, anonymize::Names& names) {
  if (text.name == "live:ip_set") return with_ipset_names(text.text, names);
  // A table of nf_tables is listed by nft, or as iptables-save does, with a comment ahead.
  return text.text.starts_with('#') ? with_iptables_names(text.text, names)
                                    : with_nft_names(text.text, names);
}

// "NAME: 3 entries" of a namespace, "process 12: ..." of one without a name.
std::string renamed_detail(const ConntrackUser& user, const std::string& detail,
                           anonymize::Names& names) {
  if (user.what == conntrack_user::open_vswitch && user.state == ConntrackUser::State::used) {
    return names.of_interface(detail);
  }
  const std::size_t colon = detail.find(": ");
  if (user.what != conntrack_user::namespaces || colon == std::string::npos ||
      detail.starts_with("process ")) {
    return detail;
  }
  return names.of(NameKind::netns, std::string_view(detail).substr(0, colon)) +
         detail.substr(colon);
}

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Anonymized anonymized(const Snapshot& snapshot, const anonymize::Key& key) {
  Snapshot other = snapshot;
  other.is_anonymized = true;
  anonymize::AddressMap map(key);
  anonymize::Names names(key);
  // Names and comments first, since what looks like an address in them is none.
  for (LiveText& each : other.rules.texts) {
    each.text = with_names(each, names);
    const std::string strange = learn_ranges(each.text, map);
    if (!strange.empty()) {
      return {std::nullopt,
              fmt::format("{}: {} has a mask, or stands in arithmetic, that no other address would "
                          "keep the meaning of",
                          each.name, strange)};
    }
  }
  for (LiveText& each : other.rules.texts) {
    each.text = with_addresses(each.text, map);
    each.name = renamed(each.name, names);
  }
  for (Snapshot::File& each : other.files) {
    if (each.name == snapshot_file::entries) each.text = with_addresses(each.text, map);
  }
  for (Snapshot::Interface& each : other.interfaces) {
    each.name = names.of_interface(each.name);
    for (std::string& address : each.addresses) address = with_addresses(address, map);
  }
  for (Snapshot::Listener& each : other.listening) each.address = with_addresses(each.address, map);
  for (ConntrackUser& user : other.users) {
    for (std::string& detail : user.details) detail = renamed_detail(user, detail, names);
  }
  // These tell what went wrong in words of the system, which may have names in them.
  for (std::string& each : other.rules.unreadable) each = each.substr(0, each.find(':'));
  if (!is_number(other.netns)) other.netns = names.of(NameKind::netns, other.netns);
  return {std::move(other), {}};
}

}  // namespace untrack
