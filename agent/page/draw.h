/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_DRAW_H
#define EVENKEEL_AGENT_PAGE_DRAW_H

#include <stdio.h>

#include "agent/page/run.h"

/* Pictures as inline SVG. They stretch to the width that there is, so all words stand beside them. */

/* What a strip's colour says, from nothing on. */
struct scale {
    const char *letter;   /* of the classes: l0, l1, ... */
    const double *limits; /* ascending: class i + 1 begins at limits[i] */
    size_t n;
    const char *const *words; /* of classes 1 to n, for the legend */
};
extern const struct scale scale_load, scale_waiting, scale_verdict;

/* A line of text about instants, and where it stands. */
struct mark {
    size_t row, column;
    const struct run_change *change;
};

/* A row: its name, a strip of columns in colours, and a figure. marks are those of the row, by column. */
struct strip {
    const char *name, *figure;
    const double *values; /* [n], NAN: nothing is known */
    const struct mark *marks;
    size_t n_marks;
};
void draw_strip(FILE *out, const struct run *run, const struct scale *scale,
                const struct strip *strip);
void draw_legend(FILE *out, const struct scale *scale);
/* Times below a row or a chart. */
void draw_times(FILE *out, const struct run *run, const char *class_name);

/* A line of means, with a band from least to most where has_band. */
struct curve {
    const char *name;
    const struct cell *cells; /* NULL: it is left out */
    int colour;               /* 0 to 7 */
    bool has_band, is_dashed;
};
/* Curves over the same scale from 0 to what is needed, with words beside. */
void draw_chart(FILE *out, const struct run *run, const char *title, const char *unit,
                const struct curve *curves, size_t n);
/* The same without words and less exact, for a tile; four curves at most. */
void draw_small(FILE *out, const struct run *run, const struct curve *curves, size_t n);

/* An instant as people read it, as exact as a column of this run. Returns ret. */
const char *draw_time(const struct run *run, double t_s, char *ret, size_t size);

#endif
