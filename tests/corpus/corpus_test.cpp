// Reads rulesets that nobody on this project wrote, one by one, and compares: do they print back
// byte for byte, is what the kernel's tools load free of errors here, is what they refuse not
// accepted in silence, and how much is not understood. The folder is given by UNTRACK_CORPUS;
// without it the test is skipped (exit status 77) and says so.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "model/resolve.hpp"
#include "model/ruleset.hpp"
#include "parser/iptables/document.hpp"
#include "parser/iptables/script/script.hpp"
#include "parser/parse.hpp"

namespace {

namespace fs = std::filesystem;
using untrack::Format;
using untrack::Problem;
using untrack::ProblemKind;

struct Row {
  std::string file;
  std::string kind;
  bool loads = false;    // the kernel took it, by either backend
  bool refused = false;  // neither backend took it
  bool is_nft = false;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<Row> read_index(const fs::path& folder) {
  std::vector<Row> rows;
  std::istringstream lines(read_file(folder / "INDEX.tsv"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> columns;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) columns.push_back(cell);
    if (columns.size() < 8) continue;
    Row row{columns[0], columns[1]};
    row.is_nft = columns[1].starts_with("nft") || columns[1] == "kube-proxy-nft";
    // iptables-legacy and iptables-nft; two versions of nft, the first of which is Debian 12's.
    const std::string& first = columns[row.is_nft ? 6 : 4];
    const std::string& second = columns[row.is_nft ? 7 : 5];
    row.loads = first == "y" || second == "y";
    row.refused = first == "n" && second != "y";
    const bool is_ours = row.kind.starts_with("iptables-") || row.kind == "shell-script" ||
                         row.kind == "kube-proxy" || (row.is_nft && row.kind != "nft-template");
    if (is_ours) rows.push_back(std::move(row));
  }
  return rows;
}

std::string printed(const std::string& text) {
  const Format format = untrack::recognise(text);
  if (format != Format::shell_script && format != Format::iptables_commands) {
    return print(untrack::iptables::read_lines(untrack::SourceId{}, text));
  }
  untrack::Ruleset ruleset;
  untrack::iptables::ChainIndex index;
  untrack::iptables::Ipsets ipsets(ruleset);
  untrack::iptables::Execution execution(ruleset, index, untrack::SourceId{},
                                         untrack::iptables::Completeness::partial);
  return print(untrack::iptables::read_script(untrack::SourceId{}, text, ruleset, execution, ipsets)
                   .document);
}

void show(const untrack::Sources& sources, const std::string& file, const Problem& problem) {
  const untrack::Location at = sources.locate(problem.span);
  std::cout << "  " << file << ":" << at.line << ":" << at.column << ": " << problem.message;
  if (!problem.label.empty()) std::cout << " (" << problem.label << ")";
  std::cout << "\n";
}

// "KIND WHAT COUNT REASON...": the most that a kind of file may have of something.
std::map<std::string, std::size_t> read_allowances(const fs::path& path) {
  std::map<std::string, std::size_t> allowed;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string kind;
    std::string what;
    std::size_t count = 0;
    words >> kind >> what >> count;
    allowed[kind + " " + what] = count;
  }
  return allowed;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: corpus_test FOLDER ALLOWANCES\n";
    return 2;
  }
  const char* const named = std::getenv("UNTRACK_CORPUS");
  const fs::path folder = named != nullptr ? fs::path(named) : fs::path(arguments[1]);
  if (!fs::exists(folder / "INDEX.tsv")) {
    std::cout << "skipped: no corpus; set UNTRACK_CORPUS to a folder with an INDEX.tsv\n";
    return 77;
  }
  std::map<std::string, std::size_t> found;
  std::size_t files = 0;
  std::size_t rules = 0;
  bool is_good = true;
  for (const Row& row : read_index(folder)) {
    const std::string text = read_file(folder / row.file);
    ++files;
    if (!row.is_nft && printed(text) != text) {
      std::cout << row.file << ": does not print back as it was\n";
      is_good = false;
    }
    untrack::Sources sources;
    const std::vector<untrack::Input> inputs{
        {sources.add(row.file, text), std::nullopt, std::nullopt}};
    untrack::Ruleset ruleset = untrack::parse(sources, inputs);
    untrack::resolve(ruleset);
    for (const untrack::InputSummary& input : ruleset.inputs) rules += input.rules;
    std::size_t errors = 0;
    for (const Problem& problem : ruleset.problems) {
      if (problem.kind == ProblemKind::note) continue;
      const bool is_error = problem.kind == ProblemKind::error;
      errors += is_error ? 1U : 0U;
      if (row.refused && is_error) continue;
      ++found[row.kind + (is_error ? " error" : " not_understood")];
      show(sources, row.file, problem);
      if (is_error && row.loads) {
        std::cout << row.file << ": the kernel loads it, and it has errors here\n";
        is_good = false;
      }
    }
    if (row.refused && errors == 0) {
      ++found[row.kind + " accepted"];
      std::cout << "  " << row.file << ": no backend loads it, and it has no error here\n";
    }
  }
  const std::map<std::string, std::size_t> allowed = read_allowances(arguments[2]);
  for (const auto& [what, number] : found) {
    const auto limit = allowed.find(what);
    const std::size_t most = limit == allowed.end() ? 0 : limit->second;
    std::cout << what << ": " << number << ", allowed " << most << "\n";
    is_good = is_good && number <= most;
  }
  for (const auto& [what, most] : allowed) {
    if (found.contains(what) || most == 0) continue;
    std::cout << what << ": none found, allowed " << most << "; take the line out\n";
    is_good = false;
  }
  std::cout << files << " files, " << rules << " rules read\n";
  return is_good ? 0 : 1;
}
