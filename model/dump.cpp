#include "model/dump.hpp"

#include <fmt/format.h>

#include <iterator>

#include "model/overloaded.hpp"

namespace untrack {
namespace {

// Quoted, with every byte that is no printable ASCII as \xNN.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte > 0x7e) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string number(Number value) {
  if (value <= 0xffff) return fmt::format("{}", static_cast<unsigned>(value));
  std::string digits;
  for (; value != 0; value >>= 4U) digits += "0123456789abcdef"[static_cast<unsigned>(value & 15U)];
  return "0x" + std::string(digits.rbegin(), digits.rend());
}

std::string interval(const Interval& values) {
  if (values.first == values.last) return number(values.first);
  return number(values.first) + "-" + number(values.last);
}

class Dump {
 public:
  explicit Dump(const Ruleset& ruleset) : ruleset_(ruleset) {}

  std::string text;

  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
  }

  void part(const RulePart& part) {
    std::visit(Overloaded{[&](const Match& what) { match(what); },
                          [&](const Statement& what) { statement(what); }},
               part.what);
  }

  void specification(const Rule& rule) {
    for (const RulePart& each : slice(ruleset_.parts, rule.parts)) {
      text += ' ';
      part(each);
    }
    if (!rule.comment.empty()) add(" (comment {})", quoted(rule.comment));
  }

 private:
  void match(const Match& what) {
    std::visit(Overloaded{[&](const FieldTest& test) {
                            add("({}{}", negation(test.negated), to_text(test.field));
                            if (test.mask != 0xffffffffU) add(" & 0x{:x}", test.mask);
                            for (const Interval& values : slice(ruleset_.intervals, test.values)) {
                              add(" {}", interval(values));
                            }
                            text += ')';
                          },
                          [&](const NameTest& test) {
                            add("({}{}", negation(test.negated), to_text(test.field));
                            for (const NamePattern& name : slice(ruleset_.names, test.names)) {
                              add(" {}{}", quoted(name.text), name.is_prefix ? "*" : "");
                            }
                            text += ')';
                          },
                          [&](const StateTest& test) {
                            add("({}ct_state {})", negation(test.negated), to_text(test.states));
                          },
                          [&](const SetTest& test) {
                            add("({}set", negation(test.negated));
                            key(test);
                            text += ')';
                          },
                          [&](const FamilyTest& test) {
                            add("(family {})",
                                test.ip_versions.empty() ? "none" : display_name(test.ip_versions));
                          },
                          [&](const OpaqueTest& test) {
                            add("({}opaque{} {})", negation(test.negated),
                                test.has_history ? " history" : "", quoted(test.key));
                          }},
               what);
  }

  // What is looked up, and where; a set without a name with its elements.
  void key(const SetTest& test) {
    const bool is_linked = test.set.names_something();
    if (!test.set_name.empty()) {
      add(" {}{}", quoted(test.set_name), is_linked ? "" : " unlinked");
    }
    for (std::size_t i = 0; i < test.field_count; ++i) add(" {}", to_text(test.fields[i]));
    if (test.set_name.empty() && is_linked) elements(ruleset_[test.set]);
  }

 public:
  void elements(const NamedSet& set) {
    const std::size_t width = set.fields.size();
    const auto verdict = [&](const Statement& what) {
      text += ' ';
      statement(what);
    };
    for (std::size_t i = 0; i < set.element_count(); ++i) {
      add("\n  ({}", set.is_exception[i] ? "not" : "element");
      for (std::size_t field = 0; field < width; ++field) {
        const Interval& values = set.keys[i * width + field];
        if (set.fields[field] == "iface" || set.fields[field] == "set") {
          add(" {}", quoted(set.words[static_cast<std::size_t>(values.first)]));
        } else {
          add(" {}", interval(values));
        }
      }
      if (i < set.verdicts.size()) verdict(set.verdicts[i]);
      text += ')';
    }
    for (std::size_t i = set.element_count(); i < set.verdicts.size(); ++i)
      verdict(set.verdicts[i]);
    if (set.otherwise) {
      text += "\n  (otherwise";
      verdict(*set.otherwise);
      text += ')';
    }
  }

 private:
  void statement(const Statement& what) {
    std::visit(
        Overloaded{
            [&](const VerdictStatement& statement) { add("({})", to_text(statement.verdict)); },
            [&](const JumpStatement& statement) {
              add("({} {}{})", statement.is_goto ? "goto" : "jump", quoted(statement.chain_name),
                  statement.chain.names_something() ? "" : " unlinked");
            },
            [&](const RejectStatement& statement) {
              add("(reject{}{})", statement.with.empty() ? "" : " ", statement.with);
            },
            [&](const NatStatement& statement) {
              add("({}", to_text(statement.kind));
              for (const Interval& values : slice(ruleset_.intervals, statement.addresses)) {
                add(" addresses {}", interval(values));
              }
              for (const Interval& values : slice(ruleset_.intervals, statement.ports)) {
                add(" ports {}", interval(values));
              }
              text += ')';
            },
            [&](const NotrackStatement&) { text += "(notrack)"; },
            [&](const MarkStatement& statement) {
              add("(mark 0x{:x} & 0x{:x})", statement.value, statement.mask);
            },
            [&](const ConntrackStatement& statement) {
              add("(conntrack {} {})", quoted(statement.what), quoted(statement.value));
            },
            [&](const PassiveStatement& statement) { add("(passive {})", quoted(statement.what)); },
            [&](const VerdictMapStatement& map) {
              const MapLookup& statement = ruleset_[map];
              text += "(verdict_map";
              if (!statement.opaque_key.empty()) {
                add(" opaque{} {}", statement.has_history ? " history" : "",
                    quoted(statement.opaque_key));
              }
              key(statement.key);
              text += ')';
            },
            [&](const OpaqueStatement& statement) {
              add("(opaque_statement{} {}", statement.may_end ? " may_end" : "",
                  quoted(statement.key));
              if (statement.writes) add(" writes {}", to_text(*statement.writes));
              for (const Interval& value : slice(ruleset_.intervals, statement.value)) {
                add(" value {}", interval(value));
              }
              text += ')';
            }},
        what);
  }

