#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cost.py BUILD [GUESTS [SECONDS]]: what both programs take while they watch that many guests.

The guests are those of libvirt's test driver, which lives in the program: its part of the work is counted with
the program's. Intervals come every 0.2 s, and CPU time is told for intervals of 2 s, the usual ones. The figures are
the programs' own metrics, the difference of two scrapes; what decisions took is told apart."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

INTERVAL_S, USUAL_S, START_S = 0.2, 2, 5
GUEST = """<domain type='test'><name>guest-{i}</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e{i:04x}</uuid>
<memory>2097152</memory><vcpu>4</vcpu><os><type>hvm</type></os><devices><memballoon model='virtio'/></devices></domain>"""


def read(path):
    with open(path) as file:
        return {name: float(value) for name, value in re.findall(r"^evenkeel_(\w+)\{[^}]*\} (\S+)$", file.read(), re.M)}


def run(build, program, node, folder, seconds):
    path = f"{folder}/{program}.prom"
    words = [f"{build}/{program}", "--connect", f"test://{node}", "--dry-run", "--quiet", "--state", folder,
             "--metrics-file", path, str(INTERVAL_S)]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL, env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:"})
    try:
        time.sleep(START_S)  # definitions are read, pages are touched
        first = read(path)
        time.sleep(seconds)
        last = read(path)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    n = last["interval_duration_seconds_count"] - first["interval_duration_seconds_count"]
    took = {name: (last[name] - first[name]) / n for name in ("process_cpu_seconds_total", "solve_cpu_seconds_total",
                                                              "libvirt_calls_total")}
    own = took["process_cpu_seconds_total"] - took["solve_cpu_seconds_total"]
    print(f"| {program} | {took['libvirt_calls_total']:.1f} | {1000 * own:.2f} | {100 * own / USUAL_S:.3f} "
          f"| {1000 * took['solve_cpu_seconds_total']:.2f} | {last['process_resident_memory_bytes'] / 2**20:.0f} |")
    return 100 * own / USUAL_S


def main(build, guests=100, seconds=30):
    with tempfile.TemporaryDirectory() as folder:
        node = f"{folder}/node.xml"
        with open(node, "w") as file:
            file.write("<node><cpu><nodes>2</nodes><sockets>2</sockets><cores>8</cores><threads>2</threads></cpu>"
                       f"<memory>536870912</memory>{''.join(GUEST.format(i=i + 1) for i in range(int(guests)))}</node>")
        print(f"{guests} guests of 4 vCPUs on 64 pCPUs\n")
        print("| program | calls per interval | own CPU, ms per interval | of a core at 2 s, % | decision, ms | resident, MiB |")
        print("|---|---|---|---|---|---|")
        shares = [run(build, program, node, folder, float(seconds)) for program in ("vcpu_scheduler", "memory_coordinator")]
    return 0 if max(shares) < 0.3 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
