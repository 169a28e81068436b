#include "app/files/output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "app/files/temporary_file.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

std::string last_error() { return std::strerror(errno); }

// One file on its way. Destroyed before it is written, nothing of it is left.
struct Pending {
  const OutputFile* file = nullptr;
  std::string target;                // behind all symbolic links
  std::optional<struct stat> there;  // nullopt: the target is new
  TemporaryFile text;
  TemporaryFile old;  // a second name of the file that is there, or a copy of it
};

// path_resolution(7): the kernel follows at most 40 links, too.
std::string follow_links(const std::string& path, std::string* target) {
  fs::path at = path;
  for (int links = 0; links < 40; ++links) {
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(at, error))) {
      *target = at.string();
      return "";
    }
    const fs::path to = fs::read_symlink(at, error);
    if (error) return error.message();
    // An absolute path replaces what it is appended to.
    at = at.parent_path() / to;
  }
  return std::strerror(ELOOP);
}

std::string look_at_target(Pending* pending) {
  std::string error = follow_links(pending->file->path, &pending->target);
  if (!error.empty()) return error;
  struct stat status {};
  if (stat(pending->target.c_str(), &status) != 0) return errno == ENOENT ? "" : last_error();
  if (S_ISDIR(status.st_mode)) return std::strerror(EISDIR);
  if (!S_ISREG(status.st_mode)) return "not a regular file";
  // Renaming asks only whether the directory may be written.
  if (faccessat(AT_FDCWD, pending->target.c_str(), W_OK, AT_EACCESS) != 0) return last_error();
  pending->there = status;
  return "";
}

// The same for two names of one file, also of one that is still to come.
fs::path canonical(const std::string& target) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(target, error);
  return error ? fs::path(target) : path;
}

std::string keep_attributes(TemporaryFile* file, const struct stat& there) {
  std::string error = file->set_owner(there.st_uid, there.st_gid);
  if (error.empty()) error = file->set_mode(there.st_mode & 07777U);
  return error;
}

std::string write_text(Pending* pending) {
  std::string error = pending->text.create_beside(pending->target, pending->there ? 0600 : 0666);
  if (error.empty()) error = pending->text.write(pending->file->text);
  if (error.empty() && pending->there) error = keep_attributes(&pending->text, *pending->there);
  if (error.empty()) error = pending->text.finish();
  return error;
}

// Gives the file that is there the name `path` as well. Fails with EEXIST in errno if it is taken.
std::string keep_old_as(const std::string& path, Pending* pending, const FileCalls& calls) {
  // A link keeps all there is to a file, but not every file can have one: there are file systems
  // without links, files mounted one by one, and files of others (protected_hardlinks, proc(5)).
  if (calls.link(pending->target.c_str(), path.c_str()) == 0) {
    pending->old.adopt(path);
    return "";
  }
  if (errno == EEXIST) return last_error();
  std::string error = pending->old.create(path);
  if (error.empty()) error = pending->old.write_copy_of(pending->target);
  if (error.empty()) error = keep_attributes(&pending->old, *pending->there);
  if (error.empty()) error = pending->old.finish();
  return error;
}

std::string keep_old(Backup backup, Pending* pending, const FileCalls& calls) {
  if (!pending->there) return "";
  const std::string stem =
      backup == Backup::orig
          ? pending->target + ".orig"
          : fmt::format("{}/.untrack-{}-old", directory_of(pending->target), getpid());
  for (int number = 0; number < 10000; ++number) {
    const std::string path = number == 0 ? stem : fmt::format("{}.{}", stem, number);
    errno = 0;
    std::string error = keep_old_as(path, pending, calls);
    if (error.empty() || errno != EEXIST) return error;
  }
  return std::strerror(EEXIST);
}

// Gives a renamed file its old content back; what went wrong, or nothing.
std::string put_back(Pending* pending, const FileCalls& calls) {
  if (!pending->there) {
    return unlink(pending->target.c_str()) == 0
               ? ""
               : fmt::format("could not be removed again: {}", last_error());
  }
  if (calls.rename(pending->old.path().c_str(), pending->target.c_str()) == 0) {
    pending->old.keep();
    return "";
  }
  std::string why = fmt::format("could not be put back, the old file is {}: {}",
                                pending->old.path(), last_error());
  pending->old.keep();
  return why;
}

// So that the new names survive a loss of power. Not every file system can, and what is written is
// written: no reason to undo it.
void sync_directory(const std::string& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  fsync(directory);
  close(directory);
}

// Everything that can go wrong before the first rename.
std::vector<OutputError> prepare(const std::vector<OutputFile>& files, Backup backup,
                                 const FileCalls& calls, std::vector<Pending>* pending) {
  std::map<fs::path, const OutputFile*> named;
  for (const OutputFile& file : files) {
    Pending& next = pending->emplace_back();
    next.file = &file;
    const std::string error = look_at_target(&next);
    if (!error.empty()) return {{file.path, error}};
    const auto other = named.emplace(canonical(next.target), &file);
    if (!other.second) {
      return {{file.path, fmt::format("the same file as {}", other.first->second->path)}};
    }
  }
  for (Pending& one : *pending) {
    std::string error = write_text(&one);
    if (error.empty()) error = keep_old(backup, &one, calls);
    if (!error.empty()) return {{one.file->path, error}};
  }
  return {};
}

}  // namespace

FileCalls system_calls() { return {::rename, ::link}; }

OutputResult write_output_files(const std::vector<OutputFile>& files, Backup backup,
                                const FileCalls& calls) {
  OutputResult result;
  std::vector<Pending> pending;
  result.errors = prepare(files, backup, calls, &pending);
  if (!result.is_written()) return result;
  for (auto next = pending.begin(); next != pending.end(); ++next) {
    if (calls.rename(next->text.path().c_str(), next->target.c_str()) == 0) {
      next->text.keep();
      continue;
    }
    result.errors.push_back({next->file->path, last_error()});
    while (next != pending.begin()) {
      --next;
      std::string error = put_back(&*next, calls);
      if (!error.empty()) result.errors.push_back({next->file->path, std::move(error)});
    }
    return result;
  }
  for (Pending& one : pending) {
    const bool is_kept = backup == Backup::orig && one.there;
    result.backups.push_back(is_kept ? one.old.path() : "");
    if (is_kept) one.old.keep();
    sync_directory(directory_of(one.target));
  }
  return result;
}

}  // namespace untrack
