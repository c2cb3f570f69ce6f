/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/drawn.h"

enum { MAX_MANY = 12, MAX_SPREAD = 9 };

int drawn_number(unsigned *state, int below)
{
    *state = *state * 1664525u + 1013904223u;
    return (int)((*state >> 8) % (unsigned)below);
}

static void draw_vcpu(struct drawn *drawn, unsigned *state, struct drawn_kind kind, int i,
                      bool floats, int grain, int heaviest, int prices)
{
    int m = (int)drawn->problem.n_bins, own;

    drawn->demand[i] = (1 + drawn_number(state, heaviest / grain + 1)) * grain;
    if (drawn->demand[i] > 1000)
        drawn->demand[i] = 1000;
    if (drawn_number(state, 15) == 0)
        drawn->demand[i] = 0;
    if (floats && drawn_number(state, 4) == 0)
        drawn->current[i] = -1;
    else
        drawn->current[i] = kind.many && i < 9 ? 0 : drawn_number(state, m);
    own = 1 + drawn_number(state, 25);
    for (int p = 0; p < m; p++) {
        int *price = &drawn->price[i * m + p];

        drawn->allowed[i * m + p] = drawn_number(state, 10) < 8;
        if (p == drawn->current[i] || kind.free)
            *price = 0;
        else
            *price = prices ? own : 1 + drawn_number(state, 25);
    }
    drawn->allowed[i * m + drawn_number(state, m)] = true;
}

/* The groups' bins are bits. */
static void confine(struct drawn *drawn, unsigned *state)
{
    int m = (int)drawn->problem.n_bins, all = (1 << m) - 1, group[2];

    for (int k = 0; k < 2; k++)
        group[k] = 1 + drawn_number(state, all - 1);
    for (int i = 0; i < (int)drawn->problem.n_items; i++) {
        int kind = drawn_number(state, 4), bins = kind == 0 ? group[1] : kind < 3 ? group[0] : all;

        for (int p = 0; p < m; p++)
            drawn->allowed[i * m + p] = bins >> p & 1;
    }
    drawn->problem.allowed = drawn->allowed;
}

static void group(struct drawn *drawn, unsigned *state)
{
    int groups = 2 + drawn_number(state, 2);

    for (int i = 0; i < (int)drawn->problem.n_items; i++)
        drawn->group[i] = drawn_number(state, groups + 1) - 1;
    drawn->problem.group_of = drawn->group;
    drawn->problem.together_cost = 1 + drawn_number(state, 1 + drawn_number(state, 100));
}

/* Some homes cost something, most of these more than going. */
static void price_homes(struct drawn *drawn, unsigned *state)
{
    int m = (int)drawn->problem.n_bins;

    for (int i = 0; i < (int)drawn->problem.n_items; i++)
        if (drawn->current[i] >= 0 && drawn_number(state, 2))
            drawn->price[i * m + drawn->current[i]] = drawn_number(state, 40);
}

void drawn_problem(unsigned seed, struct drawn_kind kind, struct drawn *drawn)
{
    static const int GRAINS[] = {1, 10, 50, 100};
    unsigned state = seed * 2654435761u + 12345;
    int m = 2 + drawn_number(&state, 3), n, grain, heaviest, prices;
    struct placement_problem *problem = &drawn->problem;
    bool floats;

    n = kind.many ? 10 + drawn_number(&state, MAX_MANY - 9)
                  : 4 + drawn_number(&state, MAX_SPREAD - 3);
    m = n > 11 && m > 3 ? 3 : m;
    grain = GRAINS[drawn_number(&state, 4)];
    heaviest = drawn_number(&state, 2) ? 400 : 150;
    *problem = (struct placement_problem){.n_items = (size_t)n,
                                          .n_bins = (size_t)m,
                                          .demand_permille = drawn->demand,
                                          .current = drawn->current,
                                          .price = drawn->price};
    problem->kappa = 1 + drawn_number(&state, 30);
    problem->nu_milli = 10 + drawn_number(&state, 500);
    problem->objective = seed % 3 == 0 ? PLACEMENT_VARIANCE : PLACEMENT_DEVIATION;
    problem->allowed = drawn_number(&state, 2) ? drawn->allowed : NULL;
    problem->capacity_permille = drawn_number(&state, 4) == 0 ? drawn->capacity : NULL;
    problem->background_permille = drawn_number(&state, 3) == 0 ? drawn->background : NULL;
    floats = drawn_number(&state, 3) == 0;
    for (int p = 0; p < m; p++) {
        drawn->capacity[p] = 500 * (1 + drawn_number(&state, 4));
        drawn->background[p] = drawn_number(&state, 2);
        drawn->background[p] *= drawn_number(&state, 500);
    }
    prices = drawn_number(&state, 3);
    for (int i = 0; i < n; i++)
        draw_vcpu(drawn, &state, kind, i, floats, grain, heaviest, prices);
    if (kind.confined)
        confine(drawn, &state);
    for (int i = 0; i < n && kind.hogs; i++)
        if (drawn_number(&state, 4) == 0)
            drawn->demand[i] = 700 + drawn_number(&state, 301);
    if (kind.hogs)
        problem->overload_cost = 1 + drawn_number(&state, 1 + drawn_number(&state, 300));
    if (kind.grouped)
        group(drawn, &state);
    if (kind.homes)
        price_homes(drawn, &state);
}
