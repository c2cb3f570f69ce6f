# SPDX-License-Identifier: GPL-3.0-or-later
"""top.py BUILD: evenkeelctl top on a terminal and without one, beside both programs on a simulated host.

Needs dbus-daemon; exit code 77 without."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bus  # noqa: E402
from bus import Scene, must, within  # noqa: E402


def simulate(scene, program):
    """A program on a simulated host of four pCPUs and eight guests, which does not end within the test."""
    guests = [{"name": f"aos_vm{i}", "pct": 30, "actual_mib": 512} for i in range(1, 9)]
    path = f"{scene.folder}/host.json"
    with open(path, "w") as file:
        json.dump({"duration_s": 3600, "host": {"pcpus": 4, "memory_mib": 8000}, "guests": guests}, file)
    process = subprocess.Popen([f"{scene.build}/{program}", "2", "--simulate", path, "--pace", "0.25", "--quiet"],
                               stdout=subprocess.DEVNULL, env=scene.environment)
    scene.started.append(process)
    return process


class Vt52:
    """What a terminal shows that knows few commands, and no colours."""

    def __init__(self, rows, columns):
        self.lines = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0

    def clear(self, row, column):
        self.lines[row][column:] = " " * (len(self.lines[row]) - column)

    def command(self, data, at):
        letter, rows = data[at:at + 1], len(self.lines)
        if letter == b"Y":
            self.row, self.column = min(data[at + 1] - 32, rows - 1), data[at + 2] - 32
            return at + 3
        moves = {b"A": (-1, 0), b"B": (1, 0), b"C": (0, 1), b"D": (0, -1), b"I": (-1, 0)}
        if letter in moves:
            self.row += moves[letter][0]
            self.column += moves[letter][1]
        elif letter == b"H":
            self.row = self.column = 0
        elif letter in (b"J", b"K"):
            self.clear(self.row, self.column)
            for row in range(self.row + 1, rows if letter == b"J" else 0):
                self.clear(row, 0)
        return at + 1

    def feed(self, data):
        """Returns what is not whole yet."""
        at = 0
        while at < len(data):
            byte = data[at:at + 1]
            if byte == b"\x1b":
                if len(data) - at < (4 if data[at + 1:at + 2] == b"Y" else 2):
                    return data[at:]
                at = self.command(data, at + 1)
                continue
            if byte == b"\r":
                self.column = 0
            elif byte == b"\b":
                self.column -= 1
            elif byte == b"\n":
                self.row = min(self.row + 1, len(self.lines) - 1)
            elif byte >= b" ":
                if self.column < len(self.lines[self.row]):
                    self.lines[self.row][self.column] = byte.decode("latin-1")
                self.column += 1
            at += 1
        return b""

    def text(self):
        return "\n".join("".join(line) for line in self.lines)


class Terminal:
    """evenkeelctl top on a terminal of its own."""

    def __init__(self, scene, rows=24, columns=80, **environment):
        self.master, self.slave = pty.openpty()
        self.vt52, self.rest, self.shown = Vt52(rows, columns), b"", b""
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen([f"{scene.build}/evenkeelctl", "top"], stdin=self.slave, stdout=self.slave,
                                        stderr=self.slave, env={**scene.environment, "TERM": "vt52", **environment},
                                        start_new_session=True)

    def resize(self, rows, columns):
        """Before a program is there it need not be told."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def grow(self, rows, columns):
        self.read()
        self.vt52 = Vt52(rows, columns)
        self.resize(rows, columns)
        self.process.send_signal(signal.SIGWINCH)

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            data = os.read(self.master, 65536)
            self.shown += data
            self.rest = self.vt52.feed(self.rest + data)
        return self.vt52.text()

    def sees(self, text, seconds=10):
        return within(seconds, lambda: text in self.read()) or must(f"no '{text}'", False, "\n" + self.read())

    def press(self, keys):
        os.write(self.master, keys)

    def ends(self, how):
        """Whether it ends well and leaves the terminal's settings as they were."""
        how()
        ended = within(5, lambda: self.read() is not None and self.process.poll() is not None)
        same = termios.tcgetattr(self.slave) == self.before
        if not ended:
            self.process.kill()
        self.read()
        os.close(self.master)
        os.close(self.slave)
        return ended and same and self.process.wait() == 0


