// How a rule of iptables-nft is printed.
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <cstdio>
#include <cstring>

#include "live/compat_rule.hpp"
#include "live/xtables_rule.hpp"

namespace untrack::live {
namespace {

// A match or target at the alignment that its extension expects.
template <class Header>
class Aligned {
 public:
  explicit Aligned(const std::vector<std::uint8_t>& part)
      : words_((part.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t)) {
    std::memcpy(words_.data(), part.data(), part.size());
  }
  [[nodiscard]] const Header& get() const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how extensions take it
    return *reinterpret_cast<const Header*>(words_.data());
  }

 private:
  std::vector<std::uint64_t> words_;
};

template <class Address, class Bytes>
Address address_of(const Bytes& bytes) {
  Address address{};
  std::memcpy(&address, bytes.data(), sizeof address);
  return address;
}

}  // namespace

void CompatRule::print(const std::string& chain) const {
  std::printf("-A %s", chain.c_str());
  ipt_ip ip4{};
  ip6t_ip6 ip6{};
  if (family_ == NFPROTO_IPV4) {
    print_address("-s", address_of<in_addr>(source_.value), address_of<in_addr>(source_.mask),
                  source_.is_not);
    print_address("-d", address_of<in_addr>(destination_.value),
                  address_of<in_addr>(destination_.mask), destination_.is_not);
    ip4.proto = protocol_;
    ip4.invflags = is_not_protocol_ ? IPT_INV_PROTO : 0;
  } else {
    print_address("-s", address_of<in6_addr>(source_.value), address_of<in6_addr>(source_.mask),
                  source_.is_not);
    print_address("-d", address_of<in6_addr>(destination_.value),
                  address_of<in6_addr>(destination_.mask), destination_.is_not);
    ip6.proto = protocol_;
    ip6.flags = protocol_ != 0 ? IP6T_F_PROTO : 0;
    ip6.invflags = is_not_protocol_ ? IP6T_INV_PROTO : 0;
  }
  print_interface('i', in_.name.data(), in_.mask.data(), in_.is_not);
  print_interface('o', out_.name.data(), out_.mask.data(), out_.is_not);
  print_protocol(protocol_, is_not_protocol_);
  if (is_fragment_) std::printf("%s -f", is_not_fragment_ ? " !" : "");
  const void* ip = family_ == NFPROTO_IPV4 ? static_cast<const void*>(&ip4) : &ip6;
  for (const Part& match : matches_) {
    print_match(ip, Aligned<xt_entry_match>(match).get());
  }
  if (!target_.empty()) {
    print_target(ip, Aligned<xt_entry_target>(target_).get());
  } else if (!jump_.empty()) {
    std::printf(" -%c %s", is_goto_ ? 'g' : 'j', jump_.c_str());
  }
  std::printf("\n");
}

}  // namespace untrack::live
