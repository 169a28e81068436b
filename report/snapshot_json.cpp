#include "report/snapshot_json.hpp"

#include <nlohmann/json.hpp>

#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;

bool is_utf8(const std::string& text) {
  try {
    (void)Json(text).dump();
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

// Each byte as the character of that number, since JSON can hold nothing but characters.
std::string bytes_as_characters(const std::string& text) {
  std::string characters;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte < 0x80) {
      characters += each;
    } else {
      characters += static_cast<char>(0xc0U | byte >> 6U);
      characters += static_cast<char>(0x80U | (byte & 0x3fU));
    }
  }
  return characters;
}

void add_text(Json& object, const std::string& text) {
  if (is_utf8(text)) {
    object["text"] = text;
  } else {
    object["encoding"] = "bytes";
    object["text"] = bytes_as_characters(text);
  }
}

Json settings_of(const std::vector<Snapshot::Setting>& settings) {
  Json object = Json::object();
  for (const Snapshot::Setting& setting : settings) object[setting.name] = setting.value;
  return object;
}

}  // namespace

std::string write_snapshot_json(const Snapshot& snapshot, std::string_view version) {
  Json file;
  file[std::string(snapshot_key)] = snapshot_version;
  file["tool"] = {{"name", "untrack"}, {"version", version}};
  file["host"] = {
      {"kernel", snapshot.kernel}, {"machine", snapshot.machine}, {"netns", snapshot.netns}};
  file["anonymized"] = snapshot.is_anonymized;
  file["loads_modules"] = snapshot.loads_modules ? Json(*snapshot.loads_modules) : Json(nullptr);
  Json& rules = file["rules"] = Json::array();
  for (const LiveText& each : snapshot.rules.texts) {
    Json text = {{"name", each.name}};
    add_text(text, each.text);
    rules.push_back(std::move(text));
  }
  file["not_there"] = snapshot.rules.not_there;
  file["unreadable_rules"] = snapshot.rules.unreadable;
  file["not_read"] = snapshot.not_read;
  file["settings"] = settings_of(snapshot.settings);
  file["module_parameters"] = settings_of(snapshot.parameters);
  Json& files = file["files"] = Json::array();
  for (const Snapshot::File& each : snapshot.files) {
    Json text = {{"name", each.name}, {"whole", each.is_whole}};
    add_text(text, each.text);
    files.push_back(std::move(text));
  }
  Json& interfaces = file["interfaces"] = Json::array();
  for (const Snapshot::Interface& each : snapshot.interfaces) {
    interfaces.push_back({{"name", each.name}, {"kind", each.kind}, {"addresses", each.addresses}});
  }
  Json& listening = file["listening"] = Json::array();
  for (const Snapshot::Listener& each : snapshot.listening) {
    listening.push_back(
        {{"protocol", each.protocol}, {"address", each.address}, {"port", each.port}});
  }
  file["other_users"] = json::users_of(snapshot.users);
  return json::printed(file);
}

}  // namespace untrack