def is_coloured(shown):
    return re.search(rb"\x1b\[(\d*;)*3[1-7]m", shown) is not None


def keys_and_sizes(scene):
    screen = Terminal(scene)
    for text in ("Evenkeel", "8 guests, by trouble", "vCPUs  ", "memory ", "proven best", "fair share", " 3 [", "aos_vm8 ",
                 "Last changes", "q quit"):
        screen.sees(text)
    screen.press(b"w")
    screen.sees("Why aos_vm")
    screen.sees("vCPU 0 may run on pCPU")
    screen.press(b"?")
    screen.sees("only guests whose names have what is typed")
    screen.press(b"?ssssss")
    screen.sees("by trouble")
    screen.press(b"s")
    screen.sees("by waiting")
    screen.press(b"/vm7\n")
    screen.sees('1 with "vm7"')
    must("others are gone", within(5, lambda: "aos_vm1 " not in screen.read().split("Last changes")[0]), screen.read())
    screen.press(b"p")
    screen.sees("pause aos_vm7? y: yes")
    must("asked is not told", "paused" not in scene.ctl("status")[1])
    screen.press(b"y")
    must("a pause is told", within(5, lambda: scene.ctl("status")[1].count("paused: aos_vm7") == 2), scene.ctl("status"))
    screen.sees(" paused")
    screen.press(b"py")
    must("and ended", within(5, lambda: "paused" not in scene.ctl("status")[1]), scene.ctl("status"))
    screen.press(b"\x1b")
    for rows, columns in ((60, 200), (5, 20), (1, 1)):
        screen.grow(rows, columns)
        time.sleep(0.3)
        must(f"{columns}x{rows} is no end", screen.process.poll() is None)
    screen.grow(60, 200)
    screen.sees(" 0 [")
    must("four bars are in a row", within(5, lambda: any(line.count("%") == 4 and " 3 [" in line
                                                         for line in screen.read().splitlines())), screen.read())
    must("q ends it, and the terminal is as it was", screen.ends(lambda: screen.press(b"q")))


def ends(scene):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        screen = Terminal(scene, TERM="xterm")
        must("it is on a screen of its own", within(10, lambda: screen.read() and b"\x1b[?1049h" in screen.shown))
        must(f"signal {number} leaves the terminal as it was", screen.ends(lambda: screen.process.send_signal(number)))
        must("and goes back to the usual screen", b"\x1b[?1049l" in screen.shown)
    screen = Terminal(scene, TERM="xterm")
    must("it is in colour", within(10, lambda: screen.read() and is_coloured(screen.shown)))
    screen.ends(lambda: screen.press(b"q"))
    screen = Terminal(scene, TERM="xterm", NO_COLOR="1")
    must("or without", within(10, lambda: screen.read() and b"aos_vm8" in screen.shown) and not is_coloured(screen.shown))
    screen.ends(lambda: screen.press(b"q"))
    # What ncurses takes before it fails it does not give back.
    screen = Terminal(scene, TERM="nothing-known", ASAN_OPTIONS="detect_leaks=0")
    screen.sees("no terminal that can show a screen")
    must("which is a mistake", screen.process.wait() == 2)


