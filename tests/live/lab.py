# SPDX-License-Identifier: GPL-3.0-or-later
"""A libvirtd of our own and small real guests, inside the namespaces that tests/live/run makes."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
import uuid

import libvirt

FOLDER = "/run/lab"
URI = "qemu:///system"
MIB = 1024  # in KiB

DOMAIN = """
<domain type='qemu'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>{max_mib}</memory>
  <currentMemory unit='MiB'>{mib}</currentMemory>
  <vcpu current='{vcpus}'>{vcpus}</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>/run/lab/vmlinuz</kernel>
    <initrd>/run/lab/initramfs.gz</initrd>
    <cmdline>console=ttyS0 loglevel=5 nokaslr mitigations=off no_timer_check tsc=reliable panic=-1</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact'><model fallback='allow'>qemu64</model></cpu>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type='file'><source path='/run/lab/guests/{name}.console'/><target port='0'/></serial>
    <serial type='unix'>
      <source mode='bind' path='/run/lab/guests/{name}.shell'/><target port='1'/>
    </serial>
    <memballoon model='virtio'/>
    <controller type='usb' model='none'/>
  </devices>
</domain>
"""


def names(n):
    """As unsorted and as full of gaps as the guests of a real host."""
    order = [2, 7, 1, 8, 4, 6, 3, 5]
    return [f"aos_vm{i}" for i in (order + list(range(n + 8, 8, -1)))[:n]]


class LabError(Exception):
    pass


def wait_for(what, condition, seconds, pause=0.2):
    """Polls until the condition holds and returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {seconds} s in vain for {what}")
        time.sleep(pause)


