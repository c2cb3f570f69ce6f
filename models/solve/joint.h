/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_JOINT_H
#define EVENKEEL_MODELS_SOLVE_JOINT_H

#include "models/bound/bin_sets.h"
#include "models/solve/enumeration.h"

/* What the bins of a set pay at least together. At any duals a bin pays no less than its least
 * value. But where items may run nowhere else, the patterns with the least values do not fit each
 * other: each of these items has to be in exactly one pattern of the set, and no item in two. So the
 * patterns of these few bins are listed and combined exactly. What that costs more than the sum of
 * the least values, the other bins cannot spend (README.md, "Enumeration"). */
struct joint {
    const struct bin_set *set;
    const struct enumeration *enumeration; /* with duals, limits and filters for the set's bins */
    int64_t most;                          /* whether it is more than this is all that matters */
};

/* No bound: telling would be too much work. */
#define JOINT_UNKNOWN INT64_MIN

/* The least sum of the values of the set's bins over windows 0 .. enumeration->top; more than
 * joint->most where there is none within it. JOINT_UNKNOWN is no error. 0 or -ENOMEM. */
int joint_least(const struct joint *joint, int64_t *ret);

#endif
