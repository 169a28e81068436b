#include "analysis/pressure/entry_extension.hpp"

#include <algorithm>
#include <array>

namespace untrack {
namespace {

constexpr std::array<ExtensionRow, 10> extension_table{{
    {EntryExtension::helper, {0, 0, 0}, 56, "struct nf_conn_help: two pointers, 4 and 32 bytes"},
    {EntryExtension::nat,
     {0, 0, 0},
     8,
     "struct nf_conn_nat: the index of MASQUERADE's interface, 4 bytes for PPTP"},
    {EntryExtension::seqadj, {0, 0, 0}, 24, "struct nf_conn_seqadj: 12 bytes for each direction"},
    {EntryExtension::acct, {0, 0, 0}, 32, "struct nf_conn_acct: 16 bytes for each direction"},
    {EntryExtension::events, {0, 0, 0}, 24, "struct nf_conntrack_ecache"},
    {EntryExtension::events,
     {6, 14, 0},
     32,
     "struct nf_conntrack_ecache, which holds the time of the event, too"},
    {EntryExtension::timestamp, {0, 0, 0}, 16, "struct nf_conn_tstamp: begin and end"},
    {EntryExtension::timeout, {0, 0, 0}, 8, "struct nf_conn_timeout: a pointer"},
    {EntryExtension::labels, {0, 0, 0}, 16, "struct nf_conn_labels: 128 bits"},
    {EntryExtension::synproxy, {0, 0, 0}, 16, "struct nf_conn_synproxy: three numbers of 4 bytes"},
}};

// struct nf_ct_ext: until 5.6 with a struct rcu_head in front of the offsets.
constexpr KernelVersion head_without_rcu{5, 7, 0};
constexpr unsigned head_bytes = 16;
constexpr unsigned head_bytes_with_rcu = 32;

// The caches of kmalloc between the least block and all extensions together.
constexpr std::array<unsigned, 3> kmalloc_bytes{128, 192, 256};

unsigned bytes_of(EntryExtension extension, const KernelVersion& kernel) {
  unsigned bytes = 0;
  for (const ExtensionRow& row : extension_table) {
    if (row.extension == extension && row.since <= kernel) bytes = row.bytes;
  }
  return bytes;
}

}  // namespace

std::span<const ExtensionRow> extension_rows() { return extension_table; }

unsigned block_bytes(const ExtensionSet& extensions, const KernelVersion& kernel, unsigned least) {
  unsigned bytes = kernel < head_without_rcu ? head_bytes_with_rcu : head_bytes;
  for (std::size_t i = 0; i < extension_count; ++i) {
    const auto extension = static_cast<EntryExtension>(i);
    if (extensions.has(extension)) bytes += bytes_of(extension, kernel);
  }
  if (bytes <= least) return least;
  const auto* fits = std::ranges::lower_bound(kmalloc_bytes, bytes);
  return fits == kmalloc_bytes.end() ? kmalloc_bytes.back() : *fits;
}

}  // namespace untrack
