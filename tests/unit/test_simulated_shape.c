/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a host's shape does to the work of its guests. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/waiting.h"
#include "tests/unit/simulated_fixture.h"

#define QUIET "\"background_pct\": 0, \"background_noise_pct\": 0"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

/* Rates of all vCPUs together, in pCPUs' worth. */
struct rates {
    double ran, waited, worked, remote;
};

static void add(struct rates *rates, const struct kit *kit, double per_s)
{
    for (size_t v = 0; v < simulated_vcpus(kit->world); v++) {
        struct simulated_vcpu vcpu = kit_vcpu(kit, v);

        rates->ran += per_s * (double)vcpu.time_ns / 1e9;
        rates->waited += per_s * (double)vcpu.delay_ns / 1e9;
        rates->worked += per_s * (double)vcpu.work_ns / 1e9;
        rates->remote += per_s * (double)vcpu.remote_ns / 1e9;
    }
}

static struct rates play(const char *json, double seconds)
{
    struct rates rates = {0};
    struct kit kit;

    kit_open(&kit, SIMULATED_VCPU, seconds, json);
    kit_wait(&kit, 1);
    add(&rates, &kit, -1 / seconds);
    kit_wait(&kit, 1);
    add(&rates, &kit, 1 / seconds);
    kit_close(&kit);
    return rates;
}

/* ---- Waiting in sets ---- */

/* The load of each vCPU in a set, by turns. */
static const double loads_pct[] = {4, 40, 12, 18, 25, 6};
enum { N_LOADS = sizeof(loads_pct) / sizeof(loads_pct[0]) };

/* Sets of n pCPUs that divide 16, each for four vCPUs a pCPU. */
static void write_sets(unsigned n, char *json, size_t size)
{
    int at = snprintf(
        json, size,
        "{\"duration_s\": 1e6, \"step_ms\": 500, \"bursts_ms\": 50, \"topology\": \"core:16\", "
        "\"host\": {" QUIET "}, \"guests\": [");

    for (unsigned v = 0; v < 64; v++) {
        unsigned set = v / (4 * n);

        at += snprintf(json + at, size - (size_t)at,
                       "%s{\"name\": \"g%u\", \"pct\": %g, \"noise_pct\": 0, "
                       "\"affinity\": \"%u-%u\"}",
                       v ? "," : "", v, loads_pct[v % (4 * n) % N_LOADS], set * n, set * n + n - 1);
    }
    snprintf(json + at, size - (size_t)at, "]}");
}

static void sets_wait_as_the_closed_form_says(void **state)
{
    static char json[10000];

    (void)state;
    for (unsigned n = 2; n <= 16; n *= 2) {
        const struct waiting_pool pool = {.pcpus = n};
        struct waiting sum = {0};
        double demand[64];
        struct rates rates;

        for (unsigned v = 0; v < 4 * n; v++)
            demand[v] = loads_pct[v % N_LOADS] / 100;
        assert_int_equal(waiting_add(&sum, &pool, demand, 4 * n), 0);
        write_sets(n, json, sizeof(json));
        rates = play(json, 1000);
        print_message("sets of %u: %.4f, formula %.4f\n", n, rates.waited / rates.ran,
                      waiting_share(&sum));
        assert_near(rates.waited / rates.ran / waiting_share(&sum), 1, 0.05);
        assert_near(rates.worked / rates.ran, 1, 1e-9);
    }
}

/* Four cores of two threads. What is not done while vCPUs want to run is waiting in the formula, and
 * in the kernel's word partly waiting, partly slow running. */
