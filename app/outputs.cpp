#include "app/outputs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "report/terminal.hpp"

namespace untrack {

std::optional<std::vector<Output>> read_outputs(const std::vector<std::string>& values,
                                                const std::vector<std::string_view>& forms,
                                                std::ostream& err) {
  std::vector<Output> outputs;
  for (const std::string& value : values) {
    const std::size_t sign = value.find('=');
    Output output{value.substr(0, sign), sign == std::string::npos ? "" : value.substr(sign + 1)};
    if (std::ranges::find(forms, output.form) == forms.end()) {
      err << "untrack: --output: unknown form \"" << escape_control(output.form) << "\"; there are "
          << fmt::format("{}", fmt::join(forms, ", ")) << "\n";
      return std::nullopt;
    }
    if (sign != std::string::npos && output.file.empty()) {
      err << "untrack: --output " << escape_control(value) << ": the name of a file is missing\n";
      return std::nullopt;
    }
    const auto same = std::ranges::find(outputs, output.file, &Output::file);
    if (same != outputs.end()) {
      err << "untrack: --output: " << same->form << " and " << output.form << " both go to "
          << (output.file.empty() ? std::string("standard output") : escape_control(output.file))
          << "; write one of them to a file: " << output.form << "=FILE\n";
      return std::nullopt;
    }
    outputs.push_back(std::move(output));
  }
  if (std::ranges::find(outputs, std::string(), &Output::file) == outputs.end()) {
    outputs.push_back({"text", ""});
  }
  return outputs;
}

bool has_form(const std::vector<Output>& outputs, std::string_view form) {
  return std::ranges::find(outputs, form, &Output::form) != outputs.end();
}

std::vector<Output> without_text(std::vector<Output> outputs) {
  std::erase_if(outputs,
                [](const Output& output) { return output.file.empty() && output.form == "text"; });
  return outputs;
}

bool write_outputs(const std::vector<Output>& outputs,
                   const std::function<std::string(const std::string& form)>& write,
                   std::ostream& out, std::ostream& err, std::vector<OutputFile> more) {
  std::vector<OutputFile> files = std::move(more);
  for (const Output& output : outputs) {
    if (output.file.empty()) {
      out << write(output.form);
    } else {
      files.push_back({output.file, write(output.form)});
    }
  }
  if (files.empty()) return true;
  const OutputResult result = write_output_files(files, Backup::none);
  for (const OutputError& error : result.errors) {
    err << "untrack: cannot write " << escape_control(error.path) << ": " << error.why << "\n";
  }
  return result.is_written();
}

}  // namespace untrack
