/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_DEMAND_H
#define EVENKEEL_PLANNER_VCPU_DEMAND_H

#include <stdbool.h>

#include "planner/base/sample.h"
#include "planner/vcpu/background.h"
#include "planner/vcpu/delta.h"
#include "planner/vcpu/settings.h"

/* What a vCPU would use on a pCPU of its own, 0..1. Usage does not tell: on a full pCPU it shows
 * the share that a vCPU got, and four busy vCPUs look like four light ones.
 *
 * With run delay it can be computed. A program that computes and sleeps by turns runs a share u of
 * the time, waits a share d, and sleeps the rest; take the waiting away and it would run u of what
 * is left: u / (1 - d).
 *
 * A quota stops a vCPU as if pCPUs were full, and so does a group or a container above it that no
 * definition tells of. So waiting counts only as far as others can have been the reason: for at
 * most the part of the time not spent running in which others kept its pCPUs busy. A vCPU that
 * waited clearly longer was throttled: what it ran is all that it would run anywhere. Where busy
 * times are not told, those others are the vCPUs pinned there and a little more. The same holds
 * below a known quota of its own or of its guest.
 *
 * Without run delay a vCPU on a full pCPU is censored: it wanted at least what it got and at most a
 * whole pCPU, and the middle of the two is taken. One that got clearly less than the largest share
 * on its pCPU slept by its own will: its usage is its demand. */
struct vcpu_demand {
    bool known;
    bool censored;  /* an estimate between least and 1 */
    bool throttled; /* stopped by something else than full pCPUs: it will not use more than least */
    double least;   /* what it got */
    double demand;  /* 0..1 */
    double activity; /* share of the time it ran or wanted to: busy although it hardly got to run */
};

double demand_from_delay(double usage, double delay);

/* Who wants so much where it gets work done at a rate r (0..1) wants less where that is 1. With work S and
 * sleep Z by turns it runs u = (S / r) / (S / r + Z) of the time, and would run S / (S + Z) = u r / (u r +
 * 1 - u). With work that arrives at its own pace it would run u r. Guests do both, so the mean is taken;
 * it is up to 4 points off. */
double demand_at_full_rate(double demand, double rate);

/* One per vCPU of the sample; helpers [n_guests] are what each guest's other threads ran as a share
 * of a pCPU, backgrounds [n_pcpus] tell how busy the pCPUs were. Of the settings it heeds
 * use_delay, use_busy and use_quotas. 0 or -ENOMEM. */
int demand_estimate(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                    const struct vcpu_usage *usage, const double *helpers,
                    const struct background *backgrounds, struct vcpu_demand *ret);

/* What all vCPUs with a run delay ran, and how long they stood in line for pCPUs, in pCPUs' worth. Who
 * is throttled stands in no line, and who was moved meanwhile may have been. */
void demand_sum_waiting(const struct vcpu_usage *usage, const struct vcpu_demand *demand, size_t n,
                        double *ret_ran, double *ret_waited);

/* What a vCPU was throttled to is remembered for a minute, because it does not show while its pCPU
 * is full. Start from {0}. */
struct vcpu_cap {
    double share; /* of a pCPU */
    uint64_t until_ns;
};
/* Takes what was observed into account, and keeps the demand below the cap. */
void demand_heed_cap(uint64_t now_ns, struct vcpu_cap *cap, struct vcpu_demand *demand);

#endif