static void a_pool_of_cores_with_siblings_does_what_the_closed_form_says(void **state)
{
    static const struct waiting_pool pool = {.pcpus = 4, .siblings = 4, .sibling_share = 0.25};
    static const unsigned counts[] = {12, 20, 32};

    (void)state;
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        struct waiting sum = {0};
        double demand[32], lost;
        struct rates rates;
        char json[400];

        for (unsigned v = 0; v < counts[k]; v++)
            demand[v] = 0.3;
        assert_int_equal(waiting_add(&sum, &pool, demand, counts[k]), 0);
        snprintf(json, sizeof(json),
                 "{\"duration_s\": 1e6, \"step_ms\": 500, \"bursts_ms\": 50, \"topology\": "
                 "\"core:4 pu:2\", "
                 "\"host\": {" QUIET "}, \"guests\": [{\"name\": \"g\", \"count\": %u, "
                 "\"pct\": 30, \"noise_pct\": 0}]}",
                 counts[k]);
        rates = play(json, 400);
        lost = rates.ran + rates.waited - rates.worked;
        print_message("%u vCPUs: work %.3f, formula %.3f; lost %.3f, formula %.3f\n", counts[k],
                      rates.worked, sum.running, lost, sum.waiting);
        assert_near(rates.worked / sum.running, 1, 0.02);
        assert_near(lost / sum.waiting, 1, 0.05);
    }
}

/* Who may go anywhere makes room for who may go to two, and that one for who is pinned. */
static void the_narrowest_masks_come_first(void **state)
{
    struct rates rates;

    (void)state;
    rates = play("{\"duration_s\": 1000, \"bursts_ms\": 50, \"topology\": \"core:3\", "
                 "\"host\": {" QUIET "}, \"guests\": ["
                 "{\"name\": \"two\", \"pct\": 100, \"noise_pct\": 0, \"affinity\": \"0-1\"},"
                 "{\"name\": \"anywhere\", \"pct\": 100, \"noise_pct\": 0},"
                 "{\"name\": \"one\", \"pct\": 100, \"noise_pct\": 0, \"affinity\": \"0\"}]}",
                 10);
    assert_near(rates.ran, 3, 1e-3); /* but for the first moment */
    assert_near(rates.waited, 0, 1e-3);
}

/* ---- Threads of a core ---- */

#define BUSY "\"pct\": 100, \"noise_pct\": 0"
#define EIGHT(MASK, HOST)                                                                          \
    "{\"duration_s\": 1000, \"topology\": \"core:8 pu:2\", \"bursts_ms\": 50, "                    \
    "\"host\": {" QUIET HOST "}, \"guests\": [{\"name\": \"g\", \"count\": 8, " BUSY               \
    ", \"affinity\": \"" MASK "\"}]}"
#define TWO(BURSTS)                                                                                \
    "{\"duration_s\": 1000, \"topology\": \"core:8 pu:2\", \"bursts_ms\": " BURSTS                 \
    ", \"host\": {" QUIET "}, \"guests\": [{\"name\": \"a\", " BUSY ", \"affinity\": \"0\"}, "     \
    "{\"name\": \"b\", " BUSY ", \"affinity\": \"1\"}]}"

static void a_second_busy_thread_adds_a_quarter(void **state)
{
    static const struct {
        const char *json;
        double ran, worked;
    } cases[] = {
        {TWO("0"), 2, 1.25},
        {TWO("50"), 2, 1.25},
        {EIGHT("0-15", ""), 8, 8}, /* each has a core */
        {EIGHT("0-7", ""), 8, 5},
        {EIGHT("0-7", ", \"sibling_pct\": 100"), 8, 8},
        {EIGHT("0-7", ", \"sibling_pct\": 0"), 8, 4},
    };

    (void)state;
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        struct rates rates = play(cases[k].json, 10);

        /* whatever it does, a thread that runs is told as running */
        assert_near(rates.ran, cases[k].ran, 1e-6);
        assert_near(rates.waited, 0, 1e-6);
        assert_near(rates.worked, cases[k].worked, 0.01);
    }
}

/* ---- Memory of another node ---- */

#define FAR(BURSTS, HOST, MASK, NODE)                                                              \
    "{\"duration_s\": 1e6, \"topology\": \"node:2 core:2\", \"bursts_ms\": " BURSTS                \
    ", \"host\": {" QUIET HOST "}, \"guests\": [{\"name\": \"g\", \"pct\": 50, \"noise_pct\": 0, " \
    "\"affinity\": \"" MASK "\", \"memory_node\": " NODE "}]}"

