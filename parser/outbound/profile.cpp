#include "parser/outbound/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "model/catalog/protocols.hpp"
#include "model/catalog/services.hpp"
#include "model/ip_protocol.hpp"
#include "model/spelling.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/iptables/values/numbers.hpp"
#include "parser/iptables/values/protocols.hpp"
#include "parser/outbound/grammar.hpp"

namespace untrack {
namespace {

using iptables::in_quotes;

constexpr std::size_t most_problems = 100;

struct Token {
  std::string_view text;
  Span span;
  bool is_comma = false;
};

struct Scan {
  const char* begin = nullptr;
  SourceId source{};
  std::vector<Token> line;
  std::vector<std::vector<Token>> lines;

  template <typename Input>
  void add(const Input& in, bool is_comma) {
    const auto at = static_cast<std::uint32_t>(in.begin() - begin);
    const auto size = static_cast<std::uint32_t>(in.size());
    line.push_back({{in.begin(), in.size()}, {source, at, at + size}, is_comma});
  }
};

template <typename Rule>
struct Action : tao::pegtl::nothing<Rule> {};

template <>
struct Action<outbound::grammar::word> {
  template <typename Input>
  static void apply(const Input& in, Scan& scan) {
    scan.add(in, false);
  }
};

template <>
struct Action<outbound::grammar::comma> {
  template <typename Input>
  static void apply(const Input& in, Scan& scan) {
    scan.add(in, true);
  }
};

template <>
struct Action<outbound::grammar::line_end> {
  static void apply0(Scan& scan) {
    if (!scan.line.empty()) scan.lines.push_back(std::move(scan.line));
    scan.line.clear();
  }
};

// One line. Ends at the first thing that is wrong in it.
class LineReader {
 public:
  explicit LineReader(const std::vector<Token>& tokens) : tokens_(tokens) {}

  // Nothing: it is the word `nothing`, or problem() says what is wrong.
  std::optional<OutboundFlow> read() {
    if (word() == "nothing" && tokens_.size() == 1) {
      says_nothing_ = true;
      return std::nullopt;
    }
    if (!read_protocol()) return std::nullopt;
    const bool is_read = flow_.protocol == ip_protocol::icmp ? read_query()
                         : has_ports(flow_.protocol)         ? read_ports("PORT", flow_.ports)
                                                             : true;
    if (!is_read) return std::nullopt;
    if (word() == "from") {
      const Token from = next();
      if (!has_ports(flow_.protocol)) {
        return wrong(from, "a source port of a protocol that has none: " + in_quotes(from.text),
                     "expected `to` or the end of the line",
                     "from is for source ports; the other side's address stands behind to.");
      }
      if (!read_ports("from PORT", flow_.from)) return std::nullopt;
      if (flow_.from.empty()) flow_.from.push_back({0, 65535});
    }
    if (word() == "to") {
      (void)next();
      if (!read_peers()) return std::nullopt;
    }
    if (!at_end()) return unexpected();
    flow_.span = cover(tokens_.front().span, tokens_.back().span);
    return flow_;
  }

  [[nodiscard]] bool says_nothing() const { return says_nothing_; }
  [[nodiscard]] const std::optional<Problem>& problem() const { return problem_; }

 private:
  [[nodiscard]] bool at_end() const { return at_ == tokens_.size(); }
  // Empty for a comma, and at the end.
  [[nodiscard]] std::string_view word() const {
    return at_end() || tokens_[at_].is_comma ? std::string_view() : tokens_[at_].text;
  }
  const Token& next() { return tokens_[at_++]; }
  // Behind the last token, where something is missing.
  [[nodiscard]] Token end() const {
    const Span& last = tokens_.back().span;
    return {"", {last.source, last.end, last.end}};
  }

  std::nullopt_t wrong(const Token& token, std::string message, std::string label,
                       std::string cure) {
    problem_ = Problem{ProblemKind::error, token.span,      std::move(message),
                       std::move(label),   std::move(cure), false};
    return std::nullopt;
  }

  std::nullopt_t unexpected() {
    const Token& token = tokens_[at_];
    constexpr std::array<std::string_view, 2> words = {"from", "to"};
    const bool is_late = token.text == "from" && has_ports(flow_.protocol);
    std::string label =
        is_late ? "expected the end of the line" : iptables::did_you_mean(token.text, words);
    if (label.empty()) {
      label = has_ports(flow_.protocol) ? "expected `from`, `to` or the end of the line"
                                        : "expected `to` or the end of the line";
    }
    std::string cure =
        "One flow is one line: PROTOCOL, then ports, then from PORT, then to ADDRESS.";
    if (is_late) {
      cure = "Write from in front of to, as in udp 123 from 123 to 192.0.2.1.";
    } else if (!flow_.ports.empty() && iptables::number_of(token.text, 65535)) {
      cure = "Join several ports by commas, as in tcp 80,443.";
    } else if (address_of(token.text, nullptr)) {
      cure = fmt::format("Write to in front of an address: to {}.", token.text);
    }
    return wrong(token, "not expected here: " + in_quotes(token.text), std::move(label),
                 std::move(cure));
  }

