#include "report/html/hosts_html.hpp"

#include <fmt/format.h>

#include "report/hosts_text.hpp"
#include "report/html/escape.hpp"
#include "report/html/page.hpp"
#include "report/html/parts.hpp"

namespace untrack {
namespace {

using namespace html;

Tone tone_of_word(std::string_view word) {
  for (const TrackingState state :
       {TrackingState::forced, TrackingState::not_forced, TrackingState::unknown}) {
    if (word == state_word(state)) return html::tone_of(state);
  }
  return word == "not read" ? Tone::bad : Tone::plain;
}

std::string link(const std::string& to, std::string_view words) {
  return fmt::format("<a href=\"{}\">{}</a>", to, text(words));
}

}  // namespace

std::string host_page_name(std::size_t number, std::string_view host, bool is_change) {
  constexpr std::size_t longest = 60;
  std::string name;
  for (const char c : host.substr(0, longest)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    name += is_plain ? c : '-';
  }
  return fmt::format("{:04}-{}{}.html", number + 1, name, is_change ? ".diff" : "");
}

std::string write_hosts_html(const HostsSummary& summary, const std::vector<bool>& has_change,
                             std::string_view tool_version) {
  const TextTable cells = hosts_table(summary);
  const auto& rows = cells.rows();
  CardTable table("All hosts", rows.front(), cells.columns());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::size_t number = i - 1;
    const std::string& host = rows[i].front();
    std::vector<std::string> markup;
    for (std::size_t k = 0; k < rows[i].size(); ++k) {
      const std::string& cell = rows[i][k];
      const bool is_last = k + 1 == rows[i].size();
      if (k == 0) {
        markup.push_back(summary.rows[number].is_readable ? link(host_page_name(number, host), cell)
                                                          : text(cell));
      } else if (k <= 2 && cell != "-") {
        markup.push_back(chip(tone_of_word(cell), cell));
      } else if (is_last && has_change[number]) {
        markup.push_back(link(host_page_name(number, host, true), cell));
      } else {
        markup.push_back(text(cell));
      }
    }
    table.add(std::move(markup));
  }
  const std::string answer = sentence_of(summary) + ".";
  std::string remarks;
  for (const std::string& remark : hosts_remarks(summary)) {
    if (remark != answer) remarks += paragraph(remark);
  }
  PageFrame frame{"audit --hosts", tool_version, {}, answer};
  std::string markup = section("hosts", "All hosts", table.empty() ? "" : table.render());
  markup += section("remarks", "Beside", remarks);
  return page(frame, markup);
}

}  // namespace untrack
