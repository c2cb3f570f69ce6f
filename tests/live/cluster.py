# SPDX-License-Identifier: GPL-3.0-or-later
"""Three nodes on one machine, each in namespaces of its own with a libvirtd, Corosync and Pacemaker, and small
guests that are the cluster's. Inside of what tests/live/run makes, which ends with all of it."""

import os
import re
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

from lab import FOLDER, LabError, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBERS = (1, 2, 3)
GUEST_MIB = 96
MOST_MIB = 160
GUESTS = f"{FOLDER}/guests"

# The agent finds a guest's name by a line of its own.
DOMAIN = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>{most}</memory>
  <currentMemory unit='MiB'>{mib}</currentMemory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>/run/lab/vmlinuz</kernel>
    <initrd>/run/lab/initramfs.gz</initrd>
    <cmdline>console=ttyS0 loglevel=5 nokaslr mitigations=off no_timer_check tsc=reliable panic=-1 work={work}</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact'><model fallback='allow'>qemu64</model></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type='file'><source path='/run/lab/guests/{name}.console'/><target port='0'/></serial>
    <serial type='null'><target port='1'/></serial>
    <memballoon model='virtio'/>
    <controller type='usb' model='none'/>
  </devices>
</domain>
"""

RESOURCE = """<primitive id="{name}" class="ocf" provider="heartbeat" type="VirtualDomain">
 <instance_attributes id="{name}-attributes">
  <nvpair id="{name}-config" name="config" value="/run/lab/guests/{name}.xml"/>
  <nvpair id="{name}-hypervisor" name="hypervisor" value="qemu:///system"/>
  <nvpair id="{name}-transport" name="migration_transport" value="tcp"/>
  <nvpair id="{name}-set-cpu" name="autoset_utilization_cpu" value="false"/>
  <nvpair id="{name}-set-memory" name="autoset_utilization_hv_memory" value="false"/>
  <nvpair id="{name}-set-host" name="autoset_utilization_host_memory" value="false"/>
 </instance_attributes>
 <meta_attributes id="{name}-meta"><nvpair id="{name}-migrate" name="allow-migrate" value="true"/></meta_attributes>
 <utilization id="{name}-use">
  <nvpair id="{name}-cpu" name="cpu" value="{cpu}"/>
  <nvpair id="{name}-memory" name="hv_memory" value="{mib}"/>
 </utilization>
 <operations>
  <op id="{name}-start" name="start" interval="0" timeout="300"/>
  <op id="{name}-stop" name="stop" interval="0" timeout="300"/>
  <op id="{name}-to" name="migrate_to" interval="0" timeout="600"/>
  <op id="{name}-from" name="migrate_from" interval="0" timeout="600"/>
  <op id="{name}-monitor" name="monitor" interval="20" timeout="120"/>
 </operations>
</primitive>"""

OPTIONS = """<crm_config><cluster_property_set id="options">
 <nvpair id="o-stonith" name="stonith-enabled" value="false"/>
 <nvpair id="o-placement" name="placement-strategy" value="balanced"/>
</cluster_property_set></crm_config>"""
DEFAULTS = """<rsc_defaults><meta_attributes id="defaults">
 <nvpair id="d-stickiness" name="resource-stickiness" value="100"/>
</meta_attributes></rsc_defaults>"""


def run(command, text=None, seconds=120, wants=0):
    """Standard output; LabError where the exit status is another than `wants` ("any": none is)."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds)
    if wants != "any" and done.returncode != wants:
        raise LabError(f"{' '.join(command[-6:])}: {done.returncode}: {(done.stderr + done.stdout)[-600:]}")
    return done.stdout


