// outputs: `--output FORM[=FILE]`, which may be repeated: one form on standard output, others in
// files of their own. Used by the commands that have more forms than text and JSON.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/files/output_files.hpp"

namespace untrack {

struct Output {
  std::string form;
  std::string file;  // empty: standard output
};

// Reads the values of the option, of which `forms` are the known forms; without one for standard
// output, `text` goes there. Nullopt, with the reason on `err`, for an unknown form, two forms for
// standard output, or one file twice.
[[nodiscard]] std::optional<std::vector<Output>> read_outputs(
    const std::vector<std::string>& values, const std::vector<std::string_view>& forms,
    std::ostream& err);

// Whether one of them has the form.
[[nodiscard]] bool has_form(const std::vector<Output>& outputs, std::string_view form);

// For a run in which nothing is found: without the text on standard output. What other programs
// read stays.
[[nodiscard]] std::vector<Output> without_text(std::vector<Output> outputs);

// Writes each output, `write` giving its text, and `more` files; files all or none. False, with the
// reasons on `err`, if one cannot be written.
[[nodiscard]] bool write_outputs(const std::vector<Output>& outputs,
                                 const std::function<std::string(const std::string& form)>& write,
                                 std::ostream& out, std::ostream& err,
                                 std::vector<OutputFile> more = {});

}  // namespace untrack
