# SPDX-License-Identifier: GPL-3.0-or-later
"""fleet.py BUILD: evenkeel-fleet on a real cluster of three nodes (cluster.py) whose guests are migrated by it, with
both host daemons on each node from the first guest on. One scene begins where the one before has ended.

No scene may stop a guest: one that was migrated still says so, and one that was booted again does not."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

from checks import Checks
from cluster import GUEST_MIB, MOST_MIB, Cluster
from lab import FOLDER, LabError, wait_for

SHARE = 2  # of a node's CPUs that each guest is said to need
CAPACITY = (12, 1200)
WORK = {"vma": "20,20000", "vmb": "10,20000", "vmc": "20,20000", "vmd": "10,20000", "vme": "5,20000", "vmf": "5,20000"}
GUESTS = {name: (SHARE, MOST_MIB, work) for name, work in WORK.items()}
DAEMONS = {
    "vcpu_scheduler": ("2", "--json", "--state", "/var/lib/evenkeel"),
    "memory_coordinator": ("2", "--json", "--state", "/var/lib/evenkeel", "--guest-least", "48", "--guest-unused", "16"),
}
OURS = "evenkeel-"


class Daemons:
    """Both programs on each node. What they say in each of their lives outlives their node."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.running = {}
        self.files = {}

    def start(self, node):
        for name, words in DAEMONS.items():
            files = self.files.setdefault((node.name, name), [])
            out = f"{FOLDER}/{node.name}-{name}-{len(files)}.out"
            files.append(out)
            program = os.path.join(self.cluster.build, name)
            self.running[node.name, name] = node.begin(program, *words, out=out)

    def dead(self):
        lost = self.cluster.dead
        return [key for key, process in self.running.items() if key[0] not in lost and process.poll() is not None]

    def said(self, node, name):
        text = ""
        for path in self.files[node, name]:
            with open(path) as file:
                text += file.read() + "\n"
        return text

    def intervals(self, node, name):
        """Of each one an object; the last line may still be under way, and some are complaints."""
        objects = []
        for line in self.said(node, name).splitlines():
            try:
                objects.append(json.loads(line))
            except ValueError:
                continue
        return [one for one in objects if "interval" in one]