  bool read_protocol() {
    if (tokens_.front().is_comma) {
      wrong(tokens_.front(), "a comma without a protocol in front of it", "expected a protocol",
            "Begin a line with a protocol, as in tcp 443.");
      return false;
    }
    const Token& token = next();
    const auto protocol = iptables::protocol_of(token.text);
    if (protocol && *protocol == ip_protocol::icmpv6) {
      wrong(token, "ICMPv6 has no line of its own: " + in_quotes(token.text), "expected icmp",
            "Write icmp: it counts for both families, as ICMPv6 in IPv6.");
      return false;
    }
    if (protocol && *protocol != 0) {
      flow_.protocol = *protocol;
      return true;
    }
    Nearest meant(token.text);
    for (const catalog::ProtocolName& row : catalog::protocols()) meant.offer(row.name);
    meant.offer("nothing");
    std::string label = "expected tcp, udp, icmp or another protocol";
    if (!meant.best().empty()) label = fmt::format("did you mean \"{}\"?", meant.best());
    std::string cure = "Begin a line with a protocol, as in tcp 443.";
    if (catalog::find_service(token.text) != nullptr) {
      cure = fmt::format("Put the protocol in front of the service, as in tcp {}.", token.text);
    } else if (iptables::number_of(token.text, 65535)) {
      cure = fmt::format("Put the protocol in front of the port, as in tcp {}.", token.text);
    }
    wrong(token, "not a protocol: " + in_quotes(token.text), std::move(label), std::move(cure));
    return false;
  }

  bool read_query() {
    if (word() == "echo" || word() == "any") {
      flow_.is_echo = next().text == "echo";
      return true;
    }
    const Token token = at_end() ? end() : tokens_[at_];
    wrong(
        token,
        at_end() ? "icmp without a kind of query" : "not a kind of query: " + in_quotes(token.text),
        "expected echo or any",
        "Write icmp echo for what ping sends; answers and errors need no line.");
    return false;
  }

  // A list of ports, or `any`.
  bool read_ports(std::string_view what, std::vector<Interval>& into) {
    if (word() == "any") {
      (void)next();
      return true;
    }
    while (true) {
      const Token token = at_end() ? end() : tokens_[at_];
      if (at_end() || token.is_comma || token.text == "to" || token.text == "from") {
        wrong(token, fmt::format("a port is missing of {}", in_quotes(tokens_.front().text)),
              fmt::format("expected {}", what),
              "Write a port, several as 80,443 or 8000-8010, or any.");
        return false;
      }
      const auto ports = ports_of(token);
      if (!ports) return false;
      into.push_back(*ports);
      (void)next();
      if (at_end() || !tokens_[at_].is_comma) return true;
      (void)next();
    }
  }

  static std::optional<Number> port_of(std::string_view text) {
    if (const auto number = iptables::number_of(text, 65535)) return Number{*number};
    if (const auto port = catalog::port_of_service(text)) return Number{*port};
    return std::nullopt;
  }

  std::optional<Interval> ports_of(const Token& token) {
    if (const auto port = port_of(token.text)) return Interval{*port, *port};
    const std::size_t middle = token.text.find_first_of("-:");
    std::string label = "expected a port from 0 to 65535, a range like 8000-8010, or any";
    if (middle != std::string_view::npos) {
      const auto first = port_of(token.text.substr(0, middle));
      const auto last = port_of(token.text.substr(middle + 1));
      if (first && last && *first <= *last) return Interval{*first, *last};
      if (first && last) {
        return wrong(token, "a range that ends before it begins: " + in_quotes(token.text),
                     fmt::format("did you mean \"{}-{}\"?", token.text.substr(middle + 1),
                                 token.text.substr(0, middle)),
                     "Write the lower port first.");
      }
    }
    Nearest meant(token.text);
    for (const catalog::Service& row : catalog::services()) meant.offer(row.name);
    meant.offer("any");
    if (!meant.best().empty()) label = fmt::format("did you mean \"{}\"?", meant.best());
    std::string cure = "Write a port, several as 80,443 or 8000-8010, or any.";
    if (address_of(token.text, nullptr)) {
      cure = fmt::format("The port comes first, as in {} PORT to {}.", tokens_.front().text,
                         token.text);
    }
    return wrong(token, "not a port: " + in_quotes(token.text), std::move(label), std::move(cure));
  }

