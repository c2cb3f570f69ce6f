/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_JOB_H
#define EVENKEEL_AGENT_ONE_JOB_H

/* What oned asks a scheduler for: to even out a cluster, or to find places for VMs that have none. */
enum one_job { ONE_OPTIMIZE, ONE_PLACE };

#endif
