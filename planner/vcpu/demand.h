/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_DEMAND_H
#define EVENKEEL_PLANNER_VCPU_DEMAND_H

#include <stdbool.h>

#include "planner/base/sample.h"
#include "planner/vcpu/delta.h"

/* What a vCPU would use on a pCPU of its own, 0..1. Usage does not tell: on a full pCPU it shows
 * the share that a vCPU got, and four busy vCPUs look like four light ones.
 *
 * With run delay it can be computed. A program that computes and sleeps by turns runs a share u of
 * the time, waits a share d, and sleeps the rest; take the waiting away and it would run u of what
 * is left: u / (1 - d).
 *
 * Without run delay a vCPU on a full pCPU is censored: it wanted at least what it got and at most a
 * whole pCPU, and the middle of the two is taken. One that got clearly less than the largest share
 * on its pCPU slept by its own will: its usage is its demand. */
struct vcpu_demand {
    bool known;
    bool censored;   /* an estimate between least and 1 */
    double least;    /* what it got */
    double demand;   /* 0..1 */
    double activity; /* share of the time it ran or wanted to: busy although it hardly got to run */
};

double demand_from_delay(double usage, double delay);

/* One per vCPU of the sample. use_delay false: usage is believed, full pCPU or not (to show what
 * that does). 0 or -ENOMEM. */
int demand_estimate(const struct vcpu_sample *sample, const struct vcpu_usage *usage,
                    bool use_delay, struct vcpu_demand *ret);

#endif
