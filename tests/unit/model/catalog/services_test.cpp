#include "model/catalog/services.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace untrack::catalog {
namespace {

TEST(Services, KnowsNamesAndAliases) {
  EXPECT_EQ(port_of_service("ssh"), 22);
  EXPECT_EQ(port_of_service("www"), 80);
  EXPECT_EQ(port_of_service("bootps"), 67);
  EXPECT_EQ(port_of_service("ssmtp"), 465);
  EXPECT_EQ(port_of_service("m3ua"), 2905);  // RFC 4666, 1.4.8; the file of Debian 11 has it not
  // IANA's list; the file of the host below need not have them.
  EXPECT_EQ(port_of_service("docker-s"), 2376);
  EXPECT_EQ(port_of_service("h323hostcall"), 1720);
  EXPECT_EQ(port_of_service("pcsync-https"), 8443);
  EXPECT_EQ(port_of_service("pptp"), 1723);
  EXPECT_EQ(port_of_service("stun"), 3478);
  ASSERT_NE(find_service("domain"), nullptr);
  EXPECT_EQ(find_service("domain")->transports, Service::tcp | Service::udp);
}

TEST(Services, RefusesWhatIsNoName) {
  EXPECT_EQ(port_of_service("htpp"), std::nullopt);
  EXPECT_EQ(port_of_service(""), std::nullopt);
  EXPECT_EQ(port_of_service("SSH"), std::nullopt);
  EXPECT_EQ(port_of_service("zzzz"), std::nullopt);
}

// The file of the host is the twin: every name in it, in the order in which getservbyname reads it.
TEST(Services, HasWhatTheFileOfDebian12Has) {
  std::ifstream file("/etc/services");
  if (!file) GTEST_SKIP() << "no /etc/services on this host";
  std::string line;
  int names = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string first;
    std::string place;
    if (!(words >> first >> place)) continue;
    const std::string protocol = place.substr(place.find('/') + 1);
    if (protocol == "ddp") continue;  // AppleTalk: no iptables match has ports of it
    for (std::string name = first;;) {
      ++names;
      const Service* row = find_service(name);
      ASSERT_NE(row, nullptr) << name;
      // dicom is registered twice: as a name of its own (11112) and, earlier in the file, as
      // another name of acr-nema (104), which is what getservbyname answers.
      const bool is_shadowed = name == "dicom" && place == "11112/tcp";
      if (!is_shadowed) {
        EXPECT_EQ(row->port, std::stoi(place)) << name;
      }
      const int bit = protocol == "tcp" ? Service::tcp : protocol == "udp" ? Service::udp : 0;
      EXPECT_EQ(row->transports & bit, bit) << name << '/' << protocol;
      if (!(words >> name)) break;
    }
  }
  EXPECT_GT(names, 100);
}

}  // namespace
}  // namespace untrack::catalog
