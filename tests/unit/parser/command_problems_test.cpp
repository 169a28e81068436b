#include <gtest/gtest.h>

#include <ostream>
#include <string_view>

#include "tests/unit/parser/read_text.hpp"

namespace untrack::test {
namespace {

struct ProblemCase {
  std::string_view text;
  std::string_view problems;
  std::string_view parts;
};
void PrintTo(const ProblemCase& one, std::ostream* out) { *out << one.text; }

class Problems : public testing::TestWithParam<ProblemCase> {};

TEST_P(Problems, SayWhatAndWhere) {
  const Read result = read(GetParam().text);
  EXPECT_EQ(result.problems, GetParam().problems);
  EXPECT_EQ(result.parts, GetParam().parts) << GetParam().text;
}

// A rule with a problem always has an opaque part for what was not understood.
INSTANTIATE_TEST_SUITE_P(
    Command, Problems,
    testing::Values(
        ProblemCase{"-A INPUT -p tcp --dport htpp -j ACCEPT",
                    "error: not a port or service name: \"htpp\" [did you mean \"http\" (80)?] "
                    "@24-28",
                    "protocol 6 | opaque <tcp --destination-port htpp> | accept"},
        ProblemCase{"-A INPUT -p tcp -m multiport --dports 22,htpps,80",
                    "error: not a port or service name: \"htpps\" [did you mean \"https\" "
                    "(443)?] @41-46",
                    "protocol 6 | opaque <multiport --destination-ports 22,htpps,80>"},
        ProblemCase{"-A INPUT -p tpc -j ACCEPT",
                    "error: not a protocol: \"tpc\" [did you mean \"tcp\" (6)?] @12-15",
                    "opaque <--protocol tpc> | accept"},
        ProblemCase{"-A INPUT -s 10.0.0.0/33",
                    "error: not a prefix length or mask: \"33\" [expected a number from 0 to 32 or "
                    "a mask like 255.255.255.0] @21-23",
                    "opaque <--source 10.0.0.0/33>"},
        ProblemCase{"-A INPUT -s 10.0.0.1,mail.example.org,10.0.0.3",
                    "not understood: host name instead of an address: \"mail.example.org\" "
                    "[iptables asks the resolver when it loads the rule] @21-37",
                    "opaque <--source 10.0.0.1,mail.example.org,10.0.0.3>"},
        ProblemCase{"-A INPUT -s 2001:db8::1",
                    "error: IPv6 address in an IPv4 rule: \"2001:db8::1\" [expected an IPv4 "
                    "address] @12-23",
                    "opaque <--source 2001:db8::1>"},
        ProblemCase{"-A INPUT -m state --state NEW,ESTABLISED",
                    "error: not a connection state: \"ESTABLISED\" [did you mean "
                    "\"ESTABLISHED\"?] @30-40",
                    "opaque <state --state NEW,ESTABLISED>"},
        ProblemCase{"-A INPUT -m conntrak --ctstate NEW -j ACCEPT",
                    "not understood: unknown match \"conntrak\" [did you mean \"conntrack\"?] "
                    "@12-20",
                    "opaque <conntrak --ctstate NEW> history | accept"},
        ProblemCase{"-A INPUT -m conntrack --cstate NEW -j ACCEPT",
                    "not understood: unknown option \"--cstate\" [did you mean --ctstate?] @22-34\n"
                    "error: match \"conntrack\" without what it needs [needs one of its options] "
                    "@9-34",
                    "opaque <conntrack --cstate NEW> | accept"},
        ProblemCase{"-A INPUT --dport 22 -j ACCEPT",
                    "not understood: unknown option \"--dport\" [no extension of this rule has it] "
                    "@9-19",
                    "opaque <argument --dport 22> history | accept"},
        ProblemCase{"-A INPUT -m tcp --dport 22 -j ACCEPT",
                    "error: match \"tcp\" in a rule for another protocol [needs -p tcp] @9-26",
                    "destination port 22 | accept"},
        ProblemCase{"-A INPUT -j FOO --bar 1",
                    "not understood: unknown target \"FOO\" [iptables 1.8.9 has no such extension] "
                    "@12-15",
                    "opaque <FOO --bar 1> may end"},
        ProblemCase{"-A INPUT -p tcp --dport ! 22",
                    "note: ! between --dport and its value [read as a negation] @24-25",
                    "protocol 6 | ! destination port 22"},
        ProblemCase{"-A INPUT -s ! 10.0.0.0/8 -i ! eth0",
                    "note: ! between -s and its value [read as a negation] @12-13\n"
                    "note: ! between -i and its value [read as a negation] @28-29",
                    "! source address 167772160-184549375 | ! in-interface eth0"},
        ProblemCase{"-A INPUT -j ACCEPT 22",
                    "error: word that belongs to no option: \"22\" [expected an option] @19-21",
                    "opaque <argument 22> history | accept"},
        ProblemCase{"-A INPUT -i averyverylongname0",
                    "error: interface name too long: \"averyverylongname0\" [18 bytes; the kernel "
                    "takes at most 15] @12-30",
                    "opaque <--in-interface averyverylongname0>"},
        ProblemCase{"-A INPUT -j SNAT --to-source 10.0.0.1",
                    "error: target \"SNAT\" in the filter table [works only in nat] @9-37",
                    "snat 167772161-167772161"},
        ProblemCase{
            "-A INPUT -m length --length 20:10 -j DROP",
            "note: range that ends before it begins: \"20:10\" [no packet is in it; did you "
            "mean \"10:20\"?] @28-33",
            "length | drop"},
        ProblemCase{"-P INPUT accept",
                    "error: not a policy: \"accept\" [did you mean \"ACCEPT\"?] "
                    "@9-15",
                    ""}));

}  // namespace
}  // namespace untrack::test
