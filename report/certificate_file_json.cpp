#include "report/certificate_file_json.hpp"

#include <algorithm>
#include <utility>

#include "analysis/packet/packet_text.hpp"
#include "report/formats/finding_place.hpp"
#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;

std::string word_of_state(CtState state) {
  std::string word(to_text(state));
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return word;
}

Json witness_of(const ClaimedWitness& witness) {
  Packet packet = witness.packet;
  packet.state = witness.original_state;
  return {{"packet", to_text(packet)},
          {"original_state", word_of_state(witness.original_state)},
          {"rewritten_state", word_of_state(witness.rewritten_state)},
          {"conditions", witness.conditions},
          {"before", to_text(witness.before)},
          {"after", to_text(witness.after)}};
}

Json text_of(const CertifiedText& file) {
  Json includes = Json::array();
  for (const CertifiedText::Include& include : file.includes) {
    Json files = Json::array();
    for (const CertifiedText& each : include.files) files.push_back(text_of(each));
    includes.push_back({{"pattern", include.pattern},
                        {"files", std::move(files)},
                        {"why_not", include.why_not},
                        {"cure", include.cure}});
  }
  Json json = {{"path", file.path}, {"sha256", file.sha256}, {"text", nullptr}};
  if (file.text && formats::valid_utf8(*file.text) == *file.text) json["text"] = *file.text;
  json["includes"] = std::move(includes);
  return json;
}

Json texts_of(const std::vector<CertifiedText>& files) {
  Json list = Json::array();
  for (const CertifiedText& file : files) list.push_back(text_of(file));
  return list;
}

Json family_of(const FamilyClaims& claims) {
  Json obligations = Json::array();
  for (const ClaimedObligation& row : claims.obligations) {
    Json json = {{"id", row.id},
                 {"status", to_text(row.proof)},
                 {"explanation", row.explanation},
                 {"witness", nullptr}};
    if (row.witness) json["witness"] = witness_of(*row.witness);
    obligations.push_back(std::move(json));
  }
  Json exposure = Json::array();
  for (const ClaimedExposure& row : claims.exposure) {
    exposure.push_back({{"kind", row.kind},
                        {"direction", to_text(row.path)},
                        {"witness", witness_of(row.witness)}});
  }
  return {{"tracked_before", claims.tracked_before},
          {"tracked_after", claims.tracked_after},
          {"obligations", std::move(obligations)},
          {"exposure", std::move(exposure)}};
}

Json range_of(const Interval& range) {
  return {static_cast<std::uint32_t>(range.first), static_cast<std::uint32_t>(range.last)};
}

// What was expected, and where. Thrown within this file alone.
struct Malformed {
  std::string what;
};

// Looks into a document that may say anything; `at` is where, for people.
class Reader {
 public:
  Reader(const Json& json, std::string at) : json_(json), at_(std::move(at)) {}

  [[noreturn]] void refuse(std::string_view expected) const {
    throw Malformed{at_ + ": " + std::string(expected)};
  }
  [[nodiscard]] Reader operator[](const char* key) const {
    if (!json_.is_object()) refuse("an object is expected here");
    const auto found = json_.find(key);
    if (found == json_.end()) refuse("\"" + std::string(key) + "\" is missing");
    return {*found, at_.empty() ? key : at_ + "." + key};
  }
  [[nodiscard]] std::string text() const {
    if (!json_.is_string()) refuse("a text is expected here");
    return json_.get<std::string>();
  }
  [[nodiscard]] std::optional<std::string> maybe_text() const {
    return json_.is_null() ? std::nullopt : std::optional(text());
  }
  [[nodiscard]] bool flag() const {
    if (!json_.is_boolean()) refuse("true or false is expected here");
    return json_.get<bool>();
  }
  [[nodiscard]] std::uint64_t number(std::uint64_t most) const {
    if (!json_.is_number_unsigned() || json_.get<std::uint64_t>() > most) {
      refuse("a whole number from 0 to " + std::to_string(most) + " is expected here");
    }
    return json_.get<std::uint64_t>();
  }
  [[nodiscard]] bool is_null() const { return json_.is_null(); }
  [[nodiscard]] bool has(const char* key) const { return json_.is_object() && json_.contains(key); }
  [[nodiscard]] std::vector<Reader> list() const {
    if (!json_.is_array()) refuse("a list is expected here");
    std::vector<Reader> all;
    for (std::size_t i = 0; i < json_.size(); ++i) {
      all.emplace_back(json_[i], at_ + "[" + std::to_string(i) + "]");
    }
    return all;
  }