class Watch(threading.Thread):
    """Looks at all guests all the time: who runs twice, and who nowhere."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.cluster = cluster
        self.ending = threading.Event()
        self.missing_s = {}
        self.twice = []
        self.looks = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()

    def run(self):
        last = time.monotonic()
        while not self.ending.wait(1):
            try:
                running = self.look()
            except (LabError, subprocess.TimeoutExpired):
                continue
            now = time.monotonic()
            self.looks += 1
            for guest in GUESTS:
                if not running.get(guest):
                    self.missing_s[guest] = self.missing_s.get(guest, 0) + now - last
                elif len(running[guest]) > 1:
                    self.twice.append(guest)
            last = now

    def look(self):
        """{guest: nodes on which its vCPUs run}; the two ends of a migration are never both running."""
        running = {}
        for node in self.cluster.alive():
            for guest in node.virsh("list", "--state-running", "--name").split():
                running.setdefault(guest, []).append(node.name)
        for guest, nodes in running.items():
            # One may have gone from the first to the second between the two questions.
            if len(nodes) > 1 and not self.runs_on(nodes[0], guest):
                nodes.pop(0)
        return running

    def runs_on(self, name, guest):
        return self.cluster.nodes[name].virsh("domstate", guest, wants="any").strip() == "running"


def reasons(cluster):
    """{guest: how it came to run}, "booted" or "migrated"."""
    homes = cluster.homes()
    return {g: cluster.nodes[n].virsh("domstate", "--reason", g).strip().rsplit("(", 1)[-1].strip(")") for g, n in homes.items()}


def gather(cluster):
    """All on n1 again, as an owner would have it: migrated there, and let go."""
    cluster.prefer({name: "n1" for name in GUESTS})
    wait_for("all guests on n1", lambda: set(cluster.homes().values()) == {"n1"} and len(cluster.homes()) == len(GUESTS), 900, 2)
    cluster.settle()
    cluster.prefer({})
    cluster.settle()


def apply(cluster, *words, shim=False):
    """(exit status, what it says)."""
    path = f"{FOLDER}/shim:" if shim else ""
    program = os.path.join(cluster.build, "evenkeel-fleet")
    command = ["sh", "-c", f'PATH={path}$PATH; exec "$@"', "sh", program, "apply", "--json", "--hold", "0", *words]
    done = subprocess.run(cluster.alive()[0].command(command), capture_output=True, text=True, timeout=1200)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        raise LabError(f"apply: {done.returncode}: {(done.stdout + done.stderr)[-500:]}") from None


def plan(cluster):
    return json.loads(cluster.fleet("plan", "--json", wants="any"))


def is_clean(cluster):
    return not any(name.startswith(OURS) for name in cluster.constraints())


def told(answer):
    return {key: answer.get(key) for key in ("result", "why", "moves", "wishes_left") if answer.get(key)}


def judge_moves(checks, cluster, planned, before, answer):
    checks.that("all that were moved have arrived", answer["result"] == "done", told(answer))
    placed = {one["guest"]: one["host"] for one in planned["placements"]}
    checks.that("everybody is where the plan has it", cluster.homes() == placed, cluster.homes())
    now = reasons(cluster)
    moved = [g for g in GUESTS if before[g] != placed[g]]
    checks.that("who moved was migrated", all(now[g] == "migrated" for g in moved), now)
    checks.that("no wish is left", is_clean(cluster), cluster.constraints())


def spread(checks, cluster):
    checks.case("spread", f"{len(GUESTS)} guests on n1 of three nodes: planned, carried out, and left alone then")
    before = cluster.homes()
    planned = plan(cluster)
    with Watch(cluster) as watch:
        start = time.monotonic()
        status, answer = apply(cluster, "--wait", "900")
        checks.note(f"{len(planned['moves'])} moves in {time.monotonic() - start:.0f} s")
    checks.that("it says that it moved", status == 2 or status == 0, status)
    judge_moves(checks, cluster, planned, before, answer)
    count = [list(cluster.homes().values()).count(name) for name in cluster.nodes]
    checks.that("two guests on each node", count == [2, 2, 2], count)
    checks.that("no guest ran twice", not watch.twice, f"{watch.looks} looks {watch.twice}")
    again = plan(cluster)
    checks.that("a second plan has nothing to do", not again["moves"], again["moves"])
    _status, answer = apply(cluster)
    checks.that("nor has a second apply", answer["result"] == "nothing", told(answer))


SHIM = """#!/bin/sh
# The document changes after it was read and before the patch is sent, twice.
case " $* " in
*" --patch "*)
    n=$(cat {folder}/shim/count)
    if [ "$n" -gt 0 ]; then
        echo $((n - 1)) >{folder}/shim/count
        /usr/sbin/crm_attribute -n lab-change -v "$n" </dev/null
    fi
    ;;
