// Words of iptables-save for parts of rules as the kernel holds them: matches and targets spelled
// by the `save` functions of libxtables' extensions. All of it goes to standard output, in a
// process that in_child made. Used by live/ip_tables.cpp and live/compat_*.cpp.
#pragma once

#include <cstdint>

struct in_addr;
struct in6_addr;
struct xt_entry_match;
struct xt_entry_target;

namespace untrack::live {

// To be called first, once in a process. `family`: NFPROTO_IPV4 or NFPROTO_IPV6.
void use_extensions(std::uint8_t family);

void print_address(const char* option, const in_addr& address, const in_addr& mask, bool is_not);
void print_address(const char* option, const in6_addr& address, const in6_addr& mask, bool is_not);
// `mask`: of IFNAMSIZ bytes, as xt tables have it.
void print_interface(char option, const char* name, const unsigned char* mask, bool is_not);
void print_protocol(std::uint16_t number, bool is_not);

// `ip`: the ipt_ip or ip6t_ip6 of the rule, which some extensions look at. Of an extension that is
// not installed here, its name and a word that no reader of rules understands.
void print_match(const void* ip, const xt_entry_match& match);
void print_target(const void* ip, const xt_entry_target& target);

}  // namespace untrack::live
