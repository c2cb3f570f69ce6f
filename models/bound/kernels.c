/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/kernels.h"

#include <string.h>

/* Which clone is taken is resolved before a sanitizer's own start. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) &&                        \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("avx2", "default")))
#else
#define KERNEL
#endif

KERNEL void kernel_take(int32_t *restrict after, const int32_t *restrict before,
                        uint8_t *restrict taken, int weight, int32_t cost, int cells)
{
    memcpy(after, before, (size_t)weight * sizeof(*after));
    memset(taken, 0, (size_t)weight);
    for (int s = weight; s < cells; s++) {
        int32_t with = before[s - weight] + cost, without = before[s];

        taken[s] = with < without;
        after[s] = with < without ? with : without;
    }
}

KERNEL void kernel_join(int32_t *restrict after, const int32_t *restrict before,
                        const int32_t *restrict none, uint8_t *restrict taken, int weight,
                        int32_t cost, int32_t beside, int cells)
{
    memcpy(after, before, (size_t)weight * sizeof(*after));
    memset(taken, 0, (size_t)weight);
    for (int s = weight; s < cells; s++) {
        int32_t first = none[s - weight] + cost, more = before[s - weight] + cost + beside;
        int32_t with = first <= more ? first : more, without = before[s];

        taken[s] = (uint8_t)((with < without) << (more < first));
        after[s] = with < without ? with : without;
    }
}

KERNEL void kernel_choose(int32_t *restrict least, const int32_t *restrict none,
                          const int32_t *restrict some, uint8_t *restrict taken, int cells)
{
    for (int s = 0; s < cells; s++) {
        taken[s] |= (uint8_t)((none[s] <= some[s]) << 2);
        least[s] = none[s] <= some[s] ? none[s] : some[s];
    }
}

KERNEL void kernel_keep(int32_t *restrict after, const int32_t *restrict before,
                        uint8_t *restrict kept, int weight, int32_t pay, int32_t stay, int cells)
{
    for (int s = 0; s < weight; s++) {
        after[s] = before[s] >= KERNEL_REACHED ? KERNEL_INFINITE : before[s] + pay;
        kept[s] = 0;
    }
    for (int s = weight; s < cells; s++) {
        int32_t without = before[s] >= KERNEL_REACHED ? KERNEL_INFINITE : before[s] + pay;
        int32_t with = before[s - weight] + stay;

        kept[s] = with <= without;
        after[s] = with <= without ? with : without;
    }
}

KERNEL void kernel_enter(int32_t *restrict row, const int32_t *restrict from,
                         uint8_t *restrict taken, int weight, int32_t cost, int cells)
{
    memset(taken, 0, (size_t)weight);
    for (int s = weight; s < cells; s++) {
        int32_t with = from[s - weight] + cost, without = row[s];

        taken[s] = with < without;
        row[s] = with < without ? with : without;
    }
}

KERNEL void kernel_keep_from(int32_t *restrict after, const int32_t *restrict sent,
                             const int32_t *kept_row, uint8_t *restrict kept, int weight,
                             int32_t pay, int32_t stay, int cells)
{
    for (int s = 0; s < weight; s++) {
        after[s] = sent[s] >= KERNEL_REACHED ? KERNEL_INFINITE : sent[s] + pay;
        kept[s] = 0;
    }
    for (int s = weight; s < cells; s++) {
        int32_t without = sent[s] >= KERNEL_REACHED ? KERNEL_INFINITE : sent[s] + pay;
        int32_t with = kept_row[s - weight] + stay;

        kept[s] = with <= without;
        after[s] = with <= without ? with : without;
    }
}

KERNEL void kernel_least(int32_t *restrict least, const int32_t *restrict values, int32_t add,
                         int n)
{
    for (int x = 0; x < n; x++) {
        int32_t value = values[x] + add;

        least[x] = value < least[x] ? value : least[x];
    }
}

KERNEL void kernel_sum(int64_t *restrict sum, const int32_t *restrict values, int64_t infinite,
                       int n)
{
    for (int t = 0; t < n; t++)
        sum[t] += values[t] >= KERNEL_REACHED ? infinite : values[t];
}
