// nft list table: names stand behind the words that declare or use them, or in quotes.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "parser/anonymize/rule_names.hpp"

namespace untrack::anonymize {
namespace {

struct NameWord {
  std::string_view word;
  NameKind kind;
};
// The bare word behind is a name. nft prints none of these words as a name of its own without
// quotes: they are keywords (scanner.l, nftables 1.0.6).
constexpr std::array name_words = {
    NameWord{"chain", NameKind::chain},
    NameWord{"jump", NameKind::chain},
    NameWord{"goto", NameKind::chain},
    NameWord{"set", NameKind::set},
    NameWord{"map", NameKind::set},
    NameWord{"meter", NameKind::set},
    NameWord{"flowtable", NameKind::object},
    NameWord{"counter", NameKind::object},
    NameWord{"quota", NameKind::object},
    NameWord{"limit", NameKind::object},
    NameWord{"helper", NameKind::object},
    NameWord{"timeout", NameKind::object},
    NameWord{"expectation", NameKind::object},
    NameWord{"synproxy", NameKind::object},
    NameWord{"secmark", NameKind::object},
};
// What is in quotes behind one of these is an object's name.
constexpr std::array object_words = {"name", "set", "map"};
constexpr std::array text_words = {"comment", "prefix"};
// What is in quotes behind one of these says what the rule does, and is no name.
constexpr std::array kept_words = {"type",  "helper", "hour",    "day",      "time",
                                   "label", "osf",    "version", "protocol", "l3proto"};

template <class Words>
bool is_among(std::string_view word, const Words& words) {
  return std::ranges::any_of(words, [&](std::string_view each) { return each == word; });
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/' || c == '\\';
}

class NftNames {
 public:
  NftNames(std::string_view text, Names& names) : text_(text), names_(names) {}

  std::string read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        quoted();
      } else if (c == '@') {
        set_use();
      } else if (is_name_character(c)) {
        bare();
      } else {
        if (c == '\n') start_line();
        is_devices_ = is_devices_ && c != '}';
        result_ += c;
        ++at_;
      }
    }
    return std::move(result_);
  }

 private:
  std::string_view take_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void start_line() {
    before_last_.clear();
    last_.clear();
    is_first_ = true;
  }

  void remember(std::string_view word) {
    before_last_ = last_;
    last_ = word;
    is_first_ = false;
  }

  // Behind the family of a table, which is there in what nft lists.
  [[nodiscard]] bool is_table_name() const { return before_last_ == "table"; }

  // `set` and `map`, `counter` and the like open a declaration at the start of a line and mean
  // something else within a rule. `ct helper x {` has one word in front.
  [[nodiscard]] bool declares(std::string_view word) const {
    return is_first_ || (last_ == "ct" && is_ct_line_ &&
                         (word == "helper" || word == "timeout" || word == "expectation"));
  }

  void bare() {
    const std::string_view word = take_word();
    if (word.find_first_not_of("-./\\") == std::string_view::npos) {
      result_ += word;  // of a range of texts
      return;
    }
    if (is_table_name()) {
      result_ += names_.of(NameKind::table, word);
    } else if (wanted_) {
      result_ += names_.of(*wanted_, word);
      wanted_.reset();
    } else if (is_devices_ || last_ == "device") {
      result_ += names_.of_interface(word);
    } else {
      result_ += word;
      keyword(word);
    }
    remember(word);
  }

  void keyword(std::string_view word) {
    is_devices_ = word == "devices";
    if (is_first_) is_ct_line_ = word == "ct";
    const auto row = std::ranges::find(name_words, word, &NameWord::word);
    if (row == name_words.end()) return;
    const bool is_use = word == "jump" || word == "goto";
    if (is_use || declares(word)) wanted_ = row->kind;
    // A rule that begins with a counter or a limit: what follows is no name. Nor is a chain in
    // braces.
    if (wanted_ && (is_use ? next_character() == '{' : !opens_block())) wanted_.reset();
  }

  [[nodiscard]] char next_character() const {
    std::size_t at = at_;
    while (at < text_.size() && text_[at] == ' ') ++at;
    return at < text_.size() ? text_[at] : '\n';
  }

  // Whether the line goes on with a name and `{`.
  [[nodiscard]] bool opens_block() const {
    std::size_t at = at_;
    while (at < text_.size() && text_[at] == ' ') ++at;
    while (at < text_.size() && is_name_character(text_[at])) ++at;
    while (at < text_.size() && text_[at] == ' ') ++at;
    return at < text_.size() && text_[at] == '{';
  }

  // @set; but @th,16,16 is a place in the packet.
  void set_use() {
    result_ += text_[at_++];
    const std::string_view word = take_word();
    const bool is_raw = at_ < text_.size() && text_[at_] == ',' && last_ != "add" &&
                        (word == "ll" || word == "nh" || word == "th" || word == "ih");
    const bool is_flowtable = last_ == "add" && before_last_ == "flow";
    result_ += is_raw ? std::string(word)
                      : names_.of(is_flowtable ? NameKind::object : NameKind::set, word);
    remember(word);
  }

  void quoted() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    at_ = std::min(text_.size(), at_ + 1);
    result_ += '"' + renamed(word) + '"';
    // `last_` stays: of a list of several, all stand behind the same word. A device is one.
    if (last_ == "device") last_.clear();
  }

  std::string renamed(std::string_view word) {
    if (wanted_) {
      const NameKind kind = *wanted_;
      wanted_.reset();
      return names_.of(kind, word);
    }
    if (is_table_name()) return names_.of(NameKind::table, word);
    if (is_among(last_, text_words)) return names_.of(NameKind::text, word);
    if (is_among(last_, object_words)) return names_.of(NameKind::object, word);
    if (last_ == "cgroupv2" || before_last_ == "level") return names_.of(NameKind::text, word);
    if (is_among(last_, kept_words)) return std::string(word);
    return names_.of_interface(word);
  }

  std::string_view text_;
  Names& names_;
  std::string result_;
  std::size_t at_ = 0;
  std::string last_, before_last_;  // bare words of this line
  bool is_first_ = true;            // no word of this line yet
  bool is_ct_line_ = false;
  bool is_devices_ = false;
  std::optional<NameKind> wanted_;
};

}  // namespace

std::string with_nft_names(std::string_view text, Names& names) {
  return NftNames(text, names).read();
}

}  // namespace untrack::anonymize
