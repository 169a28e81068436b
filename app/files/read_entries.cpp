#include "app/files/read_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <ostream>
#include <span>

#include "app/files/read_stream.hpp"
#include "app/pipeline/watch.hpp"
#include "app/progress.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/line_words.hpp"
#include "parser/snapshot.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

// A file or standard input, and how far it is.
class StreamBlocks : public TextBlocks {
 public:
  StreamBlocks(std::unique_ptr<std::istream> owned, std::istream& stream, std::size_t bytes,
               const Surroundings& surroundings)
      : owned_(std::move(owned)), stream_(stream) {
    if (bytes > step_bytes) {
      progress_.emplace("reading the entries, MiB", bytes / step_bytes, surroundings);
    }
  }

  [[nodiscard]] std::size_t read(std::span<char> into) override {
    errno = 0;
    stream_.read(into.data(), static_cast<std::streamsize>(into.size()));
    const auto count = static_cast<std::size_t>(stream_.gcount());
    if (count == 0 && (stream_.bad() || errno != 0)) {
      why_cut_ = std::strerror(errno == 0 ? EIO : errno);
    }
    for (done_ += count; progress_ && done_ >= told_ + step_bytes; told_ += step_bytes) {
      progress_->step();
    }
    if (count == 0) progress_.reset();
    return count;
  }
  [[nodiscard]] std::string why_cut() const override { return why_cut_; }

 private:
  static constexpr std::size_t step_bytes = std::size_t{1} << 20U;

  std::unique_ptr<std::istream> owned_;
  std::istream& stream_;
  std::optional<Progress> progress_;
  std::size_t done_ = 0, told_ = 0;
  std::string why_cut_;
};

// Null, with the reason told, if it cannot be opened.
std::shared_ptr<TextBlocks> open_text(const std::string& path, const Surroundings& surroundings,
                                      std::vector<std::string>& errors) {
  if (path == "-") {
    return std::make_shared<StreamBlocks>(nullptr, surroundings.in, 0, surroundings);
  }
  std::error_code error;
  const auto refuse = [&](int number) {
    errors.push_back(fmt::format("{}: {}", path, std::strerror(number)));
    return nullptr;
  };
  if (std::filesystem::is_directory(path, error)) return refuse(EISDIR);
  const bool has_size = std::filesystem::is_regular_file(path, error);
  const std::uintmax_t size = has_size ? std::filesystem::file_size(path, error) : 0;
  errno = 0;
  auto stream = std::make_unique<std::ifstream>();
  stream->rdbuf()->pubsetbuf(nullptr, 0);  // blocks are large, and read once
  stream->open(path, std::ios::binary);
  if (!*stream) return refuse(errno == 0 ? EIO : errno);
  std::istream& there = *stream;
  return std::make_shared<StreamBlocks>(std::move(stream), there, error ? 0 : size, surroundings);
}

std::string rest_of(TextBlocks& text) {
  std::string all;
  std::vector<char> block(std::size_t{1} << 16U);
  while (const std::size_t count = text.read(block)) {
    all.append(block.data(), count);
    if (all.size() > largest_input) break;
  }
  return all;
}

std::optional<EntriesText> entries_of(const std::string& path, const Snapshot& snapshot,
                                      bool is_live = false) {
  const Snapshot::File* file = snapshot.file(snapshot_file::entries);
  if (file == nullptr) return std::nullopt;
  EntriesText entries{fmt::format("{}:{}", path, file->name),
                      std::make_shared<HeldText>(file->text), is_live};
  if (const Snapshot::File* count = snapshot.file(snapshot_file::count_behind)) {
    entries.count_behind = [text = count->text] { return number_of_text(text); };
  }
  return entries;
}

std::optional<EntriesText> entries_of(const NamedSnapshot& named) {
  if (!named.entries) return entries_of(named.path, named.snapshot, named.is_live);
  return EntriesText{fmt::format("{}:{}", named.path, snapshot_file::entries), named.entries,
                     named.is_live};
}

struct ReadAddress {
  IpVersion version{};
  Number address = 0;
  std::uint8_t length = 0;
};

