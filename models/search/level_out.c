/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/level_out.h"

/* Exchanges per item, as in polish.c. */
enum { STEPS_PER_ITEM = 6 };

/* The best exchange between p and q so far. */
struct descent {
    const struct assignment *now;
    int64_t error_p, error_q;
    double best_squares;
    struct exchange best;
    bool found;
    bool same_cost;
};

static bool is_same_cost(const struct assignment *now, const struct exchange *e)
{
    return (e->i < 0 || assignment_move_cost(now, e->i, e->p, e->q) == 0) &&
           (e->j < 0 || assignment_move_cost(now, e->j, e->q, e->p) == 0);
}

static void consider_free(void *arg, const struct exchange *e)
{
    struct descent *d = arg;
    double squares;

    if (e->cost > 0 || (d->same_cost && !is_same_cost(d->now, e)))
        return;
    squares = exchange_squares(d->now->in->balance, e, d->error_p, d->error_q);
    if (squares < d->best_squares - 0.5) {
        d->best_squares = squares;
        d->best = *e;
        d->found = true;
    }
}

void level_out(struct search_state *search, bool same_cost)
{
    struct assignment *now = &search->now;

    for (int step = 0; step < STEPS_PER_ITEM * search->in->n; step++) {
        struct descent d = {.now = now, .same_cost = same_cost};
        int64_t deviation = 0;

        for (int p = assignment_next_worst(now, &deviation, -1); p >= 0 && !d.found;
             p = assignment_next_worst(now, &deviation, p)) {
            d.error_p = now->error[p];
            for (int q = 0; q < search->in->m; q++) {
                if (q == p)
                    continue;
                d.error_q = now->error[q];
                search_state_count(
                    search, assignment_scan(now, p, q, search->most_looks, &d, consider_free));
            }
        }
        if (!d.found || work_exhausted(search->work))
            return;
        assignment_apply(now, &d.best);
    }
}
