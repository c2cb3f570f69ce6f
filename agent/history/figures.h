/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_FIGURES_H
#define EVENKEEL_AGENT_HISTORY_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an interval was in figures, or the mean of several. */

/* Who the figures are of, as a line of JSON: {"t": .., "bins": ["0", ..], "guests": ["web", ..]}, and of vCPUs
 * how many each guest has, "vcpus": [2, ..]. It is written where it changes, and the lines after it are in its order. Shared by counting. */
struct names {
    size_t refs;
    uint64_t hash; /* of what is in it */
    char *line;
    size_t n_bytes;
};
void names_free(struct names *names); /* one reference; NULL is none */

enum { HOST_FIGURES = 7, BIN_FIGURES = 3, GUEST_FIGURES = 4 };
/* What a column is called in a line, and the digits behind its point. NULL ends a list. */
struct column {
    const char *name;
    int digits;
    bool is_brief; /* of intervals alone: minutes go without */
};

struct figures {
    const struct column *host, *bin, *guest; /* of which program */
    int64_t t_s;                             /* the wall clock's */
    size_t n;                                /* intervals in it */
    const char *verdict;                     /* the last one's */
    struct names *names;
    size_t n_bins, n_guests;
    /* Sums, and of how many intervals: what is not known in one is left out of its mean.
     * [HOST_FIGURES + n_bins * BIN_FIGURES + n_guests * GUEST_FIGURES] */
    double *sum;
    unsigned *count;
};
/* Room for them, all unknown, of n_bins and n_guests. 0 or -ENOMEM. */
int figures_new(size_t n_bins, size_t n_guests, struct figures *ret);
void figures_done(struct figures *figures);
/* One value as it is known; NAN is none. At these places: */
void figures_set(struct figures *figures, size_t place, double value);
static inline size_t figures_bin(size_t bin)
{
    return HOST_FIGURES + bin * BIN_FIGURES;
}
static inline size_t figures_guest(const struct figures *figures, size_t guest)
{
    return figures_bin(figures->n_bins) + guest * GUEST_FIGURES;
}

/* Adds an interval to a sum. Where guests or bins are others now, the sum begins anew. 0 or -ENOMEM. */
int figures_add(struct figures *sum, const struct figures *more);
/* The means as a line of JSON with its newline, malloc'ed, for the instant t_s, with what is brief or
 * without; NULL without memory. */
char *figures_line(const struct figures *figures, int64_t t_s, bool has_brief);

#endif
