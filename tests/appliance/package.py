# SPDX-License-Identifier: GPL-3.0-or-later
"""package.py BUILD: the .deb under a real systemd, by the path of README.md: installed, looking, reporting alone,
acting, paused, upgraded, removed, purged, and removed where libvirtd is away."""

import sys

from machine import boot, judge, package_of, told


def main(build):
    files = package_of(build)
    if not files:
        print("skipped: there is no .deb as new as the build: ./bootstrap package makes it")
        return 77
    text = boot(build, "package", pcpus=2, files=files)

    def pins(when):
        return next((line[len(when) + 1:] for line in told(text, "PINS") if line.split()[0] == when), None)

    status, left = told(text, "STATUS"), told(text, "LEFT")
    expectations = [
        ("it is installed", "yes" in told(text, "INSTALLED"), told(text, "INSTALLED")),
        ("both services run", told(text, "RUNS") == ["yes"], told(text, "RUNS")),
        ("and will after a reboot", told(text, "ENABLED") == ["enabled"], told(text, "ENABLED")),
        ("nothing is changed", pins("installed") == "0 0" and "silent" in told(text, "INSTALLED"), pins("installed")),
        ("status counts who does not report", any("2 running guests are not asked" in line for line in status), status),
        ("plan says what would be done", any("guest" in line for line in told(text, "PLAN")), told(text, "PLAN")),
        ("the doctor has the command", any("virsh dommemstat" in line for line in told(text, "DOCTOR")),
         told(text, "DOCTOR")),
        ("with observe guests report", told(text, "OBSERVED") == ["reports"], told(text, "OBSERVED")),
        ("and nothing else", pins("observed") == "0 0", pins("observed")),
        ("with act it acts", told(text, "RELOADED") == ["yes"] and pins("acting") == "0 1", pins("acting")),
        ("why says why", any("pCPU" in line for line in told(text, "WHY")), told(text, "WHY")),
        ("a guest is paused", any("paused: guest1" in line for line in told(text, "PAUSED")), told(text, "PAUSED")),
        ("an upgrade restarts", told(text, "UPGRADED")[:1] == ["yes"] and told(text, "RESTARTED") == ["yes"], ""),
        ("and puts nothing back", pins("upgraded") == "0 1" and "reports" in told(text, "UPGRADED"), pins("upgraded")),
        ("configuration and pauses stay", told(text, "KEPT") == ["2"] and told(text, "PAUSES") != ["0"],
         (told(text, "KEPT"), told(text, "PAUSES"))),
        ("removed, nothing runs", told(text, "GONE") == ["inactive inactive"], told(text, "GONE")),
        ("and everything is as before", pins("removed") == "0 0" and told(text, "REMOVEDIS") == ["silent"],
         (pins("removed"), told(text, "REMOVEDIS"), told(text, "REMOVED"))),
        ("purged, nothing is left", not left, left),
        ("but the user", told(text, "USERS") == ["1"], told(text, "USERS")),
        ("without libvirtd it is removed, which is said", told(text, "WITHOUT") ==
         ["removed", "not everything was put back"] and pins("again") == "0 1", told(text, "WITHOUT")),
        ("what is owed is kept", len(told(text, "OWED")) == 1, told(text, "OWED")),
        ("installed again, it runs", told(text, "AGAIN") == ["runs"], told(text, "AGAIN")),
        ("and put back once it is installed again", pins("end") == "0 0", (pins("end"), told(text, "RELEASED"))),
    ]
    return judge(text, expectations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
