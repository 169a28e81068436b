#include "report/formats/finding_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "analysis/check.hpp"
#include "model/text_hash.hpp"
#include "report/terminal.hpp"

namespace untrack::formats {
namespace {

// How many bytes the character takes that begins here; 0 if it is none (Unicode 15, table 3-7).
std::size_t length_of_character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const unsigned int first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool is_low = first == 0xe0 && byte(1) < 0xa0;
    const bool is_surrogate = first == 0xed && byte(1) > 0x9f;
    return follows(1) && follows(2) && !is_low && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool is_low = first == 0xf0 && byte(1) < 0x90;
    const bool is_high = first == 0xf4 && byte(1) > 0x8f;
    return follows(1) && follows(2) && follows(3) && !is_low && !is_high ? 4 : 0;
  }
  return 0;
}

std::string with_single_blanks(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_blank) {
      words += c;
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.ends_with(' ')) words.pop_back();
  return words;
}

std::string_view without_dot(std::string_view path) {
  while (path.starts_with("./")) {
    path.remove_prefix(2);
    while (path.starts_with('/')) path.remove_prefix(1);
  }
  return path;
}

}  // namespace

std::string whole_message(const Finding& finding) {
  std::string text = finding.message;
  if (!finding.label.empty()) text += ": " + finding.label;
  const auto stop = [&] {
    if (!text.ends_with('.')) text += '.';
  };
  for (const std::string& note : finding.notes) {
    stop();
    text += " " + note;
  }
  stop();
  return text;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_of_character(text, at);
    if (length == 0) {
      valid += "\xef\xbf\xbd";
      ++at;
    } else {
      valid += text.substr(at, length);
      at += length;
    }
  }
  return valid;
}

std::string shown_utf8(std::string_view text) {
  std::string shown;
  const std::string valid = valid_utf8(text);
  for (std::string_view rest = valid; !rest.empty();) {
    const std::size_t length = length_of_character(rest, 0);
    const std::string_view character = rest.substr(0, length);
    shown += length == 1 || next_cell(rest).text == character ? character : "\xef\xbf\xbd";
    rest.remove_prefix(length);
  }
  return shown;
}

std::string path_of(std::string_view path) {
  return path == "-" ? "stdin" : valid_utf8(without_dot(path));
}

std::string uri_of(std::string_view path) {
  if (path == "-") return "stdin";
  path = without_dot(path);
  std::string uri = path.starts_with('/') ? "file://" : "";
  constexpr std::string_view plain = "-._~/";
  for (const char c : path) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (is_letter || is_digit || plain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

std::vector<std::string> fingerprints(const AuditReport& report) {
  std::vector<std::string> prints;
  std::map<std::uint64_t, std::size_t> seen;
  prints.reserve(report.findings.size());
  for (const Finding& finding : report.findings) {
    const SourceText& source = report.sources[finding.span.source];
    // What has no place of its own is about the whole text, whatever its first line is.
    const std::string line =
        finding.span.empty() ? std::string()
                             : with_single_blanks(source.line(source.locate(finding.span).line));
    std::uint64_t hash = text_hash(finding.check->code);
    for (const std::string_view part : {std::string_view(source.path()), std::string_view(line)}) {
      hash = text_hash(part, text_hash(std::string_view("\0", 1), hash));
    }
    prints.push_back(fmt::format("{:016x}:{}", hash, ++seen[hash]));
  }
  return prints;
}

std::vector<std::size_t> worst_first(const AuditReport& report) {
  std::vector<std::size_t> order(report.findings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return report.findings[a].severity > report.findings[b].severity;
  });
  return order;
}

}  // namespace untrack::formats
