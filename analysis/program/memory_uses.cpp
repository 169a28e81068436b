#include "analysis/program/memory_uses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/program/deeds.hpp"
#include "analysis/program/ipset_names.hpp"
#include "analysis/program/written_fields.hpp"

namespace untrack {
namespace {

using Use = MemoryUse;

// Sets of sets hold the elements of others; of a set that is not given nobody knows whether it is
// one.
constexpr std::string_view any_ipset = "ipset *";
// What looks at bytes may look at any field.
constexpr std::string_view any_field = "field *";

std::string field_memory(Field field) { return fmt::format("field {}", to_text(field)); }

void add_asked_fields(std::span<const Field> fields, std::vector<Use>& uses) {
  for (const Field field : fields) {
    if (field != Field::either_port) {
      uses.push_back({field_memory(field), {}});
      continue;
    }
    uses.push_back({field_memory(Field::source_port), {}});
    uses.push_back({field_memory(Field::destination_port), {}});
  }
}

// Up to the end of a word, in JSON of a text.
std::string_view word_at(std::string_view text, std::size_t at) {
  return text.substr(at, std::min(text.find_first_of(" ,{}()\"", at), text.size()) - at);
}

// `{ip saddr}` and `{ ip saddr }` are the same.
std::string with_even_blanks(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_brace = c == '{' || c == '}';
    const bool is_behind_brace = words.ends_with('{') || words.ends_with('}');
    const bool wants_blank = (is_brace || is_behind_brace) && c != ' ';
    if (wants_blank && !words.empty() && !words.ends_with(' ')) words += ' ';
    if (c != ' ' || !words.ends_with(' ')) words += c;
  }
  return words;
}

void add_named(std::string_view text, std::vector<Use>& uses) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    uses.push_back({fmt::format("set {}", word_at(text, at + 1)), {}});
  }
}

void add_recent(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  std::string_view name = "DEFAULT";
  bool fills = false;
  bool asks = true;
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view row = option.row->name;
    if (row == "name") name = option.value;
    fills = fills || row == "set" || row == "update" || row == "remove" || row == "reap";
    asks = asks && row != "set";  // which is true whatever the list holds
  }
  std::string memory = fmt::format("recent {}", name);
  if (fills) uses.push_back({memory, deed_text(ruleset, construct)});
  if (asks) uses.push_back({std::move(memory), {}});
}

void add_asked_ipset(const Program& program, std::string_view name, std::vector<Use>& uses) {
  uses.push_back({fmt::format("ipset {}", name), {}});
  const SetId id = program.ipsets().find(name);
  if (!id.names_something() || program.ruleset()[id].type == "list:set") {
    uses.push_back({std::string(any_ipset), {}});
  }
}

void add_asked(const Program& program, const SetTest& test, bool is_nft, std::vector<Use>& uses) {
  if (test.set_name.empty()) return;
  if (is_nft) return uses.push_back({fmt::format("set {}", test.set_name.view()), {}});
  add_asked_ipset(program, test.set_name, uses);
}

void add_set_target(const Program& program, const Construct& construct, std::vector<Use>& uses) {
  const Ruleset& ruleset = program.ruleset();
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view row = option.row->name;
    if (row != "add-set" && row != "del-set" && row != "map-set") continue;
    const std::string_view name = word_at(option.value, 0);
    if (row == "map-set") {
      add_asked_ipset(program, name, uses);
      continue;
    }
    const IpsetNames::Filled filled = program.ipsets().filled_by(name);
    for (const std::string_view each : filled.names) {
      uses.push_back({fmt::format("ipset {}", each), deed_text(ruleset, construct)});
    }
    if (filled.is_any) uses.push_back({std::string(any_ipset), deed_text(ruleset, construct)});
  }
}

void add_estimators(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view row = option.row->name;
    const bool fills = row == "rateest-name";
    if (!fills && row != "rateest" && row != "rateest1" && row != "rateest2") continue;
    uses.push_back({fmt::format("rateest {}", option.value),
                    fills ? deed_text(ruleset, construct) : std::string()});
  }
}

