// Reads what ipset(8) reads: `ipset save` files, and the arguments of single ipset calls in
// scripts. Fills Ruleset::sets, so that a set match can be computed where the elements are given.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/iptables/document.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

// The sets of all inputs of a run. A set that another input made stays as it is if a second one
// makes it again; elements add up.
class Ipsets {
 public:
  explicit Ipsets(Ruleset& ruleset) : ruleset_(ruleset) {}

  // One call, without the program's name. `is_additive`: it may not run, so that nothing is
  // deleted. `is_listing`: from `ipset save`, where a set without elements is known to be empty.
  void run(std::span<const Word> all, const Span& span, bool is_additive, bool is_listing);

  // A call whose words are not all known: the sets that it names count as not known.
  void doubt_all(std::span<const Word> words);

 private:
  struct State {
    SetId id;
    bool is_in_doubt = false;    // something about its contents was not understood
    bool may_hold_more = false;  // -exist: it may have been there, and was not emptied since
  };

  void create(std::span<const Word> words, const Span& span, bool may_exist, bool is_listing);
  void add(std::span<const Word> words);
  void forget_contents(std::span<const Word> words, const Span& span, bool empties,
                       bool is_listing);
  void rename(std::span<const Word> words, bool swaps);
  State* find(const Word& name);  // reports one that is not there
  void doubt(State& state);
  bool read_create_option(std::span<const Word> words, std::size_t* at, NamedSet& set);
  bool read_element(const Word& element, NamedSet& set);
  // Elements that match what is not known of a packet, or that the first packet changes.
  void doubt_what_no_packet_tells(const Word& element, State& state);
  void bad_element(const Word& word, const NamedSet& set, std::string_view expected);

  Ruleset& ruleset_;
  std::unordered_map<std::string_view, State> sets_;
};

// Reads a file of `ipset save`; true if it holds at least one set or element.
bool read_ipset_save(const Document& document, Ruleset& ruleset, Ipsets& sets);

}  // namespace untrack::iptables
