/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of VSched's choices in seven cases, with waiting by the closed form. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/vcpu/waiting.h"
#include "tests/bench/vsched_rule.h"

enum { MOST_PCPUS = 32, MOST_ON_ONE = 8 };

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

/* Demands that meet on each pCPU. */
struct loads {
    double demand[MOST_PCPUS][MOST_ON_ONE];
    size_t n[MOST_PCPUS];
};

static void add(struct loads *loads, size_t pcpu, double demand)
{
    loads->demand[pcpu][loads->n[pcpu]++] = demand;
}

static double load_of(const struct loads *loads, size_t first, size_t n)
{
    double sum = 0;

    for (size_t p = first; p < first + n; p++)
        for (size_t k = 0; k < loads->n[p]; k++)
            sum += loads->demand[p][k];
    return sum / (double)n;
}

/* In pCPUs. */
static double waiting(const struct loads *loads)
{
    static const struct waiting_pool one = {.pcpus = 1};
    struct waiting sum = {0};

    for (size_t p = 0; p < MOST_PCPUS; p++)
        assert_int_equal(waiting_add(&sum, &one, loads->demand[p], loads->n[p]), 0);
    return sum.waiting;
}

/* Places guests of equal size one after the other; returns how many float. */
static size_t place_all(struct vsched *rule, size_t n_guests, size_t n_vcpus)
{
    size_t left = 0;

    for (size_t g = 0; g < n_guests; g++)
        left += !vsched_place(rule, (int)g, n_vcpus);
    return left;
}

static struct loads loads_of(const struct vsched *rule, size_t n_guests, size_t n_vcpus,
                             const double *demand)
{
    struct loads loads = {0};
    size_t pcpus[MOST_PCPUS];

    for (size_t g = 0; g < n_guests; g++) {
        if (!vsched_pins(rule, (int)g, n_vcpus, pcpus))
            continue;
        for (size_t v = 0; v < n_vcpus; v++)
            add(&loads, pcpus[v], demand[g]);
    }
    return loads;
}

static size_t used_in(const struct vsched *rule, size_t cluster)
{
    size_t n = 0;

    for (size_t k = 0; k < rule->size; k++)
        n += rule->guest[cluster * rule->size + k] >= 0;
    return n;
}

static void busy_guests_share_a_cluster(void **state)
{
    static const double demand[] = {0.9, 0.9, 0.02, 0.02};
    struct vsched rule = vsched_new(1, 2, 8, 1);
    struct loads loads;

    (void)state;
    assert_int_equal(place_all(&rule, 4, 4), 0);
    loads = loads_of(&rule, 4, 4, demand);
    assert_near(load_of(&loads, 0, 8), 0.90, 1e-9);
    assert_near(load_of(&loads, 8, 8), 0.02, 1e-9);
    vsched_done(&rule);
}

static void more_vcpus_than_pcpus_float_or_share(void **state)
{
    double demand[12];
    struct vsched one = vsched_new(1, 2, 8, 1), six = vsched_new(1, 2, 8, VSCHED_MOST_LAYERS);
    struct loads loads;

    (void)state;
    for (size_t g = 0; g < 12; g++)
        demand[g] = 0.4;
    assert_int_equal(place_all(&one, 12, 2), 4);
    assert_int_equal(place_all(&six, 12, 2), 0);
    loads = loads_of(&six, 12, 2, demand);
    assert_int_equal(six.n_layers[0], 2);
    assert_near(waiting(&loads), 2.21, 0.01);
    vsched_done(&one);
    vsched_done(&six);
}

static void compaction_leaves_no_room_for_a_large_guest(void **state)
{
    static const size_t sizes[] = {3, 6, 5, 2}, after[] = {3, 6, 7, 0};
    struct vsched rule = vsched_new(1, 4, 8, 1);

    (void)state;
    for (size_t c = 0; c < 4; c++)
        assert_true(vsched_place_in(&rule, (int)c, sizes[c], 0, c));
    assert_false(vsched_place(&rule, 4, 16));
    assert_int_equal(vsched_compact(&rule), 2);
    for (size_t c = 0; c < 4; c++)
        assert_int_equal(used_in(&rule, c), after[c]);
    assert_false(vsched_place(&rule, 4, 16));
    vsched_done(&rule);
}

