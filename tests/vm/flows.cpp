// One UDP flow for each of COUNT addresses in 127.3.0.0/16, as fast as they go. Runs inside the
// virtual machine of entries.py, where no Python is. Prints how many packets the kernel took and
// how many it refused to send, which is what it answers where a packet is lost on its way out.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int count, char** words) {
  const long flows = count == 2 ? std::strtol(words[1], nullptr, 10) : 0;
  const int sender = socket(AF_INET, SOCK_DGRAM, 0);
  if (flows < 1 || flows > 65536 || sender < 0) {
    std::fputs("usage: flows COUNT, 1 to 65536\n", stderr);
    return 2;
  }
  long taken = 0;
  long refused = 0;
  for (long flow = 0; flow < flows; ++flow) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    to.sin_addr.s_addr = htonl(0x7f030000U + static_cast<std::uint32_t>(flow));
    if (sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 1) {
      ++taken;
    } else if (errno == EPERM) {
      ++refused;
    } else {
      std::perror("sendto");
      return 1;
    }
  }
  close(sender);
  std::printf("%ld %ld\n", taken, refused);
  return 0;
}
