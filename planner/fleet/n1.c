/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/n1.h"

#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/packing/restart.h"
#include "planner/fleet/start.h"

static enum fleet_n1_answer answer_of(const struct restart_bin *bin)
{
    if (bin->still == RESTART_YES)
        return FLEET_SAFE;
    if (bin->moved == RESTART_YES)
        return FLEET_WITH_MOVES;
    return bin->still == RESTART_NO ? FLEET_UNPROTECTED : FLEET_UNKNOWN;
}

/* Whoever is not judged has no other place, so that the others got theirs without it. */
static void put(const struct items *items, int i, struct fleet_n1 *ret)
{
    bool is_unjudged = items_is_unjudged(items, i);

    for (int g = items->first[i]; g < items->first[i + 1]; g++)
        if (is_unjudged)
            ret->unjudged[ret->n_unjudged++] = (size_t)items->member[g];
        else
            ret->unprotected[ret->n_unprotected++] = (size_t)items->member[g];
}

static size_t count_guests(const struct items *items, const struct restart_bin *bin)
{
    size_t n = 0;

    for (size_t k = 0; k < bin->n_unprotected; k++) {
        int i = bin->unprotected[k];

        n += (size_t)(items->first[i + 1] - items->first[i]);
    }
    return n;
}

static int fill(const struct items *items, int p, const struct restart_bin *bin,
                struct fleet_n1 *ret)
{
    size_t n = count_guests(items, bin);

    *ret = (struct fleet_n1){.host = (size_t)items->host[p], .answer = answer_of(bin)};
    if (ret->answer == FLEET_SAFE)
        return 0;
    if (ret->answer == FLEET_WITH_MOVES)
        ret->n_moves = bin->n_moves;
    ret->unprotected = calloc(n + 1, sizeof(*ret->unprotected));
    ret->unjudged = calloc(n + 1, sizeof(*ret->unjudged));
    if (!ret->unprotected || !ret->unjudged)
        return -ENOMEM;
    for (size_t k = 0; ret->answer != FLEET_WITH_MOVES && k < bin->n_unprotected; k++)
        put(items, bin->unprotected[k], ret);
    if (ret->n_unjudged > 0 && ret->n_unprotected == 0)
        ret->answer = FLEET_NOT_JUDGED;
    return 0;
}

/* Where the plan allows a host to stay overfull, what left it since leaves no room there. NULL: out of memory. */
static int *rooms_at(const struct items *items, const int *at)
{
    size_t n = (size_t)items->m * (size_t)items->n_rooms;
    int64_t *used = calloc(n + 1, sizeof(*used));
    int *room = calloc(n + 1, sizeof(*room));

    for (int i = 0; used && i < items->n; i++)
        for (int r = 0; at[i] >= 0 && r < items->n_rooms; r++)
            used[at[i] * items->n_rooms + r] += items->size[i * items->n_rooms + r];
    for (size_t k = 0; used && room && k < n; k++) {
        size_t host = (size_t)items->host[k / (size_t)items->n_rooms];
        int resource = items->resource[k % (size_t)items->n_rooms];
        int64_t true_room = max64(items->fleet->hosts[host].room[resource], used[k]);

        room[k] = (int)min64(true_room, items->room[k]);
    }
    if (!used) {
        free(room);
        room = NULL;
    }
    free(used);
    return room;
}

int n1_make(const struct items *items, const int *at, size_t moves, const struct work *limits,
            struct fleet_n1 **ret)
{
    struct fleet_n1 *n1 = calloc((size_t)items->m + 1, sizeof(*n1));
    struct packing_question question;
    struct restart_solution solution;
    int *room = rooms_at(items, at);
    int r = n1 && room ? packing_question_new(items, at, PACKING_RESTART, &question) : -ENOMEM;

    if (r < 0) {
        free(n1);
        free(room);
        return r;
    }
    if (items->n_rooms > 0)
        question.problem.room = room;
    r = items->m > 0 ? restart_solve(&question.problem, moves, limits, &solution) : 0;
    packing_question_done(&question);
    free(room);
    if (r == 0 && items->m > 0) {
        for (int p = 0; r == 0 && p < items->m; p++)
            r = fill(items, p, &solution.bins[p], &n1[p]);
        restart_solution_done(&solution);
    }
    if (r < 0) {
        n1_free(n1, (size_t)items->m);
        return r;
    }
    *ret = n1;
    return 0;
}

void n1_free(struct fleet_n1 *n1, size_t n)
{
    for (size_t k = 0; n1 && k < n; k++) {
        free(n1[k].unprotected);
        free(n1[k].unjudged);
    }
    free(n1);
}
