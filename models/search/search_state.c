/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/search_state.h"

#include <errno.h>
#include <limits.h>

#include "models/search/start.h"

/* Exchanges of one bin with all others. A descent takes about one look at so many for each move, and
 * 100 000 moves a second is what a search can look at. 2048 items in 512 bins have 8192, and 10 000
 * in 64 have 1.5 million. */
enum { LARGE_EXCHANGES = 100 * 1000, LARGE_LOOKS = 16 };

/* The largest knapsack of a bin that sheds (evacuate.c). */
static int64_t knapsack_bytes(const struct instance *in)
{
    int64_t most = 0;

    for (int p = 0; p < in->m; p++)
        most = max64(most, balance_target_load(in->balance, p));
    return in->n * (most + 1);
}

static bool is_large(const struct instance *in, const struct work *work)
{
    return (int64_t)in->n * in->n / in->m > LARGE_EXCHANGES ||
           !work_has_room(work, knapsack_bytes(in));
}

int search_state_new(const struct instance *in, struct work *work, struct arena *arena,
                     struct search_state *ret)
{
    struct search_state search = {
        .in = in, .work = work, .is_large = is_large(in, work), .random = 88172645463325252u};

    search.most_looks = search.is_large ? LARGE_LOOKS : INT_MAX;
    if (assignment_new(in, arena, &search.now) < 0 || assignment_new(in, arena, &search.best) < 0 ||
        assignment_new(in, arena, &search.home) < 0)
        return -ENOMEM;
    search.best_objective = assignment_objective(&search.best);
    search.best_squares = assignment_squares(&search.best);
    search.has_plan = true;
    if (search.now.fitting.rules || in->problem->start) {
        int r = search_start(&search);

        if (r < 0)
            return r;
    }
    *ret = search;
    return 0;
}

void search_state_keep(struct search_state *search)
{
    int64_t objective = assignment_objective(&search->now);
    double squares;

    if (objective > search->best_objective || !fitting_is_kept(&search->now.fitting))
        return;
    squares = assignment_squares(&search->now);
    if (objective == search->best_objective && squares >= search->best_squares)
        return;
    search->has_plan = true;
    assignment_copy(&search->now, &search->best);
    search->best_objective = objective;
    search->best_squares = squares;
}

void search_state_count(struct search_state *search, int64_t trials)
{
    work_count_cells(search->work, search->trials, search->trials + trials);
    search->trials += trials;
}

bool search_state_is_over(struct search_state *search)
{
    return (search->is_large && search->trials > search->end_trials) ||
           work_exhausted(search->work);
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
