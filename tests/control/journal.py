# SPDX-License-Identifier: GPL-3.0-or-later
"""journal.py BUILD: what both programs write to a journal, which is a socket of this test's own.

Needs root, to put that socket where the journal's is, in a namespace of its own. Exit code 77 where it cannot be."""

import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bus  # noqa: E402
from bus import must, skip  # noqa: E402

SOCKET = "/run/systemd/journal/socket"


def fields_of(datagram):
    """NAME=value, or NAME, a newline, the length and the bytes where a value has several lines."""
    fields = {}
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (n,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8:8 + n], rest[9 + n:]
        fields[name.decode()] = value.decode()
        datagram = rest
    return fields


class Journal:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(SOCKET)
        self.socket.settimeout(0.2)

    def entries(self, process, seconds):
        """Those of the program until it ends, or for so long."""
        found, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                found.append(fields_of(self.socket.recv(1 << 20)))
            except TimeoutError:
                if process.poll() is not None:
                    break
        return found

    def end(self):
        self.socket.close()
        os.unlink(SOCKET)


def start(build, folder, *words, is_journal=True):
    """A program whose standard error is the journal, or is not."""
    err = open(f"{folder}/err", "w+")
    about = os.fstat(err.fileno())
    environment = {**os.environ, "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino + (not is_journal)}"}
    environment.pop("NOTIFY_SOCKET", None)
    process = subprocess.Popen([f"{build}/{words[0]}", *words[1:]], stdout=subprocess.DEVNULL, stderr=err,
                               env=environment)
    process.err = err
    return process


def said(process):
    process.err.seek(0)
    return process.err.read()


def by_kind(entries):
    kinds = {}
    for entry in entries:
        kinds.setdefault(entry["MESSAGE_ID"], []).append(entry)
    return kinds


def pins(build, folder, ids):
    journal = Journal()
    process = start(build, folder, "vcpu_scheduler", "2", "--simulate", "cpu-2", "--quiet")
    kinds = by_kind(journal.entries(process, 30))
    changes, plans, hours = (kinds.get(ids[name], []) for name in ("PIN", "PLAN", "SUMMARY"))
    must("it ends well", process.wait() == 0, said(process))
    must("each pin has an entry", changes and all(
        {"EVENKEEL_DOMAIN", "EVENKEEL_DOMAIN_UUID", "EVENKEEL_VCPU", "EVENKEEL_FROM", "EVENKEEL_TO",
         "EVENKEEL_REASON", "EVENKEEL_GAP", "MESSAGE", "PRIORITY"} <= entry.keys() for entry in changes), kinds)
    must("as many as the plans say", sum(int(plan["EVENKEEL_CHANGES"]) for plan in plans) == len(changes),
         (plans, len(changes)))
    must("a plan has its gap", all(float(plan["EVENKEEL_GAP"]) >= 0 for plan in plans), plans)
    must("the first interval has a summary", hours and hours[0]["EVENKEEL_INTERVALS"] == "1", hours)
    must("all under the service's name",
         {entry["SYSLOG_IDENTIFIER"] for entries in kinds.values() for entry in entries} == {"evenkeel-vcpu"}, kinds)
    must("and all of known kinds", set(kinds) <= set(ids.values()), kinds.keys())
    journal.end()
    journal = Journal()
    process = start(build, folder, "vcpu_scheduler", "2", "--simulate", "cpu-2", "--quiet", "--restore")
    kinds = by_kind(journal.entries(process, 30))
    back = [entry for entry in kinds.get(ids["PIN"], []) if entry["EVENKEEL_REASON"] == "put back"]
    must("what is put back has entries, and no plan's gap", back and all(
        "EVENKEEL_VCPU" in entry and "EVENKEEL_GAP" not in entry for entry in back), kinds.get(ids["PIN"]))
    journal.end()


def sizes(build, folder, ids):
    journal = Journal()
    process = start(build, folder, "memory_coordinator", "0.2", "--quiet", "--connect", "test:///default",
                    "--state", folder)
    changes = by_kind(journal.entries(process, 4)).get(ids["SIZE"], [])
    process.terminate()
    process.wait()
    must("a size has its entry", changes and changes[0]["EVENKEEL_FROM"] == "2097152 KiB" and
         int(changes[0]["EVENKEEL_TO"].split()[0]) < 2097152, (changes, said(process)))
    must("with the guest and the reason", changes and changes[0]["EVENKEEL_DOMAIN"] == "test" and
         "below its reserve" in changes[0]["EVENKEEL_REASON"], changes)
    journal.end()
    journal = Journal()
    process = start(build, folder, "memory_coordinator", "0.2", "--quiet", "--connect", "test:///default",
                    "--state", folder, "--dry-run")
    kinds = by_kind(journal.entries(process, 3))
    process.terminate()
    process.wait()
    must("a dry run has summaries alone", set(kinds) == {ids["SUMMARY"]}, kinds)
    journal.end()


def troubles(build, folder, ids):
    journal = Journal()
    conf = f"{folder}/evenkeel.conf"

    def write(more):
        with open(conf, "w") as file:
            file.write(f"[vcpu]\ninterval = 0.2\nquiet = yes\nact = no\nconnect = test:///default\n{more}\n")

    write("")
    process = start(build, folder, "vcpu_scheduler", "--config", conf)
    must("it runs", ids["SUMMARY"] in by_kind(journal.entries(process, 1.5)), said(process))
    write("level = nowhere")
    process.send_signal(1)
    kinds = by_kind(journal.entries(process, 1))
    must("a bad reload is an entry", kinds.get(ids["NOT_RELOADED"], [{}])[0].get("PRIORITY") == "3", kinds)
    write("")
    process.send_signal(1)
    kinds = by_kind(journal.entries(process, 1.5))
    must("a good one is as well, and the hour goes on", set(kinds) == {ids["RELOADED"]}, kinds)
    process.terminate()
    process.wait()
    must("and no line", "level takes" not in said(process), said(process))
    journal.end()


def elsewhere(build, folder, _):
    """Standard error is another file than the one that JOURNAL_STREAM names: lines for people."""
    journal = Journal()
    process = start(build, folder, "vcpu_scheduler", "2", "--simulate", "cpu-2", "--quiet", is_journal=False)
    must("no entry is sent", not journal.entries(process, 30))
    journal.end()


def not_read(build, folder, _):
    """A journal that takes nothing holds nobody up."""
    journal = Journal()
    journal.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    began = time.monotonic()
    process = start(build, folder, "vcpu_scheduler", "2", "--simulate", "cpu-6", "--quiet")
    try:
        status = process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        status = None
    must("a journal that nobody reads holds nobody up", status == 0, (status, time.monotonic() - began))
    journal.end()


def ids_of(source):
    """{kind: message id}, as the catalogue has them in the order of the program's table."""
    with open(f"{source}/agent/base/event.c") as file:
        rows = [line.split('"') for line in file if line.startswith("    [EVENT_")]
    return {row[0].strip()[len("[EVENT_"):].split("]")[0]: row[1] for row in rows}


def main(build):
    if os.geteuid() != 0:
        skip("needs root, to stand where the journal's socket is")
    if "JOURNAL_TEST_INSIDE" not in os.environ:
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            skip("this machine does not let root make namespaces")
        os.environ["JOURNAL_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv])
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.makedirs(os.path.dirname(SOCKET))
    ids = ids_of(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    for scene in (pins, sizes, troubles, elsewhere, not_read):
        with tempfile.TemporaryDirectory() as folder:
            scene(build, folder, ids)
    print("lost" if bus.lost else "all won")
    return 1 if bus.lost else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
