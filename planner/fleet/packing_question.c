/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "models/base/whole.h"
#include "planner/fleet/start.h"

struct question {
    const struct items *items;
    enum packing_what what;
    struct arena *arena;
    struct packing_problem *problem;
    bool *allowed;                 /* [n * m], or NULL: everywhere */
    int *price, *price_in, *moves; /* price_in [n * m], or NULL: no set runs apart */
    /* A plan's: those that stay whatever is planned are no part of the question. */
    bool *stays;  /* [n] */
    bool *is_met; /* [n * m] somebody who stays is in the bin and to be apart from it; or NULL */
};

static bool may_be(const struct question *question, int i, int p)
{
    if (question->is_met && question->is_met[(size_t)i * (size_t)question->items->m + (size_t)p])
        return false;
    return question->what == PACKING_PLAN ? items_may_run(question->items, i, p)
                                          : items_may_restart(question->items, i, p);
}

static bool may_all_run_everywhere(const struct question *question)
{
    for (int i = 0; i < question->items->n; i++)
        for (int p = 0; p < question->items->m; p++)
            if (!may_be(question, i, p))
                return false;
    return true;
}

/* Whether guests of an item run apart, so that a move of some of it costs less in one bin than in another. */
static bool runs_apart(const struct items *items)
{
    for (int i = 0; i < items->n; i++)
        if (items->runs_at[i] >= 0 && items_price(items, i, items->runs_at[i]) > 0)
            return true;
    return false;
}

static int price_of(const struct items *items, int i)
{
    int price = 0;

    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (items_guest(items, k)->home >= 0)
            price += items_guest(items, k)->price;
    return price;
}

static void fill(const struct question *question)
{
    const struct items *items = question->items;

    for (int i = 0; i < items->n; i++) {
        question->price[i] = price_of(items, i);
        question->moves[i] =
            items_may_make_room(items, i) ? items->first[i + 1] - items->first[i] : 0;
        for (int p = 0; p < items->m; p++) {
            size_t at = (size_t)i * (size_t)items->m + (size_t)p;

            if (question->allowed)
                question->allowed[at] = may_be(question, i, p);
            if (question->price_in)
                question->price_in[at] = items_price(items, i, p);
        }
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

static bool is_wholly_fixed(const struct items *items, int i)
{
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (!items_guest(items, k)->is_fixed)
            return false;
    return true;
}

/* What they take is no room for others, and they are of no size themselves. */
static int set_aside_sizes(struct question *question)
{
    const struct items *items = question->items;
    size_t rooms = (size_t)items->n_rooms, n = (size_t)items->n * rooms,
           m = (size_t)items->m * rooms;
    int *size = arena_take(question->arena, n, sizeof(*size));
    int *room = arena_take(question->arena, m, sizeof(*room));

    if (!size || !room)
        return -ENOMEM;
    if (rooms > 0) {
        memcpy(size, items->size, n * sizeof(*size));
        memcpy(room, items->room, m * sizeof(*room));
    }
    for (size_t i = 0; i < (size_t)items->n; i++)
        for (size_t r = 0; question->stays[i] && r < rooms; r++) {
            int *left = &room[(size_t)items->fixed_at[i] * rooms + r];

            *left = max_int(0, *left - size[i * rooms + r]);
            size[i * rooms + r] = 0;
        }
    question->problem->size = size;
    question->problem->room = room;
    return 0;
}

/* Whoever is to be apart from one of them may not come to where that is. */
static void meet(const struct question *question, int from, int to)
{
    const struct items *items = question->items;

    for (int k = from; k < to; k++) {
        int fixed = items->apart_item[k];

        for (int l = from; question->stays[fixed] && l < to; l++) {
            int i = items->apart_item[l];

            if (!question->stays[i])
                question->is_met[(size_t)i * (size_t)items->m + (size_t)items->fixed_at[fixed]] =
                    true;
        }
    }
}

static int set_aside_apart(struct question *question)
{
    const struct items *items = question->items;
    int *first = arena_take(question->arena, (size_t)items->n_apart + 1, sizeof(*first));
    int *member =
        arena_take(question->arena, (size_t)items->apart_first[items->n_apart], sizeof(*member));
    size_t n = (size_t)items->n, m = (size_t)items->m;
    int at = 0;

    question->is_met = arena_take(question->arena, n * m, sizeof(*question->is_met));
    if (arena_error(question->arena) < 0)
        return -ENOMEM;
    for (int s = 0; s < items->n_apart; s++) {
        meet(question, items->apart_first[s], items->apart_first[s + 1]);
        for (int k = items->apart_first[s]; k < items->apart_first[s + 1]; k++)
            if (!question->stays[items->apart_item[k]])
                member[at++] = items->apart_item[k];
        first[s + 1] = at;
    }
    question->problem->apart_first = first;
    question->problem->apart_item = member;
    return 0;
}

static int set_aside(struct question *question)
{
    const struct items *items = question->items;
    bool any = false;
    int r;

    question->stays = arena_take(question->arena, (size_t)items->n, sizeof(*question->stays));
    if (!question->stays)
        return -ENOMEM;
    for (int i = 0; i < items->n; i++)
        any |= question->stays[i] = items->fixed_at[i] >= 0 && is_wholly_fixed(items, i);
    if (!any)
        return 0;
    r = set_aside_sizes(question);
    return r == 0 && items->n_apart > 0 ? set_aside_apart(question) : r;
}

static int take(struct question *question)
{
    size_t n = (size_t)question->items->n, m = (size_t)question->items->m;
    struct arena *arena = question->arena;
    int r = question->what == PACKING_PLAN ? set_aside(question) : 0;

    if (r < 0)
        return r;
    question->price = arena_take(arena, n, sizeof(*question->price));
    question->moves = arena_take(arena, n, sizeof(*question->moves));
    if (!may_all_run_everywhere(question))
        question->allowed = arena_take(arena, n * m, sizeof(*question->allowed));
    if (question->what == PACKING_PLAN && runs_apart(question->items))
        question->price_in = arena_take(arena, n * m, sizeof(*question->price_in));
    return arena_error(arena);
}

int packing_question_new(const struct items *items, const int *at, enum packing_what what,
                         struct packing_question *ret)
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
    struct question about = {
        .items = items, .what = what, .arena = &question.arena, .problem = &question.problem};
    int r = take(&about);

    if (r == 0) {
        fill(&about);
        question.problem.allowed = about.allowed;
        question.problem.price = about.price;
        question.problem.price_in = about.price_in;
        question.problem.moves = about.moves;
    }
    if (r == 0 && items->n_rooms == 0)
        r = take_empty_room(&question);
    if (r < 0)
        packing_question_done(&question);
    else
        *ret = question;
    return r;
}

void packing_question_done(struct packing_question *question)
{
    arena_done(&question->arena);
}