// Marks and labels of connections, and what gives entries a zone, a helper or a timeout: of several
// the first or the last one counts.
void add_of_entries(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  const std::string_view name = construct.extension->name;
  const auto entry = [](std::string_view what) {
    return fmt::format("{}{}", memory_of_entry, what);
  };
  if (name == "connmark" || name == "connlabel") {
    const std::string memory = entry(name == "connmark" ? "mark" : "label");
    if (has_option(ruleset, construct, "set")) {
      uses.push_back({memory, deed_text(ruleset, construct)});
    }
    uses.push_back({memory, {}});
  } else if (name == "CONNMARK") {
    const bool asks = has_option(ruleset, construct, "restore-mark");
    uses.push_back({entry("mark"), asks ? std::string() : deed_text(ruleset, construct)});
  } else if (name == "CT" && !has_option(ruleset, construct, "notrack")) {
    uses.push_back({entry("template"), deed_text(ruleset, construct)});
  }
}

// Targets that change what no field of the model is, and matches that ask for it.
void add_of_options(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  const std::string_view name = construct.extension->name;
  if (name == "TCPMSS" || name == "TCPOPTSTRIP") {
    uses.push_back({"tcp options", deed_text(ruleset, construct)});
  } else if (name == "tcpmss") {
    uses.push_back({"tcp options", {}});
  } else if (name == "SECMARK") {
    uses.push_back({"secmark of packets", deed_text(ruleset, construct)});
  } else if (name == "CONNSECMARK" && has_option(ruleset, construct, "save")) {
    uses.push_back({"secmark of packets", {}});
  } else if (name == "u32" || name == "bpf" || name == "string") {
    uses.push_back({std::string(any_field), {}});
  }
}

void add_written_fields(const Ruleset& ruleset, const Construct& construct,
                        std::vector<Use>& uses) {
  for (const WrittenField& row : written_fields) {
    if (construct.extension->name != row.target) continue;
    uses.push_back({field_memory(row.field), deed_text(ruleset, construct)});
  }
}

// ct mark set, ct zone set, ct helper set; meta priority set, tcp option maxseg size set.
void add_assignments(const Ruleset& ruleset, const RulePart& part, const Statement& statement,
                     std::vector<Use>& uses) {
  if (const auto* change = std::get_if<ConntrackStatement>(&statement)) {
    if (!part.construct.names_something()) return;
    std::string text = deed_text(ruleset, ruleset[part.construct]);
    std::string_view what = change->what;
    if (text.find("meta secmark") != std::string::npos) uses.push_back({"value meta secmark", {}});
    if (what == "restore-mark") return uses.push_back({fmt::format("{}mark", memory_of_entry), {}});
    if (what.starts_with("ct ")) what.remove_prefix(3);
    what = what.substr(0, what.find(' '));
    return uses.push_back({fmt::format("{}{}", memory_of_entry, what), std::move(text)});
  }
  const auto* passive = std::get_if<PassiveStatement>(&statement);
  if (passive == nullptr) return;
  const std::string_view what = passive->what;
  const std::size_t set = what.find(" set ");
  if (set == std::string_view::npos) return;
  uses.push_back({fmt::format("value {}", what.substr(0, set)), std::string(what)});
}

// What a text of nft asks of such values, and of entries.
void add_asked_values(std::string_view text, std::vector<Use>& uses) {
  for (const std::string_view what : {"mark", "label", "zone", "helper"}) {
    if (text.find(fmt::format("ct {}", what)) != std::string_view::npos) {
      uses.push_back({fmt::format("{}{}", memory_of_entry, what), {}});
    }
  }
  for (const std::string_view value :
       {"meta priority", "meta nftrace", "tcp option", "ip option"}) {
    const std::size_t at = text.find(value);
    if (at == std::string_view::npos) continue;
    // The words of what is set stand in front of what it is compared with.
    std::string_view rest = text.substr(at);
    for (std::size_t end = rest.find(' ', value.size());; end = rest.find(' ', end + 1)) {
      uses.push_back({fmt::format("value {}", rest.substr(0, end)), {}});
      if (end == std::string_view::npos) break;
    }
  }
  for (const std::string_view bytes : {"@nh", "@th", "@ll", "@ih"}) {
    if (text.find(bytes) != std::string_view::npos) {
      uses.push_back({std::string(any_field), {}});
      break;
    }
  }
}

