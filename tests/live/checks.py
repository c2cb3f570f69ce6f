# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations with figures: each is printed when its case has been played, and all are counted at the
end.

A case during which other programs wanted more than the machine has is beyond judgement (foreign.py).
That is decided when it has been played and before its expectations are looked at. It is played again;
on a machine in use it is skipped after the second time, else judged after the third as if it were quiet.
"""

import time
import traceback

from foreign import Watch
from lab import Lab

SKIPPED = 77


class Disturbed(Exception):
    """A case sees for itself, before its expectations are looked at, that it is beyond judgement."""


class Checks:
    def __init__(self, in_use=False):
        self.in_use = in_use
        self.plays = 2 if in_use else 3
        self.watch = Watch()
        self.watch.start()
        self.start_s = time.monotonic()
        self.name = ""
        self.lines = []  # of the case that is being played
        self.won = {}
        self.lost = {}
        self.skipped = {}
        self.again = []

    def case(self, name, about):
        self.name = name
        self.lines = []
        print(f"\n--- {name}: {about} [{time.monotonic() - self.start_s:.0f} s]", flush=True)

    def that(self, what, holds, figure=""):
        self.lines.append((bool(holds), f"{what}  {figure}"))
        return holds

    def note(self, text):
        print(f"  {text}", flush=True)

    def is_lost(self):
        """Of the case as it was played last."""
        return not all(holds for holds, _ in self.lines)

    def play(self, run, *arguments):
        """Plays a case until it can be judged. On a machine in use a lost one is played once more, aloud,
        and that counts: not all that other programs do is seen in the kernel's times."""
        for left in range(self.plays - 1, -1, -1):
            reason = self._run(run, arguments)
            if reason and (left or self.in_use):
                self.note(f"{reason}: not judged{', played again' if left else ''}")
                if not left:
                    self.skipped[self.name] = reason
                continue
            self._print()
            if self.is_lost() and left and self.in_use:
                self.note("lost: played once more, and that counts")
                self.again.append(self.name)
                continue
            self._count()
            return

    def play_once(self, run, *arguments):
        """Plays a case whose expectations other programs do not spoil, and that is too long to repeat."""
        self._run(run, arguments)
        self._print()
        self._count()

    def _run(self, run, arguments):
        """Why the case is beyond judgement, None if it is not. One that cannot be played to its end is
        lost; the next ones go on."""
        since = self.watch.now()
        reason = None
        try:
            run(*arguments)
        except Disturbed as disturbed:
            reason = str(disturbed)
            self.that("it can be judged", False, reason)
        except Exception as error:
            traceback.print_exc()
            self.that("played to its end", False, str(error))
        if self.watch.is_beyond_judgement(since):
            disturbed, seconds = self.watch.disturbed(since)
            reason = f"other programs wanted more than there was in {disturbed} of {seconds} seconds"
        return reason

    def _print(self):
        for holds, text in self.lines:
            print(f"  {'won ' if holds else 'LOST'}  {text}", flush=True)

    def _count(self):
        self.won[self.name] = sum(holds for holds, _ in self.lines)
        self.lost[self.name] = [text for holds, text in self.lines if not holds]

    def prepare(self, what, *arguments):
        """Runs what all cases need. False where that failed on a machine too busy for it."""
        since = self.watch.now()
        try:
            what(*arguments)
        except Exception as error:
            if not (self.in_use and self.watch.is_beyond_judgement(since)):
                raise
            print(f"skipped: all: {error}; other programs wanted more than the machine has", flush=True)
            return False
        return True

    def end(self):
        """The closing lines; returns the exit status."""
        print(f"\n{time.monotonic() - self.start_s:.0f} s in all")
        for name, won in self.won.items():
            lost = len(self.lost[name])
            print(f"{'LOST' if lost else 'WON '}  {name}: {won} of {won + lost}")
        for name, lines in self.lost.items():
            for line in lines:
                print(f"LOST  {name}: {line}")
        for name, reason in self.skipped.items():
            print(f"skipped: {name}: {reason}")
        if self.again:
            print(f"lost once and played again: {', '.join(self.again)}")
        lost = sum(map(len, self.lost.values()))
        print(f"{sum(self.won.values())} passed, {lost} failed, {len(self.skipped)} cases skipped", flush=True)
        if lost:
            return 1
        return 0 if self.won else SKIPPED


def play_in_lab(build, arguments, play, *more, least_pcpus=2):
    """play(lab, build, checks, *more) in a lab of its own. Returns the exit status."""
    checks = Checks(in_use="--in-use" in arguments)
    with Lab() as lab:
        if lab.n_pcpus < least_pcpus:
            print("skipped: this machine has one pCPU: there is nothing to balance")
            return SKIPPED
        checks.prepare(play, lab, build, checks, *more)
    return checks.end()
