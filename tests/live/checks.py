# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations with figures: each is printed as it is settled, and all are counted at the end."""

import time


class Checks:
    def __init__(self):
        self.start_s = time.monotonic()
        self.passed = 0
        self.failed = []
        self.name = ""

    def case(self, name, about):
        self.name = name
        print(f"\n--- {name}: {about} [{time.monotonic() - self.start_s:.0f} s]", flush=True)

    def that(self, what, holds, figure=""):
        if holds:
            self.passed += 1
        else:
            self.failed.append(f"{self.name}: {what} {figure}")
        print(f"  {'won ' if holds else 'LOST'}  {what}  {figure}", flush=True)
        return holds

    def note(self, text):
        print(f"  {text}", flush=True)

    def end(self):
        """The closing lines; returns the exit status."""
        print(f"\n{time.monotonic() - self.start_s:.0f} s in all")
        for line in self.failed:
            print(f"LOST  {line}")
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed else 0
