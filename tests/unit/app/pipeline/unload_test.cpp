#include "app/pipeline/unload.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace untrack {
namespace {

constexpr const char* free_rules =
    "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
constexpr const char* loaded =
    "xt_conntrack 16384 0 - Live 0x0\n"
    "nf_nat 57344 0 - Live 0x0\n"
    "nf_conntrack 188416 2 xt_conntrack,nf_nat, Live 0x0\n"
    "nf_defrag_ipv4 16384 1 nf_conntrack, Live 0x0\n";

struct Given {
  std::string rules = free_rules;
  std::optional<std::string> modules = {};
  std::optional<std::string> dep = {};
  std::optional<std::string> builtin = {};
  std::optional<KernelVersion> kernel = {};
};

UnloadReport unload_of(const Given& given) {
  UnloadTexts texts;
  texts.rules.push_back({"rules.v4", given.rules});
  if (given.modules) texts.modules = UnloadText{"modules", *given.modules};
  if (given.dep) texts.modules_dep = UnloadText{"modules.dep", *given.dep};
  if (given.builtin) texts.modules_builtin = UnloadText{"modules.builtin", *given.builtin};
  UnloadPolicy policy;
  policy.kernel = given.kernel;
  return unload(std::move(texts), policy, "0.1.0");
}

std::string with_rule(const std::string& rule, const std::string& table = "filter") {
  return "*" + table + "\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT " + rule + "\nCOMMIT\n";
}

// Whatever the reason, nothing that removes modules may come out of a refusal.
void expect_refusal(const UnloadReport& report, UnloadStatus status) {
  EXPECT_EQ(to_text(report.plan.status), to_text(status)) << report.plan.why;
  EXPECT_TRUE(report.plan.steps.empty());
  EXPECT_TRUE(report.script.empty());
}

TEST(Unload, ReadyWhenNothingNeedsIt) {
  const UnloadReport report = unload_of({.modules = loaded});
  EXPECT_EQ(to_text(report.plan.status), "ready") << report.plan.why;
  EXPECT_EQ(report.plan.order,
            (std::vector<std::string>{"nf_nat", "xt_conntrack", "nf_conntrack"}));
  EXPECT_EQ(report.plan.may_stay, std::vector<std::string>{"nf_defrag_ipv4"});
  EXPECT_TRUE(report.script.starts_with("#!/bin/sh\n"));
}

TEST(Unload, EveryConstructThatForcesTrackingRefuses) {
  for (const char* rule :
       {"-m state --state NEW -j ACCEPT", "-m conntrack --ctstate INVALID -j DROP",
        "-m conntrack --ctproto 6 -j ACCEPT", "-m connmark --mark 1 -j ACCEPT",
        "-m connlimit --connlimit-above 3 -j DROP", "-m helper --helper ftp -j ACCEPT",
        "-m connbytes --connbytes 10: --connbytes-dir both --connbytes-mode packets -j ACCEPT"}) {
    const UnloadReport report = unload_of({.rules = with_rule(rule)});
    expect_refusal(report, UnloadStatus::refused);
    ASSERT_EQ(report.plan.holders.size(), 1U) << rule;
    EXPECT_TRUE(report.plan.holders[0].forces_tracking) << rule;
    EXPECT_FALSE(report.plan.holders[0].modules.empty()) << rule;
    EXPECT_EQ(report.sources.locate(*report.plan.holders[0].span).line, 3U) << rule;
  }
}

TEST(Unload, NotrackHoldsTheModuleWithoutForcing) {
  const UnloadReport report = unload_of({.rules = with_rule("-j CT --notrack", "raw")});
  expect_refusal(report, UnloadStatus::refused);
  ASSERT_EQ(report.plan.holders.size(), 1U);
  EXPECT_FALSE(report.plan.holders[0].forces_tracking);
  EXPECT_EQ(report.plan.holders[0].modules, std::vector<std::string>{"xt_CT"});
}

TEST(Unload, AnEmptyNatTableRefuses) {
  const UnloadReport report =
      unload_of({.rules = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n" + std::string(free_rules)});
  expect_refusal(report, UnloadStatus::refused);
  ASSERT_EQ(report.plan.holders.size(), 1U);
  EXPECT_EQ(report.plan.holders[0].name, "*nat");
}

TEST(Unload, WhatIsNotUnderstoodIsNotHarmless) {
  expect_refusal(unload_of({.rules = with_rule("-m nosuchmatch --opt 3 -j ACCEPT")}),
                 UnloadStatus::unknown);
  EXPECT_FALSE(unload_of({.rules = with_rule("-m nosuchmatch -j ACCEPT")}).is_fully_understood);
}

TEST(Unload, ReferencesThatNothingExplainsAreSaid) {
  std::string modules = loaded;
  modules.replace(modules.find("xt_conntrack 16384 0"), 20, "xt_conntrack 16384 3");
  const UnloadReport report = unload_of({.modules = modules});
  EXPECT_EQ(to_text(report.plan.status), "conditional");
  const auto holder = std::ranges::find(report.plan.holders, "xt_conntrack", &Holder::name);
  ASSERT_NE(holder, report.plan.holders.end());
  EXPECT_EQ(holder->not_explained, 3U);
  EXPECT_FALSE(report.script.empty());
}

TEST(Unload, RulesExplainTheReferencesThatTheyTake) {
  std::string modules = loaded;
  modules.replace(modules.find("xt_conntrack 16384 0"), 20, "xt_conntrack 16384 2");
  const UnloadReport report =
      unload_of({.rules = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m state --state NEW -j DROP\n"
                          "-A INPUT -m conntrack --ctstate NEW -j DROP\nCOMMIT\n",
                 .modules = modules});
  const auto holder = std::ranges::find(report.plan.holders, "xt_conntrack", &Holder::name);
  ASSERT_NE(holder, report.plan.holders.end());
  EXPECT_EQ(holder->not_explained, 0U) << holder->why;
}

TEST(Unload, BuiltInCannotGo) {
  const UnloadReport report = unload_of({.builtin = "kernel/net/netfilter/nf_conntrack.ko\n"});
  expect_refusal(report, UnloadStatus::refused);
  EXPECT_NE(report.plan.why.find("no hooks are registered"), std::string::npos);
}

TEST(Unload, ModulesThatCannotBeUnloadedRefuse) {
  expect_refusal(unload_of({.modules = "nf_conntrack 1 - - Live 0x0\n"}), UnloadStatus::refused);
  expect_refusal(unload_of({.modules = "nf_conntrack 1 0 [permanent], Live 0x0\n"}),
                 UnloadStatus::refused);
  expect_refusal(unload_of({.modules = "nf_conntrack 1 1 openvswitch, Live 0x0\n"
                                       "openvswitch 1 0 - Live 0x0\n"}),
                 UnloadStatus::refused);
}

TEST(Unload, UnreadModulesAreNotAPlan) {
  expect_refusal(unload_of({.modules = "Module Size Used by\n"}), UnloadStatus::unknown);
}

TEST(Unload, ModulesDepDecidesWhereItIsGiven) {
  const UnloadReport report = unload_of(
      {.modules = "xt_helper9 1 0 - Live 0x0\nnf_conntrack 1 1 xt_helper9, Live 0x0\n",
       .dep =
           "extra/xt-helper9.ko.zst: kernel/nf_conntrack.ko.zst\nkernel/nf_conntrack.ko.zst:\n"});
  EXPECT_EQ(to_text(report.plan.status), "ready") << report.plan.why;
  EXPECT_EQ(report.plan.order, (std::vector<std::string>{"xt_helper9", "nf_conntrack"}));
  EXPECT_TRUE(std::ranges::binary_search(report.plan.blocked, "xt_helper9"));
}

// A driver that stands on it carries traffic while its use count is zero.
TEST(Unload, ModulesThatAreNoPartOfNetfilterRefuse) {
  const UnloadReport report = unload_of(
      {.modules = "my_driver 1 0 - Live 0x0\nnf_conntrack 1 1 my_driver, Live 0x0\n",
       .dep = "extra/my-driver.ko.zst: kernel/nf_conntrack.ko.zst\nkernel/nf_conntrack.ko.zst:\n"});
  expect_refusal(report, UnloadStatus::refused);
  EXPECT_FALSE(std::ranges::binary_search(report.plan.blocked, "my_driver"));
}

TEST(Unload, CircleInModulesDepIsRefused) {
  expect_refusal(unload_of({.dep = "xt_a.ko: nf_conntrack.ko\nnf_conntrack.ko: xt_a.ko\n"}),
                 UnloadStatus::refused);
}

TEST(Unload, OldKernelHasItsOldNames) {
  const UnloadReport report = unload_of({.kernel = KernelVersion{2, 6, 18}});
  EXPECT_EQ(report.plan.core, "ip_conntrack");
  for (const char* name : {"ip_conntrack", "ipt_state", "iptable_nat", "ipt_MASQUERADE"}) {
    EXPECT_TRUE(std::ranges::find(report.plan.order, name) != report.plan.order.end()) << name;
    EXPECT_TRUE(std::ranges::binary_search(report.plan.blocked, name)) << name;
  }
}

// Steps are the one source: what the script removes is what the steps say, and every step that
// changes the host can be undone, but for those that only prepare or look.
TEST(Unload, StepsThatChangeTheHostHaveAnUndo) {
  const UnloadReport report = unload_of({.modules = loaded});
  for (const UnloadStep& step : report.plan.steps) {
    const bool only_looks = step.id.starts_with("check-") || step.id == "verify";
    const bool prepares =
        step.id == "backup" || step.id == "arm-rollback" || step.id == "close-policies";
    EXPECT_EQ(step.undo.empty(), only_looks || prepares) << step.id;
    if (step.id.starts_with("check-")) {
      EXPECT_TRUE(step.command.empty()) << step.id;
    }
    if (!step.command.empty() && !step.id.starts_with("remove-")) {
      EXPECT_NE(report.script.find(step.command.substr(0, step.command.find('\n'))),
                std::string::npos)
          << step.id;
    }
  }
  const auto at = [&](std::string_view id) {
    return std::ranges::find(report.plan.steps, id, &UnloadStep::id) - report.plan.steps.begin();
  };
  EXPECT_LT(at("backup"), at("arm-rollback"));
  EXPECT_LT(at("arm-rollback"), at("block-reload"));
  EXPECT_LT(at("open-policies"), at("flush-nat"));
  EXPECT_LT(at("flush-nat"), at("close-policies"));
  EXPECT_LT(at("close-policies"), at("remove-nf_nat"));
  EXPECT_LT(at("remove-nf_nat"), at("remove-nf_conntrack"));
  EXPECT_LT(at("remove-nf_conntrack"), at("verify"));
}

}  // namespace
}  // namespace untrack
