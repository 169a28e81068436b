// table
#include <array>

#include "rewriter/unload/loaders.hpp"

namespace untrack {
namespace {

constexpr std::string_view own_chains_alone =
    "it writes its own chains alone: keep what changed outside of them in a script of yours, and "
    "do "
    "not load the whole file again later, since its own rules are those of today";

// What `own_rules` says is from their documents: ufw-framework(8), shorewall-conntrack(5) and
// shorewall-rules(5), firewalld.direct(5) and firewalld.conf(5), the readme of csf (17), Calico's
// reference of GlobalNetworkPolicy, Docker's "Docker with iptables", OpenWrt's firewall
// configuration. That iptables-restore -n, with which ufw loads, adds to what stands was measured.
constexpr std::array rows{
    LoaderRow{
        .id = "antrea",
        .who = "Antrea agent",
        .chains = "ANTREA-*",
        .comment = "Antrea:",
        .processes = "antrea-agent",
        .reloads = "nat and CT rules for pods, and Open vSwitch with its ct action, at every sync",
        .what_to_do = "a node of this cluster needs tracking: move the workload or keep it",
        .own_rules = own_chains_alone,
        .evidence =
            "antrea-io/antrea pkg/agent/util/iptables and pkg/agent/route (names of chains)",
    },
    LoaderRow{
        .id = "calico",
        .who = "Calico (felix)",
        .chains = "cali-* califw-* calitw-* cali:*",
        .comment = "cali:",
        .processes = "calico-node",
        .reloads =
            "conntrack, nat and raw rules; felix writes back what is deleted, every 90 s at most",
        .what_to_do = "a node of this cluster needs tracking: move the workload or keep it",
        .own_rules = "a GlobalNetworkPolicy with doNotTrack: true, for host endpoints, makes felix "
                     "write the "
                     "NOTRACK rules and their accepts itself; what is changed in its chains goes",
        .evidence = "live dump of a Calico node (chains cali-INPUT, cali-FORWARD, cali-PREROUTING)",
    },
    LoaderRow{
        .id = "cilium",
        .who = "Cilium agent",
        .chains = "CILIUM_* OLD_CILIUM_*",
        .comment = "cilium",
        .processes = "cilium-agent",
        .reloads = "nat, CT and mark rules at start; its own table in BPF is not nf_conntrack",
        .what_to_do = "run Cilium with bpf.masquerade and without iptables rules, or keep tracking",
        .own_rules = own_chains_alone,
        .evidence =
            "iptables -S of a Cilium node (CILIUM_PRE_nat, CILIUM_POST_nat, CILIUM_OUTPUT_nat)",
    },
    LoaderRow{
        .id = "cni",
        .who = "CNI plugins (bridge, portmap: containerd, CRI-O, older Podman)",
        .chains = "CNI-*",
        .comment = "",
        .processes = "containerd crio",
        .publishes_ports = true,
        .reloads = "MASQUERADE and DNAT for each container or pod that starts",
        .what_to_do = "no ipMasq and no port mapping in /etc/cni/net.d, or keep tracking",
        .own_rules = own_chains_alone,
        .evidence = "iptables-save of nodes with the portmap plugin (CNI-HOSTPORT-DNAT, CNI-DN-*)",
    },
    LoaderRow{
        .id = "csf",
        .who = "ConfigServer firewall (csf)",
        .chains = "LOCALINPUT LOCALOUTPUT ALLOWIN ALLOWOUT DENYIN DENYOUT INVDROP",
        .comment = "",
        .processes = "lfd",
        .reloads = "conntrack rules when csf or lfd restarts",
        .what_to_do =
            "disable csf and lfd (csf -x) before unloading, and load the new ruleset yourself",
        .own_rules =
            "write the new rules as iptables commands into /etc/csf/csfpost.sh, which csf runs "
            "behind "
            "its own at each start, and begin with iptables -t raw -F: csf need not empty that "
            "table",
        .evidence = "general knowledge of csf, not run",
    },
    LoaderRow{
        .id = "docker",
        .who = "Docker",
        .chains = "DOCKER DOCKER-*",
        .comment = "",
        .processes = "dockerd",
        .publishes_ports = true,
        .reloads =
            "MASQUERADE, DNAT and conntrack rules when dockerd starts, a network is made or a "
            "container with a published port starts",
        .what_to_do = "stop docker.service, or set \"iptables\": false and use host networking",
        .own_rules =
            "it writes its own chains alone, and leaves raw, INPUT, OUTPUT and DOCKER-USER to you: "
            "keep what changed there in a script of yours. Do not load the whole file again later: "
            "its rules for containers are those of today",
        .evidence = "golden files of moby's iptables tests (DOCKER, DOCKER-CT, DOCKER-USER ...)",
    },
    LoaderRow{
        .id = "fail2ban",
        .who = "fail2ban",
        .chains = "f2b-* fail2ban-*",
        .comment = "",
        .processes = "fail2ban-server",
        .needs_tracking = false,
        .reloads = "nothing: its chains reject by source address",
        .what_to_do =
            "nothing; look only at actions of your own that use -m conntrack or conntrack -D",
        .evidence = "action.d/iptables.conf of fail2ban 1.0: -I chain 1 -s ip -j blocktype",
    },
    LoaderRow{
        .id = "ferm",
        .who = "ferm",
        .chains = "",
        .comment = "",
        .header = "Generated by ferm",
        .processes = "",
        .reloads = "whatever /etc/ferm/ferm.conf asks for, when the service starts",
        .what_to_do = "take `mod state`, `mod conntrack` and NAT out of /etc/ferm/ferm.conf",
        .own_rules = "write the new rules into /etc/ferm/ferm.conf (table raw, target NOTRACK)",
        .evidence =
            "general knowledge, not run: ferm writes this line, but iptables-save does not keep it",
    },
    LoaderRow{
        .id = "firewalld",
        .who = "firewalld",
        .chains =
            "INPUT_ZONES INPUT_direct INPUT_ZONES_SOURCE FORWARD_IN_ZONES FORWARD_direct "
            "PREROUTING_ZONES POSTROUTING_ZONES OUTPUT_direct FWDI_* FWDO_* IN_public PRE_public "
            "filter_INPUT_ZONES filter_FORWARD_ZONES filter_FORWARD_IN_ZONES filter_IN_public "
            "mangle_PREROUTING_ZONES nat_PREROUTING_ZONES nat_POSTROUTING_ZONES",
        .comment = "",
        .processes = "firewalld",
        .reloads = "conntrack rules in every zone at start and at each reload",
        .what_to_do = "disable firewalld.service; it has no stateless mode",
        .own_rules =
            "NOTRACK lasts in a table of nft of your own at priority raw, which nftables.service "
            "loads, or as firewall-cmd --permanent --direct --add-rule ipv4 raw PREROUTING 0 ...; "
            "what is changed within its own chains and zones goes with the next reload",
        .evidence =
            "iptables dump of Fedora 27 (INPUT_ZONES, FWDI_*, PRE_public), and what firewalld 1.3 "
            "makes with nft (filter_INPUT_ZONES)",
    },
    LoaderRow{
        .id = "flannel",
        .who = "flannel",
        .chains = "FLANNEL-*",
        .comment = "flanneld",
        .processes = "flanneld",
        .reloads = "MASQUERADE rules for the pod network, checked every few seconds",
        .what_to_do = "run flanneld without --ip-masq, or keep tracking",
        .own_rules = own_chains_alone,
        .evidence = "general knowledge of flannel (FLANNEL-POSTRTG, FLANNEL-FWD), not run",
    },
    LoaderRow{
        .id = "incus",
        .who = "Incus",
        .chains = "",
        .comment = "generated for Incus ",
        .processes = "incusd",
        .reloads = "MASQUERADE for each managed bridge when incusd starts",
        .what_to_do = "incus network set NAME ipv4.nat=false ipv6.nat=false ipv4.firewall=false "
                      "ipv6.firewall=false",
        .own_rules = own_chains_alone,
        .evidence = "rule comments as Incus writes them (generated for Incus network incusbr0)",
    },
    LoaderRow{
        .id = "istio",
        .who = "Istio sidecar (istio-init)",
        .chains = "ISTIO_*",
        .comment = "",
        .processes = "",
        .reloads = "REDIRECT rules in each pod's network namespace",
        .what_to_do = "the module is one for all namespaces: keep tracking on nodes with sidecars",
        .own_rules = own_chains_alone,
        .evidence = "general knowledge of istio-iptables (ISTIO_INBOUND, ISTIO_REDIRECT), not run",
    },
    LoaderRow{
        .id = "kubernetes",
        .who = "kube-proxy or another Kubernetes component",
        .chains = "KUBE-*",
        .comment = "kubernetes ",
        .processes = "kube-proxy kubelet k3s-server k3s-agent",
        .publishes_ports = true,
        .reloads =
            "DNAT, MASQUERADE and conntrack rules at every sync (30 s by default); it also sets "
            "net.netfilter.nf_conntrack_max",
        .what_to_do = "a node of this cluster needs tracking: move the workload or keep it",
        .own_rules = own_chains_alone,
        .evidence =
            "rules expected by kube-proxy's unit tests (KUBE-SERVICES, KUBE-POSTROUTING ...)",
    },
    LoaderRow{
        .id = "libvirt",
        .who = "libvirt",
        .chains = "LIBVIRT_*",
        .comment = "",
        .processes = "libvirtd virtnetworkd",
        .reloads = "MASQUERADE and conntrack rules when a virtual network starts",
        .what_to_do = "virsh net-autostart --disable NAME and virsh net-destroy NAME, or forward "
                      "mode='route' or 'open'",
        .own_rules = own_chains_alone,
        .evidence = "commands expected by libvirt 11.3 tests (LIBVIRT_INP, LIBVIRT_PRT ...)",
    },
    LoaderRow{
        .id = "lxd",
        .who = "LXD",
        .chains = "",
        .comment = "generated for LXD ",
        .processes = "lxd",
        .reloads = "MASQUERADE for each managed bridge when lxd starts",
        .what_to_do = "lxc network set NAME ipv4.nat=false ipv6.nat=false ipv4.firewall=false "
                      "ipv6.firewall=false",
        .own_rules = own_chains_alone,
        .evidence = "rule comments as LXD writes them (generated for LXD network lxdbr0)",
    },
    LoaderRow{
        .id = "miniupnpd",
        .who = "MiniUPnP daemon",
        .chains = "MINIUPNPD MINIUPNPD-*",
        .comment = "",
        .processes = "miniupnpd",
        .publishes_ports = true,
        .reloads = "DNAT for each port that a client asks for",
        .what_to_do = "stop miniupnpd: port forwarding is NAT and needs tracking",
        .own_rules = own_chains_alone,
        .evidence = "general knowledge of miniupnpd's iptables_init.sh, not run",
    },
    LoaderRow{
        .id = "neutron",
        .who = "OpenStack Neutron or Nova",
        .chains = "neutron-* nova-*",
        .comment = "",
        .processes = "neutron-openvsw neutron-l3-agen",
        .reloads = "conntrack zones and state rules for each port",
        .what_to_do =
            "a compute or network node needs tracking, but for ports without security groups",
        .own_rules = own_chains_alone,
        .evidence = "listings of OpenStack hosts (neutron-openvswi-*, neutron-l3-agent-*)",
    },
    LoaderRow{
        .id = "nixos",
        .who = "NixOS firewall",
        .chains = "nixos-fw nixos-fw-* nixos-nat-*",
        .comment = "",
        .processes = "",
        .reloads = "conntrack rules when firewall.service starts",
        .what_to_do = "networking.firewall.enable = false, and load the ruleset yourself",
        .own_rules = "write the new rules as commands into networking.firewall.extraCommands, and "
                     "what takes "
                     "them away into extraStopCommands",
        .evidence = "general knowledge of NixOS (firewall-iptables.nix), not run",
    },
    LoaderRow{
        .id = "openwrt",
        .who = "OpenWrt firewall",
        .chains = "zone_* delegate_*",
        .comment = "!fw4: ",
        .processes = "",
        .reloads = "conntrack and nat rules at each change of an interface",
        .what_to_do = "disable the firewall service, and load the ruleset yourself",
        .own_rules =
            "write into /etc/config/firewall a rule with option target NOTRACK, and one that "
            "accepts; or, with fw4, files into /etc/nftables.d, with fw3, commands into "
            "/etc/firewall.user",
        .evidence =
            "dump of an OpenWrt Attitude Adjustment router (zone_lan, zone_wan ...), and comments "
            "that fw4's own tests expect (!fw4: ...)",
    },
    LoaderRow{
        .id = "podman",
        .who = "Podman (netavark)",
        .chains = "NETAVARK*",
        .comment = "netavark ",
        .processes = "netavark",
        .publishes_ports = true,
        .reloads = "MASQUERADE, DNAT and conntrack rules when a container with a network starts",
        .what_to_do = "run the containers with --network host or none; disable "
                      "podman-restart.service",
        .own_rules = own_chains_alone,
        .evidence =
            "podman's system tests (NETAVARK_FORWARD, comment netavark firewall plugin rules)",
    },
    LoaderRow{
        .id = "proxmox",
        .who = "Proxmox VE firewall",
        .chains = "PVEFW-*",
        .comment = "",
        .processes = "pve-firewall",
        .reloads = "conntrack rules every 10 s",
        .what_to_do = "disable the firewall of the datacentre, or keep tracking",
        .own_rules = "it writes the PVEFW- chains alone: the rules of raw last where "
                     "/etc/network/interfaces "
                     "loads them (post-up), what is changed in its chains goes",
        .evidence = "pve-firewall's rules (PVEFW-FORWARD -m conntrack --ctstate INVALID -j DROP)",
    },
    LoaderRow{
        .id = "shorewall",
        .who = "Shorewall",
        .chains = "shorewall net2fw net-fw fw2net fw-net net2loc loc2net loc-net",
        .comment = "",
        .processes = "",
        .reloads = "conntrack rules, and the helper modules of its modules file, at start",
        .what_to_do = "disable shorewall.service; it has no stateless mode",
        .own_rules =
            "write the untracked services into /etc/shorewall/conntrack (action NOTRACK; a file "
            "notrack before 4.5.7), and their accepts into the section UNTRACKED of "
            "/etc/shorewall/rules, which its zones read for such packets; then shorewall check",
        .evidence = "general knowledge of Shorewall (zone pairs net2fw, net-fw), not run",
    },
    LoaderRow{
        .id = "sshguard",
        .who = "SSHGuard",
        .chains = "sshguard",
        .comment = "",
        .processes = "sshguard",
        .needs_tracking = false,
        .reloads = "nothing: its chain drops by source address",
        .what_to_do = "nothing",
        .evidence = "general knowledge of sshg-fw-iptables, not run",
    },
    LoaderRow{
        .id = "tailscale",
        .who = "Tailscale",
        .chains = "ts-input ts-forward ts-postrouting",
        .comment = "",
        .processes = "tailscaled",
        .reloads = "MASQUERADE, connmark and conntrack rules when tailscaled starts",
        .what_to_do = "tailscale up --netfilter-mode=off",
        .own_rules = own_chains_alone,
        .evidence =
            "general knowledge of tailscale (ts-input, ts-forward, ts-postrouting), not run",
    },
    LoaderRow{
        .id = "ufw",
        .who = "ufw",
        .chains = "ufw-* ufw6-*",
        .comment = "",
        .processes = "",
        .reloads = "the --ctstate rules of /etc/ufw/before.rules and before6.rules at each start",
        .what_to_do =
            "ufw disable, and load the ruleset yourself; or take every --ctstate out of "
            "/etc/ufw/before.rules, before6.rules and IPT_MODULES out of /etc/default/ufw",
        .own_rules =
            "put the rules of raw as a table of their own into /etc/ufw/before.rules (IPv6: "
            "before6.rules), with -F PREROUTING and -F OUTPUT ahead of them, since ufw loads "
            "the file upon what stands; change the rules of filter there, too; then ufw reload",
        .evidence = "ufw of Debian 12 run in a network namespace (ufw-before-input ...)",
    },
};

}  // namespace

std::span<const LoaderRow> loader_rows() { return rows; }

}  // namespace untrack
