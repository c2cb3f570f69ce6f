/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_ASSIGNMENT_H
#define EVENKEEL_MODELS_SEARCH_ASSIGNMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/whole.h"
#include "models/placement/instance.h"
#include "models/search/fitting.h"

/* A complete placement that a search changes exchange by exchange. Loads are kept as errors
 * (fair_share.h), so that one exchange is one addition per bin. */
struct assignment {
    const struct instance *in;
    int *bin;        /* [n] */
    int64_t *error;  /* [m] */
    int64_t *excess; /* [m] what the cut takes from the items there */
    int *members;    /* [groups * m] of each group in each bin */
    int *together;   /* [m] charges for groups (groups.h), in times together_cost */
    int64_t *step; /* [n] what the item adds to its bin's error, per unit; shared, never changed */
    int *first, *next, *before; /* the items of a bin as a list; -1 ends it */
    int64_t cost;
    struct fitting fitting;
};

/* Floating items start in the allowed bin with the most room left, heaviest first, and those whose home
 * is dear in the roomiest of the cheapest; everybody else starts at home, whether that keeps the hard rules
 * or not. 0 or -ENOMEM; the memory is the arena's. */
int assignment_new(const struct instance *in, struct arena *arena, struct assignment *ret);
/* Sorts items [n]: the heaviest first, alike ones by number. 0 or -ENOMEM. */
int assignment_sort_heaviest(const struct instance *in, int *items, int n);
void assignment_set(struct assignment *placement, const int *bin);
/* The same; the bins' lists begin with the heaviest. 0 or -ENOMEM. */
int assignment_set_heaviest_first(struct assignment *placement, const int *bin);
void assignment_copy(const struct assignment *from, struct assignment *to);
void assignment_move(struct assignment *placement, int i, int q);
/* F of instance.h. */
int64_t assignment_objective(const struct assignment *placement);
double assignment_squares(const struct assignment *placement);
/* Load of a bin, and how far it is above (below: negative) what it can hold, both in permille. */
int64_t assignment_load(const struct assignment *placement, int p);
int64_t assignment_overload(const struct assignment *placement, int p);

/* By how much an item changes the charges for groups where it goes from p to q. */
static inline int assignment_apart(const struct assignment *placement, int i, int p, int q)
{
    const struct groups *groups = &placement->in->balance->groups;
    int g = placement->in->group[i];
    const int *members;

    if (g < 0)
        return 0;
    members = placement->members + (int64_t)g * placement->in->m;
    return groups_enter(groups, g, members[q]) - groups_enter(groups, g, members[p] - 1);
}

/* One exchange: i leaves p for q, j leaves q for p; either may be -1 (nobody). */
struct exchange {
    int p, q, i, j;
    int64_t step; /* what p's error loses and q's gains, per unit */
    int64_t cost; /* by how much it raises the cost */
};
/* By how much it changes the sum of squares, given the errors of p and q before:
 * (p - s)^2 + (q + s)^2 - p^2 - q^2, s in each one's unit. */
static inline double exchange_squares(const struct balance *balance, const struct exchange *e,
                                      int64_t error_p, int64_t error_q)
{
    int64_t p = balance->unit[e->p], q = balance->unit[e->q];

    if (p == 1 && q == 1)
        return 2 * (double)e->step * (double)(e->step - error_p + error_q);
    return (double)p * (double)e->step * (double)(p * e->step - 2 * error_p) +
           (double)q * (double)e->step * (double)(q * e->step + 2 * error_q);
}
void assignment_apply(struct assignment *placement, const struct exchange *exchange);

/* The three bins with the largest deviations above the instance's least_deviation; where there are
 * fewer, -1 with that. */
struct extremes {
    int bin[3];
    int64_t deviation[3];
};
void assignment_extremes(const struct assignment *placement, struct extremes *ret);

/* The bins in order of falling deviation: the one after `last`, whose deviation is *deviation; -1
 * starts and ends. */
int assignment_next_worst(const struct assignment *placement, int64_t *deviation, int last);

/* The largest deviation outside two bins, from the three extremes. */
static inline int64_t assignment_outside(const struct extremes *extremes, int p, int q)
{
    for (int k = 0; k < 3; k++)
        if (extremes->bin[k] != p && extremes->bin[k] != q)
            return extremes->deviation[k];
    return 0;
}

static inline int64_t assignment_move_cost(const struct assignment *placement, int i, int from,
                                           int to)
{
    return instance_price(placement->in, i, to) - instance_price(placement->in, i, from);
}

static inline bool assignment_may_enter(const struct assignment *placement, int i, int p)
{
    return instance_price(placement->in, i, p) != INSTANCE_FORBIDDEN;
}

/* Whether it may go there alone, by the hard rules too. */
static inline bool assignment_may_move(const struct assignment *placement, int i, int q)
{
    return assignment_may_enter(placement, i, q) &&
           fitting_allows(&placement->fitting, placement->bin[i], q, i, -1);
}

/* Shows every allowed exchange between p and q to visit, of the first `most` items of each. Inline,
 * so that a constant visit is too: this is the inner loop of each local search. Returns the number of
 * exchanges. */
static inline int64_t assignment_scan(const struct assignment *placement, int p, int q, int most,
                                      void *arg,
                                      void (*visit)(void *arg, const struct exchange *exchange))
{
    int64_t count = 0;
    int i = -1, left = most;

    do {
        struct exchange e = {.p = p, .q = q, .i = i, .j = -1};
        bool moves = i >= 0;

        if (!moves || assignment_may_enter(placement, i, q)) {
            int64_t step = moves ? placement->step[i] : 0;
            int64_t cost = moves ? assignment_move_cost(placement, i, p, q) : 0;

            if (moves) {
                e.step = step;
                e.cost = cost;
                if (fitting_allows(&placement->fitting, p, q, i, -1))
                    visit(arg, &e);
                count++;
            }
            for (int j = placement->first[q], k = most; j >= 0 && k > 0;
                 j = placement->next[j], k--) {
                if (!assignment_may_enter(placement, j, p))
                    continue;
                e.j = j;
                e.step = step - placement->step[j];
                e.cost = cost + assignment_move_cost(placement, j, q, p);
                if (fitting_allows(&placement->fitting, p, q, i, j))
                    visit(arg, &e);
                count++;
            }
        }
        i = moves ? placement->next[i] : placement->first[p];
    } while (i >= 0 && left-- > 0);
    return count;
}

#endif
