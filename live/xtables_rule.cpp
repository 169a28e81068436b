#include "live/xtables_rule.hpp"

#include <arpa/inet.h>
#include <getopt.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>
#include <xtables.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

namespace untrack::live {
namespace {

// An extension of this machine that is of another revision than the kernel's rule.
constexpr const char* unsupported = " [unsupported revision]";
// A word that is no option, so that the rule is not understood.
constexpr const char* not_installed = " [no-extension-of-libxtables-here]";

// The attribute in the words that make it a part of the type for clang, too.
__attribute__((noreturn)) void end_process(xtables_exittype /*status*/, const char* message, ...) {
  va_list arguments;
  va_start(arguments, message);
  std::vfprintf(stderr, message, arguments);  // NOLINT(clang-analyzer-valist.Uninitialized)
  va_end(arguments);
  _exit(1);
}

// Which revisions the kernel takes is not asked, since the question loads modules; the rules say
// which they have.
int any_revision(const char* /*name*/, std::uint8_t /*revision*/, int /*kind*/) { return 1; }

std::string copy_of_name(const char* name) {
  return {name, strnlen(name, XT_EXTENSION_MAXNAMELEN)};
}

template <class Address>
std::string text_of(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, &address, text.data(), text.size());
}

}  // namespace

void use_extensions(std::uint8_t family) {
  static xtables_globals globals{};
  static option no_options[] = {{nullptr, 0, nullptr, 0}};
  globals.program_name = "untrack";
  globals.program_version = "1";
  globals.orig_opts = no_options;
  globals.exit_err = end_process;
  globals.compat_rev = any_revision;
  xtables_init_all(&globals, family);
}

void print_address(const char* option, const in_addr& address, const in_addr& mask, bool is_not) {
  if (mask.s_addr == 0 && address.s_addr == 0 && !is_not) return;
  std::printf("%s %s %s", is_not ? " !" : "", option, text_of(AF_INET, address).c_str());
  const int length = xtables_ipmask_to_cidr(&mask);
  if (length >= 0) {
    std::printf("/%d", length);
  } else {
    std::printf("/%s", text_of(AF_INET, mask).c_str());
  }
}

void print_address(const char* option, const in6_addr& address, const in6_addr& mask, bool is_not) {
  const int length = xtables_ip6mask_to_cidr(&mask);
  if (length == 0 && !is_not) return;
  std::printf("%s %s %s", is_not ? " !" : "", option, text_of(AF_INET6, address).c_str());
  if (length >= 0) {
    std::printf("/%d", length);
  } else {
    std::printf("/%s", text_of(AF_INET6, mask).c_str());
  }
}

void print_interface(char option, const char* name, const unsigned char* mask, bool is_not) {
  if (mask[0] == 0) return;
  std::string text;
  for (std::size_t i = 0; i < IFNAMSIZ; ++i) {
    if (mask[i] != 0) {
      if (name[i] != '\0') text += name[i];
    } else {
      if (name[i - 1] != '\0') text += '+';
      break;
    }
  }
  std::printf("%s -%c %s", is_not ? " !" : "", option, text.c_str());
}

void print_protocol(std::uint16_t number, bool is_not) {
  if (number == 0) return;
  const char* sign = is_not ? " !" : "";
  for (const xtables_pprot* known = xtables_chain_protos; known->name != nullptr; ++known) {
    if (known->num == number) {
      std::printf("%s -p %s", sign, known->name);
      return;
    }
  }
  if (const protoent* known = getprotobynumber(number)) {
    std::printf("%s -p %s", sign, known->p_name);
  } else {
    std::printf("%s -p %u", sign, unsigned{number});
  }
}

void print_match(const void* ip, const xt_entry_match& match) {
  const std::string name = copy_of_name(match.u.user.name);
  xtables_match* any = xtables_find_match(name.c_str(), XTF_TRY_LOAD, nullptr);
  if (any == nullptr) {
    std::printf(" -m %s%s", name.c_str(), not_installed);
    return;
  }
  const xtables_match* same =
      xtables_find_match_revision(name.c_str(), XTF_TRY_LOAD, any, match.u.user.revision);
  const xtables_match* named = same != nullptr ? same : any;
  std::printf(" -m %s", named->alias != nullptr ? named->alias(&match) : name.c_str());
  if (same != nullptr && same->save != nullptr) {
    same->save(ip, &match);
  } else if (any->save != nullptr) {
    std::fputs(unsupported, stdout);
  }
}

void print_target(const void* ip, const xt_entry_target& target) {
  const std::string name = copy_of_name(target.u.user.name);
  xtables_target* any = xtables_find_target(name.c_str(), XTF_TRY_LOAD);
  if (any == nullptr) {
    std::printf(" -j %s%s", name.c_str(), not_installed);
    return;
  }
  const xtables_target* same =
      xtables_find_target_revision(name.c_str(), XTF_TRY_LOAD, any, target.u.user.revision);
  const xtables_target* named = same != nullptr ? same : any;
  std::printf(" -j %s", named->alias != nullptr ? named->alias(&target) : name.c_str());
  if (same != nullptr && same->save != nullptr) {
    same->save(ip, &target);
  } else if (any->save != nullptr || target.u.target_size != sizeof(xt_entry_target)) {
    std::fputs(unsupported, stdout);
  }
}

}  // namespace untrack::live
