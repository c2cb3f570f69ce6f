# SPDX-License-Identifier: GPL-3.0-or-later
"""Boots the appliance under QEMU, without KVM, and lets it play a scene."""

import glob
import os
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 900


def pack(build, scene, folder, files):
    """A disk that is a tar of the scene and of what `cmake --install` puts on a machine."""
    stage = os.path.join(folder, "stage")
    environment = {**os.environ, "DESTDIR": stage}
    subprocess.run(["cmake", "--install", build, "--prefix", "/usr"], env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["tar", "-cf", os.path.join(folder, "installed.tar"), "-C", stage, "."], check=True)
    shutil.copy(os.path.join(HERE, "scenes", scene), os.path.join(folder, "scene"))
    shutil.copy(os.path.join(HERE, "scenes", "lib"), folder)
    for name, file in files.items():
        shutil.copy(file, os.path.join(folder, name))
    disk = os.path.join(folder, "scene.tar")
    subprocess.run(["tar", "-cf", disk, "-C", folder, "scene", "lib", "installed.tar", *files], check=True)
    return disk


def package_of(build, pattern="evenkeel_*.deb", program="vcpu_scheduler", name="evenkeel.deb"):
    """The .deb that ./bootstrap package has made, to lie beside a scene, or nothing where it is older than the program of
    the build."""
    debs = glob.glob(os.path.join(build, "..", "build-package", pattern))
    is_new = debs and os.path.getmtime(debs[0]) >= os.path.getmtime(os.path.join(build, program))
    return {name: debs[0]} if is_new else {}


def shape_of(pcpus, nodes):
    """How QEMU is told of its processors: one after the other, or nodes with two caches each of cores of two
    threads. With the vendor in `-cpu` below, which Debian's QEMU needs to tell of threads and caches."""
    if nodes == 1:
        return ["-m", "2G", "-smp", str(pcpus)]
    each = pcpus // nodes
    words = ["-m", "3G", "-smp", f"{pcpus},sockets={nodes},dies=2,cores={each // 4},threads=2"]
    for node in range(nodes):
        mib, first = 3072 // nodes, node * each
        words += ["-object", f"memory-backend-ram,id=memory{node},size={mib}M"]
        words += ["-numa", f"node,nodeid={node},cpus={first}-{first + each - 1},memdev=memory{node}"]
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a < b]
    return words + [word for a, b in pairs for word in ("-numa", f"dist,src={a},dst={b},val=21")]


def command(image, root, disk, folder, shape, kernel):
    words = "root=/dev/vda rw console=ttyS0 loglevel=4 mitigations=off no_timer_check tsc=reliable nokaslr panic=-1"
    drive = "if=none,format=raw"
    return [
        *("qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", *shape),
        *("-cpu", "qemu64,vendor=GenuineIntel,level=31,l3-cache=on"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initramfs.gz"),
        *("-append", f"{words} systemd.show_status=0 {kernel}"),
        *("-drive", f"file={root},id=root,{drive}", "-device", "virtio-blk-pci,drive=root"),
        *("-drive", f"file={disk},id=scene,readonly=on,{drive}", "-device", "virtio-blk-pci,drive=scene"),
        *("-serial", f"file:{folder}/console", "-serial", f"file:{folder}/said"),
    ]


def play(words, deadline):
    """One boot, until the machine is off."""
    machine = subprocess.Popen(words)
    try:
        machine.wait(max(1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        machine.kill()
        machine.wait()


def boot(build, scene, pcpus, kernel="", nodes=1, boots=1, files=None):
    """What the scene printed. Raises where the machine does not come up or the scene does not end. With more boots the
    machine is started again with the same disk, and the scene plays from its first line. files, {name: path}, lie beside
    the scene."""
    image = os.path.join(build, "appliance")
    start = time.monotonic()
    said = ""
    with tempfile.TemporaryDirectory(dir=build) as folder:
        disk = pack(build, scene, folder, files or {})
        root = os.path.join(folder, "root.img")
        subprocess.run(["cp", "--sparse=always", f"{image}/disk.img", root], check=True)
        for _ in range(boots):
            play(command(image, root, disk, folder, shape_of(pcpus, nodes), kernel), start + LIMIT_S)
            with open(f"{folder}/said", errors="replace") as file:
                said += file.read().replace("\r", "")
        if "@@END" not in said:
            with open(f"{folder}/console", errors="replace") as file:
                raise RuntimeError(f"the scene did not end:\n{said}\n{file.read()[-3000:]}")
    print(f"{scene}: played on a machine of {pcpus} pCPUs in {time.monotonic() - start:.0f} s", flush=True)
    return said


def told(text, word):
    """What the lines say that begin with the word."""
    return [line[len(word) + 1:] for line in text.splitlines() if line.startswith(f"{word} ")]


def judge(text, expectations):
    """Prints each (what, whether it holds, figure), and all that was said where one does not. Returns the exit status."""
    lost = 0
    for what, holds, figure in expectations:
        print(f"  {'won ' if holds else 'LOST'}  {what}: {figure}")
        lost += not holds
    if lost:
        print(text)
    return 1 if lost else 0
