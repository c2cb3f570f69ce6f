# SPDX-License-Identifier: GPL-3.0-or-later
"""What stays of a case: its picture through gnuplot, because people judge balance and gradual steps by
looking, and all that the program said."""

import os
import re
import shutil
import subprocess


class Picture:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.gnuplot = shutil.which("gnuplot")

    def _stem(self, title):
        return os.path.join(self.folder, re.sub(r"[^a-z0-9]+", "-", title.lower()))

    def words(self, title, program):
        with open(self._stem(title) + ".log", "w") as file:
            file.write(program.output())
        shutil.copy(program.recording, self._stem(title) + ".rec")

    def _draw(self, title, ylabel, columns, rows, marks=()):
        """columns: titles of rows[i][1:]; marks: (x, y) points."""
        if not self.gnuplot:
            return
        stem = self._stem(title)
        with open(stem + ".dat", "w") as file:
            for row in rows:
                file.write(" ".join("nan" if v is None else f"{v:.3f}" for v in row) + "\n")
            file.write("\n\n")
            for x, y in marks or [(float("nan"), float("nan"))]:
                file.write(f"{x:.3f} {y:.3f}\n")
        plots = [
            f"'{stem}.dat' index 0 using 1:{i + 2} with lines lw 2 title '{name}'"
            for i, name in enumerate(columns)
        ]
        if marks:
            plots.append(f"'{stem}.dat' index 1 using 1:2 with points pt 7 ps 0.8 title 'pin'")
        script = (
            f"set terminal svg size 900,420 dynamic background 'white'\nset output '{stem}.svg'\n"
            f"set title '{title}' noenhanced\nset xlabel 'seconds'\nset ylabel '{ylabel}'\n"
            f"set yrange [0:*]\nset grid\nset key outside noenhanced\nplot {', '.join(plots)}\n"
        )
        subprocess.run([self.gnuplot], input=script, text=True, check=False)

    def cpu(self, title, observer, start, end):
        samples = [sample for sample in observer.since(start) if sample["at"] < end]
        rows = [[s["at"] - start, *(s["load_pct"][p] for p in observer.online)] for s in samples]
        marks = []
        for sample in samples:
            for pin in sample["pins"]:
                if pin["to"].isdigit():
                    marks.append((pin["at"] - start, sample["load_pct"][int(pin["to"])]))
        self._draw(title, "load, % of a pCPU", [f"pCPU {p}" for p in observer.online], rows, marks)

    def memory(self, title, observer, start):
        samples = observer.since(start)
        names = sorted(samples[-1]["guests"])
        rows = []
        for sample in samples:
            pairs = [sample["guests"].get(name, (None, None)) for name in names]
            rows.append([sample["at"] - start, *(value for pair in pairs for value in pair)])
        self._draw(title, "MiB", [f"{n} {what}" for n in names for what in ("actual", "unused")], rows)
