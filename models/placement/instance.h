/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_INSTANCE_H
#define EVENKEEL_MODELS_PLACEMENT_INSTANCE_H

#include <stdint.h>

#include "models/base/arena.h"
#include "models/placement/evaluate.h"
#include "models/placement/fair_share.h"
#include "models/placement/problem.h"
#include "models/placement/rules.h"

/* A problem made ready for the search. Items that are never worth a move are left out: those
 * without demand, where they are at home, no other bin is cheaper and no hard rule is about them. Bins that look alike to every
 * item are grouped into classes. The objective is in integers (README.md, "Exact arithmetic"):
 *
 *   PLACEMENT_DEVIATION:  F = kappa * max |error| + unit * cost,      unit = scale
 *   PLACEMENT_VARIANCE:   F = sum of charges + unit * cost,           unit = price_scale
 *
 * where cost is that of the items' bins (less floor_cost), of overload, and of items of one group that
 * are together.
 *
 * Duals and everything made of them count in 1 / price_scale cost units. */
enum { INSTANCE_FORBIDDEN = -1, INSTANCE_NOWHERE = -1 };

struct instance {
    const struct placement_problem *problem;
    const struct balance *balance;
    int n, m;
    int *id;        /* [n] index in the problem */
    int *weight;    /* [n] cut demand */
    int *excess;    /* [n] what the cut takes of it (fair_share.h) */
    int *group;     /* [n] or -1 (groups.h) */
    int *crowd;     /* [n] the group where it is charged beyond the first, else -1 */
    int *by_crowd;  /* [n] all items: first those in no crowd, then crowd by crowd */
    int n_crowded;  /* the last so many of them are in one */
    bool *is_close; /* [m] two of a crowd are at home there, or one of a crowd that has few bins */
    int *home;      /* [n] current bin where allowed, else INSTANCE_NOWHERE */
    /* [n * m] of being there, in cost units; INSTANCE_FORBIDDEN where not allowed. Of an item with a
     * home it is what that bin costs more than its cheapest one. */
    int *price;
    bool has_dear_homes; /* some item has a home that is not its cheapest bin */
    int64_t floor_cost;  /* of the cheapest bins of all that have a home: F does not count it */
    int64_t unit;        /* one cost unit in F */
    int64_t kappa;       /* 0 in PLACEMENT_VARIANCE */
    int price_scale, max_price;
    int price_limit;      /* a dual beyond it could overflow a cell */
    int *own_first, *own; /* [m + 1], [n]: the items at home in p are own[own_first[p] ...] */
    int n_floating;       /* items without a home */
    /* D (in points, times the scale) is at least this: whole loads have to add up to all there is. */
    int64_t least_deviation;
    int n_classes;
    int *class_of;    /* [m] */
    int *class_price; /* [n_classes * n] what entering a bin of the class costs, or FORBIDDEN */
    struct rules rules;
    struct arena arena;
};

/* 0 or -ENOMEM. Every item has an allowed bin. The balance must outlive the instance. */
int instance_new(const struct balance *balance, struct instance *ret);
/* The same without the items that stay at home: their home's load is the balance's background, and what
 * they cost there is part of floor_cost. Every item without a home may leave; nobody is in a group. Those
 * who stay keep the hard rules. The balance must outlive the instance. 0 or -ENOMEM. */
int instance_reduce(const struct instance *from, const struct balance *balance,
                    const bool *may_leave, struct instance *ret);
void instance_done(struct instance *instance);

/* So many small items for each bin that nobody can list its patterns: duals and exchanges have to
 * do what enumeration does elsewhere, and are given more time (at half, 96 items in 16 bins would
 * be: all of these are proven without). */
enum { INSTANCE_FINE = 8 };
static inline bool instance_is_fine_grained(const struct instance *instance)
{
    return instance->n >= INSTANCE_FINE * instance->m;
}

static inline int instance_price(const struct instance *instance, int i, int p)
{
    return instance->price[(int64_t)i * instance->m + p];
}
/* What an item that has a home pays there, in 1 / price_scale. */
static inline int32_t instance_stay(const struct instance *instance, int i)
{
    return instance_price(instance, i, instance->home[i]) * instance->price_scale;
}
/* Whether some other bin costs it less than its home. */
static inline bool instance_has_dear_home(const struct instance *instance, int i)
{
    return instance->home[i] >= 0 && instance_price(instance, i, instance->home[i]) > 0;
}
static inline int64_t instance_deviation(const struct instance *instance, int p, int64_t load)
{
    return balance_deviation(instance->balance, p, load);
}

/* PLACEMENT_VARIANCE: nu times the squared deviation, rounded down to 1 / price_scale cost units;
 * PLACEMENT_DEVIATION: 0, the deviation is no bin's own affair. */
int64_t instance_square(const struct instance *instance, int64_t error);
/* What the overload of a bin with this load and excess costs, in cost units. */
static inline int64_t instance_overload(const struct instance *instance, int p, int64_t load,
                                        int64_t excess)
{
    return instance->problem->overload_cost * balance_overload(instance->balance, p, load, excess);
}
/* What is charged for groups in a bin with these items, in cost units. */
int64_t instance_together(const struct instance *instance, int p, const int *items, int n_items);
/* Square and overload, in 1 / price_scale cost units. load includes the background. */
int64_t instance_charge(const struct instance *instance, int p, int64_t load, int64_t excess);

/* From a placement of the instance's items [n] to one of all of the problem's [n_items]. */
void instance_lift(const struct instance *instance, const int *bin_of, int *ret);
/* F of a placement that is worth this, and a little more where its charges are rounded down. */
int64_t instance_objective(const struct instance *instance, const struct placement_value *value);
/* F as struct placement_solution counts: points, kappa-scaled (variance: points squared). */
double instance_points(const struct instance *instance, int64_t objective);

#endif
