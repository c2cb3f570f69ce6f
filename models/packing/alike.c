/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/alike.h"

#include <string.h>

/* Comparing all bins is left out where it takes more looks than this. */
static const double MOST_LOOKS = 2e7;

static bool is_like(const struct filling *filling, int a, int b)
{
    const struct packing_problem *problem = filling->problem;
    size_t sets = (size_t)(filling->set_first[a + 1] - filling->set_first[a]);

    if (sets != (size_t)(filling->set_first[b + 1] - filling->set_first[b]) ||
        memcmp(problem->size + (size_t)a * filling->rooms,
               problem->size + (size_t)b * filling->rooms, filling->rooms * sizeof(int)) != 0)
        return false;
    /* members of one set are like each other only where they are in it alone */
    if (sets && memcmp(filling->set_of + filling->set_first[a],
                       filling->set_of + filling->set_first[b], sets * sizeof(int)) != 0)
        return false;
    return !problem->allowed ||
           !memcmp(problem->allowed + (size_t)a * filling->m,
                   problem->allowed + (size_t)b * filling->m, filling->m * sizeof(bool));
}

static bool has_home(const struct alike *alike, const struct filling *filling, int item)
{
    return alike->homes_matter && packing_home(filling->problem, item) >= 0;
}

static void find_twins(struct alike *alike, const struct filling *filling, const int *items,
                       size_t n)
{
    for (size_t k = 0; k < n; k++) {
        int item = items[k];

        alike->twin_before[item] = -1;
        for (size_t l = k; l-- > 0 && alike->twin_before[item] < 0;)
            if (!has_home(alike, filling, item) && !has_home(alike, filling, items[l]) &&
                is_like(filling, item, items[l]))
                alike->twin_before[item] = items[l];
    }
}

static bool bins_are_of_a_kind(const struct alike *alike, const struct filling *filling,
                               const int *items, size_t n, int p, int q)
{
    const struct packing_problem *problem = filling->problem;

    for (size_t k = 0; k < n; k++) {
        int home = packing_home(problem, items[k]);

        if ((alike->homes_matter &&
             (home == p || home == q ||
              packing_cost(problem, items[k], p) != packing_cost(problem, items[k], q))) ||
            filling_may_run(filling, items[k], p) != filling_may_run(filling, items[k], q))
            return false;
    }
    return true;
}

static void find_kinds(struct alike *alike, const struct filling *filling, const int *items,
                       size_t n)
{
    bool is_much = (double)filling->m * (double)filling->m * (double)n > MOST_LOOKS;

    for (int p = 0; p < (int)filling->m; p++) {
        int q = is_much ? p : 0;

        while (q < p &&
               (alike->kind[q] != q || !bins_are_of_a_kind(alike, filling, items, n, p, q)))
            q++;
        alike->kind[p] = q;
    }
}

void alike_find(struct alike *alike, const struct filling *filling, const int *items, size_t n)
{
    find_twins(alike, filling, items, n);
    find_kinds(alike, filling, items, n);
    memset(alike->set_matters, 0, filling->problem->n_apart * sizeof(bool));
    for (size_t k = 0; k < n; k++)
        for (int s = filling->set_first[items[k]]; s < filling->set_first[items[k] + 1]; s++)
            alike->set_matters[filling->set_of[s]] = true;
}

int alike_new(const struct filling *filling, struct arena *arena, bool homes_matter,
              struct alike *ret)
{
    ret->homes_matter = homes_matter;
    ret->twin_before = arena_take(arena, filling->n, sizeof(*ret->twin_before));
    ret->kind = arena_take(arena, filling->m, sizeof(*ret->kind));
    ret->set_matters = arena_take(arena, filling->problem->n_apart, sizeof(*ret->set_matters));
    return arena_error(arena);
}

bool alike_was_tried(const struct alike *alike, const struct filling *filling, int from, int bin)
{
    size_t rooms = filling->rooms;

    for (int p = from; p < bin; p++) {
        bool is_same = alike->kind[p] == alike->kind[bin] &&
                       !memcmp(filling->left + (size_t)p * rooms,
                               filling->left + (size_t)bin * rooms, rooms * sizeof(*filling->left));

        for (size_t s = 0; is_same && s < filling->problem->n_apart; s++)
            is_same = !alike->set_matters[s] || !filling->in_set[s * filling->m + (size_t)p] ==
                                                    !filling->in_set[s * filling->m + (size_t)bin];
        if (is_same)
            return true;
    }
    return false;
}
