// The golden runner: finds the cases of one kind by listing directories, runs each in memory and
// compares what came out with the files beside it (tests/cases/README.md). Run by ctest, one test a
// kind; by hand: `case_runner tests/cases audit UT301` runs the cases whose path holds UT301.
// Below tests/gaps the same directories hold the wanted output, and must not pass yet.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli.hpp"
#include "model/dump.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"
#include "report/diagnostic.hpp"

namespace fs = std::filesystem;

namespace {

using Texts = std::map<std::string, std::string>;  // file name, relative to the case, to its text

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + path.string());
}

Texts read_tree(const fs::path& root) {
  Texts texts;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_directory()) {
      texts[entry.path().lexically_relative(root).generic_string()] = read_file(entry.path());
    }
  }
  return texts;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A directory of its own, gone when the run is over.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "untrack-case-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp: " + pattern);
    path = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

// What a case is made of: `given` goes in, `expected` should come out, `actual` did.
struct Case {
  fs::path directory;
  std::string name;
  Texts given;
  Texts expected;
  Texts actual;
  std::vector<std::string> faults;  // of the case itself: stray files, nothing expected
};

void sort_files(Case& c, const std::set<std::string>& expectations,
                const std::set<std::string>& inputs, const std::vector<std::string>& arguments) {
  for (auto& [file, text] : read_tree(c.directory)) {
    const std::string top = file.substr(0, file.find('/'));
    const bool is_named = std::any_of(
        arguments.begin(), arguments.end(),
        [&top](const std::string& argument) { return argument.find(top) != std::string::npos; });
    if (file == "reason") continue;  // of a gap
    if (expectations.contains(file) || top == "written") {
      c.expected[file] = text;
    } else if (inputs.contains(file) || is_named ||
               (arguments.empty() && file.starts_with("input"))) {
      c.given[file] = text;
    } else {
      c.faults.push_back("stray file: " + file);
    }
  }
}

