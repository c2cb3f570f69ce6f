/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the checker works out of a plan at level pcpu is what the planner does, in its own way. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/simulated/random.h"
#include "planner/vcpu/check_pcpus.h"
#include "planner/vcpu/plan_waiting.h"

enum { PCPUS = 6, VCPUS = 14 };

struct host {
    struct pcpu_reading readings[PCPUS];
    struct pcpu_load pcpus[PCPUS];
    struct vcpu_place places[VCPUS];
    int place_of[2][VCPUS]; /* before and after */
    struct vcpu_sample sample;
    struct vcpu_plan plan;
};

static int below(struct random *stream, int n)
{
    return (int)(random_uniform(stream) * n);
}

static void begin(struct host *host, unsigned seed)
{
    struct random stream = random_stream(seed, 1);

    *host = (struct host){.sample = {.pcpus = host->readings, .n_pcpus = PCPUS},
                          .plan = {.grain = TOPOLOGY_LEVEL_PCPU,
                                   .pcpus = host->pcpus,
                                   .n_pcpus = PCPUS,
                                   .places = host->places,
                                   .n_places = VCPUS}};
    for (unsigned p = 0; p < PCPUS; p++) {
        enum pcpu_use use = below(&stream, 5) ? PCPU_USABLE : PCPU_RESERVED;

        host->readings[p] = (struct pcpu_reading){.id = 3 * p, .use = use};
        host->pcpus[p] = (struct pcpu_load){.id = 3 * p,
                                            .use = use,
                                            .background_permille = 100 * below(&stream, 4),
                                            .cost = 1 + 0.13 * below(&stream, 8)};
    }
    for (size_t i = 0; i < VCPUS; i++) {
        struct vcpu_place *place = &host->places[i];

        place->vcpu = i;
        place->from_place = below(&stream, 3) ? 3 * below(&stream, PCPUS) : -1;
        place->to_place = below(&stream, 3) ? 3 * below(&stream, PCPUS) : place->from_place;
        place->demand_permille = below(&stream, 1001);
        place->reserve_permille = below(&stream, 3) ? 0 : below(&stream, 1001);
        place->is_apart = place->from_place < 0 && place->to_place < 0 && !below(&stream, 4);
        host->place_of[0][i] = place->from_place;
        host->place_of[1][i] = place->to_place;
    }
}

static void assert_near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-9 * (1 + expected)))
        fail_msg("%.12f is not %.12f", found, expected);
}

static void waiting_is_what_the_planner_says(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct host host;

        begin(&host, seed);
        for (int after = 0; after <= 1; after++) {
            const int *place_of = host.place_of[after];
            double planner, checker;

            assert_int_equal(plan_waiting_placed(&host.plan, after, &planner), 0);
            assert_int_equal(
                vcpu_check_pcpus_waiting(&host.sample, &host.plan, place_of, false, &checker), 0);
            assert_near(checker, planner);
            assert_int_equal(plan_waiting_of(&host.plan, place_of, &planner), 0);
            assert_int_equal(
                vcpu_check_pcpus_waiting(&host.sample, &host.plan, place_of, true, &checker), 0);
            assert_near(checker, planner);
        }
    }
}

static void loads_are_what_the_planner_says(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct host host;
        double load[PCPUS];

        begin(&host, seed);
        vcpu_check_pcpus_loads(&host.plan, host.place_of[1], load);
        for (size_t p = 0; p < PCPUS; p++) {
            double sum = host.pcpus[p].background_permille;

            for (size_t i = 0; i < VCPUS; i++)
                if (host.place_of[1][i] == (int)host.pcpus[p].id)
                    sum += vcpu_plan_charge_on(&host.plan, i, host.place_of[1][i]);
            assert_near(load[p], sum);
        }
    }
}

/* By hand: 400 permille of a pCPU want 600 of one on which work takes half as long again; who fills his keeps
 * to that, and what is reserved counts where it is more. */
static void work_takes_longer_on_slow_pcpus(void **state)
{
    static const int to[VCPUS] = {3, 3, 3};
    struct host host;
    double load[PCPUS];

    (void)state;
    begin(&host, 0);
    host.plan.n_places = 3;
    host.plan.n_pcpus = 2;
    host.pcpus[0].background_permille = host.pcpus[1].background_permille = 0;
    host.pcpus[0].cost = 1;
    host.pcpus[1].cost = 1.5;
    for (size_t i = 0; i < 3; i++)
        host.places[i] = (struct vcpu_place){.vcpu = i, .demand_permille = i == 0 ? 400 : 900};
    host.places[2].reserve_permille = 950;
    vcpu_check_pcpus_loads(&host.plan, to, load);
    assert_near(load[0], 0);
    assert_near(load[1], 600 + 900 + 950);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_is_what_the_planner_says),
        cmocka_unit_test(loads_are_what_the_planner_says),
        cmocka_unit_test(work_takes_longer_on_slow_pcpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
