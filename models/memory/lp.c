/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/memory/lp.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "models/base/units.h"
#include "models/memory/segments.h"

static void add_head(struct lp *lp, const struct memory_problem *problem,
                     const struct memory_segments *segments, const struct memory_solution *solution)
{
    lp_add_comment(lp, "guest memory in MiB: %zu guests share %.6f MiB, fair to %.3f MiB",
                   problem->n_items, (double)problem->capacity_kib / KIB_PER_MIB,
                   (double)problem->fair_step_kib / KIB_PER_MIB);
    lp_add_comment(lp, "memory runs out in layer %s at level %.6f MiB",
                   memory_layer_text(segments->level.scarce),
                   (double)segments->level.level_kib / KIB_PER_MIB);
    if (solution)
        lp_add_comment(lp, "incumbent %.9g, bound %.9g, changing nothing %.9g", solution->objective,
                       solution->bound, solution->hold_objective);
}

static void add_item_comment(struct lp *lp, const struct memory_problem *problem, size_t i)
{
    const struct memory_item *item = &problem->items[i];

    lp_add_comment(lp, "guest %zu %.200s: %.3f MiB plus q_%zu_*, holds %.3f, floor %.3f, wish %.3f",
                   i, problem->labels ? problem->labels[i] : "",
                   (double)item->lower_kib / KIB_PER_MIB, i,
                   (double)item->current_kib / KIB_PER_MIB, (double)item->floor_kib / KIB_PER_MIB,
                   (double)item->wish_kib / KIB_PER_MIB);
}

static void add_segment(struct lp *lp, int row, const struct memory_segment *segment, int piece)
{
    char name[64];
    int column;

    snprintf(name, sizeof(name), "q_%zu_%s%d", segment->item, memory_layer_text(segment->layer),
             piece);
    column = lp_add_column(lp, name, LP_CONTINUOUS, 0, (double)segment->length_kib / KIB_PER_MIB,
                           -segment->price);
    lp_add_entry(lp, row, column, 1);
}

static void add_segments(struct lp *lp, int row, const struct memory_segments *segments)
{
    double constant = 0;
    int piece = 0;

    for (size_t k = 0; k < segments->n; k++) {
        const struct memory_segment *segment = &segments->at[k];
        bool is_next =
            k > 0 && segment[-1].item == segment->item && segment[-1].layer == segment->layer;

        piece = is_next ? piece + 1 : 0;
        add_segment(lp, row, segment, piece);
        if (segment->price > 0)
            constant += segment->price * (double)segment->length_kib / KIB_PER_MIB;
    }
    lp_add_constant(lp, constant);
}

static int build(const struct memory_problem *problem, const struct memory_segments *segments,
                 const struct memory_solution *solution, struct lp *lp)
{
    int row = lp_add_row(lp, "capacity", -INFINITY, (double)segments->spare_kib / KIB_PER_MIB);
    int missing = lp_add_column(lp, "short", LP_CONTINUOUS, 0, INFINITY, MEMORY_SHORT_PRICE);

    add_head(lp, problem, segments, solution);
    for (size_t i = 0; i < problem->n_items; i++)
        add_item_comment(lp, problem, i);
    lp_add_entry(lp, row, missing, -1);
    add_segments(lp, row, segments);
    return lp_error(lp);
}

int memory_lp(const struct memory_problem *problem, const struct memory_solution *solution,
              struct lp **ret)
{
    struct memory_segments segments = {0};
    struct lp *lp = NULL;
    int r = memory_problem_check(problem);

    if (r == 0)
        r = memory_segments_build(problem, &segments);
    if (r == 0) {
        lp = lp_new("memory");
        r = build(problem, &segments, solution, lp);
    }
    memory_segments_done(&segments);
    if (r < 0) {
        lp_free(lp);
        return r;
    }
    *ret = lp;
    return 0;
}
