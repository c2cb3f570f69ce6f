/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_WALK_TABLES_H
#define EVENKEEL_MODELS_SOLVE_WALK_TABLES_H

#include "models/bound/pricing.h"

/* What the rest of a pattern is at least, for every prefix of the items that are still to be chosen among
 * and every load that they have to make up: what it costs at the duals, and, where room is hard, how much
 * of the first resource it takes. The second is in units rounded down, as is what a bin has left, so what
 * fits, fits in units too. */
struct walk_tables {
    const struct instance *in;
    int cells;
    int32_t *pool, *kept; /* [n + 1][cells], [own + 1][cells] costs: entrants, own items */
    int32_t *pool_lightest, *lightest; /* the same of sizes; NULL: no room is hard */
    int32_t *enter;                    /* [n] what entering costs the entrant */
    uint8_t *taken;                    /* [cells] scratch */
    int unit;                          /* of sizes */
};

/* 0 or -ENOMEM; memory of the arena. cells: one more than the largest load. */
int walk_tables_new(const struct instance *in, int cells, struct arena *arena,
                    struct walk_tables *ret);
/* The pool: entrants [n_entrants] of a class. */
void walk_tables_enter(struct walk_tables *tables, const int *duals, int kind, const int *entrants,
                       int n_entrants);
/* A bin's own items; how many. */
int walk_tables_keep(struct walk_tables *tables, const int *duals, int bin);

static inline int32_t *walk_row(int32_t *table, int cells, int k)
{
    return table + (int64_t)k * cells;
}

#endif
