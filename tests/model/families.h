/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_FAMILIES_H
#define EVENKEEL_TESTS_MODEL_FAMILIES_H

#include <stdbool.h>

#include "models/placement/problem.h"
#include "tests/model/random.h"

/* Placement problems with the shapes that make it easy or hard. Bins are loaded 60 % on average and
 * vCPUs start on random bins unless the family says otherwise. Prices are 10 to 24: more for a
 * bigger vCPU. */
enum family {
    FAMILY_UNI,      /* demands uniform */
    FAMILY_EXP,      /* exponential: a few large, many small */
    FAMILY_BIM,      /* one vCPU in eight needs 70 .. 100 %, the others next to nothing */
    FAMILY_EQ,       /* all equal, as many on each bin */
    FAMILY_EQX,      /* all equal, and their number does not divide */
    FAMILY_TRI,      /* a perfect partition exists and is hidden */
    FAMILY_IMP,      /* multiples of 2 % whose sum makes a perfect partition impossible */
    FAMILY_ALL0,     /* uniform, and all start on bin 0 */
    FAMILY_NEAR,     /* was balanced; every demand has since moved by some 12 % */
    FAMILY_SPIKE,    /* was balanced; one vCPU in sixteen has since jumped or dropped */
    FAMILY_NUMA,     /* uniform on 2 or 4 nodes; half of the vCPUs may not leave their node */
    FAMILY_FEW,      /* fewer vCPUs than bins: half as many up to one less, whatever n is */
    FAMILY_TWOPER,   /* more vCPUs than bins, at most two for each, whatever n is */
    FAMILY_CONFINED, /* guests of 4 vCPUs; a third of them may only use a quarter of the bins */
    FAMILIES,
    /* not among the families that are measured together: */
    FAMILY_HOLD,   /* balanced already, nothing to do */
    FAMILY_EIGHTH, /* half of the guests may only use an eighth of the bins */
    FAMILY_OVERLAP, /* a quarter of them a quarter of the bins, another quarter half of these and others */
    FAMILY_APART,  /* two sixths of them an eighth of the bins each */
    FAMILY_BESIDE, /* a few more vCPUs than bins, and a third of the bins has other load */
    FAMILY_TRACE,  /* as recorded load is: many nearly idle, few heavy; was balanced by the means,
                   * and moves cost what the scheduler asks for where loads are that noisy */
    FAMILIES_OF_ALL
};
const char *family_name(enum family family);
/* FAMILIES when there is none of that name. */
enum family family_by_name(const char *name);

/* A problem that owns its arrays. */
struct made_problem {
    struct placement_problem problem;
    int *demand, *current, *price, *capacity, *background, *group;
    bool *allowed;
};
/* All zero, on bins of 1000, with usual weights. Aborts when there is no memory. */
struct made_problem made_problem_new(int n, int m, enum placement_objective objective);
/* The scheduler's weights where load is noisy: an average move has to save 3.5 points, and overload
 * comes first. */
void made_problem_weigh(struct made_problem *made);
/* 10 to 24, more for a bigger vCPU; 0 where it is. */
void made_problem_set_prices(struct random *random, struct made_problem *made);
/* Neighbours, so many at a time, are a group, and cost so much together. */
void made_problem_group(struct made_problem *made, int members, int together_cost);
void made_problem_done(struct made_problem *made);

/* n vCPUs (eqx: n - m / 2; few and twoper: see there) on m bins with the default weights of the
 * objective: kappa grows with the bins. Same arguments, same problem. Aborts when there is no
 * memory. */
struct made_problem family_make(enum family family, int n, int m, uint64_t seed,
                                enum placement_objective objective);

#endif
