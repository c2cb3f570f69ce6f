/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_KERNELS_H
#define EVENKEEL_MODELS_BOUND_KERNELS_H

#include <stdint.h>

/* The inner loops of pricing, on int32 cells. KERNEL_INFINITE marks what no set reaches; adding a
 * cost to it leaves more than half of it (instance.h keeps sums of prices below that half). Built
 * for plain x86-64 and for AVX2, chosen at load time; integers, so both give the same. */
#define KERNEL_INFINITE (INT32_C(1) << 29)
#define KERNEL_REACHED (KERNEL_INFINITE / 2)

/* One item into a knapsack: after[s] = min(before[s], before[s - weight] + cost), taken[s] = 1
 * where the second is less. */
void kernel_take(int32_t *restrict after, const int32_t *restrict before, uint8_t *restrict taken,
                 int weight, int32_t cost, int cells);

/* One of a crowd: after[s], somebody of it taken, from before[s] or with the item, where cost is paid
 * on top of `none` (nobody taken so far) and cost + beside on top of before. taken[s] = 0: without it,
 * 1: the first, 2: beside others. */
void kernel_join(int32_t *restrict after, const int32_t *restrict before,
                 const int32_t *restrict none, uint8_t *restrict taken, int weight, int32_t cost,
                 int32_t beside, int cells);
/* least[s] = min(none[s], some[s]), and taken[s] |= 4 where that is the first. */
void kernel_choose(int32_t *restrict least, const int32_t *restrict none,
                   const int32_t *restrict some, uint8_t *restrict taken, int cells);

/* One item kept or sent away: after[s] = min(before[s - weight] + stay, before[s] + pay), kept[s] = 1
 * where the first is no more. */
void kernel_keep(int32_t *restrict after, const int32_t *restrict before, uint8_t *restrict kept,
                 int weight, int32_t pay, int32_t stay, int cells);

/* The same in rows of two resources. One item in place: row[s] = min(row[s], from[s - weight] + cost), the two
 * rows apart; and kept from another row than the one that it is sent away from. */
void kernel_enter(int32_t *restrict row, const int32_t *restrict from, uint8_t *restrict taken,
                  int weight, int32_t cost, int cells);
void kernel_keep_from(int32_t *restrict after, const int32_t *restrict sent,
                      const int32_t *kept_row, uint8_t *restrict kept, int weight, int32_t pay,
                      int32_t stay, int cells);

/* least[x] = min(least[x], values[x] + add) */
void kernel_least(int32_t *restrict least, const int32_t *restrict values, int32_t add, int n);

/* sum[t] += values[t], infinite values as `infinite`. */
void kernel_sum(int64_t *restrict sum, const int32_t *restrict values, int64_t infinite, int n);

#endif
