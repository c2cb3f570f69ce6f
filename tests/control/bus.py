# SPDX-License-Identifier: GPL-3.0-or-later
"""bus.py BUILD: both programs on a private bus with the shipped policy, and evenkeelctl as several users.

Needs root, to be those users, whom this makes in a namespace of its own. Exit code 77 where it cannot be."""

import atexit
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
POLICY = f"{HERE}/../../agent/install/dbus.conf"
USERS = {"evenkeel": 60001, "libvirt-qemu": 60002, "member": 60003, "stranger": 60004, "qemu": 60005}
QEMU = ("libvirt-qemu", "qemu")
# One of QEMU's users is in libvirt's group by mistake, which must not help it.
GROUPS = {"libvirt": (60010, "evenkeel,member,qemu"), "kvm-guests": (60011, "")}
PROGRAMS = {"VcpuScheduler1": "vcpu_scheduler", "MemoryCoordinator1": "memory_coordinator"}
# As the system's own bus has it: nothing may be owned or called but what a policy allows.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={folder}/socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/></policy>
<include>{policy}</include></busconfig>
"""
lost = 0


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def must(what, holds, figure=""):
    global lost
    if not holds:
        lost += 1
        print(f"LOST {what}: {figure}")


def make_users(folder):
    """Users and groups that only this process and its children know."""
    for name, lines in (
        ("passwd", [f"{user}:x:{uid}:{uid}::/:/bin/sh" for user, uid in USERS.items()]),
        ("group", [f"{group}:x:{gid}:{members}" for group, (gid, members) in GROUPS.items()]),
    ):
        with open(f"/etc/{name}") as file:
            mine = [line for line in file.read().splitlines() if line.split(":")[0] not in {**USERS, **GROUPS}]
        with open(f"{folder}/{name}", "w") as file:
            file.write("\n".join(mine + lines) + "\n")
        subprocess.run(["mount", "--bind", f"{folder}/{name}", f"/etc/{name}"], check=True)


def as_user(user):
    """The words before a command that has that user's rights."""
    if user == "root":
        return []
    groups = [gid for gid, members in GROUPS.values() if user in members.split(",")]
    uid = USERS[user]
    extra = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    return ["setpriv", "--reuid", str(uid), "--regid", str(uid), *extra]


