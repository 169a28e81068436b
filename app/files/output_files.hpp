// Writes several files, all of them or none. Used by commands that change rulesets in place, where
// half of a change may be a firewall that nobody wanted.
//
// First each text is written to a temporary file beside its target and each old file gets a second
// name; only when all of that is on the disk are the temporaries renamed. If that fails for one of
// them, those renamed before get their old file back. What this cannot do: undo after the process
// was killed between two renames. Old files are then where the backups are, if those were wanted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace untrack {

struct OutputFile {
  std::string path;  // a symbolic link stands for what it points to, and stays
  std::string text;
};

// `orig`: what was there is kept as FILE.orig, or FILE.orig.1 and so on if that exists, beside the
// file that is written, which is not beside a symbolic link to it.
enum class Backup : std::uint8_t { none, orig };

struct OutputError {
  std::string path;  // as named by the caller
  std::string why;   // in the system's words, where it is the system that refuses
};

struct OutputResult {
  // Empty: every file is written. Else none is; the first error says why, and others only follow if
  // something could not be put back: they name the place where the old file is.
  std::vector<OutputError> errors;
  // For each file where its old text is kept; empty if there was no file or no backup was wanted.
  std::vector<std::string> backups;

  [[nodiscard]] bool is_written() const { return errors.empty(); }
};

// rename(2) and link(2), so that tests can have them fail.
struct FileCalls {
  std::function<int(const char* from, const char* to)> rename;
  std::function<int(const char* from, const char* to)> link;
};
[[nodiscard]] FileCalls system_calls();

// A file that was there keeps owner and permissions, but neither extended attributes nor other hard
// links to it; a new one gets what the umask leaves of 0666. Refused, with nothing changed: a
// directory or anything else that is no regular file, a file that one may not write, and two names
// for one file.
[[nodiscard]] OutputResult write_output_files(const std::vector<OutputFile>& files, Backup backup,
                                              const FileCalls& calls = system_calls());

}  // namespace untrack