 private:
  const Json& json_;
  std::string at_;
};

CtState read_state(const Reader& reader) {
  const auto state = ct_state_of(reader.text());
  const bool is_of_packets = state == CtState::new_ || state == CtState::established ||
                             state == CtState::related || state == CtState::invalid;
  if (!state || !is_of_packets) {
    reader.refuse("new, established, related or invalid is expected here");
  }
  return *state;
}

Decision read_decision(const Reader& reader) {
  const std::string word = reader.text();
  for (const Decision decision : {Decision::accept, Decision::drop, Decision::reject,
                                  Decision::elsewhere, Decision::unknown}) {
    if (to_text(decision) == word) return decision;
  }
  reader.refuse("no decision is called so");
}

Path read_path(const Reader& reader) {
  const std::string word = reader.text();
  for (const Path path : all_paths) {
    if (to_text(path) == word) return path;
  }
  reader.refuse("in, forward or out is expected here");
}

ClaimedWitness read_witness(const Reader& reader) {
  ClaimedWitness witness;
  const ParsedPacket packet = parse_packet(reader["packet"].text());
  if (!packet.packet) reader["packet"].refuse(packet.error.message);
  witness.packet = *packet.packet;
  witness.original_state = read_state(reader["original_state"]);
  witness.rewritten_state = read_state(reader["rewritten_state"]);
  for (const Reader& key : reader["conditions"].list()) witness.conditions.push_back(key.text());
  witness.before = read_decision(reader["before"]);
  witness.after = read_decision(reader["after"]);
  return witness;
}

FamilyClaims read_family(const Reader& reader, IpVersion version) {
  FamilyClaims claims;
  claims.version = version;
  claims.tracked_before = reader["tracked_before"].flag();
  claims.tracked_after = reader["tracked_after"].flag();
  for (const Reader& row : reader["obligations"].list()) {
    ClaimedObligation obligation;
    obligation.id = row["id"].text();
    const bool is_known = obligation.id.size() == 2 && obligation.id[0] == 'O' &&
                          obligation.id[1] >= '1' && obligation.id[1] <= '5';
    const bool is_twice = std::ranges::any_of(
        claims.obligations, [&](const auto& other) { return other.id == obligation.id; });
    if (!is_known || is_twice) row["id"].refuse("O1 to O5 are expected here, each once");
    const auto proof = proof_of(row["status"].text());
    if (!proof) row["status"].refuse("no status of an obligation is called so");
    obligation.proof = *proof;
    obligation.explanation = row["explanation"].text();
    if (!row["witness"].is_null()) obligation.witness = read_witness(row["witness"]);
    claims.obligations.push_back(std::move(obligation));
  }
  for (const Reader& row : reader["exposure"].list()) {
    claims.exposure.push_back(
        {row["kind"].text(), read_path(row["direction"]), read_witness(row["witness"])});
  }
  return claims;
}

CertifiedText read_text(const Reader& reader, int depth) {
  constexpr int deepest = 16;  // as deep as nft follows includes
  if (depth > deepest) reader.refuse("too many files within each other");
  CertifiedText file;
  file.path = reader["path"].text();
  file.sha256 = reader["sha256"].text();
  file.text = reader["text"].maybe_text();
  for (const Reader& row : reader["includes"].list()) {
    CertifiedText::Include include;
    include.pattern = row["pattern"].text();
    include.why_not = row["why_not"].text();
    include.cure = row["cure"].text();
    for (const Reader& each : row["files"].list()) {
      include.files.push_back(read_text(each, depth + 1));
    }
    file.includes.push_back(std::move(include));
  }
  return file;
}

std::vector<CertifiedText> read_texts(const Reader& reader) {
  std::vector<CertifiedText> files;
  for (const Reader& row : reader.list()) files.push_back(read_text(row, 0));
  if (files.empty()) reader.refuse("a file is expected here");
  return files;
}

