/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/base/whole.h"

static int order64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int whole_ascending(const void *a, const void *b)
{
    return order64(*(const int *)a, *(const int *)b);
}

int whole_descending(const void *a, const void *b)
{
    return order64(*(const int *)b, *(const int *)a);
}

int whole_ascending64(const void *a, const void *b)
{
    return order64(*(const int64_t *)a, *(const int64_t *)b);
}

int whole_descending64(const void *a, const void *b)
{
    return order64(*(const int64_t *)b, *(const int64_t *)a);
}
