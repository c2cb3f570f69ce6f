#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cost.py BUILD [GUESTS [SECONDS]]: what both programs take while they watch that many guests at the usual interval,
and while they act on guests with load.

The guests are those of libvirt's test driver, behind tests/faults/standin.c: it tells in bulk what QEMU's tells, and
each call takes as long as with a real libvirtd. The figures are the programs' own metrics, the difference of two
scrapes. The driver lives in the program: its CPU time, which libvirtd's would be, is told apart, and so is that of
decisions. All four run at once, so that an hour takes an hour. Without plans each program may take 0.3 % of a core."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

INTERVAL_S, START_S, MOST_PCT = 2, 20, 0.3
GUEST = """<domain type='test'><name>guest-{i}</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e{i:04x}</uuid>
<memory>2097152</memory><vcpu>4</vcpu><os><type>hvm</type></os><devices><memballoon model='virtio'/></devices></domain>"""


def read(path):
    """Sums over labels other than the program."""
    sums = {}
    with open(path) as file:
        for name, value in re.findall(r"^evenkeel_(\w+)\{[^}]*\} (\S+)$", file.read(), re.M):
            sums[name] = sums.get(name, 0) + float(value)
    return sums


def driver_s(folder):
    with open(f"{folder}/driver") as file:
        return float(file.read() or 0) / 1e9


def run(build, program, node, folder, seconds, is_acting):
    folder = f"{folder}/{program}-{is_acting}"
    os.mkdir(folder, 0o700)
    path = f"{folder}/{program}.prom"
    words = [f"{build}/{program}", "--connect", f"test://{node}", "--act" if is_acting else "--dry-run", "--quiet",
             "--state", folder, "--metrics-file", path, str(INTERVAL_S)]
    with open(f"{folder}/driver", "w"):
        pass
    env = {**os.environ, "DRIVER_CPU": f"{folder}/driver", "DBUS_SYSTEM_BUS_ADDRESS": "unix:", "LD_PRELOAD": f"{os.path.abspath(build)}/libstandin.so"}
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL, env={**env, "LOAD": "1"} if is_acting else env)
    try:
        time.sleep(START_S)  # definitions are read, pages are touched, the first plans are made
        first, driver = read(path), driver_s(folder)
        time.sleep(seconds)
        last, driver = read(path), driver_s(folder) - driver
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    n = last["interval_duration_seconds_count"] - first["interval_duration_seconds_count"]
    took = {name: (last[name] - first[name]) / n
            for name in ("process_cpu_seconds_total", "solve_cpu_seconds_total", "libvirt_calls_total",
                         "interval_duration_seconds_sum", "changes_total")}
    own = took["process_cpu_seconds_total"] - took["solve_cpu_seconds_total"] - driver / n
    line = (f"| `{program}` | {'acts, load' if is_acting else 'watches'} | {took['libvirt_calls_total']:.1f} "
            f"| {took['changes_total']:.1f} | {1000 * took['interval_duration_seconds_sum']:.0f} | {1000 * own:.2f} "
            f"| {100 * own / INTERVAL_S:.3f} | {1000 * took['solve_cpu_seconds_total']:.2f} | {1000 * driver / n:.2f} "
            f"| {last['process_resident_memory_bytes'] / 2**20:.0f} |")
    return line, 0 if is_acting else 100 * own / INTERVAL_S


def main(build, guests=100, seconds=60):
    with tempfile.TemporaryDirectory() as folder:
        node = f"{folder}/node.xml"
        with open(node, "w") as file:
            file.write("<node><cpu><nodes>2</nodes><sockets>2</sockets><cores>8</cores><threads>2</threads></cpu>"
                       f"<memory>536870912</memory>{''.join(GUEST.format(i=i + 1) for i in range(int(guests)))}</node>")
        print(f"{guests} guests of 4 vCPUs on 64 pCPUs, interval {INTERVAL_S} s, {seconds} s each\n")
        print("| program | | calls per interval | changes | interval takes, ms | own CPU, ms per interval | of a core, % "
              "| decision, CPU ms | driver, CPU ms | resident, MiB |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        with ThreadPoolExecutor() as pool:
            runs = [pool.submit(run, build, program, node, folder, float(seconds), is_acting)
                    for is_acting in (False, True) for program in ("vcpu_scheduler", "memory_coordinator")]
        told = [each.result() for each in runs]
        print("\n".join(line for line, _ in told))
    return 0 if max(share for _, share in told) < MOST_PCT else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
