/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/local_host.h"

#include <string.h>

#include "agent/host/busy_times.h"
#include "agent/host/cgroup.h"
#include "agent/host/numa_stat.h"
#include "agent/host/root_file.h"

bool local_host_is_meant(const char *uri)
{
    return strncmp(uri, "qemu:///", 8) == 0 || strncmp(uri, "qemu+unix:///", 13) == 0;
}

/* The first reason found stays. */
static void mark(struct vcpu_sample *sample, const struct cpuset *set, enum pcpu_use use)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (sample->pcpus[p].use == PCPU_USABLE && cpuset_has(set, sample->pcpus[p].id))
            sample->pcpus[p].use = use;
    }
}

/* A kernel without nohz_full= writes "(null)" into that file, which is no list either. */
static void mark_from(const char *root, const char *path, struct vcpu_sample *sample,
                      enum pcpu_use use)
{
    struct cpuset set;

    if (root_file_cpuset(root, path, &set) == 0)
        mark(sample, &set, use);
}

void local_host_pcpus(const char *root, struct vcpu_sample *sample)
{
    busy_times_read(root, sample);
    mark_from(root, "/sys/devices/system/cpu/isolated", sample, PCPU_ISOLATED);
    mark_from(root, "/sys/fs/cgroup/cpuset.cpus.isolated", sample, PCPU_ISOLATED);
    mark_from(root, "/sys/devices/system/cpu/nohz_full", sample, PCPU_TICKLESS);
}

void local_host_guest(const char *root, const char *name, int number, const char *partition,
                      struct local_guest *ret)
{
    struct cgroup_place place;

    *ret = (struct local_guest){0};
    if (!cgroup_find(root, name, number, partition, &place))
        return;
    ret->has_pcpus = cgroup_cpus(root, &place, &ret->pcpus);
    ret->quota_permille = cgroup_quota_permille(root, &place);
}

void local_host_memory(const char *root, const char *name, int number,
                       const struct guest_definition *definition, struct guest_memory *ret)
{
    const struct numa_definition *numa = &definition->numa;
    struct cgroup_place place;

    *ret = (struct guest_memory){0};
    if (cgroup_find(root, name, number, definition->partition, &place))
        numa_stat_read(root, &place, numa->has_huge_pages, ret);
    ret->is_following = !numa->has_policy && !numa->has_huge_pages && numa_stat_is_balancing(root);
}

void local_host_mark_outside(struct vcpu_sample *sample, const struct cpuset *slices)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (sample->pcpus[p].use == PCPU_USABLE && !cpuset_has(slices, sample->pcpus[p].id))
            sample->pcpus[p].use = PCPU_OUTSIDE_SLICE;
    }
}