// What a construct says of memories and proxies; false: nothing that is told here.
bool add_of_construct(const Program& program, const RulePart& part, std::vector<Use>& uses) {
  const Ruleset& ruleset = program.ruleset();
  if (!part.construct.names_something()) return false;
  const Construct& construct = ruleset[part.construct];
  if (construct.extension == nullptr) return false;
  const std::string_view name = construct.extension->name;
  if (construct.language == Language::iptables) {
    add_of_entries(ruleset, construct, uses);
    add_of_options(ruleset, construct, uses);
    add_written_fields(ruleset, construct, uses);
    if (name == "recent") return add_recent(ruleset, construct, uses), true;
    if (name == "rateest" || name == "RATEEST") {
      return add_estimators(ruleset, construct, uses), true;
    }
    if (name == "SET") return add_set_target(program, construct, uses), true;
    if (const auto asked = ipset_question(ruleset, part); !asked.name.empty()) {
      return add_asked_ipset(program, asked.name, uses), true;
    }
    if (name == "TPROXY") return uses.push_back({{}, deed_text(ruleset, construct)}), true;
    return false;
  }
  if (name == "tproxy") {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* test = match == nullptr ? nullptr : std::get_if<OpaqueTest>(match);
    uses.push_back({{}, test == nullptr ? "tproxy" : std::string(test->key)});
    return false;  // where to may stand in a map
  }
  if (name != "set update") return false;
  std::vector<Use> named;
  const std::string text = deed_text(ruleset, construct);
  add_named(text, named);
  if (!named.empty()) uses.push_back({named.front().memory, with_even_blanks(text)});
  return true;
}

void add_uses(const Program& program, const RulePart& part, bool is_nft, FieldUses fields,
              std::vector<Use>& uses) {
  const Ruleset& ruleset = program.ruleset();
  if (add_of_construct(program, part, uses)) return;
  if (const auto* match = std::get_if<Match>(&part.what)) {
    const auto* field = std::get_if<FieldTest>(match);
    if (field != nullptr && fields == FieldUses::told) {
      add_asked_fields(std::span(&field->field, 1), uses);
      if (field->field == Field::tcp_option) uses.push_back({"tcp options", {}});
    }
    if (const auto* test = std::get_if<SetTest>(match)) {
      add_asked(program, *test, is_nft, uses);
      if (fields == FieldUses::told)
        add_asked_fields(std::span(test->fields).first(test->field_count), uses);
    }
    const auto* opaque = std::get_if<OpaqueTest>(match);
    if (opaque != nullptr && is_nft) {
      add_named(opaque->key, uses);
      add_asked_values(opaque->key, uses);
    }
    return;
  }
  const auto& statement = std::get<Statement>(part.what);
  if (const auto* map = std::get_if<VerdictMapStatement>(&statement)) {
    const SetTest& key = ruleset[*map].key;
    add_asked(program, key, is_nft, uses);
    if (fields == FieldUses::told)
      add_asked_fields(std::span(key.fields).first(key.field_count), uses);
    add_named(ruleset[*map].opaque_key, uses);
    add_asked_values(ruleset[*map].opaque_key, uses);
  }
  const auto* opaque = std::get_if<OpaqueStatement>(&statement);
  // What becomes of marks is followed, and of addresses where `diff` and `explain` ask.
  if (opaque != nullptr && opaque->writes && *opaque->writes != Field::mark &&
      !program.followed_address(statement)) {
    uses.push_back({field_memory(*opaque->writes), std::string(opaque->key)});
  }
  if (is_nft) add_assignments(ruleset, part, statement, uses);
  if (opaque != nullptr && is_nft) add_named(opaque->key, uses);
  if (is_nft && part.construct.names_something()) {
    add_named(deed_text(ruleset, ruleset[part.construct]), uses);
  }
}

}  // namespace

bool is_asked_by(std::string_view memory, std::string_view asked) {
  return memory == asked || (asked == any_ipset && memory.starts_with("ipset ")) ||
         (memory == any_ipset && asked.starts_with("ipset ")) ||
         (asked == any_field && memory.starts_with("field "));
}

std::vector<Use> memory_uses(const Program& program, const RulePart& part, const Table& table,
                             FieldUses fields) {
  constexpr std::string_view set = "set ";
  const bool is_nft = table.language == Language::nft;
  std::vector<Use> uses;
  add_uses(program, part, is_nft, fields, uses);
  if (!is_nft) return uses;
  const std::string place = fmt::format("{} {}", to_text(table.family), table.name);
  for (Use& use : uses) {
    if (!use.memory.starts_with(set)) continue;
    use.memory.insert(set.size(), place + ' ');
    if (!use.text.empty()) use.text += fmt::format(" of {}", place);
  }
  return uses;
}

}  // namespace untrack
