// CompatRule: one rule of nf_tables that iptables-nft made, understood as the rule of iptables that
// it was made of. Expressions that iptables-nft writes itself become the structures of the
// extensions again (`-m tcp`, `-m limit` ...), so that libxtables spells them all. Used by
// live/compat_table.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct nftnl_expr;
struct nftnl_rule;

namespace untrack::live {

class CompatRule {
 public:
  // `family`: NFPROTO_IPV4 or NFPROTO_IPV6.
  explicit CompatRule(std::uint8_t family) : family_(family) {}

  // False: not all of it is known to be something that iptables-nft writes.
  [[nodiscard]] bool understand(const nftnl_rule& rule);

  // Prints it as iptables-save does to standard output, after use_extensions.
  void print(const std::string& chain) const;

 private:
  // What a register holds.
  struct Loaded {
    enum class Kind : std::uint8_t { meta, network, transport } kind{};
    std::uint32_t key = 0;  // of meta; of a header, the place of its first byte
    std::uint32_t length = 0;
    std::vector<std::uint8_t> mask;  // empty: all of it
  };
  // A match or target with its header, as xt tables hold it.
  using Part = std::vector<std::uint8_t>;
  struct Address {
    std::array<std::uint8_t, 16> value{}, mask{};
    bool is_not = false;
  };
  struct Interface {
    std::array<char, 16> name{};
    std::array<unsigned char, 16> mask{};
    bool is_not = false;
  };

  bool add(const nftnl_expr& expression);
  bool add_load(const nftnl_expr& expression, bool is_meta);
  bool add_mask(const nftnl_expr& expression);
  bool add_comparison(const nftnl_expr& expression);
  bool add_range(const nftnl_expr& expression);
  bool add_verdict(const nftnl_expr& expression);
  bool add_limit(const nftnl_expr& expression);
  bool add_log(const nftnl_expr& expression);
  bool add_extension(const nftnl_expr& expression, bool is_target);
  bool compare_meta(const Loaded& loaded, std::uint32_t operation, const std::uint8_t* data,
                    std::uint32_t length);
  bool compare_network(const Loaded& loaded, std::uint32_t operation, const std::uint8_t* data,
                       std::uint32_t length);
  bool compare_transport(const Loaded& loaded, std::uint32_t operation, const std::uint8_t* data,
                         std::uint32_t length);
  bool set_address(Address& address, const Loaded& loaded, bool is_not, const std::uint8_t* data);
  bool set_ports(bool is_source, std::uint16_t first, std::uint16_t last, bool is_not);
  bool set_tcp_flags(std::uint8_t mask, std::uint8_t flags, bool is_not);
  Part* transport_match();  // that of the protocol, made if it is not there; or nullptr

  std::uint8_t family_;
  std::map<std::uint32_t, Loaded> registers_;
  Address source_, destination_;
  Interface in_, out_;
  std::uint16_t protocol_ = 0;
  bool is_not_protocol_ = false;
  bool is_fragment_ = false;
  bool is_not_fragment_ = false;
  std::vector<Part> matches_;
  std::size_t transport_ = 0;         // its index in matches_ plus one; 0: there is none
  std::array<bool, 2> has_ports_{};   // source, destination: given by one test for all
  std::array<bool, 2> has_bounds_{};  // by tests of their bounds
  bool has_flags_ = false;
  Part target_;
  std::string jump_;  // a verdict or a chain
  bool is_goto_ = false;
  bool is_ended_ = false;  // by a verdict or a target
};

}  // namespace untrack::live
