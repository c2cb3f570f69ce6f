/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_COLUMNS_H
#define EVENKEEL_AGENT_PAGE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Time in a fixed number of columns, however long it lasts: where they do not suffice, two become one, and
 * each is twice as long from then on. */
enum { MAX_COLUMNS = 480 };

struct columns {
    double start_s, width_s; /* of the first one, and of each */
    size_t n;                /* that something is in, or behind which something is */
};

/* The column of an instant, which is kept in *columns; what lies before the start is in the first one.
 * *ret_halvings: how often the columns of all series have to be halved before something is put there. A
 * start is set by the first instant. t_s is finite. */
size_t columns_at(struct columns *columns, double t_s, unsigned *ret_halvings);

/* Makes columns at least so wide. */
void columns_widen(struct columns *columns, double width_s, unsigned *ret_halvings);

/* What one value was in one column. */
struct cell {
    float min, max;
    double sum;
    unsigned n; /* 0: it is not known */
};
/* Adds a value to a column; one that is not finite is none. */
void cell_add(struct cell *cell, double value);
void cell_join(struct cell *cell, const struct cell *more);
/* NAN where nothing is known. */
double cell_mean(const struct cell *cell);
/* Two become one, so many times; of [MAX_COLUMNS]. */
void cells_halve(struct cell *cells, unsigned halvings);
/* All of [n] as one. */
struct cell cells_all(const struct cell *cells, size_t n);

#endif