Interval read_ports(const Reader& reader) {
  constexpr std::uint64_t last_port = 65535;
  const auto ends = reader.list();
  if (ends.size() != 2) reader.refuse("two ports are expected here");
  return {ends[0].number(last_port), ends[1].number(last_port)};
}

CertificateFile read_whole(const Reader& reader) {
  if (reader["command"].text() != "certificate") {
    reader["command"].refuse(
        "this is no certificate; verify and rewrite write one with "
        "--certificate FILE");
  }
  if (reader["schema_version"].number(1'000'000) != 1) {
    reader["schema_version"].refuse("this version of untrack reads certificates of version 1");
  }
  CertificateFile file;
  if (reader["tool"]["name"].text() != "untrack") {
    reader["tool"]["name"].refuse("certificates of untrack are read here");
  }
  file.tool_version = reader["tool"]["version"].text();
  const std::string mode = reader["mode"].text();
  if (mode != "stateless" && mode != "notrack") {
    reader["mode"].refuse("stateless or notrack is expected here");
  }
  file.mode = mode == "notrack" ? RewriteMode::notrack : RewriteMode::stateless;
  for (const Reader& row : reader["assumptions"].list()) {
    const auto assumption = assumption_of(row.text());
    if (!assumption) row.refuse("no assumption is called so");
    file.assumptions.push_back(*assumption);
  }
  file.host_ports = read_ports(reader["host_ports"]);
  file.other_ports = read_ports(reader["other_ports"]);
  file.stateless_nat = reader["stateless_nat"].flag();
  file.format = reader["format"].text();
  if (!reader["ip_version"].is_null()) {
    const std::string word = reader["ip_version"].text();
    if (word != "ipv4" && word != "ipv6") reader["ip_version"].refuse("ipv4 or ipv6 is expected");
    file.ip_version = word == "ipv4" ? IpVersion::ipv4 : IpVersion::ipv6;
  }
  file.kernel = reader["kernel"].text();
  if (!reader["outbound"].is_null()) file.outbound = read_text(reader["outbound"], 0);
  file.original = read_texts(reader["original"]);
  file.rewritten = read_texts(reader["rewritten"]);
  const Reader families = reader["families"];
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const std::string name(to_text(version));
    if (families.has(name.c_str())) {
      file.families.push_back(read_family(families[name.c_str()], version));
    }
  }
  if (file.families.empty()) families.refuse("ipv4 or ipv6 is expected here");
  return file;
}

}  // namespace

std::string write_certificate_file(const CertificateFile& certificate) {
  Json assumptions = Json::array();
  for (const Assumption id : certificate.assumptions) assumptions.push_back(row_of(id).name);
  Json families = Json::object();
  for (const FamilyClaims& claims : certificate.families) {
    families[std::string(to_text(claims.version))] = family_of(claims);
  }
  Json json = {{"schema_version", 1},
               {"tool", {{"name", "untrack"}, {"version", certificate.tool_version}}},
               {"command", "certificate"},
               {"mode", to_text(certificate.mode)},
               {"assumptions", std::move(assumptions)},
               {"host_ports", range_of(certificate.host_ports)},
               {"other_ports", range_of(certificate.other_ports)},
               {"stateless_nat", certificate.stateless_nat},
               {"format", certificate.format},
               {"ip_version", nullptr},
               {"kernel", certificate.kernel},
               {"outbound", nullptr}};
  if (certificate.ip_version) json["ip_version"] = to_text(*certificate.ip_version);
  if (certificate.outbound) json["outbound"] = text_of(*certificate.outbound);
  json["original"] = texts_of(certificate.original);
  json["rewritten"] = texts_of(certificate.rewritten);
  json["families"] = std::move(families);
  return json::printed(json);
}

ReadCertificate read_certificate_file(std::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return {std::nullopt, "it is no JSON, or ends early"};
  try {
    return {read_whole(Reader(json, "")), {}};
  } catch (const Malformed& malformed) {
    std::string why = malformed.what;
    if (why.starts_with(": ")) why.erase(0, 2);
    return {std::nullopt, std::move(why)};
  }
}

}  // namespace untrack
