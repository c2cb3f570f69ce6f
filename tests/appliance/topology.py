# SPDX-License-Identifier: GPL-3.0-or-later
"""topology.py BUILD: a host of two nodes with two caches each, with a real systemd, libvirtd and guests.

The program sees its tree, places guests on caches by sets of pCPUs, brings their emulators and I/O threads
to their nodes, follows a pCPU that goes and comes back, leaves an isolated one alone, and puts everything
back. What counts is what the kernel says of each thread."""

import json
import sys

from machine import boot, judge

PCPUS, NODES, ISOLATED, GONE = 16, 2, 3, 9
CACHES = [{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}]
ALL = set(range(PCPUS))
GUESTS = ["guest1", "guest2", "guest3", "guest4"]


def members(text):
    """The pCPUs of a list like 0-2,4."""
    result = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        result |= set(range(int(first), int(last or first) + 1))
    return result


def distinct(masks):
    """Workers come and go: what they may use does not."""
    return {mask_text(mask) for mask in masks}


def node_of(mask):
    return next((n for n in range(NODES) if mask and mask <= CACHES[2 * n] | CACHES[2 * n + 1]), None)


def cache_of(mask):
    return next((c for c, cache in enumerate(CACHES) if mask and mask <= cache), None)


class Seen:
    """What the kernel said of the guests' threads after one of the scene's steps."""

    def __init__(self, lines, when):
        self.threads = [(w[2], w[4], members(w[3])) for w in lines if w[:2] == ["THREAD", when]]

    def of(self, guest, kind):
        return [mask for name, comm, mask in self.threads if name == guest and kind(comm)]

    def vcpus(self, guest):
        return self.of(guest, lambda comm: comm.startswith("CPU_"))

    def iothread(self, guest):
        return self.of(guest, lambda comm: comm.startswith("IO_iothread"))

    def others(self, guest):
        return self.of(guest, lambda comm: not comm.startswith(("CPU_", "IO_iothread")))

    def caches(self):
        """The cache of each guest, where all of its vCPUs are within one."""
        return {g: cache_of(set().union(*self.vcpus(g))) for g in GUESTS}

    def follow(self, guests):
        """Whether all other threads of these guests are within the node of its vCPUs."""
        return all(
            node_of(mask) == node_of(set().union(*self.vcpus(g)))
            for g in guests
            for mask in self.others(g) + self.iothread(g)
        )

    def masks(self):
        return {mask_text(mask) for _, _, mask in self.threads}


def mask_text(mask):
    return ",".join(map(str, sorted(mask)))


def tree_faults(tree):
    """What of the machine's shape the program did not see; empty: it saw all."""
    cores = [{p, p + 1} for p in range(0, PCPUS, 2)]
    expected = {
        "nodes": [CACHES[0] | CACHES[1], CACHES[2] | CACHES[3]],
        "llcs": CACHES,
        "cores": cores,
    }
    seen = {**tree, "nodes": list(tree.get("nodes", {}).values())}
    faults = [name for name, sets in expected.items() if [members(text) for text in seen.get(name, [])] != sets]
    return faults + [name for name, value in (("distances", {"0": [10, 21], "1": [21, 10]}),) if tree[name] != value]


def numa_pages(lines):
    """{node: bytes} of a line of memory.numa_stat."""
    words = next((words[2:] for words in lines if words[:1] == ["NUMA"]), [])
    return {name: int(size) for name, _, size in (word.partition("=") for word in words)}


def expectations(text, lines, reports, tree):
    found, placed, without, back, restored = (
        Seen(lines, when) for when in ("found", "placed", "without", "with", "restored")
    )
    caches, pages = placed.caches(), numa_pages(lines)
    cpusets = [(w[2], members(w[3])) for w in lines if w[:2] == ["CPUSET", "placed"]]
    used = set().union(*(mask for _, comm, mask in placed.threads if comm.startswith("CPU_")))
    yield "four guests run", any(w[:2] == ["GUESTS", "4"] for w in lines), [w for w in lines if w[0] == "GUESTS"]
    yield "the tree is the machine's", not tree_faults(tree), tree_faults(tree)
    yield "guests float at first", all(mask == ALL for g in GUESTS for mask in found.vcpus(g)), found.masks()
    yield "each guest is on a cache of its own", sorted(caches.values(), key=str) == [0, 1, 2, 3], caches
    yield (
        "its vCPUs may use all of it",
        all(mask == CACHES[caches[g]] - {ISOLATED} for g in GUESTS for mask in placed.vcpus(g) if caches[g] is not None),
        placed.masks(),
    )
    yield (
        "control groups say the same",
        all(
            [mask for path, mask in cpusets if g in path and f"/vcpu{v}/" in path] == [placed.vcpus(g)[v]]
            for g in GUESTS
            for v in range(2)
        ),
        [(path.split("/")[-2], mask_text(mask)) for path, mask in cpusets],
    )
    yield "the isolated pCPU is left alone", ISOLATED not in used, mask_text(used)
    yield "memory of guest1 is on node 1 alone", pages.get("N1", 0) > 0 and pages.get("N0", 1) == 0, pages
    yield "emulators and I/O threads follow", placed.follow(["guest1", "guest2", "guest3"]), placed.masks()
    yield (
        "those of an owner stay",
        placed.iothread("guest4") == [{8, 9}] and ALL in placed.others("guest4"),
        [mask_text(mask) for mask in placed.others("guest4") + placed.iothread("guest4")],
    )
    yield (
        "the others' reasons are told",
        any("follows" in move["reason"] for r in reports for move in r.get("helper_moves", [])),
        [len(r.get("helper_moves", [])) for r in reports],
    )
    yield (
        "a pCPU that goes is nobody's",
        all(GONE not in mask for g in GUESTS for mask in without.vcpus(g)) and without.caches() == caches,
        without.masks(),
    )
    yield "one that comes back is used again", bool(back.threads) and back.caches() == caches and all(
        back.vcpus(g) == placed.vcpus(g) for g in GUESTS
    ), back.masks()
    yield "no plan was refused or failed", all(r["failed"] == 0 and r["verdict"] != "hold-unsafe" for r in reports), [
        (r["verdict"], r["failed"]) for r in reports
    ]
    yield "it ends well", ["ENDED", "0"] in lines, [w for w in lines if w[0] == "ENDED"]
    yield (
        "all is where it was found",
        all(
            restored.vcpus(g) == found.vcpus(g)
            and restored.iothread(g) == found.iothread(g)
            and distinct(restored.others(g)) == distinct(found.others(g))
            for g in GUESTS
        ),
        restored.masks(),
    )
    yield "what is owed was written down", ["OWED", "1"] in lines, [w for w in lines if w[0] == "OWED"]
    yield "nothing is owed in the end", any(w[:2] == ["LEFT", "0"] for w in lines), [w for w in lines if w[0] == "LEFT"]


def main(build):
    text = boot(build, "topology", pcpus=PCPUS, nodes=NODES, kernel=f"isolcpus={ISOLATED}")
    lines = [line.split() for line in text.splitlines() if line.split()]
    objects = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    reports = [entry for entry in objects if "interval" in entry]
    tree = next((entry for entry in objects if "nodes" in entry), {})
    return judge(text, expectations(text, lines, reports, tree))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
