/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_CGROUP_H
#define EVENKEEL_AGENT_HOST_CGROUP_H

#include <stdbool.h>

#include "agent/host/root_file.h"

/* What the control groups above a guest allow it, on this machine: version 1 and 2 of the kernel's
 * interface (cgroup-v1/cpusets and cgroup-v2 in the kernel's documentation). Everything that
 * libvirt itself makes below the guest's own group is left aside: pins, ours among them, show
 * there. */

struct cgroup_place {
    char cpuset[ROOT_PATH_SIZE]; /* "/machine.slice/...", "" for the root, under its controller */
    char cpu[ROOT_PATH_SIZE];
    char memory[ROOT_PATH_SIZE];
};

/* Where a guest lives. Asks the process that name's pid file in /run/libvirt/qemu names; where that
 * may not be seen, looks for the group of the run's number id in partition, which is "/machine" and
 * the like from the guest's definition and may be empty. False: it is found nowhere, as where its
 * host is seen from inside a container, and nothing is known of its groups. */
bool cgroup_find(const char *root, const char *name, int id, const char *partition,
                 struct cgroup_place *ret);
/* The pCPUs that the kernel lets it run on: the effective set of the nearest group that tells one.
 * False: no group does. */
bool cgroup_cpus(const char *root, const struct cgroup_place *place, struct cpuset *ret);
/* The least quota of its group and those above, in 1/1000 of a pCPU; 0: none. */
unsigned cgroup_quota_permille(const char *root, const struct cgroup_place *place);

#endif
