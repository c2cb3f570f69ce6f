/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/solve/joint.h"
#include "tests/unit/vcpu_fixture.h"

/* Sets of bins whose items may run nowhere else, against all ways to fill them. */

static const int64_t MUCH = INT64_C(1) << 40;

struct question {
    struct kit kit;
    const struct bin_set *set;
    int duals[KIT_VCPUS], top;
    int64_t least; /* by exhaustion */
};

static bool is_inside(const struct bin_set *set, int p)
{
    for (int k = 0; k < set->n_bins; k++)
        if (set->bins[k] == p)
            return true;
    return false;
}

/* What the set's bins pay in this plan; plans count whatever the other bins' loads are. */
static void take_least(struct kit *kit, const int *bin_of, void *arg)
{
    struct question *q = arg;
    int64_t sum = 0;

    for (int z = 0; z < q->set->n_bins; z++) {
        int p = q->set->bins[z], load = 0, items[KIT_VCPUS], n = 0;

        for (int i = 0; i < kit->in.n; i++) {
            bool is_own = kit->in.home[i] == p;

            if (bin_of[i] == p)
                items[n++] = i;
            load += bin_of[i] == p ? kit->in.weight[i] : 0;
            if (is_own && bin_of[i] != p)
                sum += q->duals[i];
            if (!is_own && bin_of[i] == p)
                sum += (int64_t)instance_price(&kit->in, i, p) * kit->in.price_scale - q->duals[i];
        }
        sum += kit->in.price_scale * instance_together(&kit->in, p, items, n);
        if (load < windows_low(&kit->ws.windows, p, q->top) ||
            load > windows_high(&kit->ws.windows, p, q->top))
            return;
    }
    q->least = sum < q->least ? sum : q->least;
}

static int64_t ask(struct question *q, int64_t most)
{
    struct kit *kit = &q->kit;
    size_t cells = (size_t)kit->in.m * ((size_t)q->top + 1);
    int64_t *limit = arena_take(&kit->ws.arena, cells, sizeof(*limit)), least;
    struct enumeration enumeration = {.pricing = &kit->ws.pricing,
                                      .duals = q->duals,
                                      .top = q->top,
                                      .slack = INT64_MAX / 4,
                                      .limit = limit};
    struct joint joint = {.set = q->set, .enumeration = &enumeration, .most = most};

    for (size_t k = 0; k < cells; k++)
        limit[k] = MUCH;
    assert_int_equal(joint_least(&joint, &least), 0);
    return least;
}

/* Alone each bin pays its least value, together what the cheapest filling costs. */
static void compare(struct question *q, int *better, int *none)
{
    struct kit *kit = &q->kit;
    struct evaluation ev = {0};
    int64_t alone = 0, together;

    ev.bound = arena_take(&kit->ws.arena, (size_t)kit->ws.windows.n, sizeof(int64_t));
    ev.bin_value =
        arena_take(&kit->ws.arena, (size_t)kit->in.m * (size_t)kit->ws.windows.n, sizeof(int32_t));
    pricing_narrow(&kit->ws.pricing, 0, q->top);
    pricing_evaluate(&kit->ws.pricing, q->duals, &ev);
    q->least = INT64_MAX;
    kit_every_plan(kit, take_least, q);
    together = ask(q, MUCH);
    *none += q->least == INT64_MAX;
    if (q->least == INT64_MAX) {
        assert_int_equal(together, MUCH + 1);
        return;
    }
    for (int z = 0; z < q->set->n_bins; z++)
        alone += ev.bin_value[q->set->bins[z] * (q->top + 1) + q->top];
    assert_int_equal(together, q->least);
    assert_int_equal(ask(q, q->least), q->least);
    assert_true(ask(q, q->least - 1) == q->least);
    assert_true(alone <= together);
    *better += alone < together;
}

static void a_set_pays_what_its_cheapest_filling_pays(void **state)
{
    int better = 0, none = 0, others = 0;

    (void)state;
    for (unsigned seed = 0; seed < 1500; seed++) {
        struct question q;

        kit_confined(&q.kit, seed, PLACEMENT_DEVIATION);
        q.kit.problem.overload_cost = 0;
        kit_up(&q.kit);
        q.top = (int)(seed * 7919u % (unsigned)q.kit.ws.windows.n);
        for (int i = 0; i < q.kit.in.n; i++)
            q.duals[i] = (int)((seed + (unsigned)i * 13u) % 20u) * q.kit.in.price_scale;
        for (int k = 0; k < q.kit.ws.windows.sets.n; k++) {
            q.set = &q.kit.ws.windows.sets.set[k];
            others += !is_inside(q.set, 0) || !is_inside(q.set, q.kit.in.m - 1);
            compare(&q, &better, &none);
        }
        kit_down(&q.kit);
    }
    assert_true(better > 300);
    assert_true(none > 100);
    assert_true(others > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_pays_what_its_cheapest_filling_pays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
