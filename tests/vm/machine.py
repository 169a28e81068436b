"""A small virtual machine with Debian's modular kernel, to load and unload real modules.

The kernel comes from Debian's package (unpacked, never installed) and is cached; the programs are
those of this host. No network, no disk: a guest script arrives in the initramfs and speaks through
the serial console. Used by the tests in this folder; `Unavailable` says why it cannot be had.
"""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = ("dash", "ip", "iptables-legacy", "iptables-legacy-save", "iptables-legacy-restore",
            "ip6tables-legacy", "ip6tables-legacy-save", "ip6tables-legacy-restore",
            "iptables-nft", "iptables-nft-save", "iptables-nft-restore",
            "ip6tables-nft", "ip6tables-nft-save", "ip6tables-nft-restore",
            "nft", "conntrack", "modprobe", "rmmod", "lsmod")
MODULE_FOLDERS = ("net/netfilter", "net/ipv4", "net/ipv6", "net/bridge", "net/802", "net/llc",
                  "net/core", "lib", "crypto", "arch/x86/crypto", "drivers/net/veth.ko",
                  "drivers/net/dummy.ko")


class Unavailable(Exception):
    """The machine cannot be had here; the test is to be skipped with this reason."""


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = pathlib.Path(os.environ.get("UNTRACK_VM_CACHE", base + "/untrack-vm"))
    path.mkdir(parents=True, exist_ok=True)
    return path


def run(arguments, reason, **options):
    try:
        return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=300,
                              **options).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{reason}: {error}") from error


def kernel_tree():
    """The unpacked package; downloads it the first time (70 MB)."""
    for tool in ("qemu-system-x86_64", "busybox", "depmod", "dpkg-deb", "apt-get", "apt-cache"):
        if not shutil.which(tool):
            raise Unavailable(f"no {tool} here")
    known = sorted(cache().glob("kernel-*/boot/vmlinuz-*"))
    if known:
        return known[-1].parent.parent
    listing = run(["apt-cache", "depends", "linux-image-amd64"], "no package lists")
    names = re.findall(r"Depends: (linux-image-[0-9][^\s]*)", listing)
    if not names:
        raise Unavailable("linux-image-amd64 names no kernel package")
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        run(["apt-get", "-o", "APT::Sandbox::User=root", "download", names[0]],
            "the kernel package cannot be downloaded", cwd=scratch)
        package = next(pathlib.Path(scratch).glob("*.deb"))
        tree = pathlib.Path(scratch) / "tree"
        run(["dpkg-deb", "-x", str(package), str(tree)], "the kernel package cannot be unpacked")
        target = cache() / f"kernel-{names[0]}"
        if not target.exists():
            tree.rename(target)
    return target


def libraries(program):
    """Shared libraries of a program, with the loader."""
    listing = run(["ldd", program], f"ldd {program}")
    return re.findall(r"(/[^\s]+)", listing)


def add_file(root, source):
    """Copies a file to the same path, following links, and what it needs to run."""
    target = root / source.lstrip("/")
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(os.path.realpath(source), target)


