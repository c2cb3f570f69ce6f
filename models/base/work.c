/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/base/work.h"

static bool reached(int64_t count, int64_t limit)
{
    return limit > 0 && count >= limit;
}

void work_count_cells(struct work *work, int64_t before, int64_t now)
{
    work->kcells += now / 1000 - before / 1000;
}

bool work_has_room(const struct work *work, int64_t bytes)
{
    return work->max_bytes <= 0 || bytes <= work->max_bytes;
}

bool work_exhausted(struct work *work)
{
    if (!work->stopped && work->stop && work->stop(work->stop_arg))
        work->stopped = true;
    return work->stopped || reached(work->evaluations, work->max_evaluations) ||
           reached(work->kcells, work->max_kcells) || reached(work->pivots, work->max_pivots) ||
           reached(work->nodes, work->max_nodes);
}
