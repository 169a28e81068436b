#include "analysis/pressure/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/pressure/units.hpp"
#include "model/trimmed.hpp"

namespace untrack {
namespace {

constexpr std::string_view tcp_packet = "nf_conntrack_tcp_packet, nf_conntrack_proto_tcp.c";
constexpr std::string_view udp_packet =
    "nf_conntrack_udp_packet, nf_conntrack_proto_udp.c; since 5.0 a stream is older than 2 s "
    "(commit "
    "d535c8a69c19)";

constexpr std::array<EndingRow, 13> ending_table{{
    {"tcp", "closed", Timeout::tcp_time_wait, true, true, "in time_wait after both FINs",
     tcp_packet},
    {"tcp", "reset", Timeout::tcp_close, true, true, "in close after the RST", tcp_packet},
    {"tcp", "abandoned", Timeout::tcp_established, true, true,
     "in established, since nobody closes it", tcp_packet},
    {"tcp", "unanswered", Timeout::tcp_syn_sent, false, false, "in syn_sent, since no answer comes",
     tcp_packet},
    {"udp", "", Timeout::udp, false, false, "after the last packet, since it is no stream",
     udp_packet},
    {"udp", "stream", Timeout::udp_stream, true, true, "after the last packet of a stream",
     udp_packet},
    {"icmp", "", Timeout::icmp, false, false, "after the last echo", "nf_conntrack_proto_icmp.c"},
    {"icmpv6", "", Timeout::icmpv6, false, false, "after the last echo",
     "nf_conntrack_proto_icmpv6.c"},
    {"sctp", "closed", Timeout::sctp_closed, true, true, "in closed after SHUTDOWN COMPLETE",
     "nf_conntrack_proto_sctp.c"},
    {"sctp", "abandoned", Timeout::sctp_established, true, true,
     "in established, since nobody closes it", "nf_conntrack_proto_sctp.c"},
    {"gre", "", Timeout::gre, false, false, "after the last packet, one direction only",
     "nf_conntrack_proto_gre.c"},
    {"gre", "stream", Timeout::gre_stream, true, true, "after the last packet of a stream",
     "nf_conntrack_proto_gre.c"},
    {"other", "", Timeout::generic, false, false, "after the last packet",
     "nf_conntrack_proto_generic.c"},
}};

constexpr std::string_view shape = "expected PROTOCOL=RATE[,LIFE[,ENDING]], as in tcp=500/s,60s";
constexpr std::string_view protocols = "expected tcp, udp, icmp, icmpv6, sctp, gre or other";

constexpr KernelVersion stream_needs_two_seconds{5, 0, 0};

const EndingRow* first_row(std::string_view protocol) {
  const auto found = std::ranges::find(ending_table, protocol, &EndingRow::protocol);
  return found == ending_table.end() ? nullptr : &*found;
}

const EndingRow* find_row(std::string_view protocol, std::string_view word) {
  for (const EndingRow& row : ending_table) {
    if (row.protocol == protocol && row.word == word) return &row;
  }
  return nullptr;
}

// The words that may stand as third part for a protocol.
std::string ending_words(std::string_view protocol) {
  std::string words;
  for (const EndingRow& row : ending_table) {
    if (row.protocol == protocol && !row.word.empty()) {
      words += words.empty() ? "expected " : ", ";
      words += row.word;
    }
  }
  return words.empty() ? fmt::format("{} takes no third part", protocol) : words;
}

}  // namespace

std::span<const EndingRow> ending_rows() { return ending_table; }

std::optional<Load> parse_load(std::string_view text, const Span& span,
                               std::vector<Problem>& problems) {
  const auto refuse = [&](std::string_view part, std::string message, std::string expected) {
    const auto begin = span.begin + static_cast<std::uint32_t>(part.data() - text.data());
    Problem problem;
    problem.kind = ProblemKind::error;
    problem.span = {span.source, begin, begin + static_cast<std::uint32_t>(part.size())};
    problem.message = std::move(message);
    problem.label = std::move(expected);
    problems.push_back(std::move(problem));
    return std::nullopt;
  };
  const auto refuse_unit = [&](std::string_view part, const UnitError& error) {
    return refuse(part.substr(error.begin, error.end - error.begin), error.message, error.expected);
  };

  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return refuse(text, fmt::format("not a load: \"{}\"", text), std::string(shape));
  }
  const std::string_view name = trimmed(text.substr(0, equals));
  const EndingRow* const row = first_row(name);
  if (row == nullptr) {
    return refuse(text.substr(0, equals), fmt::format("not a protocol here: \"{}\"", name),
                  std::string(protocols));
  }
  Load load;
  load.protocol = row->protocol;
  load.span = span;

