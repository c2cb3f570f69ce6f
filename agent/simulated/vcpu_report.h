/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_VCPU_REPORT_H
#define EVENKEEL_AGENT_SIMULATED_VCPU_REPORT_H

#include "agent/simulated/state.h"

/* What the simulated host tells about its pCPUs, its guests' vCPUs and their other threads at that time.
 * 0 or -ENOMEM. */
int vcpu_report_read(const struct simulated *world, uint64_t at_ns, struct vcpu_sample *ret);

#endif
