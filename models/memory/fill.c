/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/memory/fill.h"

#include <assert.h>

static void fill_at(const struct memory_segments *segments, int dual, int64_t spare,
                    struct memory_fill *ret)
{
    ret->dual = dual;
    for (size_t k = 0; k < segments->n; k++) {
        if (segments->at[k].price != dual)
            continue;
        if (spare < segments->at[k].length_kib) {
            ret->basic = k;
            ret->part_kib = spare;
            return;
        }
        spare -= segments->at[k].length_kib;
    }
    assert(0 && "the segments of this price hold less than was counted");
}

void memory_fill(const struct memory_segments *segments, struct memory_fill *ret)
{
    int64_t length[MEMORY_SHORT_PRICE] = {0};
    int64_t spare = segments->spare_kib;

    *ret = (struct memory_fill){.basic = SIZE_MAX};
    if (spare < 0) {
        ret->dual = MEMORY_SHORT_PRICE;
        return;
    }
    for (size_t k = 0; k < segments->n; k++) {
        if (segments->at[k].price > 0)
            length[segments->at[k].price] += segments->at[k].length_kib;
    }
    for (int price = MEMORY_SHORT_PRICE - 1; price > 0; price--) {
        if (length[price] > spare) {
            fill_at(segments, price, spare, ret);
            return;
        }
        spare -= length[price];
    }
}

int64_t memory_filled(const struct memory_segment *segment, size_t k,
                      const struct memory_fill *fill)
{
    if (k == fill->basic)
        return fill->part_kib;
    if (segment->price == fill->dual)
        return k < fill->basic ? segment->length_kib : 0;
    return segment->price > fill->dual ? segment->length_kib : 0;
}

enum solver_basis memory_fill_basis(const struct memory_segment *segment, size_t k,
                                    const struct memory_fill *fill)
{
    if (k == fill->basic)
        return SOLVER_BASIC;
    return memory_filled(segment, k, fill) > 0 ? SOLVER_AT_UPPER : SOLVER_AT_LOWER;
}
