# SPDX-License-Identifier: GPL-3.0-or-later
"""stopped.py BUILD: a terminal that somebody stopped, and a pipe that nobody reads, make no interval late.

Needs dbus-daemon; exit code 77 without."""

import fcntl
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bus  # noqa: E402
from bus import Scene, must, within  # noqa: E402

# Each stop cost an interval of this length, when whatever was written was waited for.
INTERVAL_S = 0.05
STOPS, STOP_S = 8, 0.4
PIPE_S = 8  # three quarters of that time fill the queue
MAX_MISSED = 0.05  # of the intervals: half of the stops, and a busy machine's


def status(scene):
    out = scene.ctl("status", "--json")[1]
    return json.loads(out)[0] if out.startswith("[") and "interval" in out else {}


def read_for(fd, seconds):
    """What comes in that time."""
    data, until = b"", time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([fd], [], [], 0.05)[0]:
            data += os.read(fd, 65536)
    return data


class Run:
    """A program whose reports go to fd and are read from reader."""

    def __init__(self, scene, program, fd, reader):
        self.scene, self.reader = scene, reader
        self.err = open(f"{scene.folder}/err", "w+")
        words = [f"{scene.build}/{program}", str(INTERVAL_S), "--dry-run", "--verbose", "--connect", "test:///default"]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=fd, stderr=self.err, env=scene.environment)
        scene.started.append(self.process)
        must("it runs", within(20, lambda: status(scene).get("interval", 0) >= 3))
        read_for(reader, 0.2)
        self.before, self.began = status(scene), time.monotonic()

    def measure(self, what):
        """What the time since the begin was like."""
        after, took_s = status(self.scene), time.monotonic() - self.began
        passed, missed = after["interval"] - self.before["interval"], after["overruns"] - self.before["overruns"]
        print(f"{what}: {passed} intervals of {INTERVAL_S} s in {took_s:.1f} s, {missed} missed")
        must(f"{what} makes no interval late", missed <= MAX_MISSED * passed, (self.before, after))
        must(f"{what} stops none", passed >= 0.7 * took_s / INTERVAL_S, (self.before, after))

    def end(self, what):
        """What was said of reports that were left out."""
        must(f"{what}: reports flow again", b"interval=" in read_for(self.reader, 2))
        self.err.seek(0)
        said = [line for line in self.err.read().splitlines() if "were not taken" in line]
        self.process.terminate()
        must(f"{what}: it ends", within(5, lambda: read_for(self.reader, 0.05) is not None and self.process.poll() == 0))
        return said


def terminal(scene, program):
    master, slave = pty.openpty()
    run = Run(scene, program, slave, master)
    for _ in range(STOPS):
        termios.tcflow(slave, termios.TCOOFF)
        time.sleep(STOP_S)
        termios.tcflow(slave, termios.TCOON)
        read_for(master, 0.1)
    run.measure(f"{program} on a terminal that is stopped {STOPS} times")
    must("nothing was left out", run.end(program) == [])
    os.close(master)
    os.close(slave)


def full_pipe(scene):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    run = Run(scene, "vcpu_scheduler", writer, reader)
    time.sleep(PIPE_S)
    run.measure("a pipe that nobody reads")
    said = run.end("a pipe")
    must("what was left out is counted, and said once", len(said) == 1, said)
    os.close(reader)
    os.close(writer)


def main():
    build = os.path.abspath(sys.argv[1])
    if not shutil.which("dbus-daemon"):
        bus.skip("a stopped terminal: no dbus-daemon, by which intervals are counted")
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(build, folder)
        for program in ("vcpu_scheduler", "memory_coordinator"):
            terminal(scene, program)
        full_pipe(scene)
        scene.end()
    print(f"{bus.lost} lost")
    sys.exit(bus.lost > 0)


main()