class Scene:
    def __init__(self, build, folder, policy=POLICY):
        self.build, self.folder = build, folder
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/socket"}
        self.environment.pop("NOTIFY_SOCKET", None)
        self.environment["STATE_DIRECTORY"] = folder
        with open(f"{folder}/bus.conf", "w") as file:
            file.write(BUS.format(folder=folder, policy=policy))
        self.started = []
        self.begin()
        atexit.register(self.kill)  # where the test itself fails, nothing may hold its output open

    def begin(self):
        folder = self.folder
        words = ["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile"]
        self.daemon = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        within(5, lambda: os.path.exists(f"{folder}/socket"))

    def restart_bus(self):
        self.daemon.terminate()
        self.daemon.wait()
        if os.path.exists(f"{self.folder}/socket"):
            os.unlink(f"{self.folder}/socket")
        self.begin()

    def start(self, program, *options, user="root", stdout=subprocess.DEVNULL, **environment):
        words = [*as_user(user), f"{self.build}/{program}", "--connect", "test:///default", "--dry-run", *options]
        err = open(f"{self.folder}/err-{len(self.started)}", "w+")
        process = subprocess.Popen(
            words, stdout=stdout, stderr=err, env={**self.environment, **environment}
        )
        process.err = err
        self.started.append(process)
        return process

    def ctl(self, *words, user="root"):
        """Exit status, standard output, standard error of evenkeelctl."""
        done = subprocess.run(
            [*as_user(user), f"{self.build}/evenkeelctl", *words],
            env=self.environment, capture_output=True, text=True, timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    def may_call(self, user, name, interface, member, *arguments):
        words = ["busctl", f"--address=unix:path={self.folder}/socket", "--timeout=20", "call",
                 f"dev.evenkeel.{name}", f"/dev/evenkeel/{name}", interface, member, *arguments]
        done = subprocess.run([*as_user(user), *words], capture_output=True, text=True)
        # An error of the program's own is an answer.
        return done.returncode == 0 or not re.search(r"Access denied|rejected|not allowed", done.stderr)

    def set_property(self, user, name, member):
        """What the program says to it."""
        words = ["busctl", f"--address=unix:path={self.folder}/socket", "set-property", f"dev.evenkeel.{name}",
                 f"/dev/evenkeel/{name}", f"dev.evenkeel.{name}", member, "b", "true"]
        return subprocess.run([*as_user(user), *words], capture_output=True, text=True).stderr

    def may_own(self, user, name):
        words = ["busctl", f"--address=unix:path={self.folder}/socket", "call", "org.freedesktop.DBus",
                 "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName", "su", f"dev.evenkeel.{name}", "4"]
        return subprocess.run([*as_user(user), *words], capture_output=True).returncode == 0

    def kill(self):
        for process in [*self.started, self.daemon]:
            if process.poll() is None:
                process.kill()

    def end(self):
        for process in [*self.started, self.daemon]:
            if process.poll() is None:
                process.terminate()
            process.wait(20)


def within(seconds, holds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def running(scene, *words, user="root"):
    for program in PROGRAMS.values():
        scene.start(program, "0.3", "--quiet", *words, user=user)
    return within(10, lambda: scene.ctl("status")[1].count("interval ") == 2)


# Who may use what. What a program offers beyond this table is lost, and so is what it does not offer.
READ = {"root", "evenkeel", "member", "stranger"}
CONTROL = {"root", "evenkeel", "member"}
METHODS = {
    "": {
        "Status": ([], READ),
        "Why": (["s", "test"], READ),
        "Config": ([], READ),
        "Report": ([], READ),
        "History": (["sxs", "changes", "0", ""], READ),
        "Metrics": ([], READ),
    },
    ".Control": {
        "Pause": (["st", "test", "1"], CONTROL),
        "Resume": (["s", "test"], CONTROL),
        "Reload": ([], CONTROL),
        "Release": (["s", "nobody"], CONTROL),  # it pauses, and has no end
        "Plan": (["assa{st}", "0", "", "0"], CONTROL),
    },
}
PROPERTIES = {"Verdict", "Objective", "Bound", "Gap", "Moves", "LastInterval", "Paused"}
SIGNALS = {"Changed"}
# The same of every program on the bus.
STANDARD = {
    "org.freedesktop.DBus.Peer": {"Ping": ([], {"root"}), "GetMachineId": ([], {"root"})},
    "org.freedesktop.DBus.Introspectable": {"Introspect": ([], READ)},
    "org.freedesktop.DBus.Properties": {"Get": None, "GetAll": None, "Set": None},
}


def offered(scene, name):
    """{interface: {"method": {names}, "property": {name: access}, "signal": {names}}} by introspection."""
    words = ["busctl", f"--address=unix:path={scene.folder}/socket", "call", f"dev.evenkeel.{name}",
             f"/dev/evenkeel/{name}", "org.freedesktop.DBus.Introspectable", "Introspect", "--json=short"]
    text = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["data"][0]
    return {
        interface.get("name"): {
            "method": {one.get("name") for one in interface.findall("method")},
            "property": {one.get("name"): one.get("access") for one in interface.findall("property")},
            "signal": {one.get("name") for one in interface.findall("signal")},
        }
        for interface in ElementTree.fromstring(text).findall("interface")
    }


def offered_otherwise(scene, name, methods=METHODS):
    """What introspection tells and the tables above do not, and the other way round."""
    own = f"dev.evenkeel.{name}"
    wanted = {own + suffix: set(rows) for suffix, rows in methods.items()}
    wanted.update((interface, set(rows)) for interface, rows in STANDARD.items())
    found = offered(scene, name)
    other = [(name, interface) for interface in wanted.keys() ^ found.keys()]
    for interface in wanted.keys() & found.keys():
        other += [(name, member) for member in wanted[interface] ^ found[interface]["method"]]
    for suffix, properties, signals in (("", PROPERTIES, SIGNALS), (".Control", set(), set())):
        other += [(name, one) for one in properties ^ found[own + suffix]["property"].keys()]
        other += [(name, one) for one in signals ^ found[own + suffix]["signal"]]
        other += [(name, one, access) for one, access in found[own + suffix]["property"].items() if access != "read"]
    return other


def calls(name):
    """(interface, member, arguments, who may)"""
    own = f"dev.evenkeel.{name}"
    rows = [(own + suffix, method, *row) for suffix, rows in METHODS.items() for method, row in rows.items()]
    rows += [(interface, method, *row) for interface, rows in STANDARD.items() for method, row in rows.items() if row]
    properties = "org.freedesktop.DBus.Properties"
    rows += [(properties, "Get", ["ss", own, one], READ) for one in sorted(PROPERTIES)]
    return [*rows, (properties, "GetAll", ["s", own], READ)]


def policy_scene(scene):
    """How many answers are other than the table says."""
    other = []
    for name in PROGRAMS:
        for interface, member, arguments, who in calls(name):
            for user in ("root", *USERS):
                if scene.may_call(user, name, interface, member, *arguments) != (user in who):
                    other.append((user, name, member))
        for user in ("root", *USERS):
            if scene.may_own(user, name) != (user in {"root", "evenkeel"}):
                other.append((user, name, "own"))
    return other


def heard(scene, users):
    """{user: the members of signals that the programs' objects sent in two seconds}"""
    listening = {
        user: subprocess.Popen(
            [*as_user(user), "timeout", "2", "dbus-monitor", "--address", f"unix:path={scene.folder}/socket",
             "type='signal',path_namespace='/dev/evenkeel'"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for user in users
    }
    texts = {user: process.communicate()[0] for user, process in listening.items()}
    return {user: set(re.findall(r"path=/dev/evenkeel/.* member=(\w+)", text)) for user, text in texts.items()}


def shipped_policy(build, folder):
    scene = Scene(build, folder)
    os.chown(folder, USERS["evenkeel"], USERS["evenkeel"])
    must("both run as the services' user", running(scene, user="evenkeel"))
    for name in PROGRAMS:
        other = offered_otherwise(scene, name)
        must("introspection and the table of members say the same", not other, other)
    other = policy_scene(scene)
    must("every member is for whom it is meant", not other, other)
    for user in ("root", "evenkeel"):
        for name in PROGRAMS:
            said = scene.set_property(user, name, "Paused")
            must("no property can be written", "not writable" in said, said)
    signals = heard(scene, USERS)
    for user in ("evenkeel", "member", "stranger"):
        must("whoever may read hears what changes", signals[user] == {"Changed", "PropertiesChanged"}, signals[user])
    for user in QEMU:
        must("whoever runs QEMU hears nothing", not signals[user], signals[user])
    status, out, err = scene.ctl("pause", "test", user="stranger")
    must("a stranger is told why not", status == 1 and "libvirt's group" in err, err)
    scene.end()


def open_policy(build, folder):
    """The same with a policy that lets everybody, and without a line of the table: both are noticed."""
    path = f"{folder}/open.conf"
    with open(path, "w") as file:
        file.write('<busconfig><policy context="default"><allow own="*"/><allow send_type="method_call"/></policy>'
                   "</busconfig>")
    scene = Scene(build, folder, path)
    must("both run", running(scene))
    must("an open policy is noticed", ("stranger", "VcpuScheduler1", "Pause") in policy_scene(scene))
    must("and so are signals", heard(scene, ["qemu"]) == {"qemu": {"Changed", "PropertiesChanged"}})
    other = offered_otherwise(scene, "VcpuScheduler1",
                              {**METHODS, "": {one: row for one, row in METHODS[""].items() if one != "Why"}})
    must("a member without an expectation is noticed", other == [("VcpuScheduler1", "Why")], other)
    scene.end()


def conversation(build, folder):
    scene = Scene(build, folder)
    status, _, err = scene.ctl("status")
    must("none runs: 3", status == 3 and "neither program runs" in err, (status, err))
    must("both answer", running(scene))
    status, out, _ = scene.ctl("status", "--json")
    both = json.loads(out)
    must("both as JSON", [one["program"] for one in both] == list(PROGRAMS.values()), out)
    status, out, _ = scene.ctl("why", "test")
    must("why names the vCPUs", status == 0 and "vCPU 0 may run on pCPU" in out, out)
    must("and the size", within(10, lambda: "would be shrunk" in scene.ctl("why", "test")[1]), scene.ctl("why", "test"))
    status, out, _ = scene.ctl("metrics")
    must("metrics of both", status == 0 and all(f'evenkeel_up{{program="{name}"}} 1' in out for name in PROGRAMS.values()))
    heads = [line for line in out.splitlines() if line.startswith("# HELP")]
    must("each family once", len(heads) == len(set(heads)) > 20, heads)
    must("calls to libvirt are counted", 'evenkeel_libvirt_calls_total{program="vcpu_scheduler"} 0' not in out, out)
    must("no guest of theirs is missing", out.count('evenkeel_domain_info{') == 2, out)
    must("no metrics as JSON: 2", scene.ctl("metrics", "--json")[0] == 2)
    must("no such guest: 1", scene.ctl("why", "nobody")[0] == 1)
    must("pause", scene.ctl("pause", "test", "--for", "2h")[::2] == (0, ""))
    left = "the end of its pause: evenkeelctl resume test"
    must("both say that a guest is paused", within(5, lambda: scene.ctl("why", "test")[1].count(left) == 2 and
         scene.ctl("why", "test")[1].count("it is paused, until 20") == 2), scene.ctl("why", "test"))
    must("and told", "paused: test, until 20" in scene.ctl("status")[1])
    must("resume", scene.ctl("resume", "test")[0] == 0)
    must("it is not left alone any more", within(5, lambda: left not in scene.ctl("why", "test")[1]))
    status, _, err = scene.ctl("pause", "nobody")
    must("who pauses nobody is told so", status == 0 and "no such guest was seen" in err, err)
    for words, what in ((("pause", "nobody"), "paused"), (("resume", "nobody"), "resumed")):
        done = json.loads(scene.ctl(*words, "--json")[1])
        must("what was done is told as JSON", done == [{"program": name, what: "nobody"} for name in PROGRAMS.values()], done)
    must("what is not paused cannot be resumed: 1", scene.ctl("resume", "test")[0] == 1)
    uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f"
    for paused, resumed in ((uuid.upper(), uuid), (uuid, "test"), ("test", uuid.upper())):
        must(f"paused as {paused}, resumed as {resumed}",
             scene.ctl("pause", paused)[0] == 0 and scene.ctl("resume", resumed)[0] == 0, scene.ctl("status"))
    must("what is paused is told of each guest", scene.ctl("pause")[0] == 0 and
         scene.ctl("why", "test")[1].count("everything is paused, until it is resumed") == 2, scene.ctl("why", "test"))
    status, _, err = scene.ctl("resume", "test")
    must("which is no pause of that one", status == 1 and "everything is paused, not that guest alone" in err, err)
    must("resume", scene.ctl("resume")[0] == 0)
    must("a pause ends by itself", scene.ctl("pause", "--for", "1s")[0] == 0 and
         within(5, lambda: "paused" not in scene.ctl("status")[1]))
    for words in (["nothing"], [], ["why"], ["status", "x"], ["pause", "--for", "soon"], ["why", "x", "--for", "1s"],
                  ["pause", ""], ["resume", ""], ["release", ""], ["why", ""], ["plan", "--without", ""],
                  ["pause", b"\xff"], ["history", "--since", "2026-02-31"]):
        must(f"{words} is a mistake: 2", scene.ctl(*words)[0] == 2)
    status, _, err = scene.ctl("reload", "vcpu")
    must("without a configuration nothing is reloaded", status == 1 and "without --config" in err, err)
    scene.end()
    must("they end well", all(process.returncode == 0 for process in scene.started))


def pause_in_earnest(build, folder):
    """A pause keeps a program that acts from acting: the guest's balloon stays."""
    scene = Scene(build, folder)
    guest = f"{folder}/node.xml"
    # 16 GiB of the host, and a guest that has much more than it uses.
    with open(guest, "w") as file:
        file.write("<node><domain type='test'><name>large</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e1999</uuid>"
                   "<memory>4194304</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain></node>")
    process = scene.start("memory_coordinator", "0.3", "--act", "--quiet", "--connect", f"test://{guest}",
                          "--state", folder)
    must("it runs", within(10, lambda: "interval" in scene.ctl("status")[1]), process.err.name)
    must("pause", scene.ctl("pause")[0] == 0)
    must("paused it only says what it would do",
         within(10, lambda: "changes that are not made" in scene.ctl("status")[1]), scene.ctl("status"))
    must("resume", scene.ctl("resume")[0] == 0)
    must("then it acts", within(10, lambda: "not made" not in scene.ctl("status")[1]), scene.ctl("status"))
    scene.end()


def released(build, folder):
    """Putting back while the program runs: this host has no room for it, so it stays owed, and nothing is taken again."""
    scene = Scene(build, folder)
    guest = f"{folder}/node.xml"
    with open(guest, "w") as file:
        file.write("<node><domain type='test'><name>large</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e1999</uuid>"
                   "<memory>2097152</memory><currentMemory>1048576</currentMemory><vcpu>2</vcpu>"
                   "<os><type>hvm</type></os><metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>"
                   "<e:memory size='800'/></e:guest></metadata>"
                   "<devices><memballoon model='virtio'/></devices></domain></node>")
    process = scene.start("memory_coordinator", "0.3", "--act", "--restore", "--quiet",
                          "--connect", f"test://{guest}", "--state", folder)
    must("it runs", within(10, lambda: "interval" in scene.ctl("status")[1]), process.err.name)
    must("it takes memory", within(20, lambda: "it holds 8" in scene.ctl("why", "large")[1]), scene.ctl("why", "large"))
    status, out, err = scene.ctl("release", "nobody")
    must("who is not there is named: 1", status == 1 and "no guest 'nobody' runs" in err, (out, err))
    must("and not paused", "nobody" not in scene.ctl("status")[1], scene.ctl("status"))
    status, out, err = scene.ctl("release", "large")
    must("what has no room is still owed: 1", status == 1 and "put back 0, 1 are still owed; paused" in out, (out, err))
    time.sleep(1)  # the answer is that of an interval that ended before
    before = scene.ctl("why", "large")[1].splitlines()[1].split(" and ")[0]
    time.sleep(1)
    must("it is paused and left as it is", before in scene.ctl("why", "large")[1] and
         "paused: large" in scene.ctl("status")[1], (before, scene.ctl("why", "large")[1]))
    must("the other program is started for that", "vcpu_scheduler: none acts, and nothing is owed" in out, out)
    # One whose interval is an hour answers all the same; one that only looks leaves it to another.
    process.terminate()
    process.wait()
    scene.start("vcpu_scheduler", "3600", "--act", "--quiet", "--state", folder)
    scene.start("memory_coordinator", "0.3", "--quiet", "--state", folder)
    must("both run", within(10, lambda: "vcpu_scheduler" in scene.ctl("status")[1] and
                            "memory_coordinator" in scene.ctl("status")[1]))
    begun = time.monotonic()
    status, out, err = scene.ctl("release")
    must("at once", status == 0 and "vcpu_scheduler: put back 0" in out and time.monotonic() - begun < 10, (out, err))
    must("who only looks is passed over", "memory_coordinator: none acts" in out, (out, err))
    said = scene.ctl("status")[1].split("memory_coordinator")
    must("and not paused", ["paused: everything" in part for part in said] == [True, False], said)
    must("--state goes with release: 2", scene.ctl("pause", "--state", folder)[0] == 2)
    empty, wrong = f"{folder}/empty", f"{folder}/wrong.conf"
    os.mkdir(empty)
    with open(wrong, "w") as file:
        file.write("state = elsewhere\n")
    words = ("release", "test", "--connect", "test:///default", "--config", wrong)
    status, out, err = scene.ctl(*words)
    must("who knows where a wrong configuration keeps it: 1", status == 1 and "the configuration is wrong" in err, (out, err))
    status, out, err = scene.ctl(*words, "--state", empty)
    must("who says that himself knows: 0", status == 0 and "nothing is owed to test any more" in out, (out, err))
    nowhere = ("--connect", "qemu+unix:///system?socket=/nowhere", "--state", empty, "--config", wrong)
    status, out, err = scene.ctl("release", "nobody", *nowhere)
    must("whether there is such a guest nobody tells: 1", status == 1 and "whether there is such a guest" in err, (out, err))
    status, out, err = scene.ctl("release", *nowhere)
    must("all of them are owed nothing: 0", status == 0 and out.count("nothing is owed any more") == 2, (out, err))
    out = scene.ctl("release", *nowhere, "--json")[1]
    must("as JSON too", [one["owed"] for one in json.loads(out)] == [0, 0], out)
    status, out, err = scene.ctl("release", "--state", wrong)
    must("nothing is not what cannot be read: 1", status == 1 and "nothing is owed" not in out, (out, err))
    scene.end()


def after_root(build, folder):
    """What root begins in the services' folder locks no service out of its history and pauses."""
    scene = Scene(build, folder)
    state = f"{folder}/state"
    os.mkdir(state)
    os.chown(state, USERS["evenkeel"], USERS["evenkeel"])
    options = ("0.3", "--quiet", "--state", state)
    precious, lock = f"{folder}/precious", f"{state}/history-memory.lock"
    with open(precious, "w"):
        os.link(precious, lock)  # as whoever owns the folder could do with a file of root's
    process = scene.start("memory_coordinator", *options)
    must("root's runs", within(10, lambda: "interval" in scene.ctl("status")[1]), process.err.name)
    must("and gives nothing away that it did not make", os.stat(precious).st_uid == 0)
    process.terminate()
    process.wait()
    os.unlink(lock)
    process = scene.start("memory_coordinator", *options)
    must("root's runs again", within(10, lambda: "would be" in scene.ctl("history")[1]), process.err.name)
    must("and is paused", scene.ctl("pause", "test")[0] == 0)
    process.terminate()
    process.wait()
    owners = {name: os.stat(f"{state}/{name}").st_uid for name in os.listdir(state)}
    must("all is the folder's owner's", len(owners) >= 3 and set(owners.values()) == {USERS["evenkeel"]}, owners)
    for name in owners:  # as an earlier release left it
        os.chown(f"{state}/{name}", 0, 0)
    process = scene.start("memory_coordinator", *options, user="evenkeel")
    must("the service's runs", within(10, lambda: "interval" in scene.ctl("status")[1]))
    status = json.loads(scene.ctl("status", "--json")[1])[0]
    must("and goes on in the same files", status["history"]["kept"] and status["paused"], status)
    must("it can be resumed", scene.ctl("resume", "test")[0] == 0, scene.ctl("status"))
    process.err.seek(0)
    said = process.err.read()
    must("nothing is in memory only", "memory only" not in said, said)
    scene.end()


def observed(build, folder):
    """A dry run that may have guests report, and puts back how often they did."""
    scene = Scene(build, folder)

    def reading():
        return (json.loads(scene.ctl("status", "--json")[1] or "[]") or [{}])[0]

    def journals():
        return [name for name in os.listdir(folder) if name.startswith("memory-")]

    known = {"LD_PRELOAD": f"{build}/libfaults.so", "HOST_UUID": "6695eb01-f6a4-8304-79aa-97f2502e1888",
             "ASAN_OPTIONS": "verify_asan_link_order=0"}
    scene.start("memory_coordinator", "0.3", "--quiet", "--state", folder, **known)
    must("who only looks counts who does not report", within(10, lambda: reading().get("unasked") == 1), reading())
    must("and says what to do", "1 running guests are not asked to report" in scene.ctl("status")[1])
    time.sleep(1)
    must("and asks nobody", reading().get("unasked") == 1, reading())
    scene.end()
    scene = Scene(build, folder)
    scene.start("memory_coordinator", "0.3", "--quiet", "--observe", "--state", folder, **known)
    must("with observe it is asked", within(10, lambda: reading().get("unasked") == 0), reading())
    must("and nothing else is done", reading()["dry_run"], reading())
    must("what was found is written down", len(journals()) == 1, os.listdir(folder))
    status, out, err = scene.ctl("release")
    must("released", "memory_coordinator: put back" in out and "0 are still owed" in out, (out, err))
    must("it is not asked any more", within(10, lambda: reading().get("unasked") == 1), reading())
    must("and nothing is owed", not journals(), os.listdir(folder))
    scene.end()


def pauses_survive(build, folder):
    scene = Scene(build, folder)
    options = ("0.3", "--quiet", "--state", folder)
    process = scene.start("vcpu_scheduler", *options)
    must("it runs", within(10, lambda: "interval" in scene.ctl("status")[1]))
    must("pause", scene.ctl("pause", "db")[0] == 0 and scene.ctl("pause", "web", "--for", "2h")[0] == 0)
    process.kill()
    process.wait()
    process = scene.start("vcpu_scheduler", *options)
    must("killed and started, it knows", within(10, lambda: scene.ctl("status")[1].count("paused: ") == 2))
    must("resume", scene.ctl("resume")[0] == 0)
    process.terminate()
    process.wait()
    with open(f"{folder}/pauses-vcpus.json", "w") as file:
        file.write("{")
    process = scene.start("vcpu_scheduler", *options)
    must("a damaged file pauses nothing", within(10, lambda: "interval" in scene.ctl("status")[1]) and
         "paused" not in scene.ctl("status")[1])
    process.err.seek(0)
    must("and is told", "is damaged: it is kept as 'pauses-" in process.err.read())
    os.chmod(folder, 0o777)
    process.terminate()
    process.wait()
    scene.start("vcpu_scheduler", *options)
    must("it runs", within(10, lambda: "interval" in scene.ctl("status")[1]))
    status, _, err = scene.ctl("pause", "db")
    must("what cannot be kept is told", status == 1 and "a restart will not know of it" in err, err)
    scene.end()


def reloads(build, folder):
    scene = Scene(build, folder)
    path = f"{folder}/evenkeel.conf"

    def write(more):
        with open(path, "w") as file:
            file.write(f"[vcpu]\ninterval = 0.3\nquiet = yes\n{more}\n")

    write(f"metrics-file = {folder}/old.prom")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it: the bus is heard all the same
    process = scene.start("vcpu_scheduler", "--config", path)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    must("it answers", within(10, lambda: "interval" in scene.ctl("status")[1]))
    must("its metrics are kept", within(10, lambda: os.path.exists(f"{folder}/old.prom")))
    write("level = nowhere")
    status, _, err = scene.ctl("reload", "vcpu")
    must("a bad one fails with file and line", status == 1 and f"{path}:4: level takes" in err, err)
    said = f"one before is in force: {path}:4: level takes"
    must("which status tells", said in scene.ctl("status")[1], scene.ctl("status"))
    write("record = /nowhere/at/all")
    status, _, err = scene.ctl("reload", "vcpu")
    must("so does one that cannot be opened", status == 1 and "/nowhere/at" in err, err)
    must("and the metrics stay", within(10, lambda: os.path.exists(f"{folder}/old.prom")))
    write(f"deadband = 5\nmetrics-file = {folder}/new.prom")
    status, out, _ = scene.ctl("show-config", "--config", path)
    must("what files say is shown", status == 0 and f"deadband = 5 ; {path}:4" in out, out)
    status, out, _ = scene.ctl("show-config", "--json")
    force = {one["key"]: one for one in json.loads(out)[0]["settings"]} if status == 0 else out
    must("what is in force is not that", force["deadband"]["origin"] == "default", force)
    must("a good one is in force", scene.ctl("reload", "vcpu")[0] == 0, process.err.name)
    status, out, _ = scene.ctl("show-config")
    must("and shown with where it is from", f"deadband = 5 ; {path}:4" in out, out)
    must("status has no trouble any more", "one before" not in scene.ctl("status")[1])
    must("and it goes on", within(10, lambda: "interval" in scene.ctl("status")[1]))
    must("another file has the metrics now", within(10, lambda: os.path.exists(f"{folder}/new.prom")) and
         not os.path.exists(f"{folder}/old.prom"))
    scene.end()
    must("at the end it is taken away", not os.path.exists(f"{folder}/new.prom"), os.listdir(folder))


def while_it_hangs(build, folder):
    """Answers come from the last interval, whatever the loop waits for."""
    hang = f"{folder}/hang"
    scene = Scene(build, folder)
    scene.start("vcpu_scheduler", "0.3", "--quiet", LD_PRELOAD=f"{build}/libfaults.so", HANG_FILE=hang,
                ASAN_OPTIONS="verify_asan_link_order=0")
    must("it answers", within(10, lambda: "interval" in scene.ctl("status")[1]))
    open(hang, "w").close()
    time.sleep(1)
    times = []
    for _ in range(100):
        began = time.monotonic()
        must("it answers while a call hangs", scene.ctl("status")[0] == 0)
        times.append(time.monotonic() - began)
    times.sort()
    print(f"100 times status while a call hangs: median {1000 * times[50]:.0f} ms, p99 {1000 * times[98]:.0f} ms")
    must("long before the call ends", times[98] < 1, times[98])
    os.unlink(hang)
    scene.end()


def findings(scene, *words):
    """Exit status of the doctor, and {check: [(result, text, way out)]}."""
    status, out, err = scene.ctl("doctor", "--json", *words)
    found = {}
    for one in json.loads(out) if out else []:
        found.setdefault(one["check"], []).append((one["result"], one["text"], one["way_out"]))
    return status, found


def doctor(build, folder):
    scene = Scene(build, folder)
    path = f"{folder}/evenkeel.conf"

    def write(uri, more=""):
        with open(path, "w") as file:
            file.write("".join(f"[{one}]\ninterval = 0.3\nconnect = {uri}\n" for one in ("vcpu", "memory")) + more)

    write("test:///default")
    status, found = findings(scene, "--config", path)
    must("none runs, and it looks all the same", status == 0 and found["socket"][0][0] == "ok" and
         found["vcpu_scheduler"] == [("warn", "it does not run", "systemctl enable --now evenkeel.target")], found)
    uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f"
    must("a guest that does not report has its command", found["balloon period"][0][0] == "warn" and
         found["balloon period"][0][2] == f"virsh dommemstat {uuid} --period 1 --live", found["balloon period"])
    must("and is counted", found["statistics"][-1][:2] == ("warn", "0 of 1 running guests report their memory"),
         found["statistics"])
    must("pCPUs, run delay and others are looked at", {"pCPUs", "run delay", "foreign hands"} <= found.keys(), found)
    shutil.copy(shutil.which("sleep"), f"{folder}/numad")
    other = subprocess.Popen([f"{folder}/numad", "60"])
    must("who else pins is named", within(5, lambda: any(
        one[0] == "warn" and "numad is active" in one[1] and "numad -x" in one[2] for one in findings(scene, "--config", path)[1]["foreign hands"])))
    other.kill()
    other.wait()
    must("both run", running(scene))
    scene.ctl("pause", "test")
    status, found = findings(scene, "--config", path)
    must("who runs is well", status == 0 and found["memory_coordinator"][-1][0] == "ok", found)
    must("a pause is a warning", found["memory_coordinator"][0][2] == "evenkeelctl resume", found)
    write("test:///default", "level = nowhere\n")
    status, found = findings(scene, "--config", path)
    must("a wrong file is a failure", status == 1 and f"{path}:7: " in str(found["configuration"]), found)
    write("qemu+unix:///system?socket=/nowhere/sock")
    status, out, err = scene.ctl("doctor", "--config", path)
    must("libvirt out of reach is a failure, with the way out", status == 1 and "fail  socket" in out and
         "-> systemctl start libvirtd.socket" in out and "1 finding keeps it from working" in err, (out, err))
    scene.end()


def method_call(name, member, serial):
    """A call of a member without arguments, as the D-Bus specification has it."""
    fields = [(1, "o", f"/dev/evenkeel/{name}"), (2, "s", f"dev.evenkeel.{name}"), (3, "s", member),
              (6, "s", f"dev.evenkeel.{name}")]
    if member == "Hello":
        bus = "org.freedesktop.DBus"
        fields = [(1, "o", "/org/freedesktop/DBus"), (2, "s", bus), (3, "s", member), (6, "s", bus)]
    array = b""
    for code, kind, text in fields:
        array += b"\0" * (-len(array) % 8)
        array += bytes([code, 1]) + kind.encode() + b"\0" + struct.pack("<I", len(text)) + text.encode() + b"\0"
    head = b"l\1\0\1" + struct.pack("<III", 0, serial, len(array)) + array
    return head + b"\0" * (-len(head) % 8)


def greedy(build, folder):
    """Clients that ask thousands of times, and one that never reads an answer."""
    scene = Scene(build, folder)
    must("both run", running(scene))

    def number():
        return json.loads(scene.ctl("status", "--json")[1])[0]["interval"]

    def client():
        one = socket.socket(socket.AF_UNIX)
        one.connect(f"{folder}/socket")
        one.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
        one.recv(1000)
        one.sendall(b"BEGIN\r\n" + method_call("", "Hello", 1))
        one.recv(4096)
        return one

    deaf = client()
    deaf.setblocking(False)
    calls = 0
    for serial in range(2, 20002):
        try:
            deaf.sendall(method_call("VcpuScheduler1", "Status", serial))
            calls += 1
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            break
    must("it could ask often", calls > 50, calls)
    before = number()
    must("one that does not read keeps nobody from the next intervals", within(10, lambda: number() >= before + 5))
    asking = client()
    began, before = time.monotonic(), number()
    answered = 0
    while answered < 3000 or number() < before + 3:
        asking.sendall(b"".join(method_call("VcpuScheduler1", "Status", 2 + answered + i) for i in range(50)))
        got = b""
        while got.count(b'"program": "vcpu_scheduler"') < 50 and time.monotonic() < began + 60:
            got += asking.recv(1 << 16)
        answered += 50
    took = time.monotonic() - began
    must("asked thousands of times it goes on", took < 60, took)
    print(f"{answered} answers in {took:.1f} s, {number() - before} intervals of 0.3 s meanwhile")
    deaf.close()
    asking.close()
    scene.end()
    must("and they end well", all(process.returncode == 0 for process in scene.started))


def release_and_bus(build, folder):
    """A bus that is lost while something is put back: whoever asks on the next one gets no answer but his own."""
    scene = Scene(build, folder)
    hang, node = f"{folder}/hang", f"{folder}/two.xml"
    with open(node, "w") as file:
        file.write("<node>" + "".join(
            f"<domain type='test'><name>{name}</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e190{i}</uuid>"
            "<memory>1048576</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>"
            for i, name in enumerate(("first", "second"))) + "</node>")
    process = scene.start("memory_coordinator", "3600", "--act", "--quiet", "--connect", f"test://{node}", "--state", folder,
                          LD_PRELOAD=f"{build}/libfaults.so", HANG_FILE=hang, ASAN_OPTIONS="verify_asan_link_order=0")
    must("it runs", within(10, lambda: "interval" in scene.ctl("status")[1]))
    open(hang, "w").close()
    words = [f"{build}/evenkeelctl", "release", "first"]
    first = subprocess.Popen(words, env=scene.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.5)
    scene.restart_bus()
    must("it answers on the next bus", within(10, lambda: "memory_coordinator" in scene.ctl("status")[1]))
    status, out, err = scene.ctl("release", "second")
    must("another one has to wait", status == 1 and "another release is under way" in err, (out, err))
    must("whoever asked first has no answer", first.wait(30) == 1)
    os.unlink(hang)
    must("then it has its turn", within(20, lambda: "memory_coordinator: put back 0, 0 are still owed" in
                                        scene.ctl("release", "second")[1]))
    process.kill()
    process.wait()
    with open(f"{folder}/pauses-memory.json") as file:
        said = file.read()
    must("and both pauses are on disk", '"first"' in said and '"second"' in said, said)
    scene.end()


def restarted_bus(build, folder):
    scene = Scene(build, folder)
    must("both run", running(scene))
    scene.daemon.terminate()
    scene.daemon.wait()
    must("without a bus nobody can be asked", scene.ctl("status")[0] == 3)
    time.sleep(1.5)
    must("and both run on", all(process.poll() is None for process in scene.started))
    scene.restart_bus()
    must("on the next one they answer again", within(10, lambda: scene.ctl("status")[1].count("interval ") == 2),
         scene.ctl("status"))
    scene.daemon.terminate()
    scene.daemon.wait()
    time.sleep(0.5)
    began = time.monotonic()
    scene.end()
    must("and they end well without one", all(process.returncode == 0 for process in scene.started) and
         time.monotonic() - began < 5, time.monotonic() - began)


def without_a_bus(build, folder):
    scene = Scene(build, folder)
    scene.daemon.terminate()
    scene.daemon.wait()
    process = scene.start("vcpu_scheduler", "0.2", "--once", "--verbose")
    must("without a bus it runs all the same", process.wait(20) == 0)
    process.err.seek(0)
    said = process.err.read()
    must("and says so once", said.count("going on without control") == 1, said)
    os.mkdir(f"{folder}/state")
    with open(f"{folder}/state/pauses-memory.json", "w") as file:
        json.dump({"format": "evenkeel-pauses", "version": 1, "pauses": [{"guest": None, "until": None}]}, file)
    words = ("0.2", "--act", "--json", "--state", f"{folder}/state")
    with open(f"{folder}/out", "w+") as out:
        process = scene.start("memory_coordinator", *words, stdout=out)
        must("it runs", within(20, lambda: open(f"{folder}/out").read().count('"interval"') >= 5))
        process.terminate()
        process.wait(20)
        out.seek(0)
        summary = json.loads(out.read().splitlines()[-1])["summary"]
    must("what is paused stays so", summary["reclaims"] == summary["grants"] == 0, summary)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{folder}/notify")
        scene.start("memory_coordinator", *words, NOTIFY_SOCKET=f"{folder}/notify")
        time.sleep(0.5)
        scene.restart_bus()
        must("a service answers once there is a bus", within(20, lambda: "paused" in scene.ctl("status")[1]))
    scene.end()


def main(build):
    for tool in ("dbus-daemon", "busctl", "setpriv", "unshare", "mount"):
        if not shutil.which(tool):
            skip(f"needs {tool}")
    if os.geteuid() != 0:
        skip("needs root, to be several users")
    if "BUS_TEST_INSIDE" not in os.environ:
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            skip("this machine does not let root make namespaces")
        os.environ["BUS_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv])
    with tempfile.TemporaryDirectory() as users:
        make_users(users)
        for scene in (shipped_policy, open_policy, conversation, pause_in_earnest, released, after_root, observed,
                      pauses_survive,
                      reloads, doctor, while_it_hangs, greedy, restarted_bus,
                      release_and_bus, without_a_bus):
            with tempfile.TemporaryDirectory() as folder:
                os.chmod(folder, 0o755)
                scene(build, folder)
        subprocess.run(["umount", "/etc/passwd", "/etc/group"], check=True)
    print("lost" if lost else "all won")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
