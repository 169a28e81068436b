#include "rewriter/unload/steps.hpp"

#include <fmt/format.h>

namespace untrack {
namespace {

// In the order of the checks: what is cheap and decides most comes first. Policies are opened
// before the only step that flushes anything, and put back right behind it, so that nobody is
// locked out and the time in which the host is open is as short as it can be.
const std::vector<UnloadStep>& fixed_steps_before_removal() {
  static const std::vector<UnloadStep> steps = {
      {.id = "check-root",
       .action = "check that this runs as root",
       .check = R"sh([ "$(id -u)" = 0 ] || refuse "only root can do this")sh"},
      {.id = "check-tools",
       .action = "check that the tools are there",
       .check =
           R"sh(for tool in awk chmod cat grep mktemp modprobe mv readlink rm rmdir rmmod sed sleep sort stat tr uname; do
  command -v "$tool" >/dev/null 2>&1 || refuse "not found: $tool"
done)sh"},
      {.id = "check-kernel",
       .action = "check that this is a kernel that the plan is for",
       .check = {}},  // depends on the plan
      {.id = "check-modular",
       .action = "check that connection tracking is a module",
       .check = "check_modular"},
      {.id = "check-namespaces",
       .action = "check that there are no other network namespaces",
       .check = "check_namespaces"},
      {.id = "check-rules",
       .action = "check that no running rule needs tracking",
       .check = "check_running_rules"},
      {.id = "check-boot-rules",
       .action = "check that the rules loaded at boot do without the modules",
       .check = "check_boot_rules"},
      {.id = "check-counts",
       .action = "check that nothing else uses the modules",
       .check = "check_counts"},
      {.id = "check-loaders",
       .action = "look for programs that load it again",
       .check = "name_loaders"},
      {.id = "backup",
       .action = "back up rules, policies, modules and settings",
       .command = "save_everything"},
      {.id = "arm-rollback",
       .action = "start the timer that puts everything back unless confirmed",
       .command = R"sh(rollback_timer "$confirm_within" </dev/null >"$dir/timer.log" 2>&1 &
echo "$!" >"$dir/timer")sh"},
      {.id = "block-reload",
       .action = "keep the modules from being loaded again, until the next boot",
       .command = R"sh(write_block "$transient_block")sh",
       .check = "[ -d /run ] || return 3",
       .undo = R"sh(rm -f "$transient_block")sh"},
      {.id = "open-policies",
       .action = "set the policies that are DROP to ACCEPT while the nat tables are flushed",
       .command = "set_policies ACCEPT",
       .check = R"sh([ -n "$(nat_tables)" ] || return 3)sh",
       .undo = "was_kept || set_policies DROP"},
      {.id = "flush-nat",
       .action = "flush the nat tables, which hold nothing that needs tracking",
       .command = "flush_nat",
       .check = R"sh([ -n "$(nat_tables)" ] || return 3)sh",
       .undo = "restore_tables"},
      {.id = "close-policies",
       .action = "put the policies back",
       .command = "set_policies DROP",
       .check = R"sh(grep -qx open-policies "$dir/journal" || return 3)sh"},
  };
  return steps;
}

// Vendors append to the version: 4.18.0-305.el8, 6.1.0-27-amd64. The names of modules changed
// between minor versions, and in the 2.6 series between patch levels.
std::string kernel_check(const std::optional<KernelVersion>& kernel) {
  if (!kernel) {
    return R"sh(version=$(uname -r)
major=${version%%[!0-9]*}
minor=${version#*.}
minor=${minor%%[!0-9]*}
if [ "${major:-0}" -lt 4 ] || { [ "$major" = 4 ] && [ "${minor:-0}" -lt 10 ]; }; then
  refuse "the plan is for Linux 4.10 and later (untrack unload --kernel $major.$minor makes another)"
fi)sh";
  }
  const KernelVersion shown{kernel->major, kernel->minor, kernel->major == 2 ? kernel->patch : 0};
  const std::string words = to_text(shown);
  return fmt::format(R"sh(case $(uname -r) in
  {} | {}[.-]*) ;;
  *) refuse "the plan is for Linux {}, and this is $(uname -r | printable)" ;;
esac)sh",
                     words, words, words);
}

}  // namespace

UnloadStep removal_step(std::string_view module) {
  return {.id = fmt::format("remove-{}", module),
          .action = fmt::format("remove {}", module),
          .command = fmt::format("rmmod {}", module),
          .check = fmt::format("is_unused {}", module),
          .undo = fmt::format("modprobe {}", module)};
}

std::vector<UnloadStep> unload_steps(const UnloadPlan& plan) {
  std::vector<UnloadStep> steps = fixed_steps_before_removal();
  for (UnloadStep& step : steps) {
    if (step.id == "check-kernel") step.check = kernel_check(plan.kernel);
  }
  for (const std::string& module : plan.order) steps.push_back(removal_step(module));
  steps.push_back({.id = "verify",
                   .action = "check that the modules are gone and the rules are those of before",
                   .command = "verify"});
  return steps;
}

}  // namespace untrack
