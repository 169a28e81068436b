// RuleBuilder: turns the words of one rule into parts of the model. Private to build_rule.cpp,
// which builds what needs no extension and keeps the order, and build_match.cpp.
#pragma once

#include <memory_resource>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "parser/iptables/read_options.hpp"
#include "parser/iptables/rule_words.hpp"
#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

class RuleBuilder {
 public:
  RuleBuilder(RuleWords& words, const RulePlace& place, Ruleset& ruleset, Rule& rule)
      : words_(words),
        place_(place),
        ruleset_(ruleset),
        rule_(rule),
        context_{place.ip_version, 0, ruleset},
        read_(words.options.get_allocator()) {}

  void build();

 private:
  void add_part(const Span& span, ConstructId construct,
                const std::variant<Match, Statement>& what);
  void add_opaque_test(const Span& span, ConstructId construct, std::string key,
                       bool negated = false, bool has_history = false);

  void add_address(const BuiltinUse& use, Field field, std::string_view option);
  void add_interface(const BuiltinUse& use, Field field, std::string_view option);
  void add_protocol();
  void add_fragment();
  void add_jump();

  ConstructId add_construct(const ExtensionUse& use, std::span<const ExtensionOption> options);
  std::string_view joined(const ExtensionOption& option);
  void read_options(std::span<const ExtensionOption> options);
  void add_match(const ExtensionUse& use, ConstructId construct);
  bool add_exact_test(const ReadOption& option, ConstructId construct);
  bool add_set_tests(ConstructId construct);
  [[nodiscard]] bool needs_no_test(const ExtensionUse& use) const;

  RuleWords& words_;
  const RulePlace& place_;
  Ruleset& ruleset_;
  Rule& rule_;
  ValueContext context_;
  std::pmr::vector<ReadOption> read_;
  bool negated_addresses_ = false;
};

}  // namespace untrack::iptables