static void what_the_host_does_is_not_seen(void **state)
{
    static const double demand[] = {0.8, 0.8, 0.8, 0.8};
    struct vsched rule = vsched_new(2, 2, 8, 1);
    struct loads loads;

    (void)state;
    assert_int_equal(place_all(&rule, 4, 4), 0);
    loads = loads_of(&rule, 4, 4, demand);
    assert_near(load_of(&loads, 16, 16), 0, 0); /* all on one of two nodes */
    for (size_t p = 0; p < 4; p++)
        add(&loads, p, 0.9);
    assert_near(waiting(&loads), 3.35, 0.01);
    vsched_done(&rule);
}

static void who_is_hot_decides_the_order_of_arrival(void **state)
{
    static const double stacked[] = {0.85, 0.85, 0.1, 0.1, 0.85, 0.85, 0.1, 0.1};
    static const double spread[] = {0.85, 0.85, 0.85, 0.85, 0.1, 0.1, 0.1, 0.1};
    struct vsched rule = vsched_new(1, 4, 8, VSCHED_MOST_LAYERS);
    struct loads loads;

    (void)state;
    assert_int_equal(place_all(&rule, 8, 8), 0);
    loads = loads_of(&rule, 8, 8, stacked);
    assert_near(waiting(&loads), 13.7, 0.1);
    loads = loads_of(&rule, 8, 8, spread);
    assert_near(waiting(&loads), 5.0, 0.1);
    vsched_done(&rule);
}

static void a_guest_of_two_clusters_waits_for_compaction(void **state)
{
    static const size_t after[] = {6, 8, 2, 0}; /* 8 and 4 of its vCPUs */
    struct vsched rule = vsched_new(1, 4, 8, 1);
    size_t pcpus[12];

    (void)state;
    for (size_t c = 0; c < 4; c++)
        assert_true(vsched_place_in(&rule, (int)c, 1, 0, c));
    assert_false(vsched_place(&rule, 4, 12));
    assert_int_equal(vsched_compact(&rule), 2);
    assert_true(vsched_place(&rule, 4, 12));
    assert_true(vsched_pins(&rule, 4, 12, pcpus));
    for (size_t c = 0; c < 4; c++)
        assert_int_equal(used_in(&rule, c), after[c]);
    vsched_done(&rule);
}

static void siblings_are_taken_for_pcpus(void **state)
{
    struct vsched rule = vsched_new(1, 1, 16, 1);
    size_t pcpu, cores = 0;

    (void)state;
    assert_int_equal(place_all(&rule, 8, 1), 0);
    for (int g = 0; g < 8; g++) {
        assert_true(vsched_pins(&rule, g, 1, &pcpu));
        cores |= (size_t)1 << pcpu / 2;
    }
    assert_int_equal(cores, 0xf); /* four of eight */
    vsched_done(&rule);
}

static void what_is_left_out_is_never_used(void **state)
{
    struct vsched rule = vsched_new(1, 2, 4, VSCHED_MOST_LAYERS);
    size_t pcpus[2];

    (void)state;
    vsched_leave_out(&rule, 1);
    for (int g = 0; g < 20; g++) {
        if (vsched_place(&rule, g, 2) && vsched_pins(&rule, g, 2, pcpus))
            assert_true(pcpus[0] != 1 && pcpus[1] != 1);
    }
    vsched_remove(&rule, 0);
    assert_true(vsched_place(&rule, 20, 2));
    vsched_done(&rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_guests_share_a_cluster),
        cmocka_unit_test(more_vcpus_than_pcpus_float_or_share),
        cmocka_unit_test(compaction_leaves_no_room_for_a_large_guest),
        cmocka_unit_test(what_the_host_does_is_not_seen),
        cmocka_unit_test(who_is_hot_decides_the_order_of_arrival),
        cmocka_unit_test(a_guest_of_two_clusters_waits_for_compaction),
        cmocka_unit_test(siblings_are_taken_for_pcpus),
        cmocka_unit_test(what_is_left_out_is_never_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
