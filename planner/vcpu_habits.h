/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_HABITS_H
#define EVENKEEL_PLANNER_VCPU_HABITS_H

#include <stdbool.h>

/* How the demands of this host's vCPUs behave, learnt from all of them together. Two questions decide
 * how far one sample may be trusted: does what looks like noise go on into the next interval, and
 * does a demand that jumped stay where it went? Until it has seen enough the answer to both is no. */
struct vcpu_habits {
    double together; /* sum of products of successive changes, in units of their noise's variance */
    double squares;  /* sum of the squares of such changes */
    double pairs;    /* number of the products; all three forget half in 23 intervals */
    double lasted, returned; /* jumps seen; both forget half in 69 jumps */
};

/* One more interval begins: what was learnt about noise counts a little less. */
void vcpu_habits_fade(struct vcpu_habits *habits);

/* Two successive changes of one vCPU's demand, neither of which was more than noise. noise > 0: its
 * standard deviation, so that all vCPUs speak with the same weight. */
void vcpu_habits_pair(struct vcpu_habits *habits, double earlier, double later, double noise);

/* A demand jumped, and in the next interval more (lasted) or less than half of that was left. */
void vcpu_habits_jump(struct vcpu_habits *habits, bool lasted);

/* How far what looks like noise goes on into the next intervals: its autocorrelation is phi, phi^2, ...
 * Successive changes then correlate by r = (phi - 1) / 2 whatever the mean is, so 1 + 2 r estimates
 * phi without knowing the mean. The standard error is about 2 / sqrt(pairs): two of them are taken off.
 * (First-order autoregression: Box, Jenkins, Reinsel, "Time Series Analysis", chapter 3; error of a
 * correlation: Bartlett 1946.)
 *
 * The share, 0..1, of a deviation from the mean that will still be there, as the mean of the next two
 * intervals: a plan made for it has to earn its price in about that time. 0 for white noise. */
double vcpu_habits_follow(const struct vcpu_habits *habits);

/* How many times as far noise strays from its mean as its changes tell: 1 / sqrt(1 - phi), >= 1. */
double vcpu_habits_spread(const struct vcpu_habits *habits);

/* Two jumps of three last, counted from two that did not: a plan need not be seen twice. */
bool vcpu_habits_jumps_last(const struct vcpu_habits *habits);

#endif
