#include "app/pipeline/input_text.hpp"

#include <utility>

#include "model/resolve.hpp"

namespace untrack {
namespace {

// The texts below `input`, which stands at `source`.
void add_includes(InputText& input, SourceId source, Sources& sources,
                  std::vector<Include>& includes) {
  for (InputText::Include& each : input.includes) {
    Include include;
    include.source = source;
    include.pattern = std::move(each.pattern);
    include.why_not = std::move(each.why_not);
    include.cure = std::move(each.cure);
    for (InputText& file : each.files) {
      const SourceId id = sources.add(std::move(file.path), std::move(file.text));
      include.files.push_back(id);
      add_includes(file, id, sources, includes);
    }
    includes.push_back(std::move(include));
  }
}

void set_included(InputText& input, const std::vector<std::string>& texts, std::size_t& at) {
  for (InputText::Include& each : input.includes) {
    for (InputText& file : each.files) {
      file.text = texts.at(at++);
      set_included(file, texts, at);
    }
  }
}

}  // namespace

std::vector<InputText> with_texts(std::vector<InputText> inputs,
                                  const std::vector<std::string>& texts) {
  std::size_t at = 0;
  for (InputText& input : inputs) input.text = texts.at(at++);
  for (InputText& input : inputs) set_included(input, texts, at);
  return inputs;
}

Ruleset parse_texts(std::vector<InputText> inputs, Sources& sources,
                    const std::optional<Format>& format,
                    const std::optional<IpVersion>& ip_version) {
  std::vector<Input> to_parse;
  for (InputText& input : inputs) {
    const SourceId id = sources.add(std::move(input.path), std::move(input.text));
    to_parse.push_back({id, format, ip_version});
  }
  std::vector<Include> includes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    add_includes(inputs[i], to_parse[i].source, sources, includes);
  }
  Ruleset ruleset = parse(sources, to_parse, includes);
  resolve(ruleset);
  return ruleset;
}

}  // namespace untrack
