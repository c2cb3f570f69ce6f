/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/resplit.h"

#include "models/base/whole.h"

/* Items of a pair (2^12 ways to share them out) and steps for each bin. On bench_plan at 64x16 half
 * the items find plans of the same F with one cell in a hundred less; half the steps find the same
 * plans. */
enum { MAX_ITEMS = 12, STEPS_PER_BIN = 8 };

/* What two bins carry that may run in either, and how it is shared out: bit k says that item k is
 * in p. */
struct split {
    int p, q, n;
    int items[MAX_ITEMS];
    unsigned now, best;
    int64_t worst; /* |error(p) - error(q)|: their sum is fixed, so this orders the splits */
    int64_t gain;
};

static void collect(const struct assignment *now, struct split *split, int bin, bool same_cost)
{
    int other = bin == split->p ? split->q : split->p;

    for (int i = now->first[bin]; i >= 0 && split->n < MAX_ITEMS; i = now->next[i]) {
        /* what would cost to move cannot be part of a free exchange of few */
        if (!assignment_may_enter(now, i, other) || assignment_move_cost(now, i, bin, other) > 0 ||
            (same_cost && assignment_move_cost(now, i, bin, other) < 0))
            continue;
        split->now |= (bin == split->p ? 1u : 0u) << split->n;
        split->items[split->n++] = i;
    }
}

/* Whether both bins keep the hard rules when the items are shared out like this. */
static bool fits(struct assignment *now, const struct split *split, unsigned at)
{
    struct fitting *fitting = &now->fitting;
    bool is_kept = true;

    for (int k = 0; k < split->n && fitting->rules; k++)
        if ((at ^ split->now) >> k & 1) {
            fitting_count(fitting, split->items[k], now->bin[split->items[k]], -1);
            fitting_count(fitting, split->items[k], at >> k & 1 ? split->p : split->q, 1);
        }
    is_kept = fitting_is_kept(fitting);
    for (int k = 0; k < split->n && fitting->rules; k++)
        if ((at ^ split->now) >> k & 1) {
            fitting_count(fitting, split->items[k], at >> k & 1 ? split->p : split->q, -1);
            fitting_count(fitting, split->items[k], now->bin[split->items[k]], 1);
        }
    return is_kept;
}

/* All ways to share out, one item changing sides at a time (Gray code). */
static void share_out(struct search_state *search, struct split *split)
{
    struct assignment *now = &search->now;
    const int64_t *unit = search->in->balance->unit;
    int64_t difference = now->error[split->p] - now->error[split->q], cost = 0;
    int64_t units = unit[split->p] + unit[split->q];
    unsigned at = split->now;

    split->best = split->now;
    split->worst = abs64(difference);
    split->gain = 0;
    for (unsigned k = 1; k < 1u << split->n; k++) {
        int item = __builtin_ctz(k), i = split->items[item];
        bool leaves = at >> item & 1;

        at ^= 1u << item;
        difference += leaves ? -units * now->step[i] : units * now->step[i];
        cost += leaves ? assignment_move_cost(now, i, split->p, split->q)
                       : assignment_move_cost(now, i, split->q, split->p);
        if (cost <= 0 && abs64(difference) < split->worst && fits(now, split, at)) {
            split->gain += split->worst - abs64(difference);
            split->worst = abs64(difference);
            split->best = at;
        }
    }
    search_state_count(search, INT64_C(1) << split->n);
}

static void apply(struct assignment *now, const struct split *split)
{
    for (int k = 0; k < split->n; k++)
        assignment_move(now, split->items[k], split->best >> k & 1 ? split->p : split->q);
}

/* The partner with which bin p comes off best. */
static bool resplit_bin(struct search_state *search, int p, bool same_cost)
{
    struct split best = {.gain = 0};

    for (int q = 0; q < search->in->m; q++) {
        struct split split = {.p = p, .q = q};

        if (q == p)
            continue;
        collect(&search->now, &split, p, same_cost);
        collect(&search->now, &split, q, same_cost);
        share_out(search, &split);
        if (split.gain > best.gain)
            best = split;
    }
    if (best.gain == 0)
        return false;
    apply(&search->now, &best);
    return true;
}

void resplit(struct search_state *search, bool same_cost)
{
    const struct assignment *now = &search->now;
    int left = STEPS_PER_BIN * search->in->m;
    bool again = true;

    while (again) {
        int64_t deviation = 0;

        again = false;
        for (int p = assignment_next_worst(now, &deviation, -1); p >= 0 && !again;
             p = assignment_next_worst(now, &deviation, p)) {
            if (left-- == 0 || work_exhausted(search->work))
                return;
            again = resplit_bin(search, p, same_cost);
        }
    }
}
