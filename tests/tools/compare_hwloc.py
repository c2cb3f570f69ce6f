#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds --show-topology against hwloc on machines that are not here.

    compare_hwloc.py BUILD ARCHIVE...

Each archive is a machine's /sys and /proc, as hwloc's source has them in tests/hwloc/linux. In a mount namespace
of its own it stands in for this machine's: libvirtd reads it, the scheduler reads libvirtd and it, and hwloc's
lstopo reads it too. Prints a line for each machine, and each difference; status 1 when there is one, 77 (skipped)
without root, libvirtd or lstopo. Nothing outside of the namespaces changes. With WITHOUT_CACHES in the environment
hwloc alone sees caches."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as tree

SKIPPED = 77
START_S = 20
PACKAGES = "lab/packages/usr"  # what the live lab has unpacked
CONFIG = 'user = "root"\ngroup = "root"\nsecurity_driver = "none"\n'


def members(mask):
    """hwloc's "0x00000001,0x00000003" as a set of numbers."""
    words = [int(word or "0", 16) for word in mask.split(",")]
    number = 0
    for word in words:
        number = number << 32 | word
    return frozenset(bit for bit in range(number.bit_length()) if number >> bit & 1)


def pcpus(text):
    """"0-3,8" likewise."""
    found = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def show(found):
    return " ".join(",".join(map(str, sorted(group))) for group in sorted(found, key=sorted)) or "none"


def hwloc_says(root):
    """Objects by type: a list of (index, pCPUs)."""
    environment = dict(os.environ, HWLOC_FSROOT=root, HWLOC_COMPONENTS="linux,stop", HWLOC_THISSYSTEM="0")
    said = subprocess.run(
        ["lstopo-no-graphics", "--disallowed", "--of", "xml", "-"],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )
    objects = {}
    for element in tree.fromstring(said.stdout).iter("object"):
        if element.get("cpuset"):
            entry = (int(element.get("os_index", "-1")), members(element.get("cpuset")))
            objects.setdefault(element.get("type"), []).append(entry)
    return objects


def write(path, text):
    if not os.path.exists(path):
        with open(path, "w") as file:
            file.write(f"{text}\n")


def short(mask):
    """Without leading zeros: libnuma takes no mask that is wider than those of the kernel that runs."""
    words = mask.split(",")
    while len(words) > 1 and int(words[0], 16) == 0:
        del words[0]
    return ",".join(words)


def complete(root):
    """An archive has only what hwloc reads: a kernel tells lists beside masks, and who is online."""
    system = f"{root}/sys/devices/system"
    for new, old in (("core_cpus", "thread_siblings"), ("package_cpus", "core_siblings")):
        for mask in glob.glob(f"{system}/cpu/cpu[0-9]*/topology/{new}"):
            with open(mask) as file:
                write(mask.replace(new, old), file.read().strip("\n\0"))
    for mask in glob.glob(f"{system}/cpu/cpu[0-9]*/topology/*_siblings") + glob.glob(
        f"{system}/cpu/cpu[0-9]*/cache/index*/shared_cpu_map"
    ) + glob.glob(f"{system}/node/node[0-9]*/cpumap"):
        with open(mask) as file:
            said = file.read()
        text = ",".join(map(str, sorted(members(said.strip("\n\0")))))
        os.remove(mask)
        write(mask, short(said.strip("\n\0")))
        write(mask.replace("_siblings", "_siblings_list").replace("_map", "_list").replace("cpumap", "cpulist"), text)
    there = sorted(int(os.path.basename(path)[3:]) for path in glob.glob(f"{system}/cpu/cpu[0-9]*"))
    online = [p for p in there if os.path.isdir(f"{system}/cpu/cpu{p}/topology") and not is_off(f"{system}/cpu/cpu{p}")]
    for name, pcpus_there in (("present", there), ("possible", there), ("online", online or there)):
        write(f"{system}/cpu/{name}", ",".join(map(str, pcpus_there)))
    nodes = sorted(int(os.path.basename(path)[4:]) for path in glob.glob(f"{system}/node/node[0-9]*"))
    if nodes:
        for name in ("online", "possible", "has_cpu", "has_memory", "has_normal_memory"):
            write(f"{system}/node/{name}", ",".join(map(str, nodes)))


def is_off(folder):
    try:
        with open(f"{folder}/online") as file:
            return file.read().strip() == "0"
    except OSError:
        return False


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def become(build, root):
    """This machine looks like that one, and libvirtd finds nothing of ours."""
    if not shutil.which("libvirtd"):
        mount("-t", "overlay", "-o", f"lowerdir={build}/{PACKAGES}:/usr", "overlay", "/usr")
    mount("--bind", f"{root}/sys/devices/system", "/sys/devices/system")
    if os.path.exists(f"{root}/proc/cpuinfo"):
        mount("--bind", f"{root}/proc/cpuinfo", "/proc/cpuinfo")
    for emulator in glob.glob("/usr/bin/qemu-system-*"):
        mount("--bind", "/bin/false", emulator)  # asking it what it can do takes seconds
    users = tempfile.mkdtemp(prefix="users-")
    mount("-t", "tmpfs", "users", users)
    for name, line in (("passwd", "libvirt-qemu:x:64055:64055::/:/bin/false\n"),
                       ("group", "libvirt-qemu:x:64055:\nlibvirt:x:64056:\n")):
        shutil.copy(f"/etc/{name}", f"{users}/{name}")
        with open(f"{users}/{name}", "a") as file:
            file.write(line)
        mount("--bind", f"{users}/{name}", f"/etc/{name}")
    for folder in ("/run/libvirt", "/var/lib/libvirt", "/var/cache/libvirt", "/etc/libvirt"):
        os.makedirs(folder, exist_ok=True)
        mount("-t", "tmpfs", "libvirt", folder)
    with open("/etc/libvirt/qemu.conf", "w") as file:
        file.write(CONFIG)
    return users


