#include "app/pipeline/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "analysis/packet/packet_text.hpp"
#include "app/command_options.hpp"
#include "app/files/read_entries.hpp"
#include "app/version.hpp"
#include "report/explain_json.hpp"
#include "report/explain_text.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct ExplainOptions {
  std::vector<std::string> rules;
  std::vector<std::string> packets;
  std::string file;
  std::string state = "given";
  std::vector<std::string> addresses;
  RulesOptions input;
  std::string kernel;
  std::string output = "text";
  DisplayOptions display;
  bool verbose = false;
  ConfigOptions config;
};

// Says what is wrong with a packet, with the bytes underlined. `place`: "--packet", "FILE:12".
void tell(const PacketError& error, std::string_view text, std::string_view place,
          std::ostream& err) {
  const std::size_t size = std::max<std::size_t>(error.end - error.begin, 1);
  err << "untrack: " << escape_control(place) << ": " << escape_control(error.message) << "\n  "
      << escape_control(text) << "\n  "
      << std::string(static_cast<std::size_t>(columns_of(text.substr(0, error.begin))), ' ')
      << std::string(size, '^') << "\n";
  if (!error.cure.empty()) err << "  " << escape_control(error.cure) << "\n";
}

// False, and told, if a text is no packet.
bool add_packet(std::string_view text, std::string_view place,
                std::vector<PacketToExplain>& packets, std::ostream& err) {
  ParsedPacket parsed = parse_packet(text);
  if (!parsed.packet) {
    tell(parsed.error, text, place, err);
    return false;
  }
  const bool has_usual_flags = std::ranges::any_of(
      parsed.assumed, [](const std::string& what) { return what.starts_with("no TCP flags"); });
  packets.push_back({std::move(*parsed.packet), std::move(parsed.assumed), has_usual_flags});
  return true;
}

bool add_lines(const InputText& file, std::vector<PacketToExplain>& packets, std::ostream& err) {
  std::string_view rest = file.text;
  bool is_good = true;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    if (text.ends_with('\r')) text.remove_suffix(1);
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos || text[first] == '#') continue;
    is_good = add_packet(text, fmt::format("{}:{}", file.path, line), packets, err) && is_good;
  }
  return is_good;
}

ExitStatus run_explain(const ExplainOptions& options, const Surroundings& surroundings) {
  std::vector<PacketToExplain> packets;
  bool is_good = true;
  for (const std::string& text : options.packets) {
    is_good = add_packet(text, "--packet", packets, surroundings.err) && is_good;
  }
  if (!options.file.empty()) {
    const auto texts = read_rules({options.file}, {}, surroundings);
    if (!texts) return ExitStatus::bad_input;
    for (const InputText& file : texts->texts) {
      is_good = add_lines(file, packets, surroundings.err) && is_good;
    }
  }
  if (!is_good) return ExitStatus::bad_usage;
  if (packets.empty()) {
    surroundings.err
        << "untrack explain: no packet; give one with --packet 'in tcp 192.0.2.1:40000 "
           "> 198.51.100.2:443'\n";
    return ExitStatus::bad_usage;
  }
  ExplainPolicy policy;
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  policy.every_state = options.state == "all";
  RulesOptions input = options.input;
  input.facts = LiveFacts::host;  // its addresses
  std::optional<InputTexts> texts = read_rules(options.rules, input, surroundings);
  if (!texts) return ExitStatus::bad_input;
  tell_not_there(*texts, surroundings);
  auto locals = local_addresses_of(options.addresses, *texts, surroundings.err);
  if (!locals) return ExitStatus::bad_usage;
  policy.host = {std::move(*locals), connected_networks_of(*texts)};
  policy.kernel = kernel_of(options.kernel, *texts);
  const ExplainReport report = explain(std::move(texts->texts), packets, policy);
  if (options.output == "json") {
    surroundings.out << write_explain_json(report, UNTRACK_VERSION);
  } else {
    const Display display = display_for(options.display, surroundings);
    surroundings.out << write_explain_text(report, display, options.verbose)
                     << config_line(options.config, display);
  }
  return report.is_fully_understood ? ExitStatus::clean : ExitStatus::bad_input;
}

}  // namespace

void add_explain_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "explain",
                         "Show the way of a packet through the rules, and what becomes of it");
  auto options = std::make_shared<ExplainOptions>();
  command.arguments("RULES", options->rules,
                    "Files or directories of one host, judged together; - is standard input", true);
  command.repeated(
      "--packet", options->packets,
      "A packet: 'in tcp 192.0.2.1:40000 > 198.51.100.2:443 syn iif eth0 state new', or "
      "a line of tcpdump, of the LOG target or of an access log",
      "PACKET");
  command.text("--packets", options->file, "A file of packets, one a line; - is standard input",
               "FILE");
  command.choice("--state", options->state,
                 "Each packet in the state that it gives (default), or in all it could have",
                 "given|all");
  command.repeated("--address", options->addresses,
                   "An address of the host, with the length of its network: whether what a rule "
                   "translates is for it; may be repeated, all are needed",
                   "ADDRESS");
  command.rules(options->input);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.flag("--verbose", options->verbose, "Print the rules that do not match, too");
  command.output(options->output);
  command.display(options->display);
  command.configuration(options->config);
  command.footer(
      "Exit status: 0 explained; 2 bad usage, or a packet that cannot be read; 3 an input is "
      "unreadable\nor not fully understood; 4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_explain(*options, surroundings);
  });
}

}  // namespace untrack
