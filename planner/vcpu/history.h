/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_HISTORY_H
#define EVENKEEL_PLANNER_VCPU_HISTORY_H

#include <stdbool.h>

/* How the demand of one vCPU behaves. Real vCPUs are noisy: over 2 s a relative standard deviation of
 * 1 to 2 is common, over a minute it is a fifth to a half. So what is known of a vCPU that wanders is
 * its mean, and how much of a deviation from it is still there in the next interval.
 *
 * Observations count with a half-life of 60 s, at first all alike. One beyond three standard
 * deviations is not believed yet. If the next one lies there as well, the level was left, and the
 * mean starts anew from these two; if not, it was noise like any other. Shares of a pCPU. */
struct vcpu_history {
    double n; /* observations of this level */
    double mean, variance;
    double covariance; /* of an observation and the next one */
    double off;        /* how far off the mean the last one was */
    int outside;       /* the last one lay far above (1) or below (-1) and is not counted yet */
    double waiting;    /* that one */
    double seen_s;     /* how long it has been observed */
};

/* Watched so long, a vCPU's noise and what lasts of it are known. */
static const double VCPU_HISTORY_WATCHED_S = 24;

/* The first observation, or the first after a start that says nothing of what follows. */
void vcpu_history_begin(double observed, struct vcpu_history *ret);
/* One more, after so long. old and ret may be the same. */
void vcpu_history_next(const struct vcpu_history *old, double observed, double elapsed_s,
                       struct vcpu_history *ret);

/* Whether it was watched long enough and is noisy enough to be forecast by what is known here. */
bool vcpu_history_wanders(const struct vcpu_history *history);

/* The share of a deviation from the mean that is expected to be there while a plan lasts (7 s). With
 * x(t + 1) = rho x(t) it is the mean of rho, rho^2, ...; 0 until it was watched for 24 s. */
double vcpu_history_follow(const struct vcpu_history *history, double elapsed_s);
/* What is expected on average while a plan lasts. Here rho is lowered by its standard error, so that
 * the large noise of what wanders is not followed by chance. */
double vcpu_history_forecast(const struct vcpu_history *history, double observed, double elapsed_s);
/* The standard deviation of what the correlation does not explain, and the standard error of the
 * mean. */
double vcpu_history_noise(const struct vcpu_history *history, double elapsed_s);
double vcpu_history_error(const struct vcpu_history *history, double elapsed_s);

#endif
