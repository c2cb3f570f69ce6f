# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs take of each pCPU: the kernel's busy time of the pCPU less that of our threads.

The lab has a process namespace of its own, so /proc lists its processes alone and /proc/stat tells of
the whole machine. A thread's time counts where it ran last: exact where it is pinned."""

import os
import threading
import time

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def machine_busy_s():
    """Seconds each pCPU was busy so far, with whatever it was."""
    busy = {}
    with open("/proc/stat") as file:
        for line in file:
            words = line.split()
            if words[0] != "cpu" and words[0].startswith("cpu"):
                user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, words[1:9])
                busy[int(words[0][3:])] = (user + nice + system + irq + softirq + steal) / TICKS_PER_S
    return busy


def our_threads():
    """{(thread, its start): (pCPU where it ran last, seconds it ran so far)}"""
    threads = {}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/stat") as file:
                    words = file.read().rpartition(")")[2].split()
                threads[(thread, words[19])] = (int(words[36]), (int(words[11]) + int(words[12])) / TICKS_PER_S)
        except (FileNotFoundError, ProcessLookupError):
            pass  # ended meanwhile
    return threads


class Foreign:
    """Looked at again and again: how busy each pCPU was since the last look, and what of that other
    programs took, in percent."""

    def __init__(self):
        self.last = time.monotonic(), machine_busy_s(), our_threads()

    def since_last_pct(self):
        last_at, last_busy, last_threads = self.last
        at, busy, threads = self.last = time.monotonic(), machine_busy_s(), our_threads()
        spent = at - last_at
        ran = {pcpu: busy[pcpu] - last_busy.get(pcpu, 0.0) for pcpu in busy}
        foreign = dict(ran)
        for key, (pcpu, ran_s) in threads.items():
            foreign[pcpu] -= ran_s - last_threads.get(key, (pcpu, 0.0))[1]
        return tuple({pcpu: s / spent * 100 for pcpu, s in times.items()} for times in (ran, foreign))


class Watch(threading.Thread):
    """Looks at the machine once a second, whatever is played on it. A second is disturbed where other
    programs wanted more than there was: they ran, and next to nothing of the machine was left over.
    What they take of time that nobody wants disturbs little, for the guests go first."""

    RAN_PCT = 15  # of a pCPU, all of them together
    LEFT_PCT = 5  # of each pCPU, on average
    BEARABLE = 1 / 3  # of the seconds

    def __init__(self):
        super().__init__(daemon=True)
        self.foreign = Foreign()
        self.seconds = []  # whether disturbed

    def run(self):
        while True:
            time.sleep(1)
            busy, foreign = self.foreign.since_last_pct()
            left = 100 - sum(busy.values()) / len(busy)
            self.seconds.append(sum(foreign.values()) > self.RAN_PCT and left < self.LEFT_PCT)

    def now(self):
        return len(self.seconds)

    def disturbed(self, since):
        """(disturbed seconds, all seconds) since then."""
        seconds = self.seconds[since:]
        return sum(seconds), len(seconds)

    def is_beyond_judgement(self, since):
        disturbed, seconds = self.disturbed(since)
        return disturbed > seconds * self.BEARABLE
