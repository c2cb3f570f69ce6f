# SPDX-License-Identifier: GPL-3.0-or-later
"""service.py BUILD: the shipped services under a real systemd: waiting for libvirt, looking, refused by polkit, a bad
and a good reload, acting, the clock stepped, killed, stuck, libvirtd restarted, stopped, and everything put back
by hand."""

import json
import sys

from machine import boot, judge, package_of, told


def main(build):
    text = boot(build, "service", pcpus=2, files=package_of(build))
    lines = [line.split(None, 2) for line in text.splitlines()]

    def said(word, unit="evenkeel-vcpu"):
        return next((line[2] for line in lines if line[:2] == [word, unit]), "")

    def pins(when):
        return said("PINS", when)

    def again(when):
        """How often it was started again meanwhile. A machine that stands still for long is watched, too."""
        counts = said("AGAIN", when).split()
        return int(counts[1]) - int(counts[0]) if len(counts) == 2 else None

    entry = json.loads((told(text, "ENTRY") or ["{}"])[0])
    log = told(text, "LOG")
    expectations = [
        ("without libvirt it is ready, and says so", " waiting: " in said("WAITING"), said("WAITING")),
        ("then it looks", said("LOOKING").startswith("active ") and "waiting" not in said("LOOKING"), said("LOOKING")),
        ("and so does the other", said("LOOKING", "evenkeel-memory").startswith("active "),
         said("LOOKING", "evenkeel-memory")),
        ("and changes nothing", pins("looking") == "0 0", pins("looking")),
        ("as a user of its own", ["USER", "evenkeel"] in lines, [line for line in lines if line[:1] == ["USER"]]),
        ("evenkeelctl tells of both", [line.split(":")[0] for line in told(text, "STATUS") if line[0] != " "] ==
         ["vcpu_scheduler", "memory_coordinator"], told(text, "STATUS")),
        ("and of a guest", "WHY   vCPU 0 may run on pCPU 0" in text, ""),
        ("and of its settings", any(line.startswith("act = no ; /usr/lib/evenkeel/evenkeel.conf:")
                                   for line in told(text, "CONFIG")), told(text, "CONFIG")),
        ("the doctor finds nothing that fails", any(line.startswith("ok    rights") for line in told(text, "DOCTOR")) and
         not any(line.startswith("fail") for line in told(text, "DOCTOR")), told(text, "DOCTOR")),
        ("refused by polkit, it waits and says so", said("REFUSED", "evenkeel-memory").startswith("active ") and
         " waiting: " in said("REFUSED", "evenkeel-memory"), said("REFUSED", "evenkeel-memory")),
        ("and goes on once it may", " hold-" in said("ALLOWED", "evenkeel-memory"), said("ALLOWED", "evenkeel-memory")),
        ("systemctl reload fails on a bad file", "RELOADED bad" not in text, ""),
        ("and not on a good one", "RELOADED good" in text, ""),
        ("a pause keeps it from acting", pins("paused") == "0 0", pins("paused")),
        ("a bad reload changes nothing", said("BROKEN").startswith("active "), said("BROKEN")),
        ("status says so", any("one before is in force" in line for line in told(text, "BROKENSTATUS")),
         told(text, "BROKENSTATUS")),
        ("and is told", any("act takes 'no' or 'yes', not 'maybe'" in line for line in log), log),
        ("a good one makes it act", pins("acting") == "0 1", pins("acting")),
        ("the journal has each change with its fields", entry.get("EVENKEEL_DOMAIN", "").startswith("guest") and
         entry.get("EVENKEEL_FROM") == "0" and entry.get("EVENKEEL_TO") == "1" and
         {"EVENKEEL_REASON", "EVENKEEL_GAP"} <= entry.keys(), entry),
        ("and explains it", "Subject: A vCPU was moved" in told(text, "EXPLAINED"), told(text, "EXPLAINED")),
        ("steps of the clock are nothing to it", told(text, "CLOCK") == ["forward", "back"] and again("clock") == 0,
         (told(text, "CLOCK"), said("AGAIN", "clock"))),
        ("killed, it comes back", again("killed") == 1 and said("KILLED").startswith("active "), said("KILLED")),
        ("stuck, the watchdog brings it back once", again("stuck") == 1, said("STUCK")),
        ("with its pauses", any("paused: guest2" in line for line in told(text, "STUCKSTATUS")), told(text, "STUCKSTATUS")),
        ("it goes on with another libvirtd", " hold-" in said("LIBVIRTD"), said("LIBVIRTD")),
        ("pins stay", pins("after") == "0 1", pins("after")),
        ("both stop", ["STOPPED", "success", "success"] in lines, [line for line in lines if line[:1] == ["STOPPED"]]),
        ("what was found is put back after all that", pins("restored") == "0 0", pins("restored")),
    ]
    return judge(text, expectations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
