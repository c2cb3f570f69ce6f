/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_REMOTE_H
#define EVENKEEL_PLANNER_VCPU_REMOTE_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Guests whose memory lies on another node than their vCPUs. Whoever runs there takes longer for the
 * same work. Where nobody tells where a guest's memory is, it costs nothing anywhere. */

/* The guest's memory, or NULL: nobody tells, or the sample has no shape. */
const struct guest_memory *remote_memory_of(const struct vcpu_sample *sample,
                                            const struct guest_id *guest);

/* What part of its running is lost to memory elsewhere while it runs on a node of the sample (0 to
 * 0.3): the share of its memory on each node, times 15 % for each 10 of distance beyond local. Half of
 * that where the kernel moves the memory after it. */
double remote_loss(const struct vcpu_sample *sample, const struct guest_memory *memory,
                   size_t node);

/* Room for that on each node of the sample, which remote_losses_of() fills: 0 where nobody tells (memory
 * is NULL). free() it; NULL: out of memory. */
double *remote_losses_new(const struct vcpu_sample *sample);
void remote_losses_of(const struct vcpu_sample *sample, const struct guest_memory *memory,
                      double *loss);
/* Of a vCPU that may run on all of a mask: the mean of its pCPUs. */
double remote_loss_on(const struct vcpu_sample *sample, const double *loss,
                      const struct cpuset *mask);

/* Permille of its memory that is on other nodes than this one. */
unsigned remote_permille(const struct vcpu_sample *sample, const struct guest_memory *memory,
                         size_t node);

/* Whether its definition binds a guest's memory to other nodes than that of a pCPU. */
bool remote_is_bound_elsewhere(const struct vcpu_sample *sample, const struct guest_id *guest,
                               int pcpu);

/* The part of all running that is lost so, with vCPUs in these sets of the plan [n_places]. What floats
 * is left out of what is lost; 0 at level pcpu. 0 or -ENOMEM. */
int remote_loss_of_plan(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        const int *set_of, double *ret);
/* Fills plan->memory in. A vCPU that floats loses the mean of its pCPUs. 0 or -ENOMEM. */
int remote_of_plan(const struct vcpu_sample *sample, struct vcpu_plan *plan);

/* The node of the sample with most of it; -1: none has any. */
int remote_home(const struct vcpu_sample *sample, const struct guest_memory *memory);

#endif