  // The rate may have separators of its own ("2,000/s"), so its comma is the first behind the
  // slash.
  const std::string_view rest = text.substr(equals + 1);
  const std::size_t slash = rest.find('/');
  const std::size_t comma =
      slash == std::string_view::npos ? std::string_view::npos : rest.find(',', slash);
  const std::string_view rate_text = trimmed(rest.substr(0, comma));
  const Parsed<double> rate = parse_rate(rate_text);
  if (!rate.value) {
    return rate_text.empty()
               ? refuse(rest.substr(0, 0), "a load needs its rate", std::string(shape))
               : refuse_unit(rate_text, rate.error);
  }
  load.rate = *rate.value;
  std::string_view tail =
      comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  const std::size_t second = tail.find(',');
  std::string_view ending;
  if (second != std::string_view::npos) {
    ending = trimmed(tail.substr(second + 1));
    const EndingRow* const wanted = ending.empty() ? nullptr : find_row(name, ending);
    if (wanted == nullptr) {
      return refuse(tail.substr(second + 1),
                    fmt::format("not an ending of {}: \"{}\"", name, ending), ending_words(name));
    }
    load.ending = wanted->word;
  }
  const std::string_view life_text = trimmed(tail.substr(0, second));
  const EndingRow* const ends_in = load.ending.empty() ? row : find_row(name, load.ending);
  if (life_text.empty()) {
    if (ends_in->needs_life) {
      return refuse(text, fmt::format("{} needs how long a connection lives", name),
                    fmt::format("expected a duration behind the rate, as in {}=500/s,60s", name));
    }
    return load;
  }
  const Parsed<double> life = parse_duration(life_text);
  if (!life.value) return refuse_unit(life_text, life.error);
  load.life = *life.value;
  return load;
}

std::vector<Load> parse_profile(const SourceText& source, SourceId id,
                                std::vector<Problem>& problems) {
  std::vector<Load> loads;
  const std::string_view text = source.text();
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) end = text.size();
    std::string_view line = text.substr(begin, end - begin);
    line = trimmed(line.substr(0, line.find('#')));
    if (!line.empty()) {
      const auto offset = static_cast<std::uint32_t>(line.data() - text.data());
      const Span span{id, offset, offset + static_cast<std::uint32_t>(line.size())};
      if (const auto load = parse_load(line, span, problems)) loads.push_back(*load);
    }
    begin = end + 1;
  }
  return loads;
}

const EndingRow& ending_of(const Load& load, const KernelVersion& kernel) {
  if (!load.ending.empty()) return *find_row(load.protocol, load.ending);
  const EndingRow* const stream = find_row(load.protocol, "stream");
  if (stream != nullptr) {
    const double threshold =
        load.protocol == "udp" && kernel >= stream_needs_two_seconds ? 2.0 : 0.0;
    if (load.life > threshold) return *stream;
  }
  return *first_row(load.protocol);
}

LoadEntries steady_state(const Load& load, const Timeouts& timeouts, const KernelVersion& kernel) {
  LoadEntries result;
  result.load = load;
  result.ending = &ending_of(load, kernel);
  result.seconds = load.life + static_cast<double>(of(timeouts, result.ending->timeout).value);
  result.entries = load.rate * result.seconds;
  return result;
}

}  // namespace untrack
