#include "analysis/certificate/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace untrack {
namespace {

std::string name_of(const ToolAnswer& answer) {
  return answer.version.empty() ? answer.tool : fmt::format("{} {}", answer.tool, answer.version);
}

// "A, B and C" of those that gave this answer; empty: none did.
std::string tools_with(const LoadTest& test, LoadAnswer answer) {
  std::vector<std::string> names;
  for (const ToolAnswer& row : test.answers) {
    if (row.answer == answer) names.push_back(name_of(row));
  }
  if (names.size() < 2) return names.empty() ? std::string() : names.front();
  const std::string last = std::move(names.back());
  names.pop_back();
  return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

// What the others say, which proves nothing.
std::string asides(const LoadTest& test) {
  std::string text;
  const auto add = [&](std::string_view words) {
    if (!text.empty()) text += "; ";
    text += words;
  };
  for (const ToolAnswer& row : test.answers) {
    if (row.answer == LoadAnswer::refuses_both) {
      add(fmt::format("{} refuses the original, too: {}", name_of(row), row.message));
    } else if (row.answer == LoadAnswer::no_answer) {
      add(fmt::format("{} gave no answer: {}", name_of(row), row.message));
    }
  }
  return text;
}

}  // namespace

std::string_view to_text(LoadAnswer answer) {
  switch (answer) {
    case LoadAnswer::taken:
      return "taken";
    case LoadAnswer::refused:
      return "refused";
    case LoadAnswer::refuses_both:
      return "refuses_both";
    case LoadAnswer::no_answer:
      return "no_answer";
  }
  return {};
}

void add_load_test(Certificate& certificate, LoadTest test) {
  const auto loads = std::ranges::find(certificate.obligations, "O5", &Obligation::id);
  if (loads == certificate.obligations.end()) return;
  const auto refused = std::ranges::find(test.answers, LoadAnswer::refused, &ToolAnswer::answer);
  const std::string takers = tools_with(test, LoadAnswer::taken);
  const std::string others = asides(test);
  if (refused != test.answers.end()) {
    loads->proof = Proof::failed;
    loads->explanation = fmt::format("{} takes {}the original and refuses {}: {}",
                                     name_of(*refused), test.is_of_words ? "the words of " : "",
                                     test.is_of_words ? "those of this" : "this", refused->message);
  } else {
    // What one of them cannot load at all, another may take without a closer look.
    const bool is_clear = std::ranges::none_of(
        test.answers, [](const ToolAnswer& row) { return row.answer == LoadAnswer::refuses_both; });
    loads->proof = is_clear && !takers.empty() ? Proof::proven : Proof::not_checked;
    loads->explanation = takers.empty()
                             ? "the files are read as a ruleset"
                             : fmt::format("{}taken by {} ({}, in a network namespace of its own)",
                                           test.is_of_words ? "the words of its commands are " : "",
                                           takers, takers.starts_with("nft ") ? "-c" : "--test");
    const std::string& more = test.answers.empty() ? test.why_not : others;
    if (!more.empty()) loads->explanation += "; " + more;
  }
  certificate.load_test = std::move(test);
}

bool holds(const Certificate& certificate) {
  return std::ranges::all_of(certificate.obligations, [](const Obligation& obligation) {
    return obligation.proof != Proof::failed &&
           (obligation.proof != Proof::not_checked || obligation.id == "O5");
  });
}

}  // namespace untrack
