// Metrics: text for the textfile collector of Prometheus' node_exporter (prometheus.io, "Exposition
// formats"), written from the reports of audit and pressure. Every sample is one that is known;
// what is not known has no sample, and never the value 0. The files of all commands can stand in
// one directory: no two of them have a sample of the same name and labels. Of several hosts, each
// sample carries the label `host`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/formats/audit_formats.hpp"
#include "report/pressure/pressure_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_pressure_metrics(const PressureReport& report,
                                                 std::string_view tool_version);

namespace formats {

// A name and its value, which may be any text.
using MetricLabel = std::pair<std::string_view, std::string_view>;

class MetricText {
 public:
  // `host`: the first label of each sample; empty: none has it.
  explicit MetricText(std::string_view host = {}) : host_(host) {}

  // What the samples that follow are of; without a sample nothing of it is written.
  void gauge(std::string_view name, std::string_view help);
  void counter(std::string_view name, std::string_view help);
  void sample(const std::vector<MetricLabel>& labels, double value);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string host_, head_, name_, text_;
};

}  // namespace formats
}  // namespace untrack
