/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_CPUSET_H
#define EVENKEEL_PLANNER_BASE_CPUSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linux allows at most 8192 CPUs (CONFIG_NR_CPUS on x86-64). */
enum { CPUSET_SIZE = 8192 };

/* A set of pCPU numbers; a value, copied by assignment. Numbers may be sparse. */
struct cpuset {
    uint64_t word[CPUSET_SIZE / 64];
};

void cpuset_add(struct cpuset *set, unsigned cpu); /* cpu < CPUSET_SIZE */
static inline bool cpuset_has(const struct cpuset *set, unsigned cpu)
{
    return cpu < CPUSET_SIZE && (set->word[cpu / 64] >> cpu % 64 & 1);
}
size_t cpuset_count(const struct cpuset *set);
/* Least member >= from, or CPUSET_SIZE:
 * for (c = cpuset_next(s, 0); c < CPUSET_SIZE; c = cpuset_next(s, c + 1)) */
unsigned cpuset_next(const struct cpuset *set, unsigned from);
void cpuset_and(struct cpuset *set, const struct cpuset *other);
void cpuset_or(struct cpuset *set, const struct cpuset *other);
void cpuset_subtract(struct cpuset *set, const struct cpuset *other);
bool cpuset_is_equal(const struct cpuset *a, const struct cpuset *b);
bool cpuset_is_subset(const struct cpuset *a, const struct cpuset *of);
/* libvirt's byte map (bit 0 of byte 0 is pCPU 0); bytes past the end count as 0. */
void cpuset_from_bytes(struct cpuset *ret, const unsigned char *bytes, size_t n);
void cpuset_to_bytes(const struct cpuset *set, unsigned char *bytes, size_t n);
/* "0-3,7": at most size bytes with the terminator; cut with "..." where it does not fit. */
void cpuset_format(const struct cpuset *set, char *text, size_t size);
/* The same syntax back; -EINVAL. */
int cpuset_parse(const char *text, struct cpuset *ret);

#endif