esac
exec /usr/sbin/cibadmin "$@"
"""


def changed_under_us(checks, cluster):
    checks.case("changed under us", "somebody changes the cluster's document between the plan and the patch, twice")
    gather(cluster)
    before = cluster.homes()
    os.makedirs(f"{FOLDER}/shim", exist_ok=True)
    with open(f"{FOLDER}/shim/cibadmin", "w") as file:
        file.write(SHIM.format(folder=FOLDER))
    with open(f"{FOLDER}/shim/count", "w") as file:
        file.write("2\n")
    os.chmod(f"{FOLDER}/shim/cibadmin", 0o755)
    planned = plan(cluster)
    _status, answer = apply(cluster, "--wait", "900", shim=True)
    with open(f"{FOLDER}/shim/count") as file:
        checks.that("it was refused twice", file.read().strip() == "0", told(answer))
    judge_moves(checks, cluster, planned, before, answer)
    changed = cluster.tree().find(".//nvpair[@name='lab-change']")
    checks.that("what was changed is still there", changed is not None and changed.get("value") == "1")


def ends_of_wishes(cluster):
    return [e.get("end") for e in cluster.tree().iter("date_expression") if e.get("id", "").startswith(OURS)]


def killed(checks, cluster):
    wait_s = 40
    checks.case("killed", "evenkeel-fleet is killed while guests are on their way: no guest is lost, its wishes end")
    gather(cluster)
    program = os.path.join(cluster.build, "evenkeel-fleet")
    with Watch(cluster) as watch:
        words = (program, "apply", "--hold", "0", "--wait", str(wait_s))
        process = cluster.alive()[0].begin(*words, out=f"{FOLDER}/killed.out")
        try:
            wait_for("the wishes", lambda: not is_clean(cluster), 120, 0.2)
            wait_for("a guest on its way", lambda: any(len(nodes) > 1 for nodes in cluster.where().values()), 60, 0.2)
        finally:
            kill_in(cluster, program)
        process.wait()
        begun = time.time()
        ends = ends_of_wishes(cluster)
        cluster.settle()
        checks.that("no guest ran twice, none was lost", not watch.twice and set(cluster.homes()) == set(GUESTS), cluster.where())
    moved = {g for g, n in cluster.homes().items() if n != "n1"}
    checks.that("all of them run, and who moved was migrated", all(reasons(cluster)[g] == "migrated" for g in moved), reasons(cluster))
    last = max(time.mktime(time.strptime(end[:19].replace("T", " "), "%Y-%m-%d %H:%M:%S")) - time.timezone for end in ends)
    checks.that("each wish has an end", len(ends) > 0 and last < begun + 2 * wait_s + 120, ends)
    time.sleep(max(0, last - time.time()) + 5)
    before = cluster.homes()
    cluster.settle()
    checks.that("after that nothing moves", cluster.homes() == before)
    _status, answer = apply(cluster, "--wait", "900")
    checks.that("the next one clears them away", answer["result"] in ("done", "nothing") and is_clean(cluster), told(answer))


def kill_in(cluster, program):
    """Processes of that program in the nodes, of which this lab alone has any."""
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except (OSError, ValueError):
            continue
        if entry.isdigit() and words[0].decode() == program:
            os.kill(int(entry), signal.SIGKILL)


def node_lost(checks, cluster, daemons):
    checks.case("node lost", "n2 loses its power; its guests return as announced; n2 comes back, and nothing moves")
    announced = {one["host"]: one for one in plan(cluster)["n1"]}["n2"]
    homes = cluster.homes()
    fled = {g for g, n in homes.items() if n == "n2"}
    stayed = {g: n for g, n in homes.items() if n != "n2"}
    cluster.kill("n2")
    wait_for("the guests to return", lambda: set(cluster.homes()) == set(GUESTS) - set(announced["unprotected"]), 300, 2)
    cluster.settle()
    now = cluster.homes()
    checks.that("N-1 is as announced", announced["safe"] and set(now) == set(GUESTS), announced)
    checks.that("those of n2 run elsewhere", fled and all(now[g] != "n2" for g in fled), now)
    checks.that("nobody else has moved", all(now[g] == n for g, n in stayed.items()), stayed)
    cluster.bring_back("n2")
    daemons.start(cluster.nodes["n2"])
    cluster.settle()
    checks.that("when it is back nothing moves", cluster.homes() == now, cluster.homes())
    planned = plan(cluster)
    _status, answer = apply(cluster, "--wait", "900")
    judge_moves(checks, cluster, planned, now, answer)


def move_with_pin(cluster, guest, to, pcpu):
    """By hand, with a pin to that pCPU in what is sent. What libvirt complains about."""
    node = cluster.nodes["n1"]
    pin = f"<cputune><vcpupin vcpu='0' cpuset='{pcpu}'/></cputune>"
    tree = ElementTree.fromstring(node.virsh("dumpxml", "--migratable", guest))
    for tune in tree.findall("cputune"):
        tree.remove(tune)
    tree.insert(list(tree).index(tree.find("vcpu")) + 1, ElementTree.fromstring(pin))
    with open(f"{FOLDER}/{guest}-sent.xml", "w") as file:
        file.write(ElementTree.tostring(tree, "unicode"))
    words = ["virsh", "-c", "qemu:///system", "migrate", "--live", guest, f"qemu+tcp://{to}/system"]
    command = node.command([*words, "--xml", f"{FOLDER}/{guest}-sent.xml"])
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.stderr.strip()


def pins_travel(checks, cluster, pcpus):
    checks.case("pins travel", "by hand and told to nobody, to a host without the pCPU: with our hook (n2) and without (n3)")
    gather(cluster)
    cluster.alive()[0].run("crm_attribute", "-n", "maintenance-mode", "-v", "true")
    missing = max(pcpus) + 4
    kept = min(pcpus)
    said = move_with_pin(cluster, "vme", "n3", missing)
    checks.that("without the hook it is refused, and goes on where it was", "affinity" in said and cluster.homes()["vme"] == "n1", said)
    said = move_with_pin(cluster, "vme", "n2", missing)
    checks.that("with the hook it arrives, and runs", cluster.homes().get("vme") == "n2" and reasons(cluster)["vme"] == "migrated", said)
    checks.that("without that pin", pins_of(cluster.nodes["n2"], "vme") <= pcpus, pins_of(cluster.nodes["n2"], "vme"))
    said = move_with_pin(cluster, "vmf", "n2", kept)
    checks.that("a pin that can be kept travels", pins_of(cluster.nodes["n2"], "vmf") == {kept}, said)
    for guest in ("vme", "vmf"):
        cluster.nodes["n2"].virsh("migrate", "--live", guest, "qemu+tcp://n1/system", seconds=300)
    cluster.alive()[0].run("crm_attribute", "-n", "maintenance-mode", "-v", "false")
    cluster.settle()
    checks.that("the cluster has noticed nothing", set(cluster.homes().values()) == {"n1"}, cluster.homes())


def pins_of(node, guest):
    """Numbers of the pCPUs on which the guest's vCPU may run."""
    pinned = set()
    for part in node.virsh("vcpupin", guest).split()[-1].split(","):
        first, _, last = part.partition("-")
        pinned |= set(range(int(first), int(last or first) + 1))
    return pinned


