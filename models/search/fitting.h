/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_FITTING_H
#define EVENKEEL_MODELS_SEARCH_FITTING_H

#include "models/placement/instance.h"

/* How an assignment stands to the hard rules (rules.h). */
struct fitting {
    const struct rules *rules; /* NULL: there are none, and nothing is counted */
    int m;
    int64_t *used;   /* [m * n_rooms] */
    int *there;      /* [m * n_sets] of each set in each bin */
    int64_t clashes; /* of these, those beyond the first */
};

/* Empty. 0 or -ENOMEM; memory of the arena. */
int fitting_new(const struct instance *in, struct arena *arena, struct fitting *ret);
void fitting_clear(struct fitting *fitting);
void fitting_copy(const struct fitting *from, struct fitting *to);
/* An item enters a bin (by = 1) or leaves it (-1). */
void fitting_count(struct fitting *fitting, int i, int p, int by);
/* Whether no rule is broken. */
bool fitting_is_kept(const struct fitting *fitting);
/* What p has too much of a resource, or 0. */
int64_t fitting_excess(const struct fitting *fitting, int p, int resource);
/* Whether i may go from p to q while j goes from q to p, either -1 for nobody, without a rule being broken
 * that was not, or worse than before. */
bool fitting_may_exchange(const struct fitting *fitting, int p, int q, int i, int j);

/* By how much that changes the clashes. */
int fitting_clash_change(const struct fitting *fitting, int p, int q, int i, int j);

static inline bool fitting_allows(const struct fitting *fitting, int p, int q, int i, int j)
{
    return !fitting->rules || fitting_may_exchange(fitting, p, q, i, j);
}

#endif
