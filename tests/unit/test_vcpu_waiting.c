/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/plan_waiting.h"
#include "planner/vcpu/waiting.h"

static struct waiting waiting_of(double pcpus, const double *demand, size_t n)
{
    const struct waiting_pool pool = {.pcpus = pcpus};
    struct waiting sum = {0};

    assert_int_equal(waiting_add(&sum, &pool, demand, n), 0);
    return sum;
}

static void is_about(double found, double expected, double tolerance)
{
    if (fabs(found - expected) > tolerance)
        fail_msg("%.6f, not %.6f", found, expected);
}

/* r = 1 for both; P ~ 1, 2, 2. */
static void two_that_want_half_of_one_pcpu(void **state)
{
    const double demand[] = {0.5, 0.5};
    struct waiting found = waiting_of(1, demand, 2);

    (void)state;
    is_about(found.running, 0.8, 1e-9);
    is_about(found.waiting, 0.4, 1e-9);
    is_about(waiting_share(&found), 0.5, 1e-9);
}

enum { STATES = 16, STEPS = 40000 };
static const double STEP = 0.01;

static int runnable(int subset)
{
    return __builtin_popcount((unsigned)subset);
}

/* One step of the chain over all subsets of runnable vCPUs: each of them works with its share of the
 * pCPUs, bursts of one unit on average, and sleeps as long as its odds ask for. */
static void step_chain(double *p, const double *demand, int n, double pcpus)
{
    double next[STATES];

    memcpy(next, p, sizeof(next));
    for (int s = 0; s < 1 << n; s++) {
        double share = runnable(s) > pcpus ? pcpus / runnable(s) : 1;

        for (int i = 0; i < n; i++) {
            bool is_runnable = s >> i & 1;
            double odds = demand[i] / (1 - demand[i]);
            double flow = p[s] * STEP * (is_runnable ? share : odds);

            next[s] -= flow;
            next[s ^ 1 << i] += flow;
        }
    }
    memcpy(p, next, sizeof(next));
}

/* Exponential times, solved by waiting until nothing changes. */
static struct waiting of_the_chain(double pcpus, const double *demand, int n)
{
    double p[STATES] = {1};
    struct waiting found = {0};

    for (int step = 0; step < STEPS; step++)
        step_chain(p, demand, n, pcpus);
    for (int s = 0; s < 1 << n; s++) {
        double running = fmin(runnable(s), pcpus);

        found.running += p[s] * running;
        found.waiting += p[s] * (runnable(s) - running);
    }
    return found;
}

static void the_closed_form_is_where_the_markov_chain_rests(void **state)
{
    static const double demands[][4] = {
        {0.1, 0.2, 0.3, 0.4}, {0.5, 0.5, 0.5, 0.5}, {0.9, 0.05, 0.3, 0.6}, {0.85, 0.7, 0.8, 0.2}};

    (void)state;
    for (size_t k = 0; k < sizeof(demands) / sizeof(demands[0]); k++)
        for (int pcpus = 1; pcpus <= 3; pcpus++) {
            struct waiting chain = of_the_chain(pcpus, demands[k], 4);
            struct waiting found = waiting_of(pcpus, demands[k], 4);

            is_about(found.running, chain.running, 1e-6);
            is_about(found.waiting, chain.waiting, 1e-6);
        }
}

/* Three want 60 % and three 25 % of two pCPUs: pins wait more than floating ones even where no
 * other pins are better. */
static void pins_wait_more_than_a_shared_pair(void **state)
{
    const double all[] = {0.6, 0.6, 0.6, 0.25, 0.25, 0.25};
    double best = INFINITY;

    (void)state;
    is_about(waiting_of(2, all, 6).waiting, 1.43, 0.01);
    for (int subset = 1; subset < 63; subset++) {
        double here[6], there[6], sum;
        size_t n = 0, m = 0;

        for (int i = 0; i < 6; i++)
            *(subset >> i & 1 ? &here[n++] : &there[m++]) = all[i];
        sum = waiting_of(1, here, n).waiting + waiting_of(1, there, m).waiting;
        best = fmin(best, sum);
    }
    is_about(best, 1.67, 0.01);
}

/* Four always busy ones on two cores with two threads each: two cores and two quarters are done. */
static void second_threads_add_a_part(void **state)
{
    const struct waiting_pool cores = {.pcpus = 2, .siblings = 2, .sibling_share = 0.25};
    const double demand[] = {1, 1, 1, 1};
    struct waiting found = {0};

    (void)state;
    assert_int_equal(waiting_add(&found, &cores, demand, 4), 0);
    is_about(found.running, 2.5, 0.01);
    is_about(found.waiting, 1.5, 0.02);
}