def first_looks(intervals):
    """(guest, promised KiB) of each guest in the first interval that shows it before it has run."""
    before, looks = set(), []
    for one in intervals:
        waiting = {guest["name"] for guest in one.get("guests", []) if guest["state"] == "fixed"}
        here = {guest["name"] for guest in one.get("guests", [])}
        looks += [(name, one["host"]["promised_kib"]) for name in waiting - before]
        before = here
    return looks


def host_daemons(checks, cluster, daemons, pcpus):
    checks.case("host daemons", "vcpu_scheduler and memory_coordinator on each node all the while")
    checks.that("all are still there", not daemons.dead(), daemons.dead())
    for node in cluster.alive():
        wrong = {g: pins_of(node, g) for g in node.running() if not pins_of(node, g) <= pcpus}
        checks.that(f"{node.name}: no pin to a missing pCPU", not wrong, wrong)
        for name in DAEMONS:
            said = daemons.intervals(node.name, name)
            checks.that(f"{node.name}: {name} has had its intervals", len(said) > 10, len(said))
        looks = first_looks(daemons.intervals(node.name, "memory_coordinator"))
        # What has arrived by the first look is not promised any more; what its balloon holds back is.
        little = [look for look in looks if look[1] < (MOST_MIB - GUEST_MIB) * 1024]
        little += [] if any(look[1] >= MOST_MIB * 1024 for look in looks) else looks
        if node.name != "n1":
            checks.that(f"{node.name}: all that it may hold is kept for who arrives", looks and not little, looks)
        short = [i for i in daemons.intervals(node.name, "memory_coordinator") if i["host"]["free_kib"] < i["host"]["reserve_kib"]]
        checks.that(f"{node.name}: memory was never overdrawn", not short, short[:1])


def run_all(checks, build):
    with Cluster(build) as cluster:
        daemons = Daemons(cluster)
        checks.note(f"three nodes after {time.monotonic() - checks.start_s:.0f} s")
        cluster.configure(GUESTS, CAPACITY)
        wait_for("all guests on n1", lambda: set(cluster.homes()) == set(GUESTS) and cluster.is_idle(), 600, 2)
        for node in cluster.alive():
            daemons.start(node)
        cluster.prefer({})
        cluster.settle()
        checks.note(f"{len(GUESTS)} guests on n1 after {time.monotonic() - checks.start_s:.0f} s")
        pcpus = set(os.sched_getaffinity(0))
        checks.play_once(spread, checks, cluster)
        checks.play_once(changed_under_us, checks, cluster)
        checks.play_once(pins_travel, checks, cluster, pcpus)
        checks.play_once(killed, checks, cluster)
        checks.play_once(node_lost, checks, cluster, daemons)
        checks.play_once(host_daemons, checks, cluster, daemons, pcpus)


def main(build):
    checks = Checks()
    run_all(checks, build)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
