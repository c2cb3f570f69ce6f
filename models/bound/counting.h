/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_COUNTING_H
#define EVENKEEL_MODELS_BOUND_COUNTING_H

#include "models/bound/windows.h"

/* Windows in which there is no placement at all, whatever it costs, because the items do not go
 * into so many bins evenly enough: with n items on m bins at least 2m - n bins hold one item or
 * none.
 *
 * Let every bin p of a set P need a load of at least low_p and at most high_p (background taken
 * off), and let s > 0 be any step. Each bin's items S satisfy
 *
 *   sum over S of (1 + floor(w_i / s))  >=  1 + floor(low_p / s)     where low_p > 0,
 *   sum over S of (ceil(w_i / s) - 1)   <=  ceil(high_p / s) - 1     where high_p > 0,
 *
 * for 1 + floor(x) > x and ceil(x) - 1 < x, and both sides are whole. Summed over P: all items that
 * may run somewhere in P have to reach the first right side, and those that may run nowhere else
 * must not exceed the second. An item counts at most what the neediest bin asks for, and an item
 * without weight does not count.
 *
 * Besides, some bin of P holds no more than the average number of items that may run there, and
 * some bin no less than that of those that may run nowhere else: no more than so many of the
 * heaviest, and no less than so many of the lightest.
 *
 * A huge s counts items (n >= m); s = low counts the bins that one item must fill alone; a small s
 * adds up loads. They are the dual feasible functions of bin covering and bin packing (Fekete and
 * Schepers, Mathematical Programming 91, 2001). With at most two items for each bin, the first rule
 * over all s = low_p is Hall's condition for the items that stay alone, and so exact for them.
 *
 * P is all bins, the bins that some item may run on, and the others. The rules know nothing about
 * homes and costs, so they hold for every placement; wider windows pass where narrower ones do. */

/* The first window that the rules do not exclude; windows->n: none. 0 or -ENOMEM. */
int counting_first_window(const struct windows *windows, int *ret);

#endif
