/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/search_state.h"

#include <errno.h>

int search_state_new(const struct instance *in, struct work *work, struct arena *arena,
                     struct search_state *ret)
{
    struct search_state search = {.in = in, .work = work, .random = 88172645463325252u};

    if (assignment_new(in, arena, &search.now) < 0 || assignment_new(in, arena, &search.best) < 0 ||
        assignment_new(in, arena, &search.home) < 0)
        return -ENOMEM;
    search.best_objective = assignment_objective(&search.best);
    search.best_squares = assignment_squares(&search.best);
    *ret = search;
    return 0;
}

void search_state_keep(struct search_state *search)
{
    int64_t objective = assignment_objective(&search->now);
    double squares;

    if (objective > search->best_objective)
        return;
    squares = assignment_squares(&search->now);
    if (objective == search->best_objective && squares >= search->best_squares)
        return;
    assignment_copy(&search->now, &search->best);
    search->best_objective = objective;
    search->best_squares = squares;
}

void search_state_count(struct search_state *search, int64_t trials)
{
    work_count_cells(search->work, search->trials, search->trials + trials);
    search->trials += trials;
}

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled",
 * 2016). */
uint64_t search_state_random(struct search_state *search, uint64_t below)
{
    search->random ^= search->random >> 12;
    search->random ^= search->random << 25;
    search->random ^= search->random >> 27;
    return (search->random * 2685821657736338717u >> 11) % below;
}

double search_state_noise(struct search_state *search)
{
    return (double)search_state_random(search, 1 << 20) / (1 << 20) - 0.5;
}
