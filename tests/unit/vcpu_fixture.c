/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/vcpu_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned next(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

void kit_plain(struct kit *kit, int n, int m)
{
    *kit = (struct kit){0};
    for (int i = 0; i < n; i++) {
        kit->demand[i] = 100 + 10 * i;
        for (int p = 0; p < m; p++)
            kit->price[i * m + p] = p ? 10 : 0;
    }
    kit->problem = (struct placement_problem){.n_items = (size_t)n,
                                              .n_bins = (size_t)m,
                                              .demand_permille = kit->demand,
                                              .current = kit->current,
                                              .price = kit->price,
                                              .kappa = 5,
                                              .nu_milli = 300};
}

void kit_random(struct kit *kit, unsigned seed, enum placement_objective objective)
{
    unsigned state = seed * 2654435761u + 1;
    int n = 1 + (int)next(&state, 7), m = 1 + (int)next(&state, KIT_BINS);
    bool floats = next(&state, 3) == 0;

    kit_plain(kit, n, m);
    kit->problem.objective = objective;
    kit->problem.kappa = 1 + (int)next(&state, 30);
    kit->problem.nu_milli = 10 + (int)next(&state, 500);
    if (next(&state, 2))
        kit->problem.allowed = kit->allowed;
    if (next(&state, 3) == 0)
        kit->problem.capacity_permille = kit->capacity;
    if (next(&state, 3) == 0)
        kit->problem.background_permille = kit->background;
    for (int p = 0; p < m; p++) {
        kit->capacity[p] = 500 * (1 + (int)next(&state, 4));
        kit->background[p] = (int)next(&state, 2) * (int)next(&state, 900);
    }
    for (int i = 0; i < n; i++) {
        kit->demand[i] = (int)next(&state, next(&state, 2) ? 1001 : 200);
        kit->current[i] = floats && next(&state, 3) == 0 ? -1 : (int)next(&state, (unsigned)m);
        for (int p = 0; p < m; p++) {
            kit->allowed[i * m + p] = next(&state, 10) < 6;
            kit->price[i * m + p] = p == kit->current[i] ? 0 : 1 + (int)next(&state, 25);
        }
        kit->allowed[i * m + (int)next(&state, (unsigned)m)] = true;
    }
    if (seed % 2)
        kit->problem.overload_cost = 1 + (int)next(&state, 1 + next(&state, 300));
    for (int i = 0; i < n; i++)
        kit->group[i] = (int)next(&state, 3) - 1;
    if (seed % 3 == 0 && n > 1)
        kit->problem.group_of = kit->group;
    if (seed % 3 == 0)
        kit->problem.together_cost = 1 + (int)next(&state, 1 + next(&state, 100));
}

void kit_confined(struct kit *kit, unsigned seed, enum placement_objective objective)
{
    unsigned state = seed * 2246822519u + 7, group[2];
    int n, m;

    kit_random(kit, seed, objective);
    n = (int)kit->problem.n_items;
    m = (int)kit->problem.n_bins;
    kit->problem.allowed = kit->allowed;
    for (int k = 0; k < 2; k++)
        group[k] = 1 + next(&state, (1u << m) - 1);
    for (int i = 0; i < n; i++) {
        unsigned kind = next(&state, 4), bins = kind < 2 ? group[kind] : (1u << m) - 1;

        for (int p = 0; p < m; p++)
            kit->allowed[i * m + p] = bins >> p & 1;
    }
}

void kit_up(struct kit *kit)
{
    assert_int_equal(placement_problem_check(&kit->problem), 0);
    assert_int_equal(balance_new(&kit->problem, &kit->balance), 0);
    assert_int_equal(instance_new(&kit->balance, &kit->in), 0);
    kit->ws = (struct workspace){.in = &kit->in, .work = &kit->work};
    assert_int_equal(search_state_new(&kit->in, &kit->work, &kit->ws.arena, &kit->ws.search), 0);
    assert_int_equal(windows_new(&kit->in, windows_reach(&kit->in, kit->ws.search.best_objective),
                                 &kit->ws.arena, &kit->ws.windows),
                     0);
    assert_int_equal(pricing_new(&kit->ws.windows, &kit->work, &kit->ws.arena, &kit->ws.pricing),
                     0);
    assert_int_equal(bounds_new(&kit->ws.windows, &kit->ws.arena, &kit->ws.bounds), 0);
    assert_int_equal(patterns_new(&kit->ws.windows, &kit->ws.patterns), 0);
}

void kit_down(struct kit *kit)
{
    workspace_done(&kit->ws);
    instance_done(&kit->in);
    balance_done(&kit->balance);
}

static void place_from(struct kit *kit, int i, int *bin_of,
                       void (*visit)(struct kit *kit, const int *bin_of, void *arg), void *arg)
{
    if (i == kit->in.n) {
        visit(kit, bin_of, arg);
        return;
    }
    for (int p = 0; p < kit->in.m; p++) {
        if (instance_price(&kit->in, i, p) == INSTANCE_FORBIDDEN)
            continue;
        bin_of[i] = p;
        place_from(kit, i + 1, bin_of, visit, arg);
    }
}

void kit_every_plan(struct kit *kit, void (*visit)(struct kit *kit, const int *bin_of, void *arg),
                    void *arg)
{
    int bin_of[KIT_VCPUS] = {0};

    place_from(kit, 0, bin_of, visit, arg);
}

int64_t kit_objective(struct kit *kit, const int *bin_of)
{
    assignment_set(&kit->ws.search.now, bin_of);
    return assignment_objective(&kit->ws.search.now);
}

static void take_least(struct kit *kit, const int *bin_of, void *arg)
{
    int64_t objective = kit_objective(kit, bin_of), *least = arg;

    *least = objective < *least ? objective : *least;
}

int64_t kit_optimum(struct kit *kit)
{
    int64_t least = INT64_MAX;

    kit_every_plan(kit, take_least, &least);
    return least;
}
