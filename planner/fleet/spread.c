/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/spread.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/fleet/few_moves.h"
#include "planner/fleet/groups.h"
#include "planner/fleet/slice_solve.h"

static int whole(const struct start *start, const struct fleet_settings *settings, double kappa,
                 const struct work *limits, struct spread *ret)
{
    struct slice_how how = {.at = start->at, .kappa = kappa};
    struct spread spread = {
        .at = calloc((size_t)start->items.n + 1, sizeof(int)), .n_groups = 1, .work = *limits};
    struct slice_answer answer;
    struct slice slice;
    int r = spread.at ? slice_new(&start->items, &how, &slice) : -ENOMEM;

    if (r < 0)
        goto out;
    r = slice_solve(&slice, settings->keep_lp, &spread.work, &answer);
    if (r == 0) {
        memcpy(spread.at, start->at, (size_t)start->items.n * sizeof(int));
        for (int k = 0; k < slice.n; k++)
            spread.at[slice.item[k]] = slice.bin[answer.bin_of[k]];
        spread.bound = answer.bound;
        spread.is_proven = answer.is_proven;
        spread.n_groups_proven = answer.is_proven;
        spread.method = answer.method;
        spread.lp = answer.lp;
        answer.lp = NULL;
        if (answer.is_contradicted)
            snprintf(spread.note, sizeof(spread.note), "nothing more is moved than has to be: %s",
                     answer.why);
        slice_answer_done(&answer);
        *ret = spread;
    }
    slice_done(&slice);
out:
    if (r < 0)
        free(spread.at);
    return r;
}

int spread_make(const struct start *start, const struct fleet_settings *settings, double kappa,
                const struct work *limits, struct spread *ret)
{
    bool is_whole = (size_t)start->items.m <= settings->whole_hosts;
    int r = (is_whole ? whole : groups_make)(start, settings, kappa, limits, ret);

    if (r == 0 && is_whole && settings->max_moves > 0) {
        r = few_moves(start, settings->max_moves, kappa, ret);
        if (r < 0)
            spread_done(ret);
    }
    return r;
}

void spread_done(struct spread *spread)
{
    free(spread->at);
    lp_free(spread->lp);
    spread->at = NULL;
    spread->lp = NULL;
}