def without_a_terminal(scene):
    status, out, err = scene.ctl("top")
    must("without a terminal there is a sentence", status == 2 and "--once and --batch" in err and not out, (out, err))
    status, out, err = scene.ctl("top", "--once")
    must("one look is text", status == 0 and "aos_vm8" in out and "vCPUs" in out and "\x1b" not in out, (out, err))
    must("of 80 columns", all(len(line) <= 80 for line in out.splitlines()), out)
    status, out, err = scene.ctl("top", "--once", "--csv")
    rows = [line.split(",") for line in out.splitlines()]
    must("or values", status == 0 and rows[0][1] == "guest" and len(rows) == 9 and {len(row) for row in rows} == {11}, out)
    must("of vCPUs and memory", all(row[2] and row[5] for row in rows[1:]), out)
    scene.ctl("pause", "aos_vm3")
    out = scene.ctl("top", "--once", "--csv")[1]
    must("and who is paused", [line.split(",")[1] for line in out.splitlines() if line.endswith(",1")] == ["aos_vm3"], out)
    scene.ctl("resume", "aos_vm3")
    guests = json.loads(scene.ctl("plan", "--json")[1])[1]["plan"]["guests"]
    scene.ctl("pause", next(one["uuid"] for one in guests if one["guest"] == "aos_vm4"))
    out = scene.ctl("top", "--once", "--csv")[1]
    must("by whichever name", [line.split(",")[1] for line in out.splitlines() if line.endswith(",1")] == ["aos_vm4"], out)
    scene.ctl("resume", "aos_vm4")
    process = subprocess.Popen([f"{scene.build}/evenkeelctl", "top", "--batch", "--every", "1s"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=scene.environment)
    looks = b""
    while looks.count(b" Evenkeel ") < 2:
        looks += os.read(process.stdout.fileno(), 65536)
    process.stdout.close()
    must("looks follow each other, and end with their reader", process.wait(timeout=5) == 0, process.stderr.read())
    for words in (["top", "--once", "--every", "2s"], ["status", "--csv"], ["top", "--json"], ["top", "--every", "never"]):
        must(f"{words} is a mistake", scene.ctl(*words)[0] == 2)


def a_time_that_is_not_there(scene):
    """A simulated host has no time of day, and answers go without one."""
    for words in (["status"], ["why", "aos_vm1"], ["plan"], ["doctor", "--config", "/dev/null"]):
        out = scene.ctl(*words)[1]
        must(f"{words} has an answer", out.count("vcpu_scheduler") and out.count("memory_coordinator"), out)
        must(f"{words} has no time", not re.search(r" at\s*(:|$)", out, re.M), out)


def deaths(scene, programs):
    screen = Terminal(scene)
    screen.sees("MiB free")
    programs[1].kill()
    programs[1].wait()
    screen.sees("memory_coordinator does not run")
    programs[1] = simulate(scene, "memory_coordinator")
    screen.sees("MiB free")
    scene.daemon.terminate()
    scene.daemon.wait()
    screen.sees("the system's bus cannot be reached")
    scene.restart_bus()
    screen.sees("MiB free", 20)
    screen.sees("aos_vm8 ", 20)
    must("and it ends well", screen.ends(lambda: screen.press(b"q")))


def a_real_program_takes_over(scene):
    process = scene.start("vcpu_scheduler", "0.5", "--quiet")
    must("the name is the real program's", within(20, lambda: "\n test " in scene.ctl("top", "--once")[1]),
         scene.ctl("top", "--once"))
    process.terminate()
    process.wait()


def main():
    build = os.path.abspath(sys.argv[1])
    if not shutil.which("dbus-daemon"):
        bus.skip("evenkeelctl top: no dbus-daemon")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where it is ignored, nobody hears it
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(build, folder)
        must("where neither runs that is said: 3", scene.ctl("top", "--once")[0] == 3)
        programs = [simulate(scene, program) for program in ("vcpu_scheduler", "memory_coordinator")]
        must("both answer", within(20, lambda: "MiB free" in scene.ctl("top", "--once")[1] and
                                   ",,," not in scene.ctl("top", "--once", "--csv")[1]))
        without_a_terminal(scene)
        a_time_that_is_not_there(scene)
        keys_and_sizes(scene)
        ends(scene)
        deaths(scene, programs)
        a_real_program_takes_over(scene)
        scene.end()
    print(f"{bus.lost} lost")
    sys.exit(bus.lost > 0)


main()
