# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the guests, seen from the host and without asking the programs under test.

CPU: per second and pCPU the vCPU time spent there, where each vCPU is, and every pin call that
libvirtd carried out. Memory: every two seconds actual and unused per guest, and the host's free
memory. Each observer is a thread with a connection of its own; samples pile up in .samples.
"""

import statistics
import threading
import time

import libvirt

from foreign import Foreign
from lab import MIB, URI


def running(conn, groups):
    """(domain, statistics) of the guests that run: a dead one keeps its last size on paper."""
    return conn.getAllDomainStats(groups, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE)


class Observer(threading.Thread):
    def __init__(self, period_s):
        super().__init__(daemon=True)
        self.period_s = period_s
        self.samples = []
        self.ending = threading.Event()
        self.start_s = time.monotonic()

    def now(self):
        return time.monotonic() - self.start_s

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()

    def run(self):
        due = self.start_s
        while not self.ending.is_set():
            try:
                self.look()
            except libvirt.libvirtError as error:
                self.lost(error)
            due += self.period_s
            self.ending.wait(max(0.0, due - time.monotonic()))

    def lost(self, error):
        raise error

    def since(self, at):
        return [sample for sample in self.samples if sample["at"] >= at]


class CpuObserver(Observer):
    """Samples: at, load_pct per pCPU, others_pct (what else ran there), foreign_pct (of that, programs
    outside of the lab), sigma of the guests, busy_sigma of all that ran, place of each vCPU, pins since
    the last sample."""

    def __init__(self):
        super().__init__(1.0)
        self.conn = libvirt.open(URI)
        self.last = None
        self.foreign = Foreign()
        self.pins = []
        self.seen = 0
        self.online = [p for p, on in enumerate(self.conn.getCPUMap()[1]) if on]
        self.callback = self.conn.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_TUNABLE, self._tuned, None
        )

    def __exit__(self, *_):
        super().__exit__()
        self.conn.domainEventDeregisterAny(self.callback)
        self.conn.close()

    def _tuned(self, _conn, domain, params, _opaque):
        for key, value in params.items():
            if key.startswith("cputune.vcpupin"):
                vcpu = int(key.removeprefix("cputune.vcpupin"))
                self.pins.append({"at": self.now(), "guest": domain.name(), "vcpu": vcpu, "to": value})

    def pins_since(self, at):
        return [pin for pin in self.pins if pin["at"] >= at]

    def look(self):
        at = self.now()
        busy, foreign = self.foreign.since_last_pct()
        time_ns, place, floating = {}, {}, 0
        for domain, _ in running(self.conn, libvirt.VIR_DOMAIN_STATS_STATE):
            masks = domain.vcpuPinInfo(0)
            for number, _state, used_ns, ran_on in domain.vcpus()[0]:
                key = (domain.name(), number)
                allowed = [p for p in self.online if masks[number][p]]
                time_ns[key] = used_ns
                place[key] = allowed[0] if len(allowed) == 1 else ran_on
                floating += len(allowed) != 1
        if self.last:
            last_at, last_ns = self.last
            load = {p: 0.0 for p in self.online}
            for key, used_ns in time_ns.items():
                load[place[key]] += (used_ns - last_ns.get(key, used_ns)) / (at - last_at) / 1e7
            pins = self.pins[self.seen :]
            self.seen += len(pins)
            self.samples.append(
                {
                    "at": at,
                    "load_pct": load,
                    "others_pct": {p: busy[p] - load[p] for p in load},
                    "foreign_pct": {p: foreign[p] for p in load},
                    "sigma": statistics.pstdev(load.values()),
                    "busy_sigma": statistics.pstdev(busy[p] for p in load),
                    "place": place,
                    "floating": floating,
                    "pins": pins,
                }
            )
        self.last = at, time_ns

    def table(self, since=0.0, until=float("inf")):
        """One line a sample: loads, sigma, guests per pCPU, pin calls."""
        lines = []
        for sample in self.since(since):
            if sample["at"] >= until:
                break
            columns = []
            for pcpu, load in sample["load_pct"].items():
                there = [name for (name, _), at in sample["place"].items() if at == pcpu]
                others = sample["foreign_pct"][pcpu]
                columns.append(f"pCPU {pcpu} {load:5.1f} % {len(there)} vCPUs (others {others:3.0f} %)")
            pins = " ".join(f"{pin['guest']}.{pin['vcpu']}->{pin['to']}" for pin in sample["pins"])
            lines.append(
                f"  {sample['at'] - since:5.1f} s  {'  '.join(columns)}  sigma {sample['sigma']:5.1f}  {pins}"
            )
        return "\n".join(lines)


def balanced_at(samples, is_balanced=lambda sample: sample["sigma"] <= 5, run=3):
    """When the first of `run` balanced samples in a row was taken; None if never."""
    for i in range(len(samples) - run + 1):
        if all(is_balanced(sample) for sample in samples[i : i + run]):
            return samples[i]["at"]
    return None


class MemoryObserver(Observer):
    """Samples: at, guests {name: (actual MiB, unused MiB or None)}, host_free_mib."""

    def __init__(self):
        super().__init__(2.0)
        self.conn = libvirt.open(URI)

    def lost(self, error):
        """libvirtd may be down on purpose: look again with a new connection."""
        try:
            self.conn = libvirt.open(URI)
        except libvirt.libvirtError:
            pass

    def look(self):
        guests = {}
        at = self.now()
        for domain, stats in running(self.conn, libvirt.VIR_DOMAIN_STATS_BALLOON):
            unused = stats.get("balloon.unused")
            guests[domain.name()] = (
                stats["balloon.current"] / MIB,
                None if unused is None else unused / MIB,
            )
        with open("/proc/meminfo") as file:
            info = {line.split(":")[0]: int(line.split()[1]) for line in file}
        self.samples.append(
            {
                "at": at,
                "guests": guests,
                "total_mib": sum(actual for actual, _ in guests.values()),
                "host_free_mib": info["MemAvailable"] / 1024,
            }
        )

    def table(self, since=0.0):
        """One line a sample: actual/unused per guest, their sum, the host's available memory."""
        lines = []
        for sample in self.since(since):
            columns = [
                f"{name} {actual:4.0f}/{'   ?' if unused is None else f'{unused:4.0f}'}"
                for name, (actual, unused) in sorted(sample["guests"].items())
            ]
            lines.append(
                f"  {sample['at'] - since:5.1f} s  {'  '.join(columns)}"
                f"  sum {sample['total_mib']:5.0f}  host {sample['host_free_mib']:6.0f}"
            )
        return "\n".join(lines)

    def sizes(self, name, since=0.0):
        return [s["guests"][name][0] for s in self.since(since) if name in s["guests"]]

    def pairs(self, name, since=0.0):
        return [s["guests"][name] for s in self.since(since) if name in s["guests"]]


def direction_changes(sizes, deadband_mib=8):
    """How often a series of sizes turned round, not counting wiggles within the deadband."""
    turns, direction, mark = 0, 0, sizes[0] if sizes else 0
    for size in sizes:
        step = size - mark
        if abs(step) <= deadband_mib:
            continue
        if direction and (step > 0) != (direction > 0):
            turns += 1
        direction = step
        mark = size
    return turns