def evenkeel_says(build, root):
    """In the namespace: what the scheduler shows of libvirtd there, or None and why."""
    users = become(build, root)
    command = [f"{build}/vcpu_scheduler", "--show-topology", "--json"]
    with open(f"{users}/log", "w") as log:
        daemon = subprocess.Popen(["libvirtd", "-p", f"{users}/pid"], stderr=log)
    end = time.monotonic() + START_S
    while True:
        said = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if said.returncode == 0 or "cannot connect" not in said.stderr:
            break
        if time.monotonic() > end or daemon.poll() is not None:
            break
        time.sleep(0.1)
    daemon.terminate()
    daemon.wait(20)
    print(said.stdout or json.dumps({"error": said.stderr.strip()}))


def compare(ours, hwloc):
    """Differences as sentences."""
    online = frozenset().union(*(group for _, group in hwloc.get("PU", [])))
    if pcpus(ours["online"]) != online:
        yield f"online {ours['online']}, hwloc {show([online])}"
    nodes = {int(i): pcpus(text) for i, text in ours["nodes"].items() if text}
    theirs = {i: group for i, group in hwloc.get("NUMANode", []) if i in nodes}
    if nodes != theirs:
        yield f"nodes {show(nodes.values())}, hwloc {show(theirs.values())}"
    cores = {pcpus(text) for text in ours["cores"]}
    theirs = {group for _, group in hwloc.get("Core", [])}
    theirs |= {frozenset([p]) for p in online - frozenset().union(*theirs)}
    if cores != theirs:
        yield f"cores {show(cores - theirs)}, hwloc {show(theirs - cores)}"
    caches = {group for _, group in hwloc.get("L3Cache", []) or shared(hwloc.get("L2Cache", []), theirs)}
    llcs = {pcpus(text) for text in ours["llcs"]}
    if caches and llcs != caches:
        yield f"caches ({ours['llc_from']}) {show(llcs - caches)}, hwloc {show(caches - llcs)}"
    if not caches and ours["llc_from"] in ("banks", "sysfs"):
        yield f"caches ({ours['llc_from']}) {show(llcs)}, hwloc none"


def shared(caches, cores):
    """Of level 2 only what cores share counts as a last-level cache."""
    return caches if any(group not in cores for _, group in caches) else []


def look(build, archive):
    """A line, and whether it is right; None where there is nothing to compare."""
    name = os.path.basename(archive).split(".tar")[0]
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        subprocess.run(["tar", "xf", archive, "-C", folder], check=True)
        roots = glob.glob(f"{folder}/*/sys/devices/system/cpu")
        if not roots:
            return f"{name}: no /sys in it", None
        root = os.path.dirname(roots[0]).removesuffix("/sys/devices/system")
        complete(root)
        theirs = hwloc_says(root)
        if os.environ.get("WITHOUT_CACHES"):
            for caches in glob.glob(f"{root}/sys/devices/system/cpu/cpu[0-9]*/cache"):
                shutil.rmtree(caches)
        said = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", __file__, "--inside", build, root],
            capture_output=True, text=True, timeout=120,
        )
        if said.returncode != 0:
            return f"{name}: {said.stderr.strip()[-300:]}", None
        ours = json.loads(said.stdout)
        if "error" in ours:
            return f"{name}: {ours['error']}", None
        differences = list(compare(ours, theirs))
    counts = f"{len(ours['nodes'])} nodes, {len(ours['llcs'])} caches, {len(ours['cores'])} cores"
    line = f"{name}: {counts}, llc={ours['llc_from']}, {ours['level']}"
    return "\n  ".join([line, *differences]), not differences


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--inside":
        return evenkeel_says(*sys.argv[2:4])
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    has_libvirtd = shutil.which("libvirtd") or os.access(f"{build}/{PACKAGES}/sbin/libvirtd", os.X_OK)
    if os.geteuid() != 0 or not has_libvirtd or not shutil.which("lstopo-no-graphics"):
        print("skipped: needs root, libvirtd and hwloc's lstopo")
        sys.exit(SKIPPED)
    results = []
    for archive in sys.argv[2:]:
        line, is_right = look(build, archive)
        print(line, flush=True)
        results.append(is_right)
    print(f"{results.count(True)} equal, {results.count(False)} different, {results.count(None)} not compared")
    sys.exit(1 if False in results else 0)


if __name__ == "__main__":
    main()
