/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "planner/fleet/start.h"

static bool may_all_run_everywhere(const struct items *items)
{
    for (int i = 0; i < items->n; i++)
        for (int p = 0; p < items->m; p++)
            if (!items_may_run(items, i, p))
                return false;
    return true;
}

static int price_of(const struct items *items, int i)
{
    int price = 0;

    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (items_guest(items, k)->home >= 0)
            price += items_guest(items, k)->price;
    return price;
}

static void fill(const struct items *items, bool *allowed, int *price)
{
    for (int i = 0; i < items->n; i++) {
        price[i] = price_of(items, i);
        for (int p = 0; allowed && p < items->m; p++)
            allowed[(size_t)i * (size_t)items->m + (size_t)p] = items_may_run(items, i, p);
    }
}

/* A packing is of something: nobody takes any of it. */
static int take_empty_room(struct packing_question *question)
{
    struct packing_problem *problem = &question->problem;

    problem->n_rooms = 1;
    problem->size = arena_take(&question->arena, problem->n_items, sizeof(*problem->size));
    problem->room = arena_take(&question->arena, problem->n_bins, sizeof(*problem->room));
    return arena_error(&question->arena);
}

int packing_question_new(const struct items *items, const int *at, struct packing_question *ret)
{
    struct packing_question question = {.problem = {.n_items = (size_t)items->n,
                                                    .n_bins = (size_t)items->m,
                                                    .n_rooms = (size_t)items->n_rooms,
                                                    .size = items->size,
                                                    .room = items->room,
                                                    .n_apart = (size_t)items->n_apart,
                                                    .apart_first = items->apart_first,
                                                    .apart_item = items->apart_item,
                                                    .current = at}};
    bool *allowed = NULL;
    int *price = arena_take(&question.arena, (size_t)items->n, sizeof(*price));

    if (!may_all_run_everywhere(items))
        allowed =
            arena_take(&question.arena, (size_t)items->n * (size_t)items->m, sizeof(*allowed));
    if (arena_error(&question.arena) < 0) {
        packing_question_done(&question);
        return -ENOMEM;
    }
    fill(items, allowed, price);
    if (items->n_rooms == 0 && take_empty_room(&question) < 0) {
        packing_question_done(&question);
        return -ENOMEM;
    }
    question.problem.allowed = allowed;
    question.problem.price = price;
    *ret = question;
    return 0;
}

void packing_question_done(struct packing_question *question)
{
    arena_done(&question->arena);
}
