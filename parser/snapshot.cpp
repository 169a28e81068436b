#include "parser/snapshot.hpp"

#include <fmt/format.h>

#include <charconv>
#include <deque>

#include "parser/nft/json/value.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack {
namespace {

using nft::JsonKind;
using nft::JsonValue;

std::string_view without_space(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  return text;
}

// The texts of other than characters: see bytes_as_characters in report/snapshot_json.cpp.
std::optional<std::string> characters_as_bytes(std::string_view characters) {
  std::string bytes;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const auto first = static_cast<unsigned char>(characters[i]);
    if (first < 0x80) {
      bytes += characters[i];
      continue;
    }
    if ((first != 0xc2 && first != 0xc3) || ++i == characters.size()) return std::nullopt;
    const auto second = static_cast<unsigned char>(characters[i]);
    bytes += static_cast<char>((first & 3U) << 6U | (second & 0x3fU));
  }
  return bytes;
}

class Reader {
 public:
  explicit Reader(const JsonValue& file) : file_(file) {}

  Snapshot read() {
    const JsonValue& version = member(file_, snapshot_key, JsonKind::number);
    if (version.text != fmt::format("{}", snapshot_version)) {
      wrong(version, fmt::format("a snapshot of version {}; this program reads version {}",
                                 version.text, snapshot_version));
    }
    const JsonValue& host = member(file_, "host", JsonKind::object);
    snapshot_.kernel = text(host, "kernel");
    snapshot_.machine = text(host, "machine");
    snapshot_.netns = text(host, "netns");
    snapshot_.is_anonymized = member(file_, "anonymized", JsonKind::boolean).is_true();
    const JsonValue* loads = file_.find("loads_modules");
    if (loads != nullptr && loads->is(JsonKind::boolean))
      snapshot_.loads_modules = loads->is_true();
    for (const JsonValue& each : objects(file_, "rules")) {
      snapshot_.rules.texts.push_back({text(each, "name"), bytes(each)});
    }
    snapshot_.rules.not_there = texts(file_, "not_there");
    snapshot_.rules.unreadable = texts(file_, "unreadable_rules");
    snapshot_.not_read = texts(file_, "not_read");
    snapshot_.settings = settings("settings");
    snapshot_.parameters = settings("module_parameters");
    for (const JsonValue& each : objects(file_, "files")) {
      snapshot_.files.push_back(
          {text(each, "name"), bytes(each), member(each, "whole", JsonKind::boolean).is_true()});
    }
    for (const JsonValue& each : objects(file_, "interfaces")) {
      snapshot_.interfaces.push_back(
          {text(each, "name"), text(each, "kind"), texts(each, "addresses")});
    }
    for (const JsonValue& each : objects(file_, "listening")) {
      snapshot_.listening.push_back({text(each, "protocol"), text(each, "address"), port(each)});
    }
    for (const JsonValue& each : objects(file_, "other_users")) {
      snapshot_.users.push_back({text(each, "what"), state(each), texts(each, "details")});
    }
    return std::move(snapshot_);
  }

 private:
  [[noreturn]] static void wrong(const JsonValue& value, std::string message) {
    throw nft::SyntaxError{value.span, std::move(message), "", "", true};
  }

  static const JsonValue& member(const JsonValue& object, std::string_view key, JsonKind kind) {
    const JsonValue* value = object.find(key);
    if (value == nullptr) wrong(object, fmt::format("no \"{}\" here", key));
    if (!value->is(kind)) wrong(*value, fmt::format("not what \"{}\" holds", key));
    return *value;
  }

  static std::string text(const JsonValue& object, std::string_view key) {
    return std::string(member(object, key, JsonKind::string).text);
  }

  static std::string bytes(const JsonValue& object) {
    const JsonValue& value = member(object, "text", JsonKind::string);
    const JsonValue* encoding = object.find("encoding");
    if (encoding == nullptr) return std::string(value.text);
    const auto plain = characters_as_bytes(value.text);
    if (encoding->text != "bytes") wrong(*encoding, "an encoding that this program does not know");
    if (!plain) wrong(value, "a character that stands for no byte");
    return *plain;
  }

  static std::vector<std::string> texts(const JsonValue& object, std::string_view key) {
    std::vector<std::string> list;
    for (const JsonValue& each : member(object, key, JsonKind::array).children) {
      if (!each.is(JsonKind::string)) wrong(each, fmt::format("no text in \"{}\"", key));
      list.emplace_back(each.text);
    }
    return list;
  }

  static const std::vector<JsonValue>& objects(const JsonValue& object, std::string_view key) {
    const JsonValue& list = member(object, key, JsonKind::array);
    for (const JsonValue& each : list.children) {
      if (!each.is(JsonKind::object)) wrong(each, fmt::format("no object in \"{}\"", key));
    }
    return list.children;
  }

  std::vector<Snapshot::Setting> settings(std::string_view key) {
    std::vector<Snapshot::Setting> list;
    for (const JsonValue& each : member(file_, key, JsonKind::object).children) {
      if (!each.is(JsonKind::string)) wrong(each, fmt::format("no text in \"{}\"", key));
      list.push_back({std::string(each.key), std::string(each.text)});
    }
    return list;
  }

  static std::uint16_t port(const JsonValue& object) {
    const JsonValue& value = member(object, "port", JsonKind::number);
    std::uint16_t port = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [rest, error] = std::from_chars(value.text.data(), end, port);
    if (error != std::errc() || rest != end) wrong(value, "not a port");
    return port;
  }

  static ConntrackUser::State state(const JsonValue& object) {
    const JsonValue& value = member(object, "state", JsonKind::string);
    using enum ConntrackUser::State;
    for (const ConntrackUser::State each : {used, not_used, not_known}) {
      if (value.text == to_text(each)) return each;
    }
    wrong(value, "neither used nor not_used nor not_known");
  }

  const JsonValue& file_;
  Snapshot snapshot_;
};

}  // namespace

bool is_snapshot(std::string_view text) {
  text = without_space(text);
  if (!text.starts_with('{')) return false;
  text = without_space(text.substr(1));
  return text.starts_with(fmt::format("\"{}\"", snapshot_key));
}

ParsedSnapshot parse_snapshot(std::string_view text) {
  std::deque<std::string> kept;
  try {
    const JsonValue file = nft::read_json(SourceId{}, text, [&](std::string each) {
      return std::string_view(kept.emplace_back(std::move(each)));
    });
    return {Reader(file).read(), {}};
  } catch (const nft::SyntaxError& fault) {
    const Location place = SourceText("", std::string(text)).locate(fault.span);
    return {std::nullopt, fmt::format("line {}: {}{}{}", place.line, fault.message,
                                      fault.label.empty() ? "" : ": ", fault.label)};
  }
}

}  // namespace untrack
