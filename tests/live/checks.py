# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations with figures: each is printed as it is settled, and all are counted at the end."""

import contextlib
import time
import traceback


class Checks:
    def __init__(self, second_chance=False):
        self.second_chance = second_chance
        self.start_s = time.monotonic()
        self.passed = 0
        self.failed = []
        self.cases = {}
        self.name = ""
        self.again = []

    def case(self, name, about):
        self.name = name
        self.cases[name] = []
        print(f"\n--- {name}: {about} [{time.monotonic() - self.start_s:.0f} s]", flush=True)

    def that(self, what, holds, figure=""):
        self.cases[self.name].append(bool(holds))
        if holds:
            self.passed += 1
        else:
            self.failed.append(f"{self.name}: {what} {figure}")
        print(f"  {'won ' if holds else 'LOST'}  {what}  {figure}", flush=True)
        return holds

    @contextlib.contextmanager
    def surviving(self):
        """A case that cannot be played to its end is lost; the next ones go on."""
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            self.that("played to its end", False, str(error))

    def play(self, run, *arguments):
        """Runs one case. With a second chance a lost one is played once more, aloud, and that counts:
        a machine that has other things to do can lose a case for the program."""
        passed, failed = self.passed, len(self.failed)
        with self.surviving():
            run(*arguments)
        if len(self.failed) == failed or not self.second_chance:
            return
        self.note("lost: played once more, and that counts")
        self.again.append(self.name)
        self.passed = passed
        del self.failed[failed:]
        with self.surviving():
            run(*arguments)

    def note(self, text):
        print(f"  {text}", flush=True)

    def end(self):
        """The closing lines; returns the exit status."""
        print(f"\n{time.monotonic() - self.start_s:.0f} s in all")
        for name, results in self.cases.items():
            print(f"{'WON ' if all(results) else 'LOST'}  {name}: {sum(results)} of {len(results)}")
        for line in self.failed:
            print(f"LOST  {line}")
        if self.again:
            print(f"played twice: {', '.join(self.again)}")
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed else 0
