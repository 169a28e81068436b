#include "model/snapshot.hpp"

#include <algorithm>

namespace untrack {

std::string_view to_text(ConntrackUser::State state) {
  switch (state) {
    case ConntrackUser::State::used:
      return "used";
    case ConntrackUser::State::not_used:
      return "not_used";
    case ConntrackUser::State::not_known:
      return "not_known";
  }
  return {};
}

const std::string* Snapshot::setting(std::string_view name) const {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  return found == settings.end() ? nullptr : &found->value;
}

const Snapshot::File* Snapshot::file(std::string_view name) const {
  const auto found = std::ranges::find(files, name, &File::name);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace untrack
