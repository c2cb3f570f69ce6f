/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/tiny.h"

/* Each bin allowed with probability 2/3; one of them always is. */
static void mask_some(struct random *random, struct made_problem *made)
{
    int n = (int)made->problem.n_items, m = (int)made->problem.n_bins;

    for (int i = 0; i < n; i++) {
        for (int p = 0; p < m; p++)
            made->allowed[i * m + p] = random_between(random, 0, 2) > 0;
        made->allowed[i * m + random_between(random, 0, m - 1)] = true;
    }
    made->problem.allowed = made->allowed;
}

/* Overload costs something, and some are heavy enough to make it. */
static void charge_overload(struct random *random, struct made_problem *made)
{
    made->problem.overload_cost = random_between(random, 1, random_between(random, 1, 300));
    for (size_t i = 0; i < made->problem.n_items; i++)
        if (random_between(random, 0, 3) == 0)
            made->demand[i] = random_between(random, 700, 1000);
}

/* One to three groups; some are in none. */
static void group_some(struct random *random, struct made_problem *made)
{
    int groups = random_between(random, 1, made->problem.n_items < 3 ? 1 : 3);

    made->problem.together_cost = random_between(random, 1, random_between(random, 1, 200));
    for (size_t i = 0; i < made->problem.n_items; i++)
        made->group[i] = random_between(random, random_between(random, -1, 0), groups - 1);
    made->problem.group_of = made->group;
}

/* Staying costs something, often more than going. */
static void price_homes(struct random *random, struct made_problem *made)
{
    size_t m = made->problem.n_bins;

    for (size_t i = 0; i < made->problem.n_items; i++)
        if (made->current[i] >= 0)
            made->price[i * m + (size_t)made->current[i]] = random_between(random, 0, 30);
}

struct made_problem tiny_make(uint64_t seed, enum placement_objective objective)
{
    struct random random = {.state = seed * 7919 + (uint64_t)objective};
    int n = random_between(&random, 1, 7), m = random_between(&random, 1, 4);
    struct made_problem made = made_problem_new(n, m, objective);
    bool floats = random_between(&random, 0, 3) == 0, flat = random_between(&random, 0, 1);

    made.problem.kappa = random_between(&random, 1, 30);
    made.problem.nu_milli = random_between(&random, 20, 3000);
    for (int i = 0; i < n; i++) {
        int price = random_between(&random, 0, 24);

        made.demand[i] = random_between(&random, 0, random_between(&random, 10, 1000));
        made.current[i] = random_between(&random, floats ? -1 : 0, m - 1);
        for (int p = 0; p < m; p++) {
            int here = flat ? price : random_between(&random, 0, 24);

            made.price[i * m + p] = p == made.current[i] ? 0 : here;
        }
    }
    if (random_between(&random, 0, 1))
        mask_some(&random, &made);
    for (int p = 0; p < m; p++) {
        made.capacity[p] = 500 * random_between(&random, 1, 6);
        made.background[p] = random_between(&random, 0, 2) ? 0 : random_between(&random, 0, 800);
    }
    if (random_between(&random, 0, 2) == 0)
        made.problem.capacity_permille = made.capacity;
    if (random_between(&random, 0, 2) == 0)
        made.problem.background_permille = made.background;
    if (seed % 2)
        charge_overload(&random, &made);
    if (seed / 2 % 2)
        group_some(&random, &made);
    if (seed / 4 % 2)
        price_homes(&random, &made);
    return made;
}
