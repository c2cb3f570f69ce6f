/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_LOCAL_HOST_H
#define EVENKEEL_AGENT_HOST_LOCAL_HOST_H

#include <stdbool.h>

#include "agent/host/guest_xml.h"
#include "planner/base/sample.h"

/* What the kernel of this machine says about its pCPUs and about the control groups of guests; only
 * where the guests run on this machine. root as in root_file.h. */

/* Whether the hypervisor of this libvirt URI runs on this machine, so that its /proc is about the
 * guests' host: "qemu:///system", "qemu+unix:///session". */
bool local_host_is_meant(const char *uri);

/* Fills in busy times, and use where the kernel keeps a pCPU from general work: isolcpus= and
 * isolated partitions (the kernel's file "isolated" and cgroup v2's "cpuset.cpus.isolated"), and
 * nohz_full=. What the kernel does not tell stays as it is. */
void local_host_pcpus(const char *root, struct vcpu_sample *sample);

/* What the groups above a guest allow it. */
struct local_guest {
    bool has_pcpus;
    struct cpuset pcpus;     /* effective cpuset of its slice */
    unsigned quota_permille; /* of all its threads together; 0: none */
};
/* name and number of the guest's run, and the partition of its definition: see cgroup.h. */
void local_host_guest(const char *root, const char *name, int number, const char *partition,
                      struct local_guest *ret);
/* Where the guest's memory is, as the kernel counts it, and whether the kernel moves it after the vCPUs:
 * huge pages, and what a policy puts somewhere, it leaves. Unknown where nothing can be read. */
void local_host_memory(const char *root, const char *name, int number,
                       const struct guest_definition *definition, struct guest_memory *ret);
/* Marks the pCPUs outside the slices of all guests; slices is their union. */
void local_host_mark_outside(struct vcpu_sample *sample, const struct cpuset *slices);

#endif