/* A thread beside a busy one gets less done, and is told as running all the same. */
static void only_who_has_no_thread_stands_in_line(void **state)
{
    const struct waiting_pool cores = {.pcpus = 2, .siblings = 2, .sibling_share = 0.25};
    const double demand[] = {1, 1, 1, 1, 1};
    struct waiting four = {0}, five = {0};

    (void)state;
    assert_int_equal(waiting_add(&four, &cores, demand, 4), 0);
    is_about(waiting_share_in_line(&four), 0, 1e-9);
    is_about(waiting_share(&four), 0.6, 0.01);
    assert_int_equal(waiting_add(&five, &cores, demand, 5), 0);
    is_about(waiting_share_in_line(&five), 0.25, 0.01);
}

static void who_never_sleeps_and_who_never_works_are_numbers(void **state)
{
    double many[2000];
    struct waiting found;

    (void)state;
    for (int i = 0; i < 2000; i++)
        many[i] = i % 2 ? 1 : 0;
    found = waiting_of(64, many, 2000);
    is_about(found.running, 64, 1e-6);
    is_about(found.waiting, 1000 - 64, 2);
    found = waiting_of(4, many, 0);
    is_about(waiting_share(&found), 0, 0);
}

static void too_many_are_not_worked_out(void **state)
{
    static const double many[WAITING_MOST + 1];
    struct waiting found = waiting_of(4, many, WAITING_MOST + 1);

    (void)state;
    assert_true(isnan(waiting_share(&found)));
}

/* Two on one pCPU, of which one goes to the other pCPU. */
static void a_plan_tells_what_it_does_to_waiting(void **state)
{
    struct pcpu_load pcpus[] = {{.id = 4}, {.id = 7}};
    struct vcpu_place places[] = {
        {.vcpu = 0, .from_place = 4, .to_place = 4, .demand_permille = 500},
        {.vcpu = 1, .from_place = 4, .to_place = 7, .demand_permille = 500}};
    struct vcpu_plan plan = {
        .pcpus = pcpus, .n_pcpus = 2, .places = places, .n_places = 2, .n_pins = 1};
    struct vcpu_tracks tracks = {.ran = 0.8, .waited = 0.4};

    (void)state;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(plan.waiting.is_measured);
    is_about(plan.waiting.measured, 0.5, 1e-9);
    is_about(plan.waiting.now, 0.5, 1e-9);
    is_about(plan.waiting.after, 0, 1e-9);
    is_about(plan.waiting.floating, 0, 1e-9);
}

/* Another program on the second pCPU counts as one more that wants to run there, and a pCPU that
 * guests may not use gives floating ones no room. */
static void other_programs_and_pcpus_that_are_not_ours_count(void **state)
{
    struct pcpu_load pcpus[] = {
        {.id = 0}, {.id = 1, .background_permille = 500}, {.id = 2, .use = PCPU_ISOLATED}};
    struct vcpu_place places[] = {{.from_place = 1, .to_place = 1, .demand_permille = 500}};
    struct vcpu_plan plan = {.pcpus = pcpus, .n_pcpus = 3, .places = places, .n_places = 1};
    const struct vcpu_tracks tracks = {0};

    (void)state;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_false(plan.waiting.is_measured);
    is_about(plan.waiting.now, 0.5, 1e-9);
    is_about(plan.waiting.floating, 0, 1e-9);
    pcpus[0].use = PCPU_RESERVED;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    is_about(plan.waiting.floating, 0.5, 1e-9);
    places[0].from_place = places[0].to_place = -1; /* it has what the program leaves of pCPU 1 */
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(plan.waiting.now > 0.3 && plan.waiting.now < 1);
}

/* Eight busy vCPUs on two caches of four cores with two threads leave what siblings add. Who floats there
 * works beside them. */
static void who_floats_has_what_siblings_add(void **state)
{
    struct plan_set sets[2] = {{.n_pcpus = 8, .cores = 4, .siblings = 4},
                               {.n_pcpus = 8, .cores = 4, .siblings = 4}};
    struct pcpu_load pcpus[16] = {{0}};
    struct vcpu_place places[12] = {{0}};
    struct vcpu_plan plan = {.grain = TOPOLOGY_LEVEL_LLC,
                             .sets = sets,
                             .n_sets = 2,
                             .n_bins = 2,
                             .pcpus = pcpus,
                             .n_pcpus = 16,
                             .places = places,
                             .n_places = 12};
    const struct vcpu_tracks tracks = {0};

    (void)state;
    for (unsigned p = 0; p < 16; p++) {
        pcpus[p] = (struct pcpu_load){.id = p, .cost = 1};
        cpuset_add(&sets[p / 8].pcpus, p);
    }
    for (size_t i = 0; i < 12; i++)
        places[i] = (struct vcpu_place){.vcpu = i,
                                        .from_place = i < 8 ? (int)i / 4 : -1,
                                        .to_place = i < 8 ? (int)i / 4 : -1,
                                        .demand_permille = 1000};
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    is_about(plan.waiting.floating, 3.0 / 9, 0.01);
    is_about(plan.waiting.now, 3.0 / 9, 0.02);
}