void run_command(Case& c) {
  const std::vector<std::string> arguments = lines_of(read_file(c.directory / "args"));
  sort_files(c, {"stdout.txt", "stderr.txt", "exit"}, {"args", "stdin", "environment", "terminal"},
             arguments);
  Scratch scratch;
  for (const auto& [file, text] : c.given) write_file(scratch.path / file, text);
  for (const char* file : {"args", "stdin", "environment", "terminal"}) {
    fs::remove(scratch.path / file);  // the command sees its inputs only
  }
  std::map<std::string, std::string> environment;
  for (const std::string& line : lines_of(c.given["environment"])) {
    environment[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  }
  std::optional<int> width;
  if (c.given.contains("terminal")) width = std::stoi(c.given["terminal"]);
  const Texts before = read_tree(scratch.path);
  std::istringstream in(c.given["stdin"]);
  std::ostringstream out;
  std::ostringstream err;
  const fs::path home = fs::current_path();
  fs::current_path(scratch.path);
  const untrack::ExitStatus status = untrack::run(
      arguments, {in, out, err, width.has_value(), width, [&environment](const char* name) {
                    const auto found = environment.find(name);
                    return found == environment.end() ? nullptr : found->second.c_str();
                  }});
  fs::current_path(home);
  if (!out.str().empty()) c.actual["stdout.txt"] = out.str();
  if (!err.str().empty()) c.actual["stderr.txt"] = err.str();
  if (status != untrack::ExitStatus::clean) {
    c.actual["exit"] = std::to_string(static_cast<int>(status)) + "\n";
  }
  for (const auto& [file, text] : read_tree(scratch.path)) {
    const auto old = before.find(file);
    if (old == before.end() || old->second != text) c.actual["written/" + file] = text;
  }
}

untrack::Ruleset read_inputs(const Case& c, untrack::Sources& sources) {
  std::vector<untrack::Input> inputs;
  for (const auto& [file, text] : c.given) {
    inputs.push_back({sources.add(file, text), std::nullopt, std::nullopt});
  }
  untrack::Ruleset ruleset = untrack::parse(sources, inputs);
  untrack::resolve(ruleset);
  return ruleset;
}

void run_parse(Case& c) {
  sort_files(c, {"dump.txt"}, {}, {});
  untrack::Sources sources;
  const untrack::Ruleset ruleset = read_inputs(c, sources);
  for (const untrack::Problem& problem : ruleset.problems) {
    if (problem.kind == untrack::ProblemKind::error) {
      c.faults.push_back("an input of parse/ has no errors, this one: " + problem.message);
    }
  }
  c.actual["dump.txt"] = untrack::dump(ruleset, sources);
}

void run_reject(Case& c) {
  sort_files(c, {"message.txt"}, {}, {});
  untrack::Sources sources;
  const untrack::Ruleset ruleset = read_inputs(c, sources);
  std::string text;
  for (const untrack::Problem& problem : ruleset.problems) {
    text += untrack::render_problem(sources, problem, untrack::Display{});
  }
  if (!text.empty()) c.actual["message.txt"] = text;
}

std::string difference(const std::string& file, const std::string& expected,
                       const std::string& actual) {
  Scratch scratch;
  write_file(scratch.path / "a", expected);
  write_file(scratch.path / "b", actual);
  const std::string output = scratch.path / "difference";
  const std::string command = "diff -u --label 'expected " + file + "' --label 'actual " + file +
                              "' " + (scratch.path / "a").string() + " " +
                              (scratch.path / "b").string() + " >" + output;
  if (std::system(command.c_str()) == -1) return "diff(1) did not run\n";
  return read_file(output);
}

// A gap is a case that does not pass yet: `reason` says why, its first word from this list.
const std::set<std::string> gap_reasons = {"name_clash",  "argument_syntax", "opaque_match",
                                           "state_model", "kernel_version",  "not_built"};

// Good as long as the wanted output does not come, and for a reason that is on the list.
bool stays_open(const Case& c, const std::string& reason) {
  const std::string word = reason.substr(0, reason.find_first_of(" :\n"));
  if (!gap_reasons.contains(word)) {
    std::cout << c.name << ": the reason begins with none of the known words: " << word << "\n";
    return false;
  }
  for (const std::string& fault : c.faults) {
    if (fault.starts_with("stray file")) {
      std::cout << c.name << ": " << fault << "\n";
      return false;
    }
  }
  if (c.expected.empty()) {
    std::cout << c.name << ": wants nothing\n";
    return false;
  }
  if (c.expected == c.actual && c.faults.empty()) {
    std::cout << c.name << ": gap closed: move it to tests/cases\n";
    return false;
  }
  std::cout << c.name << ": still open: " << reason;
  return true;
}

// The expectation files that differ, told or, when updating, rewritten. True if all is as expected.
bool compare(const Case& c, bool update) {
  bool is_good = c.faults.empty();
  for (const std::string& fault : c.faults) std::cout << c.name << ": " << fault << "\n";
  if (c.actual.empty()) {
    std::cout << c.name << ": nothing came out, so that the case shows nothing\n";
    is_good = false;
  }
  Texts all = c.actual;
  all.insert(c.expected.begin(), c.expected.end());
  for (const auto& [file, unused] : all) {
    const auto expected = c.expected.find(file);
    const auto actual = c.actual.find(file);
    if (expected != c.expected.end() && actual != c.actual.end() &&
        expected->second == actual->second) {
      continue;
    }
    if (update) {
      std::cout << c.name << ": updated " << file << "\n";
      if (actual == c.actual.end()) fs::remove(c.directory / file);
      if (actual != c.actual.end()) write_file(c.directory / file, actual->second);
      continue;
    }
    is_good = false;
    std::cout << c.name << ": " << file
              << (expected == c.expected.end() ? " is missing:\n" : " differs:\n")
              << difference(file, expected == c.expected.end() ? "" : expected->second,
                            actual == c.actual.end() ? "" : actual->second);
  }
  return is_good;
}

// Collects the directories that are cases: those with an `args` file, in parse/ and reject/ those
// with any file. What is neither a case nor leads to one is a fault.
void find_cases(const fs::path& directory, bool is_command, std::vector<fs::path>& cases,
                std::vector<std::string>& faults) {
  std::vector<fs::path> below;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    (entry.is_directory() ? below : files).push_back(entry.path());
  }
  if (is_command ? fs::exists(directory / "args") : !files.empty()) {
    cases.push_back(directory);
    return;
  }
  for (const fs::path& file : files) faults.push_back("stray file: " + file.string());
  if (below.empty()) faults.push_back("no case in " + directory.string());
  for (const fs::path& next : below) find_cases(next, is_command, cases, faults);
}

