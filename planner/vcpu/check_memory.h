/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_MEMORY_H
#define EVENKEEL_PLANNER_VCPU_CHECK_MEMORY_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* The checker's own view of where guests' memory lies: from the sample's pCPUs, and nothing of
 * remote.c. */

/* That no pin leaves the nodes to which a guest's memory is bound, and that what the plan says about
 * memory is so. 0 or -EINVAL with a sentence. */
int vcpu_check_memory(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err);

/* What part of a guest's running is lost on each node of the sample [n_nodes], and of one that runs on
 * the pCPUs of a mask alike. Nothing where its memory is not known. */
void vcpu_check_memory_loss(const struct vcpu_sample *sample, const struct guest_memory *memory,
                            double *loss);
double vcpu_check_memory_loss_on(const struct vcpu_sample *sample, const double *loss,
                                 const struct cpuset *mask);

/* The part of all running that is lost to memory on other nodes with vCPUs on these sets of the plan
 * [n_places], those that float aside: in two ways. 0 or -ENOMEM. */
int vcpu_check_memory_losses(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                             const int *const place_of[2], double ret[2]);

#endif
