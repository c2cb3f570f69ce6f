/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CORE_SPEED_H
#define EVENKEEL_PLANNER_VCPU_CORE_SPEED_H

#include <stdbool.h>

#include "planner/base/sample.h"
#include "planner/vcpu/background.h"

/* Cores of several kinds, as the kernel tells of them. A vCPU's demand is seen on the pCPUs where it ran,
 * and the same work takes less of a faster one. Sets are as large as the work that they get done, so
 * above level pcpu demands are in that unit, too: shares of the fastest pCPU. At level pcpu speeds are
 * learnt from moves (speed.h). */

/* Of the fastest pCPU's, 0..1; 1: nobody tells. */
double core_speed(const struct pcpu_reading *pcpu);
/* Whether the sample's pCPUs differ. */
bool core_speed_is_mixed(const struct vcpu_sample *sample);
/* Of what a vCPU with this mask ran on: the mean of its pCPUs by how busy each was [n_pcpus], or of all
 * alike where that is not known. */
double core_speed_of_mask(const struct vcpu_sample *sample, const struct background *backgrounds,
                          const struct cpuset *mask);

#endif