// "192.0.2.1/24", or without a length: no broadcast address is known then.
std::optional<ReadAddress> read_host_address(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const bool is_six = text.find(':') != std::string_view::npos;
  const IpVersion version = is_six ? IpVersion::ipv6 : IpVersion::ipv4;
  const std::uint8_t longest = is_six ? 128 : 32;
  const auto address = iptables::address_of(text.substr(0, slash), version);
  const auto length = slash == text.size() ? std::optional(longest)
                                           : number_of<std::uint8_t>(text.substr(slash + 1));
  if (!address || !length || *length > longest) return std::nullopt;
  return ReadAddress{version, *address, *length};
}

bool add_address(std::string_view text, LocalAddresses& locals) {
  const auto read = read_host_address(text);
  if (read) locals.add(read->version, read->address, read->length);
  return read.has_value();
}

std::optional<EntriesText> entries_of_kernel(const InputTexts& texts,
                                             std::vector<std::string>& errors) {
  for (const NamedSnapshot& each : texts.snapshots) {
    if (!each.is_live) continue;
    auto entries = entries_of(each);
    if (!entries) {
      errors.push_back(fmt::format("the entries of the running kernel: {}", why_no_entries(each)));
    }
    return entries;
  }
  errors.emplace_back("the entries of the running kernel: that needs --live");
  return std::nullopt;
}

}  // namespace

std::string why_no_entries(const NamedSnapshot& named) {
  if (!named.why_no_entries.empty()) return named.why_no_entries;
  for (const std::string& each : named.snapshot.not_read) {
    if (each.starts_with(snapshot_file::entries)) return each;
  }
  return "they were not read";
}

std::optional<LocalAddresses> local_addresses_of(const std::vector<std::string>& option,
                                                 const InputTexts& texts, std::ostream& err) {
  LocalAddresses locals;
  for (const std::string& word : option) {
    if (add_address(word, locals)) continue;
    err << "untrack: --address: not an address like 192.0.2.1/24: \"" << escape_control(word)
        << "\"\n";
    return std::nullopt;
  }
  if (!option.empty()) return locals;
  for (const NamedSnapshot& each : texts.snapshots) {
    for (const Snapshot::Interface& interface : each.snapshot.interfaces) {
      for (const std::string& text : interface.addresses) (void)add_address(text, locals);
    }
  }
  return locals;
}

std::vector<ConnectedNetwork> connected_networks_of(const InputTexts& texts) {
  std::vector<ConnectedNetwork> networks;
  for (const NamedSnapshot& each : texts.snapshots) {
    for (const Snapshot::Interface& interface : each.snapshot.interfaces) {
      for (const std::string& text : interface.addresses) {
        const auto read = read_host_address(text);
        if (!read) continue;
        const unsigned width = read->version == IpVersion::ipv6 ? 128 : 32;
        // Of the whole address there is no network, and a shift by all bits is none.
        const unsigned hosts = width - read->length;
        const Number within = hosts >= 128 ? ~Number{0} : (Number{1} << hosts) - 1;
        networks.push_back(
            {read->version, {read->address & ~within, read->address | within}, interface.name});
      }
    }
  }
  return networks;
}

std::optional<EntriesText> read_entries_text(const std::string& option, const InputTexts& texts,
                                             const Surroundings& surroundings,
                                             std::vector<std::string>& errors) {
  if (option.empty()) {
    for (const NamedSnapshot& each : texts.snapshots) {
      if (auto entries = entries_of(each)) return entries;
    }
    return std::nullopt;
  }
  if (option == live_entries) return entries_of_kernel(texts, errors);
  std::shared_ptr<TextBlocks> text = open_text(option, surroundings, errors);
  if (!text) return std::nullopt;
  std::string first(std::size_t{1} << 16U, '\0');
  first.resize(text->read(first));
  if (!is_snapshot(first)) {
    return EntriesText{option, std::make_shared<HeldText>(std::move(first), std::move(text)),
                       false};
  }
  first += rest_of(*text);
  if (first.size() > largest_input) {
    errors.push_back(fmt::format("{}: {}", option, too_large_input));
    return std::nullopt;
  }
  const ParsedSnapshot parsed = parse_snapshot(first);
  std::optional<EntriesText> entries;
  if (parsed.snapshot) entries = entries_of(option, *parsed.snapshot);
  if (!entries) {
    errors.push_back(fmt::format(
        "{}: {}", option,
        parsed.snapshot ? "this snapshot holds no entries: it was made without --entries"
                        : parsed.why_not));
  }
  return entries;
}

}  // namespace untrack
