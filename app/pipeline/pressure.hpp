// pressure: the library's front door to `untrack pressure`. Everything the command can do, as a
// function from texts to a value; it opens no file and prints nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/exit_status.hpp"
#include "app/pipeline/attribution.hpp"
#include "app/pipeline/input_text.hpp"
#include "app/pipeline/watch.hpp"
#include "model/snapshot.hpp"
#include "report/pressure/pressure_report.hpp"

namespace untrack {

struct PressureInput {
  std::string path;  // printed, never opened
  std::string text;  // of less than 4 GiB
};

// A setting that stood in a file of its own, below /proc/sys.
struct PressureSetting {
  std::string name;  // "net.netfilter.nf_conntrack_max"
  std::string value;
  Source source;
};

struct PressureRequest {
  std::vector<InputText> rules;  // of one host
  std::vector<PressureInput>
      settings;  // sysctl -a output, sysctl.d and modprobe.d files, /proc/meminfo
  std::vector<PressureSetting> single_settings;
  std::vector<PressureInput> profiles;
  // /proc/net/stat/nf_conntrack, /proc/slabinfo and /proc/net/netlink of the host, where they can
  // be read.
  struct HostFile {
    std::string path;
    std::string text;
    Origin origin = Origin::given;
  };
  std::optional<HostFile> statistics = {};
  std::optional<HostFile> slabs = {};
  std::optional<HostFile> sockets = {};
  std::optional<TableWatch> watched = {};  // --watch
  // Options as they were written, so that their errors can point into them.
  std::vector<std::string> rates, floods;
  std::optional<std::string> kernel, ram, max, buckets, count, depth, headroom, bits, listener;
  std::vector<std::string> notes;           // passed on
  std::optional<EntriesText> entries = {};  // with rules: who admitted each is told
  LocalAddresses locals = {};               // of the host of the entries
  bool has_no_table = false;                // nf_conntrack is not loaded on the running kernel
  // Who else uses connection tracking; none: nobody has looked.
  std::optional<std::vector<ConntrackUser>> users = {};
};

[[nodiscard]] PressureReport pressure(PressureRequest request);

// What the settings and files of the request say of a host. Appends to `notes` what of them is not
// understood.
[[nodiscard]] HostSettings host_settings(PressureRequest request, std::vector<std::string>& notes);

// 2 for options, 3 for files that were not wholly understood or too little to compute anything, 1
// for findings at or above `fail_on`, else 0.
[[nodiscard]] ExitStatus exit_status(const PressureReport& report, Severity fail_on);

}  // namespace untrack
