/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/base/work.h"

#include "models/base/whole.h"

static bool reached(int64_t count, int64_t limit)
{
    return limit > 0 && count >= limit;
}

void work_count_cells(struct work *work, int64_t before, int64_t now)
{
    work->kcells += now / 1000 - before / 1000;
}

struct work work_for_pivots(const struct work *work, int64_t cells)
{
    struct work own = *work;
    int64_t most;

    if (work->max_kcells <= 0)
        return own;
    most = work->pivots + max64(1, (work->max_kcells - work->kcells) * 1000 / max64(1, cells));
    own.max_pivots = work->max_pivots > 0 ? min64(work->max_pivots, most) : most;
    return own;
}

void work_pay_pivots(struct work *work, const struct work *own, int64_t cells)
{
    work_count_cells(work, 0, (1 + own->pivots - work->pivots) * cells);
    work->pivots = own->pivots;
    work->nodes = own->nodes;
    work->stopped = own->stopped;
}

int64_t work_bytes_left(const struct work *work)
{
    return work->max_bytes <= 0 ? INT64_MAX : max64(0, work->max_bytes - work->held_bytes);
}

bool work_has_room(const struct work *work, int64_t bytes)
{
    return bytes <= work_bytes_left(work);
}

bool work_exhausted(struct work *work)
{
    if (!work->stopped && work->stop && work->stop(work->stop_arg))
        work->stopped = true;
    return work->stopped || reached(work->evaluations, work->max_evaluations) ||
           reached(work->kcells, work->max_kcells) || reached(work->pivots, work->max_pivots) ||
           reached(work->nodes, work->max_nodes);
}