// audit/UT301/: some case must show [UT301], and one called silent... must not. No dead fixtures.
void check_codes(const std::vector<Case>& cases, std::vector<std::string>& faults) {
  std::map<std::string, bool> shown;
  for (const Case& c : cases) {
    const std::string code = c.directory.parent_path().filename();
    if (code.size() != 5 || !code.starts_with("UT")) continue;
    const auto out = c.actual.find("stdout.txt");
    const bool shows = out != c.actual.end() && out->second.find(code) != std::string::npos;
    shown[code] = shown[code] || shows;
    if (shows && c.directory.filename().string().starts_with("silent")) {
      faults.push_back(c.name + ": is called silent and shows " + code);
    }
  }
  for (const auto& [code, is_shown] : shown) {
    if (!is_shown) faults.push_back("no case in " + code + "/ shows " + code);
  }
}

std::string running = "(none)";

extern "C" void tell_case(int number) {
  constexpr char text[] = "\ncrashed in the case ";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
  written = write(STDERR_FILENO, running.data(), running.size());
  written = write(STDERR_FILENO, "\n", 1);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

int main(int count, char** words) {
  if (count < 3 || count > 4) {
    std::cerr << "usage: case_runner ROOT KIND [PART_OF_PATH]\n";
    return 2;
  }
  const fs::path root = fs::absolute(words[1]);
  const std::string kind = words[2];
  const std::string wanted = count == 4 ? words[3] : "";
  const char* update_word = std::getenv("UPDATE");
  const bool update = update_word != nullptr && std::string(update_word) == "1";
  for (const int number : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(number, tell_case);

  std::vector<fs::path> directories;
  std::vector<std::string> faults;
  const bool is_gaps = root.filename() == "gaps";
  const bool is_command = kind != "parse" && kind != "reject";
  find_cases(root / kind, is_command, directories, faults);
  std::sort(directories.begin(), directories.end());
  std::vector<Case> cases;
  std::size_t failed = 0;
  for (const fs::path& directory : directories) {
    Case c{directory, directory.lexically_relative(root).generic_string(), {}, {}, {}, {}};
    if (c.name.find(wanted) == std::string::npos) continue;
    running = c.name;
    try {
      (kind == "parse" ? run_parse : kind == "reject" ? run_reject : run_command)(c);
    } catch (const std::exception& error) {
      c.faults.push_back(std::string("threw ") + error.what());
    }
    const bool is_good =
        is_gaps ? stays_open(c, read_file(directory / "reason")) : compare(c, update);
    if (!is_good) ++failed;
    cases.push_back(std::move(c));
  }
  if (kind == "audit" && wanted.empty()) check_codes(cases, faults);
  for (const std::string& fault : faults) std::cout << fault << "\n";
  std::cout << kind << ": " << cases.size() - failed << " of " << cases.size() << " cases passed\n";
  if (cases.empty()) std::cout << "no case found\n";
  if (failed == 0 && faults.empty() && !cases.empty()) return 0;
  std::cout
      << "to take what came out as expected, then review the difference: UPDATE=1 ctest -L cases\n";
  return 1;
}
