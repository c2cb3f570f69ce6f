/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "models/packing/kinds.h"
#include "models/packing/shortage.h"

static bool has_sound_weights(const struct packing_problem *problem,
                              const struct packing_certificate *certificate)
{
    for (size_t i = 0; i < problem->n_items; i++)
        if (certificate->weight[i] < 0 || certificate->weight[i] > certificate->scale)
            return false;
    for (size_t p = 0; p < problem->n_bins; p++)
        if (certificate->most[p] < 0)
            return false;
    return certificate->scale >= 1 && certificate->scale < INT32_MAX;
}

/* Every item with its own weight: items of one kind may have different ones. Sets stand together, as in
 * the order of kinds. */
static void list_items(const struct filling *filling, const struct kinds *kinds,
                       const int64_t *weight, int bin, struct knapsack_item *items)
{
    size_t n = 0;

    for (size_t k = 0; k < kinds->n; k++)
        for (int i = kinds->first[k]; i >= 0; i = kinds->next[i])
            items[n++] =
                (struct knapsack_item){.size = filling->problem->size + (size_t)i * filling->rooms,
                                       .value = weight[i],
                                       .count = filling_may_run(filling, i, bin),
                                       .set = kinds->set[k]};
}

/* Neighbours that are the same become one. */
static void merge(struct knapsack *knapsack)
{
    size_t n = 0;

    for (size_t k = 0; k < knapsack->n; k++) {
        struct knapsack_item *item = &knapsack->items[k];
        struct knapsack_item *last = n ? &knapsack->items[n - 1] : NULL;

        if (last && item->set < 0 && last->set < 0 && item->value == last->value && item->count &&
            last->count && !memcmp(item->size, last->size, knapsack->rooms * sizeof(int)))
            last->count++;
        else
            knapsack->items[n++] = *item;
    }
    knapsack->n = n;
}

/* Whether no kind of bin can hold more than the certificate says. */
static int judge_bins(const struct filling *filling, const struct kinds *kinds,
                      const struct packing_certificate *certificate, struct knapsack *knapsack,
                      bool *ret_is_sound)
{
    struct work work = {0};
    int error = 0;

    for (size_t b = 0; b < kinds->n_bins && error == 0 && *ret_is_sound; b++) {
        int bin = kinds->bin[b];
        int64_t most;

        knapsack->n = filling->n;
        list_items(filling, kinds, certificate->weight, bin, knapsack->items);
        merge(knapsack);
        error = knapsack_bound(knapsack, filling->problem->room + (size_t)bin * filling->rooms,
                               &work, &most);
        for (size_t p = 0; p < filling->m && error == 0; p++)
            *ret_is_sound &= kinds->bin_kind_of[p] != (int)b || most <= certificate->most[p];
    }
    return error;
}

int64_t packing_certified(const struct packing_problem *problem,
                          const struct packing_certificate *certificate)
{
    struct knapsack knapsack = {.rooms = problem->n_rooms};
    struct arena arena = {0};
    struct filling filling;
    struct kinds kinds;
    bool is_sound = has_sound_weights(problem, certificate);
    int error = filling_new(problem, &arena, &filling);

    knapsack.items = arena_take(&arena, problem->n_items, sizeof(*knapsack.items));
    if (error == 0)
        error = kinds_new(&filling, &arena, &kinds);
    if (error == 0)
        error = arena_error(&arena);
    if (error == 0)
        error = judge_bins(&filling, &kinds, certificate, &knapsack, &is_sound);
    knapsack_done(&knapsack);
    arena_done(&arena);
    if (error < 0)
        return error;
    return is_sound ? certificate_says(problem, certificate) : -EINVAL;
}
