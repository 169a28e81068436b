#include <gtest/gtest.h>

#include "parser/parse.hpp"

namespace untrack {
namespace {

TEST(Recognise, ByWhatOnlyOneLanguageHas) {
  struct Case {
    const char* text;
    Format format;
  };
  constexpr Case cases[] = {
      {"*filter\n-A INPUT -j ACCEPT\nCOMMIT\n", Format::iptables_save},
      {"*filter\niptables -A INPUT -j ACCEPT\nCOMMIT\n", Format::iptables_save},
      {"#!/sbin/iptables-restore\n*filter\nCOMMIT\n", Format::iptables_save},
      {"-P INPUT DROP\n-A INPUT -j ACCEPT\n", Format::iptables_list},
      {":INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\n", Format::iptables_save},
      {":ufw-user - [0:0]\n[0:0] -A INPUT -j ACCEPT\n", Format::iptables_save},
      {": INPUT\n-A INPUT -j ACCEPT\n", Format::iptables_list},
      {"iptables -A INPUT -j ACCEPT\nip6tables -F\n", Format::iptables_commands},
      {"A=1\niptables -A INPUT -j ACCEPT\n", Format::shell_script},
      {"#!/bin/sh\n-A INPUT -j ACCEPT\n", Format::shell_script},
      {"iptables-restore <<E\n*filter\nCOMMIT\nE\n", Format::shell_script},
      {"create a hash:ip\nadd a 192.0.2.1\n", Format::ipset_save},
      {"Chain INPUT (policy ACCEPT)\ntarget     prot opt source\n", Format::iptables_table},
      {"Chain web (1 references)\n", Format::iptables_table},
      {"table inet filter {\n}\n", Format::nft_script},
      {"#!/usr/sbin/nft -f\n", Format::nft_script},
      {"define a = 1\nadd rule ip t c tcp dport $a accept\n", Format::nft_script},
      {"{\"nftables\": []}\n", Format::nft_json},
      {"\n {\n\t\"nftables\" : [{}]}", Format::nft_json},
      {"{\"tables\": []}\n", Format::unknown},
      {"nft add table ip t\n/usr/sbin/nft add chain ip t c\n", Format::nft_commands},
      {"table of contents = none\n", Format::unknown},
      {"", Format::unknown},
      {"hello\n", Format::unknown},
  };
  for (const Case& c : cases) EXPECT_EQ(recognise(c.text), c.format) << c.text;
}

TEST(Recognise, EveryFormatHasAWordThatReadsBack) {
  for (const Format format :
       {Format::iptables_save, Format::iptables_list, Format::iptables_commands,
        Format::shell_script, Format::ipset_save, Format::iptables_table, Format::nft_script,
        Format::nft_commands, Format::nft_json}) {
    EXPECT_EQ(format_of(to_text(format)), format);
  }
  EXPECT_EQ(format_of("nonsense"), std::nullopt);
}

}  // namespace
}  // namespace untrack