class Node:
    def __init__(self, number):
        self.number = number
        self.name = f"n{number}"
        self.process = None
        self.pid = None

    def start(self):
        shutil.rmtree(f"{FOLDER}/{self.name}", ignore_errors=True)
        command = ["unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child"]
        self.process = subprocess.Popen([*command, f"{HERE}/fleet_node", str(self.number)])
        self.pid = wait_for("a node's first process", self._first, 10)
        link = f"to-{self.name}"
        run(["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(self.pid)])
        run(["ip", "link", "set", link, "master", "lab0", "up"])

    def _first(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            children = file.read().split()
        return int(children[0]) if children else None

    def kill(self):
        """All of its processes at once, as when its power goes."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def command(self, words):
        return ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "--", *words]

    def run(self, *words, **more):
        return run(self.command(words), **more)

    def begin(self, *words, out):
        """A program that goes on in the node."""
        return subprocess.Popen(self.command(words), stdout=open(out, "w"), stderr=subprocess.STDOUT)

    def virsh(self, *words, **more):
        return self.run("virsh", "-q", "-c", "qemu:///system", *words, **more)

    def has_libvirt(self):
        return self.run("virsh", "-c", "qemu:///system", "version", wants="any") != ""

    def running(self):
        """Guests that libvirt has here, in whatever state."""
        return set(self.virsh("list", "--name").split())


class Cluster:
    """with Cluster(build) as cluster: three nodes that have quorum and no guests."""

    def __init__(self, build):
        self.build = build
        self.nodes = {f"n{number}": Node(number) for number in NUMBERS}
        self.dead = set()

    def __enter__(self):
        os.makedirs(GUESTS, exist_ok=True)
        with open("/etc/hosts", "w") as file:
            file.write("127.0.0.1 localhost\n" + "".join(f"10.77.0.{n} n{n}\n" for n in NUMBERS))
        self._add("/etc/group", "haclient:x:189:")
        self._add("/etc/passwd", "hacluster:x:189:189::/nonexistent:/usr/sbin/nologin")
        os.makedirs(f"{FOLDER}/bin", exist_ok=True)
        shutil.copy(os.path.join(HERE, "../../agent/install/qemu-hook"), f"{FOLDER}/bin/")
        os.symlink(os.path.join(self.build, "evenkeel-fleet"), f"{FOLDER}/bin/evenkeel-fleet")
        run(["ip", "link", "add", "lab0", "type", "bridge"])
        run(["ip", "link", "set", "lab0", "up"])
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            wait_for("libvirtd", node.has_libvirt, 120, 1)
        wait_for("three nodes online", lambda: len(self.online()) == 3, 240, 1)
        return self

    def __exit__(self, *_):
        for name in set(self.nodes) - self.dead:
            self.nodes[name].kill()

    @staticmethod
    def _add(path, line):
        with open(path, "r+") as file:
            if not re.search(f"^{line.split(':')[0]}:", file.read(), re.M):
                file.write(line + "\n")

    def kill(self, name):
        self.nodes[name].kill()
        self.dead.add(name)

    def bring_back(self, name):
        self.nodes[name].start()
        self.dead.discard(name)
        wait_for("libvirtd", self.nodes[name].has_libvirt, 120, 1)
        wait_for("the node to be back", lambda: len(self.online()) == 3, 240, 1)

    # ---- the cluster's document ----

    def alive(self):
        return [self.nodes[name] for name in sorted(self.nodes) if name not in self.dead]

    def cibadmin(self, *words, **more):
        return self.alive()[0].run("cibadmin", *words, **more)

    def tree(self):
        text = self.cibadmin("--query", wants="any")
        return ElementTree.fromstring(text) if text else None

    def online(self):
        tree = self.tree()
        if tree is None or tree.get("have-quorum") != "1":
            return []
        states = tree.iter("node_state")
        return [s.get("uname") for s in states if s.get("crmd") == "online" and s.get("join") == "member"]

    def is_idle(self):
        """Whether the cluster has nothing left to do."""
        node = self.alive()[0]
        name = re.search(r"\b(n\d)\s*$", node.run("crmadmin", "-D", wants="any"))
        return name and "S_IDLE" in node.run("crmadmin", "-S", name.group(1), wants="any")

    def settle(self, seconds=600):
        """Idle, and again a moment later."""
        wait_for("the cluster to be idle", lambda: self.is_idle() and not time.sleep(3) and self.is_idle(), seconds, 1)

    def configure(self, guests, capacity):
        """guests: {name: (cpu, MiB, work)}, first on n1; capacity: (cpu, MiB) of each node."""
        for name, (_cpu, _mib, work) in guests.items():
            with open(f"{GUESTS}/{name}.xml", "w") as file:
                file.write(DOMAIN.format(name=name, most=MOST_MIB, mib=GUEST_MIB, work=work))
        self.cibadmin("--modify", "--scope", "crm_config", "--xml-pipe", text=OPTIONS)
        self.cibadmin("--modify", "--allow-create", "--scope", "rsc_defaults", "--xml-pipe", text=DEFAULTS)
        nodes = "".join(
            f'<node id="{n}" uname="n{n}"><utilization id="u{n}"><nvpair id="u{n}-cpu" name="cpu" value="{capacity[0]}"/>'
            f'<nvpair id="u{n}-memory" name="hv_memory" value="{capacity[1]}"/></utilization></node>'
            for n in NUMBERS
        )
        self.cibadmin("--modify", "--scope", "nodes", "--xml-pipe", text=f"<nodes>{nodes}</nodes>")
        resources = "".join(RESOURCE.format(name=name, cpu=cpu, mib=mib) for name, (cpu, mib, _) in guests.items())
        wishes = self._wishes({name: "n1" for name in guests})
        both = f"<configuration><resources>{resources}</resources><constraints>{wishes}</constraints></configuration>"
        self.cibadmin("--modify", "--scope", "configuration", "--xml-pipe", text=both)

    @staticmethod
    def _wishes(homes):
        return "".join(f'<rsc_location id="own-{g}" rsc="{g}" node="{n}" score="1000"/>' for g, n in homes.items())

    def prefer(self, homes):
        """The owner's own constraints, and no others: where guests are wanted."""
        wishes = self._wishes(homes)
        self.cibadmin("--replace", "--scope", "constraints", "--xml-pipe", text=f"<constraints>{wishes}</constraints>")

    def constraints(self):
        return [one.get("id") for one in self.tree().find("configuration/constraints")]

    # ---- guests ----

    def where(self):
        """{guest: names of the nodes whose libvirt has it}."""
        places = {}
        for node in self.alive():
            for guest in node.running():
                places.setdefault(guest, []).append(node.name)
        return places

    def homes(self):
        """{guest: node} of those that are at one place."""
        return {guest: nodes[0] for guest, nodes in self.where().items() if len(nodes) == 1}

    def fleet(self, *words, **more):
        return self.alive()[0].run(os.path.join(self.build, "evenkeel-fleet"), *words, **more)