def build_initramfs(tree, target):
    version = next((tree / "lib/modules").iterdir()).name
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        root = pathlib.Path(scratch) / "root"
        for folder in ("bin", "dev", "etc", "proc", "run", "sys", "tmp", "usr/sbin", "var/lib"):
            (root / folder).mkdir(parents=True)
        os.chmod(root / "tmp", 0o1777)
        for link, to in (("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")):
            (root / to).mkdir(parents=True, exist_ok=True)
            (root / link).symlink_to(to)
        shutil.copy2(shutil.which("busybox"), root / "bin/busybox")
        for program in PROGRAMS:
            path = shutil.which(program)
            if not path:
                raise Unavailable(f"no {program} here")
            add_file(root, os.path.realpath(path))
            link = root / "usr/sbin" / program
            if not link.exists():
                link.symlink_to(os.path.realpath(path))
            for library in libraries(path):
                add_file(root, os.path.join(os.path.realpath(os.path.dirname(library)),
                                            os.path.basename(library)))
        for folder in pathlib.Path("/usr/lib").glob("*/xtables"):
            for plugin in folder.glob("*.so"):
                add_file(root, str(plugin))
        for name in ("protocols", "services"):
            shutil.copy2(f"/etc/{name}", root / "etc" / name)
        # usr-merged paths: /lib/x must be found below /usr/lib.
        modules = root / "usr/lib/modules" / version
        (modules / "kernel").mkdir(parents=True)
        source = tree / "lib/modules" / version
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copy2(source / name, modules / name)
        for folder in MODULE_FOLDERS:
            path = source / "kernel" / folder
            if path.is_dir():
                shutil.copytree(path, modules / "kernel" / folder)
            elif path.exists():
                (modules / "kernel" / folder).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, modules / "kernel" / folder)
        run(["depmod", "-b", str(root / "usr"), version], "depmod")
        init = root / "init"
        init.write_text("#!/bin/busybox sh\n"
                        "/bin/busybox --install -s /bin\n"
                        "export PATH=/usr/sbin:/bin\n"
                        "mount -t proc proc /proc\nmount -t sysfs sys /sys\n"
                        "mount -t devtmpfs dev /dev\nmount -t tmpfs run /run\n"
                        "ip link set lo up\n"
                        "sh /guest/main.sh\n"
                        "echo \"guest: exit $?\"\n"
                        "poweroff -f\n")
        init.chmod(0o755)
        archive = pack(root)
        part = target.with_suffix(".part")
        part.write_bytes(gzip.compress(archive, 1))
        part.rename(target)


def pack(root):
    """A cpio archive of a folder."""
    names = subprocess.run(["find", ".", "-print0"], cwd=root, check=True,
                           capture_output=True).stdout
    return subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=root,
                          input=names, check=True, capture_output=True).stdout


def add_program(root, program):
    """Copies a program into an archive that is laid over the base, where /lib is a link."""
    for source in [program, *libraries(program)]:
        target = root / os.path.join(os.path.realpath(os.path.dirname(source)),
                                     os.path.basename(source)).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.realpath(source), target)
    return os.path.join(os.path.realpath(os.path.dirname(program)), os.path.basename(program))


def boot(files, seconds, *programs):
    """Runs /guest/main.sh of `files` (name: text) beside `programs`, which have the same paths there;
    returns what the console showed.

    Raises TimeoutError if the guest does not end in time; the machine is stopped by its own handle.
    """
    tree = kernel_tree()
    if not shutil.which("cpio"):
        raise Unavailable("no cpio here")
    base = cache() / f"{tree.name}.initramfs.gz"
    newest = max(os.path.getmtime(__file__), os.path.getmtime(shutil.which("iptables-nft")))
    if not base.exists() or base.stat().st_mtime < newest:
        build_initramfs(tree, base)
    kernel = next((tree / "boot").glob("vmlinuz-*"))
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch) / "root"
        (root / "guest").mkdir(parents=True)
        for name, text in files.items():
            (root / "guest" / name).write_text(text)
        for program in programs:
            add_program(root, program)
        initramfs = pathlib.Path(scratch) / "initramfs"
        archive = base.read_bytes()
        archive += bytes(-len(archive) % 4)  # the kernel looks for the next archive at such a place
        initramfs.write_bytes(archive + pack(root))
        machine = subprocess.Popen(
            ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-m", "768", "-nographic",
             "-no-reboot", "-nic", "none", "-kernel", str(kernel), "-initrd", str(initramfs),
             "-append", "console=ttyS0 quiet panic=-1 rdinit=/init"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output, _ = machine.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            machine.kill()
            output, _ = machine.communicate()
            raise TimeoutError(f"the guest did not end within {seconds} s:\n"
                               + output.decode(errors="replace")[-4000:]) from error
    return output.decode(errors="replace").replace("\r\n", "\n")


def run_test(main):
    """Ends the program with what `main` returns, or as a skipped test (77) with its reason."""
    try:
        sys.exit(main())
    except Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
