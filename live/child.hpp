// in_child: work in a process of its own, what it prints caught in memory. For the libraries of
// netfilter: they print to standard output, end the process on errors, keep what they once loaded,
// and read the network namespace that they are in. Used by live/.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "model/text_blocks.hpp"

namespace untrack::live {

// The network namespace to read; empty: that of this process.
struct Namespace {
  std::string path;
};

// `netns`: a name below /run/netns, the id of a process, a path with a slash, or empty for the
// namespace of this process.
[[nodiscard]] Namespace namespace_of(const std::string& netns);

struct ChildResult {
  bool is_done = false;  // it ended by itself and `work` returned true
  std::string out;
  std::string err;  // one line, without the newline; never empty if it is not done
};

// In the child: the terminal that standard error was, or -1 if it was none.
[[nodiscard]] int parents_terminal();

// Runs `work` in a child process, inside the namespace. May not be called while there are threads.
[[nodiscard]] ChildResult in_child(const Namespace& where, const std::function<bool()>& work);

// The same, but what `work` prints is read while it works: it waits for its reader. why_cut() is
// the `err` of a child that is not done. Gone before its end, it ends the child.
[[nodiscard]] std::shared_ptr<TextBlocks> stream_of_child(const Namespace& where,
                                                          const std::function<bool()>& work);

}  // namespace untrack::live
