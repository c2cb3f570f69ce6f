/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_THREADS_H
#define EVENKEEL_PLANNER_VCPU_THREADS_H

#include <stdint.h>

#include "planner/vcpu/build.h"

/* Siblings: threads that share a core get less done together than on two cores. So cores are the bins
 * of the problem, and what is on a core is divided among its threads afterwards: evenly, where each new
 * pin evens out more than noise. Two busy vCPUs share a core only where no core is free, because that is
 * a deviation of cores. The proof is of the cores; up to 12 vCPUs of a core every division is tried, and
 * more are dealt out, the heaviest first. */

/* Whether guests may use two threads of one core. */
bool threads_are_shared(const struct vcpu_sample *sample);
/* The nearest usable pCPU before this one on the same core; SIZE_MAX: none. */
size_t threads_sibling(const struct vcpu_sample *sample, size_t pcpu);

/* The first usable thread of a pCPU's core from there on, itself included; n_pcpus: no further one. */
size_t threads_of_core(const struct vcpu_sample *sample, size_t pcpu, size_t from);

/* Notes the cores on which vCPUs are so badly divided that it is worth new pins by itself. 0 or
 * -ENOMEM. */
int threads_look(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                 struct vcpu_build *build);
/* The pCPU of each item [n_items] where the items are in these bins; SIZE_MAX: in none. Cores that
 * nobody enters or leaves stay as they are, unless that is worth it. 0 or -ENOMEM. */
int threads_divide(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                   const struct vcpu_build *build, const int *bin_of, size_t *ret);

/* A thread is slower while its siblings run, so a vCPU there runs longer for the same work than alone on
 * the core (demand_at_full_rate()); plans by cores have to gain more than that is off. The rate is what is
 * left of a thread's while a sibling is as busy as they were on average where the vCPU may run; where it
 * may run on whole cores, while no core is idle. Corrects the demands [n_vcpus]. 0 or -ENOMEM. */
int threads_correct(const struct vcpu_sample *sample, const struct background *backgrounds,
                    const struct vcpu_usage *usage, struct vcpu_demand *demand);

/* Loads [n_pcpus] in permille as loads of cores: the first usable thread of each core gets what all of
 * them carry, by what they get done together, and the others get -1. */
void threads_fold(const struct vcpu_sample *sample, int64_t *load);

#endif