static void work_far_from_its_memory_takes_longer(void **state)
{
    static const struct {
        const char *json;
        double ran, remote; /* alone, of an evenly running program */
    } cases[] = {
        {FAR("0", "", "2", "1"), 0.5, 0},
        {FAR("0", "", "0", "1"), 0.5 * 1.15, 1}, /* a distance of 20 */
        {FAR("0", "", "0", "{\"0\": 1, \"1\": 9}"), 0.5 * (1 + 0.9 * 0.15), 0.9},
        {FAR("0", ", \"remote_pct\": 30", "0", "1"), 0.5 * 1.3, 1},
        {FAR("0", ", \"remote_pct\": 0", "0", "1"), 0.5, 1},
        {FAR("50", ", \"remote_pct\": 30", "0", "1"), 1.3 / 2.3, 1}, /* it sleeps as long as ever */
    };

    (void)state;
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        struct rates rates = play(cases[k].json, 4000);

        assert_near(rates.ran, cases[k].ran, 0.005);
        assert_near(rates.remote / rates.ran, cases[k].remote, 1e-6);
        if (strstr(cases[k].json, "\"bursts_ms\": 0,"))
            assert_near(rates.worked, 0.5, 1e-6);
    }
}

static void memory_is_on_nodes_that_there_are(void **state)
{
    static const char *const bad[] = {"2",
                                      "-1",
                                      "1.5",
                                      "\"1\"",
                                      "{}",
                                      "{\"0\": 0}",
                                      "{\"x\": 1}",
                                      "{\"0\": -1, \"1\": 3}",
                                      "{\"0\": \"all\"}",
                                      "{\"7\": 1}"};
    struct err err;
    struct host host;
    struct ticker ticker;
    char json[400];

    (void)state;
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        snprintf(json, sizeof(json),
                 "{\"topology\": \"node:2\", \"guests\": [{\"name\": \"g\", \"memory_node\": %s}]}",
                 bad[k]);
        assert_int_equal(simulated_open_text(json, SIMULATED_VCPU, 1, &host, &ticker, &err),
                         -EINVAL);
        assert_non_null(strstr(err.text, "memory_node"));
    }
    assert_int_equal(simulated_open_text("{\"guests\": [{\"name\": \"g\", \"memory_node\": 0}]}",
                                         SIMULATED_VCPU, 1, &host, &ticker, &err),
                     -EINVAL);
    assert_int_equal(
        simulated_open_text("{\"topology\": \"node:2\", \"guests\": [{\"name\": \"g\", "
                            "\"memory_strict\": true}]}",
                            SIMULATED_VCPU, 1, &host, &ticker, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "memory_strict"));
}

/* ---- Where pCPUs are ---- */

static void pcpus_are_known_by_core_cache_and_node(void **state)
{
    struct simulated_pcpu pcpu;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1, "{\"topology\": \"node:2 llc:2 core:2 pu:2\"}");
    simulated_pcpu(kit.world, 13, &pcpu);
    assert_int_equal(pcpu.core, 6);
    assert_int_equal(pcpu.llc, 3);
    assert_int_equal(pcpu.node, 1);
    kit_close(&kit);
    kit_open(&kit, SIMULATED_VCPU, 1, "{}");
    simulated_pcpu(kit.world, 3, &pcpu);
    assert_int_equal(pcpu.core, 3);
    assert_int_equal(pcpu.llc, 0);
    assert_int_equal(pcpu.node, 0);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_wait_as_the_closed_form_says),
        cmocka_unit_test(a_pool_of_cores_with_siblings_does_what_the_closed_form_says),
        cmocka_unit_test(the_narrowest_masks_come_first),
        cmocka_unit_test(a_second_busy_thread_adds_a_quarter),
        cmocka_unit_test(work_far_from_its_memory_takes_longer),
        cmocka_unit_test(memory_is_on_nodes_that_there_are),
        cmocka_unit_test(pcpus_are_known_by_core_cache_and_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
