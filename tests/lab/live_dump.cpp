// Writes what the running kernel holds for the lab tests: each text as a file of the folder, one
// line on standard output for each file, and for what is not there. Usage: live_dump FOLDER [NETNS]
#include <cstdio>
#include <fstream>
#include <string>

#include "live/read.hpp"

int main(int count, char** arguments) {
  const untrack::LiveHost host =
      untrack::live::read_live_host(count > 2 ? arguments[2] : std::string());
  for (const untrack::LiveText& text : host.texts) {
    std::string file = text.name;
    for (char& c : file) c = c == '/' || c == ':' ? '-' : c;
    std::ofstream(std::string(arguments[1]) + "/" + file, std::ios::binary) << text.text;
    std::printf("text %s\n", file.c_str());
  }
  for (const std::string& each : host.not_there) std::printf("not there %s\n", each.c_str());
  for (const std::string& each : host.unreadable) std::printf("unreadable %s\n", each.c_str());
  return host.unreadable.empty() ? 0 : 3;
}