class Guest:
    """One running guest: its domain, its shell, its console."""

    def __init__(self, lab, domain):
        self.lab = lab
        self.domain = domain
        self.name = domain.name()
        self.uuid = domain.UUIDString()
        self.max_kib = domain.maxMemory()
        self.channel = None

    def console(self):
        with open(f"{FOLDER}/guests/{self.name}.console", errors="replace") as file:
            return file.read()

    def wait_ready(self, seconds=90):
        wait_for(f"{self.name} to boot", lambda: "READY" in self.console(), seconds)
        self.channel = socket.socket(socket.AF_UNIX)
        self.channel.connect(f"{FOLDER}/guests/{self.name}.shell")
        self.sh("true", seconds)

    def sh(self, command, seconds=30):
        """Runs a command in the guest and returns what it printed."""
        mark = uuid.uuid4().hex[:8]
        self.channel.settimeout(seconds)
        self.channel.sendall(f"{command}\necho {mark}:$?\n".encode())
        heard = b""
        while not (end := re.search(rf"{mark}:(\d+)\n".encode(), heard)):
            try:
                more = self.channel.recv(4096)
            except socket.timeout:
                raise LabError(f"{self.name}: no answer to '{command}'") from None
            if not more:
                raise LabError(f"{self.name}: the shell is gone")
            heard += more
        if end.group(1) != b"0":
            raise LabError(f"{self.name}: '{command}' failed: {heard.decode(errors='replace')}")
        return heard[: end.start()].decode(errors="replace")

    def busy(self, kiloloops, sleep_us):
        self.sh(f"killall -q busy eat; busy {kiloloops} {sleep_us} >/dev/null 2>&1 &")

    def eat(self, limit_mib, rate, hold_s=3600, keep_mib=48):
        self.sh(f"eat {limit_mib} {rate} {hold_s} {keep_mib} >/tmp/eat 2>&1 &")

    def eaten(self):
        """(MiB held, state) of the last eater started."""
        words = self.sh("tail -n 1 /tmp/eat 2>/dev/null || true").split()
        return (int(words[0]), words[1]) if len(words) == 2 else (0, "none")

    def idle(self):
        self.sh("killall -q busy eat; true")

    def set_mib(self, mib):
        self.domain.setMemoryFlags(mib * MIB, libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def pin(self, pcpus, vcpu=0):
        n = self.lab.n_pcpus
        self.domain.pinVcpuFlags(vcpu, tuple(p in pcpus for p in range(n)), libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def cpu_time_ns(self):
        return sum(used_ns for _number, _state, used_ns, _ran_on in self.domain.vcpus()[0])

    def memory(self):
        """(actual, unused) in MiB; unused is None where the guest has told nothing."""
        stats = self.domain.memoryStats()
        unused = stats.get("unused")
        return stats["actual"] / MIB, None if unused is None else unused / MIB

    def oom_lines(self):
        return [
            line
            for line in self.console().splitlines()
            if re.search(r"oom-kill|Out of memory|invoked oom-killer|page allocation failure", line)
        ]


class Lab:
    """with Lab() as lab: the daemons are up; at the end everything is gone."""

    def __init__(self):
        self.guests = []
        self.libvirtd = None
        self.virtlogd = None
        self.conn = None
        self.n_pcpus = 0

    def __enter__(self):
        libvirt.registerErrorHandler(lambda *_: None, None)
        libvirt.virEventRegisterDefaultImpl()
        threading.Thread(target=self._events, daemon=True).start()
        self.virtlogd = subprocess.Popen(["/usr/sbin/virtlogd"], stderr=subprocess.DEVNULL)
        self.start_libvirtd()
        return self

    def __exit__(self, *_):
        for guest in self.guests:
            try:
                guest.domain.destroy()
            except libvirt.libvirtError:
                pass
        self.conn.close()
        for daemon in (self.libvirtd, self.virtlogd):
            daemon.terminate()
            daemon.wait(20)

    @staticmethod
    def _events():
        while True:
            libvirt.virEventRunDefaultImpl()

    def start_libvirtd(self):
        log = open(f"{FOLDER}/libvirtd.log", "a")
        self.libvirtd = subprocess.Popen(["/usr/sbin/libvirtd"], stderr=log)

        def connect():
            try:
                return libvirt.open(URI)
            except libvirt.libvirtError:
                return None

        try:
            self.conn = wait_for("libvirtd", connect, 30)
        except LabError:
            with open(log.name) as file:
                print(file.read()[-3000:])
            raise
        self.conn.setKeepAlive(5, 3)
        self.n_pcpus = len(self.conn.getCPUMap()[1])
        for guest in self.guests:
            guest.domain = self.conn.lookupByUUIDString(guest.uuid)

    def stop_libvirtd(self, how=signal.SIGTERM):
        """The guests live on without it."""
        self.libvirtd.send_signal(how)
        self.libvirtd.wait(30)

    def add(self, name, max_mib=512, mib=None, vcpus=1):
        """Defines and starts a guest; wait_ready() on it before use."""
        identity = uuid.uuid5(uuid.NAMESPACE_DNS, name)
        xml = DOMAIN.format(name=name, uuid=identity, max_mib=max_mib, mib=mib or max_mib, vcpus=vcpus)
        domain = self.conn.defineXML(xml)
        domain.create()
        self._go_first(name)
        guest = Guest(self, domain)
        self.guests.append(guest)
        return guest

    @staticmethod
    def _go_first(name):
        """What else the machine does should not decide how evenly its guests run. The kernel weighs
        sessions against each other where it groups by them, and threads where it does not."""
        with open(f"/run/libvirt/qemu/{name}.pid") as file:
            pid = int(file.read())
        if os.path.exists(f"/proc/{pid}/autogroup"):
            with open(f"/proc/{pid}/autogroup", "w") as file:
                file.write("-20")
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.setpriority(os.PRIO_PROCESS, int(thread), -20)

    def boot(self, names, **shape):
        started = [self.add(name, **shape) for name in names]
        for guest in started:
            guest.wait_ready()
        return started

    def remove(self, guest):
        if guest.domain.isActive():
            guest.domain.destroy()
        guest.domain.undefine()
        self.guests.remove(guest)

    def oom(self):
        return [f"{guest.name}: {line}" for guest in self.guests for line in guest.oom_lines()]


class Program:
    """One of the two programs, running beside the lab with all it says and records kept."""

    def __init__(self, build, name, *arguments, wrap=()):
        self.name = name
        self.out_path = f"{FOLDER}/{name}.out"
        self.err_path = f"{FOLDER}/{name}.err"
        self.out = open(self.out_path, "w")
        self.err = open(self.err_path, "w")
        self.recording = f"{FOLDER}/{name}.rec"
        command = [*wrap, os.path.join(build, name), *arguments, "--json", "--record", self.recording]
        self.process = subprocess.Popen(command, stdout=self.out, stderr=self.err)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """SIGTERM, which must end it; returns (seconds that took, exit status)."""
        start = time.monotonic()
        if self.alive():
            self.process.terminate()
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.out.close()
        self.err.close()
        return time.monotonic() - start, status

    def output(self):
        with open(self.out_path) as out, open(self.err_path) as err:
            return out.read() + err.read()
