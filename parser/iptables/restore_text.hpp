// restore_text: the commands of an input as iptables-restore would take them: the words of each as
// they are once the shell has split and expanded them, table by table. Used by app/ to ask the
// restore commands about scripts and listings, of which nothing is run. It says what the input
// says, and nothing of what the rules mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/source_text.hpp"
#include "model/vocabulary.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

// Commands of one IP version, in their order.
class RestoreText {
 public:
  explicit RestoreText(IpVersion version) : version_(version) {}

  // A call of iptables or ip6tables, without the program's name. Left out are the options that say
  // which table, and how long to wait for others, which have no place in a line of such a text; and
  // what would empty or delete chains that no call has made, since a script goes on where that
  // fails.
  void add(IpVersion version, std::string_view table, const std::vector<Word>& words);
  // Something in the input cannot be said in such a text.
  void give_up() { is_whole_ = false; }

  // To be loaded with --noflush; none if a part of the input cannot be said.
  [[nodiscard]] std::optional<std::string> take();

 private:
  struct Table {
    std::string name;
    std::string lines;
    std::vector<std::string> chains;  // that calls have made
  };
  IpVersion version_;
  std::vector<Table> tables_;
  bool is_whole_ = true;
};

// Of a shell script or a list of commands.
[[nodiscard]] std::optional<std::string> restore_text_of_script(SourceId source,
                                                                std::string_view text,
                                                                IpVersion version);
// Of what `iptables -S` prints, and of pieces of it.
[[nodiscard]] std::optional<std::string> restore_text_of_listing(SourceId source,
                                                                 std::string_view text,
                                                                 IpVersion version);

}  // namespace untrack::iptables
