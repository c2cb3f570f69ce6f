/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PERSISTENCE_H
#define EVENKEEL_PLANNER_VCPU_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>

/* How the demands of this host's vCPUs behave, learnt from all of them together. Two questions
 * decide how far one sample may be trusted. How much of a deviation from the mean is still there in
 * the next two intervals? Does a demand that jumped stay where it went? Until enough has been seen,
 * a plan expects that nothing of a deviation stays, and that a jump does not last. Start from
 * {0}. */
struct vcpu_persistence {
    /* Sums over deviations from the mean: x times the mean of the two that followed it, x^2, x^4.
     * Each sum loses half of its weight in 23 intervals. */
    double products, squares, fourths;
    double changes; /* sum of half the squared changes from one observation to the next, likewise */
    /* Votes on jumps, at most one in each interval. Both lose half of their weight in 69 votes. */
    double lasted, returned;
};

/* One more interval begins: what was learnt about deviations counts a little less. */
void vcpu_persistence_fade(struct vcpu_persistence *persistence);

/* Takes one vCPU's deviation: it was `off` its mean, and in the two intervals that followed `next`
 * and `after` off the same mean. All three were within its noise. */
void vcpu_persistence_deviation(struct vcpu_persistence *persistence, double off, double next,
                                double after);

/* Takes the jumps that were judged in this interval: so many of all lasted. Together they are one
 * vote, because guests that change at once do so for one reason. */
void vcpu_persistence_jumps(struct vcpu_persistence *persistence, size_t lasted, size_t all);

/* The share, 0..1, of a deviation that is expected to be there still in the next two intervals. A
 * plan that is made for it has to earn its price in about that time.
 *
 * It is the least-squares slope of what followed on what was, products / squares, less the slope's
 * error. Nothing is assumed about the cause. Noise that is new each time gives 0, and so do loads
 * that swing back. Large deviations weigh more than small ones, so the sums are worth n = squares^2
 * / fourths deviations of equal size. The error is 1 / sqrt(n), which is 1.7 standard errors where
 * the noise is normal. */
double vcpu_persistence_follow(const struct vcpu_persistence *persistence);

/* How much further demands stray from their mean than their changes from one interval to the next
 * tell: a factor, 1..2.5. It is 1 where noise is new each time. */
double vcpu_persistence_spread(const struct vcpu_persistence *persistence);

/* Whether two of three jumps last, so that a plan need not be worth it twice. The count starts with
 * two jumps that did not last. */
bool vcpu_persistence_has_lasting_jumps(const struct vcpu_persistence *persistence);

#endif
