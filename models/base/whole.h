/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BASE_WHOLE_H
#define EVENKEEL_MODELS_BASE_WHOLE_H

#include <stdint.h>

/* Arithmetic of whole numbers that C has no function for. */

static inline int min_int(int a, int b)
{
    return a < b ? a : b;
}
static inline int max_int(int a, int b)
{
    return a > b ? a : b;
}
static inline int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static inline int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}
static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
static inline int64_t clamp64(int64_t value, int64_t low, int64_t high)
{
    return max64(low, min64(value, high));
}
static inline int64_t abs64(int64_t a)
{
    return a < 0 ? -a : a;
}
/* a / b rounded down, not towards 0. b > 0. */
static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* For qsort(): ints and int64_ts, the smallest or the largest first. */
int whole_ascending(const void *a, const void *b);
int whole_descending(const void *a, const void *b);
int whole_ascending64(const void *a, const void *b);
int whole_descending64(const void *a, const void *b);

#endif
