/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_PICTURE_H
#define EVENKEEL_TESTS_ACCEPT_PICTURE_H

#include <stdio.h>

#include "tests/accept/cpu_monitor.h"
#include "tests/accept/memory_monitor.h"

/* One gnuplot for all pictures of a run of the suite; SVG, or PNG where png. */
struct pictures {
    FILE *gnuplot;
    const char *folder;
    bool png;
};

/* 0 or -ENOENT: no gnuplot. Ignores SIGPIPE from then on. */
int pictures_open(struct pictures *pictures, const char *folder, bool png);
/* 0, or -EIO when gnuplot found something wrong. */
int pictures_close(struct pictures *pictures);

/* file: without folder and ending. */
void picture_cpu(struct pictures *pictures, const char *file, const char *title,
                 const struct cpu_record *record);
void picture_memory(struct pictures *pictures, const char *file, const char *title,
                    const struct memory_record *record);

#endif