  static std::string_view negation(bool negated) { return negated ? "not " : ""; }

  const Ruleset& ruleset_;
};

std::string place(const Sources& sources, const Span& span) {
  const Location at = sources.locate(span);
  const auto source = static_cast<std::uint32_t>(span.source);
  return fmt::format("{}{}:{}-{}:{}", source == 0 ? "" : fmt::format("input{}:", source + 1),
                     at.line, at.column, at.end_line, at.end_column);
}

void dump_constructs(Dump& dump, const Ruleset& ruleset, const Rule& rule, const Sources& sources) {
  for (const Construct& construct : slice(ruleset.constructs, rule.constructs)) {
    dump.add("\n      ({} {}{} {}",
             construct.kind == catalog::ExtensionKind::match ? "match" : "target",
             quoted(construct.name), construct.extension == nullptr ? " unknown" : "",
             place(sources, construct.span));
    for (const OptionUse& option : slice(ruleset.options, construct.options)) {
      dump.add(" ({}{}{}{}{})", option.negated ? "not " : "", option.name,
               option.row != nullptr ? ""
               : option.name.empty() ? "does"
                                     : " unknown",
               option.value.empty() ? "" : " ", option.value.empty() ? "" : quoted(option.value));
    }
    dump.text += ')';
  }
}

void dump_chain(Dump& dump, const Ruleset& ruleset, const Chain& chain, const Sources& sources) {
  dump.add("\n  (chain {}", quoted(chain.name));
  if (chain.base) {
    dump.add(" (base {} {} {} {})", to_text(chain.base->type), to_text(chain.base->hook),
             chain.base->priority, to_text(chain.base->policy));
  }
  if (chain.counters) dump.add(" [{}:{}]", chain.counters->packets, chain.counters->bytes);
  if (!chain.span.empty()) dump.add(" {}", place(sources, chain.span));
  for (const RuleId id : chain.rules) {
    const Rule& rule = ruleset[id];
    dump.add("\n    (rule {}", place(sources, rule.text));
    if (rule.counters.names_something()) {
      const Counters& counters = ruleset[rule.counters];
      dump.add(" [{}:{}]", counters.packets, counters.bytes);
    }
    if (rule.copies != 1) dump.add(" x{}", rule.copies);
    dump.specification(rule);
    dump_constructs(dump, ruleset, rule, sources);
    dump.text += ')';
  }
  dump.text += ')';
}

void dump_set(Dump& dump, const NamedSet& set, const Sources& sources) {
  dump.add("(set {} {} {} {}{}{}", quoted(set.name), quoted(set.type), to_text(set.family),
           place(sources, set.span), set.is_dynamic ? " dynamic" : "",
           set.contents_known ? "" : " contents_unknown");
  dump.text += to_text(set.bounds);
  dump.elements(set);
  dump.text += ")\n";
}

std::string_view kind_name(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::error:
      return "error";
    case ProblemKind::not_understood:
      return "not_understood";
    case ProblemKind::note:
      return "note";
  }
  return {};
}

}  // namespace

std::string dump(const Ruleset& ruleset, const Sources& sources) {
  Dump dump(ruleset);
  for (const InputSummary& input : ruleset.inputs) {
    dump.add("(input {} (rules {}) {})\n", quoted(input.format), input.rules,
             input.ip_versions.empty() ? "no family" : display_name(input.ip_versions));
  }
  for (const Table& table : ruleset.tables) {
    dump.add("(table {} {}{}{}", to_text(table.family), quoted(table.name),
             table.is_partial ? " partial" : "", table.is_dormant ? " dormant" : "");
    for (const RuleId id : table.objects) {
      for (const Construct& object : slice(ruleset.constructs, ruleset[id].constructs)) {
        dump.add("\n  (object {} {})", quoted(object.name), place(sources, object.span));
      }
    }
    for (const ChainId id : table.chains) dump_chain(dump, ruleset, ruleset[id], sources);
    dump.text += ")\n";
  }
  for (const NamedSet& set : ruleset.sets) {
    if (!set.name.empty()) dump_set(dump, set, sources);
  }
  for (const Problem& problem : ruleset.problems) {
    dump.add("({}{} {} {}", kind_name(problem.kind), problem.may_track ? " may_track" : "",
             place(sources, problem.span), quoted(problem.message));
    if (!problem.label.empty()) dump.add(" (label {})", quoted(problem.label));
    if (!problem.cure.empty()) dump.add(" (cure {})", quoted(problem.cure));
    dump.text += ")\n";
  }
  return std::move(dump.text);
}

std::string dump_specification(const Ruleset& ruleset, const Rule& rule) {
  Dump dump(ruleset);
  dump.specification(rule);
  return std::move(dump.text);
}

}  // namespace untrack
