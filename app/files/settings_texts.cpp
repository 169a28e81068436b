#include "app/files/settings_texts.hpp"

#include <algorithm>
#include <utility>

namespace untrack {
namespace {

// One line, whatever the value holds.
void add_line(std::string& text, std::string_view name, std::string_view value) {
  const std::size_t begin = text.size();
  text += name;
  text += " = ";
  text += value;
  std::replace(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '\n', ' ');
  text += '\n';
}

}  // namespace

std::vector<InputText> read_settings_texts(const std::vector<std::string>& paths,
                                           const InputTexts& inputs, std::istream& standard_input,
                                           std::vector<std::string>& errors) {
  std::vector<InputText> texts;
  for (const NamedSnapshot& each : inputs.snapshots) {
    InputText lines{each.path + ":settings", {}};
    for (const Snapshot::Setting& setting : each.snapshot.settings) {
      add_line(lines.text, setting.name, setting.value);
    }
    texts.push_back(std::move(lines));
  }
  for (const std::string& path : paths) {
    PressureRequest request;
    std::string error = read_settings(path, standard_input, request);
    if (!error.empty()) errors.push_back(std::move(error));
    for (PressureInput& file : request.settings) {
      texts.push_back({std::move(file.path), std::move(file.text)});
    }
    if (request.single_settings.empty()) continue;
    InputText lines{path, {}};
    for (const PressureSetting& setting : request.single_settings) {
      add_line(lines.text, setting.name, setting.value);
    }
    texts.push_back(std::move(lines));
  }
  return texts;
}

}  // namespace untrack