/* Three on a cache of two pCPUs, where the third wants a half; they are held there, or all of them would have
 * a pCPU of four. A program runs beside them, or wherever there is room. */
static void who_is_held_waits_where_others_float(void **state)
{
    struct plan_set sets[2] = {{.n_pcpus = 2, .cores = 2}, {.n_pcpus = 2, .cores = 2}};
    struct pcpu_load pcpus[4];
    struct vcpu_place places[3];
    struct vcpu_plan plan = {.grain = TOPOLOGY_LEVEL_LLC,
                             .sets = sets,
                             .n_sets = 2,
                             .n_bins = 2,
                             .pcpus = pcpus,
                             .n_pcpus = 4,
                             .places = places,
                             .n_places = 3};
    const struct vcpu_tracks tracks = {0};
    double beside;

    (void)state;
    for (unsigned p = 0; p < 4; p++) {
        pcpus[p] = (struct pcpu_load){.id = p, .cost = 1};
        cpuset_add(&sets[p / 2].pcpus, p);
    }
    for (size_t i = 0; i < 3; i++)
        places[i] = (struct vcpu_place){
            .vcpu = i, .to_place = 0, .is_held = true, .demand_permille = i < 2 ? 1000 : 500};
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(plan.waiting.now > 0.2);
    is_about(plan.waiting.floating, plan.waiting.now, 1e-9);
    pcpus[0].background_permille = 300;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    beside = plan.waiting.floating;
    is_about(plan.waiting.now, beside, 1e-9);
    pcpus[0].background_permille = 0;
    pcpus[3].background_permille = 300;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(plan.waiting.floating < beside);
    places[0].is_held = false;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(plan.waiting.floating < plan.waiting.now);
    places[1].is_held = places[2].is_held = false;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(plan.waiting.floating < 0.1);
}

static void without_a_pcpu_for_guests_nothing_is_expected(void **state)
{
    struct pcpu_load pcpus[] = {{.use = PCPU_RESERVED}};
    struct vcpu_place places[] = {{.from_place = -1, .to_place = -1, .demand_permille = 500}};
    struct vcpu_plan plan = {.pcpus = pcpus, .n_pcpus = 1, .places = places, .n_places = 1};
    const struct vcpu_tracks tracks = {0};

    (void)state;
    assert_int_equal(plan_waiting(&tracks, &plan), 0);
    assert_true(isnan(plan.waiting.now) && isnan(plan.waiting.floating));
}

/* Both ran half the time and waited the other half, the second one for its quota. */
static void who_is_throttled_waits_for_no_pcpu(void **state)
{
    const struct vcpu_usage usage[] = {{.has_delay = true, .usage = 0.5, .delay = 0.5},
                                       {.has_delay = true, .usage = 0.5, .delay = 0.5}};
    const struct vcpu_demand demand[] = {{.known = true}, {.known = true, .throttled = true}};
    double ran, waited;

    (void)state;
    demand_sum_waiting(usage, demand, 2, &ran, &waited);
    is_about(ran, 1, 1e-9);
    is_about(waited, 0.5, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_want_half_of_one_pcpu),
        cmocka_unit_test(the_closed_form_is_where_the_markov_chain_rests),
        cmocka_unit_test(pins_wait_more_than_a_shared_pair),
        cmocka_unit_test(second_threads_add_a_part),
        cmocka_unit_test(too_many_are_not_worked_out),
        cmocka_unit_test(a_plan_tells_what_it_does_to_waiting),
        cmocka_unit_test(other_programs_and_pcpus_that_are_not_ours_count),
        cmocka_unit_test(who_floats_has_what_siblings_add),
        cmocka_unit_test(who_is_held_waits_where_others_float),
        cmocka_unit_test(without_a_pcpu_for_guests_nothing_is_expected),
        cmocka_unit_test(who_is_throttled_waits_for_no_pcpu),
        cmocka_unit_test(only_who_has_no_thread_stands_in_line),
        cmocka_unit_test(who_never_sleeps_and_who_never_works_are_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
