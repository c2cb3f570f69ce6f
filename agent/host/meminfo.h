/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_MEMINFO_H
#define EVENKEEL_AGENT_HOST_MEMINFO_H

#include <stdint.h>

/* The host's memory, as the kernel or libvirt tells it. */
struct host_memory {
    uint64_t total_kib, free_kib, available_kib;
};

/* root as in root_file.h. */

/* Reads /proc/meminfo (proc(5)). 0, the errno of opening it, or -EINVAL where MemTotal or MemFree
 * is missing. Where the kernel does not tell MemAvailable (before 3.14), it counts as MemFree. */
int meminfo_read(const char *root, struct host_memory *ret);

/* What ZFS's cache holds above its least size, from the kernel's kstat. ZFS gives it back when it
 * is pressed, but the kernel counts it neither as free nor as available. 0 without ZFS. */
uint64_t meminfo_arc_kib(const char *root);

/* One of libvirt's memory statistics of the host, by name: virNodeGetMemoryStats(). What could be
 * dropped counts as available. */
void host_memory_take(struct host_memory *memory, const char *field, uint64_t value);

/* libvirt counts NUMA cells, which on ballooned or partly offlined hosts differ from the kernel's
 * own numbers: the smaller of both is what can be relied on. */
void host_memory_reduce(struct host_memory *memory, const struct host_memory *other);

#endif