  bool read_peers() {
    while (true) {
      const Token token = at_end() ? end() : tokens_[at_];
      if (at_end() || token.is_comma) {
        wrong(token, "an address is missing", "expected to ADDRESS",
              "Write an address or a network behind to, or leave to out for everywhere.");
        return false;
      }
      if (token.text != "any") {
        IpVersion version{};
        const auto peers = address_of(token.text, &version);
        if (!peers) {
          wrong(token, "not an address: " + in_quotes(token.text),
                "expected something like 192.0.2.53, 198.51.100.0/24 or 2001:db8::/32",
                "Names are not looked up: write the addresses, several with commas between them.");
          return false;
        }
        (version == IpVersion::ipv4 ? flow_.ipv4 : flow_.ipv6).push_back(*peers);
      } else if (tokens_.size() - at_ > 1 || !flow_.ipv4.empty() || !flow_.ipv6.empty()) {
        wrong(token, "any beside addresses", "expected addresses, or any alone",
              "Leave to out where a flow may go everywhere.");
        return false;
      }
      (void)next();
      if (at_end() || !tokens_[at_].is_comma) return true;
      (void)next();
    }
  }

  // An address, a network or a range; the family goes to `version` where that is given.
  static std::optional<Interval> address_of(std::string_view text, IpVersion* version) {
    const IpVersion family =
        text.find(':') == std::string_view::npos ? IpVersion::ipv4 : IpVersion::ipv6;
    if (version != nullptr) *version = family;
    const auto address = [&](std::string_view word) -> std::optional<Number> {
      // "10" is an address to iptables, and a slip in a list like this.
      if (family == IpVersion::ipv4 && std::ranges::count(word, '.') != 3) return std::nullopt;
      return iptables::address_of(word, family);
    };
    const std::size_t slash = text.find('/');
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
      const auto first = address(text.substr(0, dash));
      const auto last = address(text.substr(dash + 1));
      if (!first || !last || *first > *last) return std::nullopt;
      return Interval{*first, *last};
    }
    const auto first = address(text.substr(0, slash));
    if (!first) return std::nullopt;
    if (slash == std::string_view::npos) return Interval{*first, *first};
    const std::uint64_t width = family == IpVersion::ipv4 ? 32 : 128;
    const auto length = iptables::number_of(text.substr(slash + 1), width);
    if (!length) return std::nullopt;
    const Number all = iptables::full_mask(family);
    const Number host = *length == width ? Number{0} : all >> *length;
    return Interval{*first & ~host & all, (*first & ~host & all) | host};
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  OutboundFlow flow_;
  std::optional<Problem> problem_;
  bool says_nothing_ = false;
};

}  // namespace

ParsedOutboundProfile parse_outbound_profile(std::string path, std::string text) {
  ParsedOutboundProfile parsed;
  const SourceId id = parsed.profile.sources.add(std::move(path), std::move(text));
  const std::string_view whole = parsed.profile.sources[id].text();
  Scan scan;
  scan.begin = whole.data();
  scan.source = id;
  tao::pegtl::memory_input input(whole.data(), whole.size(), "");
  tao::pegtl::parse<outbound::grammar::list, Action>(input, scan);
  const std::vector<Token>* nothing = nullptr;
  for (const std::vector<Token>& tokens : scan.lines) {
    LineReader reader(tokens);
    if (auto flow = reader.read()) parsed.profile.flows.push_back(std::move(*flow));
    if (reader.says_nothing()) nothing = &tokens;
    if (!reader.problem()) continue;
    parsed.problems.push_back(*reader.problem());
    if (parsed.problems.size() == most_problems) return parsed;
  }
  if (!parsed.problems.empty()) return parsed;
  if (nothing == nullptr && parsed.profile.flows.empty()) {
    parsed.problems.push_back(
        {ProblemKind::error, Span{id, 0, 0}, "a list without a flow", "expected a flow or nothing",
         "Write one flow a line, as in tcp 443; or the word nothing, if this host starts none.",
         false});
  } else if (nothing != nullptr && !parsed.profile.flows.empty()) {
    parsed.problems.push_back({ProblemKind::error, nothing->front().span,
                               "nothing, in a list that has flows", "expected a flow",
                               "Remove the line.", false});
  }
  return parsed;
}

}  // namespace untrack
