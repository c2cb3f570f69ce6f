# SPDX-License-Identifier: GPL-3.0-or-later
"""What stays of a case: what the observer saw as a page, because people judge balance and gradual steps by
looking, and all that the program said."""

import json
import os
import re
import shutil
import subprocess
import time


class Picture:
    """Pages are made by evenkeelctl report, from figures of the form that the history has."""

    def __init__(self, build):
        self.folder = os.path.join(build, "live-out")
        self.client = os.path.join(build, "evenkeelctl")
        os.makedirs(self.folder, exist_ok=True)

    def _stem(self, title):
        return os.path.join(self.folder, re.sub(r"[^a-z0-9]+", "-", title.lower()))

    def words(self, title, program):
        with open(self._stem(title) + ".log", "w") as file:
            file.write(program.output())
        shutil.copy(program.recording, self._stem(title) + ".rec")

    def _draw(self, title, of, names, lines):
        stem = self._stem(title)
        with open(stem + ".jsonl", "w") as file:
            head = {"t": 0, "format": "evenkeel-history", "version": 1, "of": f"history-{of}-intervals"}
            for line in (head, names, *lines):
                file.write(json.dumps(line) + "\n")
        subprocess.run([self.client, "report", stem + ".jsonl", "-o", stem + ".html", "--quiet"], check=False)

    def cpu(self, title, observer, start, end):
        began = time.time() - observer.now()
        samples = [sample for sample in observer.since(start) if sample["at"] < end]
        guests = sorted({name for sample in samples for name, _ in sample["place"]})
        lines = []
        for sample in samples:
            at = began + sample["at"]
            pins = [
                {"guest": pin["guest"], "do": "pin", "vcpu": pin["vcpu"], "from": None, "to": pin["to"], "reason": ""}
                for pin in sample["pins"]
            ]
            if pins:
                lines.append({"t": at, "verdict": "seen", "changes": pins})
            busy = [1000 * (sample["load_pct"][p] + sample["others_pct"][p]) / 100 for p in observer.online]
            others = [10 * sample["others_pct"][p] for p in observer.online]
            lines.append(
                {"t": at, "n": 1, "verdict": "seen", "sigma_pct": sample["sigma"], "load_permille": busy,
                 "background_permille": others}
            )
        names = {"t": began, "bins": [str(p) for p in observer.online], "guests": guests}
        self._draw(title, "vcpus", names, lines)

    def memory(self, title, observer, start):
        began = time.time() - observer.now()
        samples = observer.since(start)
        guests = sorted({name for sample in samples for name in sample["guests"]})
        lines = []
        for sample in samples:
            seen = [sample["guests"].get(name, (None, None)) for name in guests]
            used = [None if None in pair else pair[0] - pair[1] for pair in seen]
            lines.append(
                {"t": began + sample["at"], "n": 1, "verdict": "seen", "free_mib": sample["host_free_mib"],
                 "size_mib": [pair[0] for pair in seen], "used_mib": used}
            )
        self._draw(title, "memory", {"t": began, "bins": [], "guests": guests}, lines)
