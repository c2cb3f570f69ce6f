/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_RULES_H
#define EVENKEEL_MODELS_PLACEMENT_RULES_H

#include <stdint.h>

#include "models/base/arena.h"
#include "models/placement/problem.h"

/* The hard rules of a problem (problem.h) by whatever items an instance has: what each takes of the
 * resources, what bins have, and the sets in which an item must be apart. */
struct rules {
    int n_rooms;
    int *size; /* [n * n_rooms] */
    int *room; /* [m * n_rooms] beside items that are not among these */
    int n_sets;
    int *first; /* [n + 1] the sets of item i are set[first[i] ...] */
    int *set;
};

static inline bool placement_has_rules(const struct placement_problem *problem)
{
    return problem->n_rooms > 0 || problem->n_apart > 0;
}
/* Whether an item can be the reason why a placement breaks a rule. */
bool rules_bind(const struct placement_problem *problem, size_t item);

/* 0, -EINVAL or -ENOMEM. Part of placement_problem_check(). */
int rules_check(const struct placement_problem *problem);

/* How often a placement [n_items] breaks them: a bin too full of a resource, an item of a set beside
 * another one. A bin of -1 counts nowhere. 0 or -ENOMEM. */
int rules_breaches(const struct placement_problem *problem, const int *bin_of, size_t *ret);

/* The items id [n]; all others take nothing and are in no set. 0 or -ENOMEM; memory of the arena. */
int rules_new(const struct placement_problem *problem, const int *id, int n, struct arena *arena,
              struct rules *ret);
/* Those of `from` that are kept; the others stay in their bins. 0 or -ENOMEM. */
int rules_reduce(const struct rules *from, int n, int m, const bool *kept, const int *bin,
                 struct arena *arena, struct rules *ret);

static inline bool rules_are_none(const struct rules *rules)
{
    return rules->n_rooms == 0 && rules->n_sets == 0;
}
static inline int rules_size(const struct rules *rules, int i, int resource)
{
    return rules->size[(int64_t)i * rules->n_rooms + resource];
}
static inline int rules_room(const struct rules *rules, int p, int resource)
{
    return rules->room[(int64_t)p * rules->n_rooms + resource];
}
/* Whether two items have to be apart. */
bool rules_are_apart(const struct rules *rules, int i, int j);
/* Whether a bin can hold these items together. */
bool rules_hold(const struct rules *rules, int p, const int *items, int n_items);

#endif
