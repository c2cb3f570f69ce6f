/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PERSISTENCE_H
#define EVENKEEL_PLANNER_VCPU_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>

/* How the demands of this host's vCPUs behave, learnt from all of them together. Two questions decide
 * how far one sample may be trusted: how much of a deviation from the mean is still there in the next
 * two intervals, and does a demand that jumped stay where it went? Until enough has been seen the
 * answers are: nothing of it, and no. Start from {0}. */
struct vcpu_persistence {
    /* Sums over deviations from the mean, each with the mean of the two that followed it. They forget
     * half in 23 intervals. */
    double products, squares, fourths;
    double changes;          /* sum of half the squared changes between the same observations */
    double lasted, returned; /* votes, one an interval at most; both forget half in 69 votes */
};

/* One more interval begins: what was learnt about deviations counts a little less. */
void vcpu_persistence_fade(struct vcpu_persistence *persistence);

/* A vCPU was off its mean by this much, and off the same mean by `next` and `after` in the two
 * intervals that followed. None of it was more than noise. */
void vcpu_persistence_deviation(struct vcpu_persistence *persistence, double off, double next,
                                double after);

/* Of the jumps that were judged in this interval, as many lasted. One vote for all: guests that change
 * together have seen one thing. */
void vcpu_persistence_jumps(struct vcpu_persistence *persistence, size_t lasted, size_t all);

/* The share, 0..1, of a deviation that is expected to be there still, as a mean of the next two
 * intervals: a plan made for it has to earn its price in about that time. The regression of what
 * followed on what was, less its error, and nothing assumed about why: noise that is new each time
 * gives 0, and so do loads that swing back. A deviation of twice the size weighs four times as much,
 * as it does in a pCPU's load, so squares^2 / fourths is the number of equal deviations that it all
 * amounts to, and 1 / sqrt of that the error: some 1.7 standard errors where noise is normal. */
double vcpu_persistence_follow(const struct vcpu_persistence *persistence);

/* How many times as far demands stray from their mean as their changes tell, 1..2.5. */
double vcpu_persistence_spread(const struct vcpu_persistence *persistence);

/* Two jumps of three last, counted from two that did not: a plan need not be seen twice. */
bool vcpu_persistence_has_lasting_jumps(const struct vcpu_persistence *persistence);

#endif
