/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/propagation.h"

#include <errno.h>

enum { NOBODY = -1 };

struct state {
    struct propagation *of;
    int n, m;
    int *holding;      /* [n * m] patterns of the bin with the item */
    int *bins;         /* [n] bins that can hold it */
    int *claimed;      /* [n] a bin all of whose patterns hold it */
    int *sole;         /* [n] the bin, where there is only one that can hold it */
    int *required;     /* [m] items whose sole bin it is */
    int64_t *cheapest; /* [m] least excess */
    int64_t spare;     /* slack less the cheapest of all */
};

static const struct pattern *pattern_of(const struct state *state, int k)
{
    return &state->of->store->patterns[state->of->chosen[k]];
}

static int64_t excess_of(const struct state *state, int k)
{
    return state->of->excess ? state->of->excess[k] : 0;
}

static bool is_asked(const struct state *state, int p)
{
    return !state->of->is_asked || state->of->is_asked[p];
}

static bool is_needed(const struct state *state, int i)
{
    return !state->of->is_needed || state->of->is_needed[i];
}

static void add(struct state *state, int k, int by)
{
    const struct pattern *pattern = pattern_of(state, k);

    state->of->left[pattern->bin] += by;
    for (int z = 0; z < pattern->n_items; z++) {
        int i = pattern->items[z], *count = &state->holding[(int64_t)i * state->m + pattern->bin];

        state->bins[i] += by > 0 ? *count == 0 : -(*count == 1);
        *count += by;
    }
}

/* Who claims whom, after the last round's losses. */
static void find_claims(struct state *state)
{
    for (int p = 0; p < state->m; p++) {
        state->required[p] = 0;
        state->of->impossible |= state->of->left[p] == 0 && is_asked(state, p);
    }
    for (int i = 0; i < state->n; i++) {
        const int *holding = state->holding + (int64_t)i * state->m;

        state->claimed[i] = state->sole[i] = NOBODY;
        for (int p = 0; p < state->m; p++) {
            if (holding[p] == 0)
                continue;
            if (holding[p] == state->of->left[p]) {
                state->of->impossible |= state->claimed[i] != NOBODY;
                state->claimed[i] = p;
            }
            state->sole[i] = p;
        }
        state->of->impossible |= state->bins[i] == 0 && is_needed(state, i);
        if (state->bins[i] == 1 && is_needed(state, i))
            state->required[state->sole[i]]++;
        else
            state->sole[i] = NOBODY;
    }
}

static void find_spare(struct state *state)
{
    for (int p = 0; p < state->m; p++)
        state->cheapest[p] = INT64_MAX;
    for (int k = 0; k < state->of->n_chosen; k++) {
        int64_t *cheapest = &state->cheapest[pattern_of(state, k)->bin];

        if (state->of->alive[k] && excess_of(state, k) < *cheapest)
            *cheapest = excess_of(state, k);
    }
    state->spare = state->of->slack;
    for (int p = 0; p < state->m; p++)
        state->spare -= is_asked(state, p) ? state->cheapest[p] : 0;
    state->of->impossible |= state->spare < 0;
}

static bool contradicts(const struct state *state, int k)
{
    const struct pattern *pattern = pattern_of(state, k);
    int required = 0;

    if (state->of->excess && excess_of(state, k) - state->cheapest[pattern->bin] > state->spare)
        return true;
    for (int z = 0; z < pattern->n_items; z++) {
        int i = pattern->items[z];

        if (state->claimed[i] != NOBODY && state->claimed[i] != pattern->bin)
            return true;
        required += state->sole[i] == pattern->bin;
    }
    return required < state->required[pattern->bin];
}

static bool drop_contradictions(struct state *state)
{
    bool dropped = false;

    for (int k = 0; k < state->of->n_chosen; k++) {
        if (!state->of->alive[k] || !contradicts(state, k))
            continue;
        state->of->alive[k] = false;
        add(state, k, -1);
        dropped = true;
    }
    return dropped;
}

static int take_room(struct state *state, struct arena *arena)
{
    size_t n = (size_t)state->n, m = (size_t)state->m;
    struct propagation *of = state->of;

    of->alive = arena_take(arena, (size_t)of->n_chosen, sizeof(bool));
    of->left = arena_take(arena, m, sizeof(int));
    of->only_bin = arena_take(arena, n, sizeof(int));
    state->holding = arena_take(arena, n * m, sizeof(int));
    state->bins = arena_take(arena, n, sizeof(int));
    state->claimed = arena_take(arena, n, sizeof(int));
    state->sole = arena_take(arena, n, sizeof(int));
    state->required = arena_take(arena, m, sizeof(int));
    state->cheapest = arena_take(arena, m, sizeof(int64_t));
    return arena_error(arena);
}

int propagation_run(struct propagation *of, struct arena *arena)
{
    const struct instance *in = of->store->windows->in;
    struct state state = {.of = of, .n = in->n, .m = in->m};

    of->impossible = false;
    if (take_room(&state, arena) < 0)
        return -ENOMEM;
    for (int k = 0; k < of->n_chosen; k++) {
        of->alive[k] = true;
        add(&state, k, 1);
    }
    do {
        find_claims(&state);
        if (!of->impossible && of->excess)
            find_spare(&state);
    } while (!of->impossible && drop_contradictions(&state));
    for (int i = 0; i < state.n; i++)
        of->only_bin[i] = state.claimed[i] == state.sole[i] ? state.sole[i] : NOBODY;
    return 0;
}
