/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cores that run two threads: evened out first, and divided afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "planner/vcpu/threads.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/topology_fixture.h"

enum { CORES = 4, PCPUS = 2 * CORES };

/* pCPUs 0 and 1 are a core, 2 and 3 the next. */
static void give_cores(struct guest_kit *kit)
{
    give_shape(&kit->sample,
               &(struct regular){.nodes = 1, .caches = 1, .cores = CORES, .threads = 2});
}

static struct vcpu_planner *planner(bool use_cores)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.use_cores = use_cores;
    return guest_kit_planner(&settings);
}

/* vCPUs that want 200 and more on a core, of all cores. */
static size_t most_on_a_core(const struct guest_kit *kit)
{
    size_t on[CORES] = {0}, most = 0;

    for (size_t i = 0; i < kit->sample.n_vcpus; i++) {
        int pcpu = guest_kit_pcpu(kit, i);

        if (pcpu >= 0 && kit->load_permille[i] >= 200 && ++on[pcpu / 2] > most)
            most = on[pcpu / 2];
    }
    return most;
}

static size_t play(bool use_cores, struct guest_kit *kit)
{
    struct vcpu_planner *product = planner(use_cores);
    size_t pins;

    give_cores(kit);
    pins = guest_kit_run(kit, product, 5, 6);
    vcpu_planner_free(product);
    return pins;
}

static void busy_vcpus_get_a_core_each(void **state)
{
    for (int use_cores = 0; use_cores <= 1; use_cores++) {
        static const char *const at[] = {"0", "1", "2", "3"};
        struct guest_kit kit;
        size_t pins;

        (void)state;
        guest_kit_init(&kit, PCPUS, CORES, at);
        for (size_t i = 0; i < CORES; i++)
            kit.load_permille[i] = 900;
        pins = play(use_cores, &kit);
        assert_int_equal(most_on_a_core(&kit), use_cores ? 1 : 2);
        assert_int_equal(pins, use_cores ? 2 : 0); /* blind to cores, all is even */
    }
}

static void no_thread_stands_idle_beside_a_full_one(void **state)
{
    static const char *const at[] = {"0", "0", "2", "3", "4", "5", "6", "7"};
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, PCPUS, PCPUS, at);
    for (size_t i = 0; i < PCPUS; i++)
        kit.load_permille[i] = 400;
    assert_int_equal(play(true, &kit), 1);
    for (unsigned p = 0; p < PCPUS; p++)
        assert_int_equal(guest_kit_load(&kit, p), 400);
}

static void an_even_core_is_left_as_it_is(void **state)
{
    static const char *const at[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, PCPUS, PCPUS, at);
    for (size_t i = 0; i < PCPUS; i++)
        kit.load_permille[i] = i % 2 ? 420 : 380;
    assert_int_equal(play(true, &kit), 0);
}

/* What a vCPU runs longer because its sibling runs is not its wish. */
static void a_busy_sibling_is_taken_off(void **state)
{
    struct background backgrounds[PCPUS] = {0};
    struct vcpu_demand demand = {.known = true, .demand = 0.5};
    struct vcpu_usage usage = {.known = true};
    struct guest_kit kit;
    static const struct {
        double busy, used, wanted;
    } rows[] = {
        {0, 0.5, 0.5}, {1, 1, (0.625 + 1) / 2}, {1, 0.5, (0.3125 + 0.3125 / (0.3125 + 0.5)) / 2}};

    (void)state;
    guest_kit_all(&kit, PCPUS, 1, "0");
    give_cores(&kit);
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        backgrounds[1].known = true;
        backgrounds[1].busy = rows[r].busy;
        demand.demand = rows[r].used;
        assert_int_equal(threads_correct(&kit.sample, backgrounds, &usage, &demand), 0);
        assert_true(demand.demand > rows[r].wanted - 1e-9 && demand.demand < rows[r].wanted + 1e-9);
    }
}

/* Who may run on several cores meets a busy sibling only where no core is idle. */
static void idle_cores_come_first(void **state)
{
    static const struct {
        const char *mask;
        double busy, used, least, most;
    } rows[] = {
        {"0-7", 0.25, 0.25, 0.24, 0.25}, /* two threads of eight, on four cores */
        {"0-7", 1, 0.5, 0.34, 0.36},     /* no core is idle: 0.31 .. 0.38 */
        {"0-7", 0.6, 0.5, 0.39, 0.45},
        {"0-1", 0.5, 1, 1, 1},         /* it was itself, on either thread */
        {"0-1", 0.5, 0.5, 0.42, 0.44}, /* and half of it another one */
    };

    (void)state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct background backgrounds[PCPUS] = {0};
        struct vcpu_demand demand = {.known = true, .demand = rows[r].used};
        struct vcpu_usage usage = {.known = true, .usage = rows[r].used};
        struct guest_kit kit;

        guest_kit_all(&kit, PCPUS, 1, rows[r].mask);
        give_cores(&kit);
        for (size_t p = 0; p < PCPUS; p++) {
            backgrounds[p].known = true;
            backgrounds[p].busy = rows[r].busy;
        }
        assert_int_equal(threads_correct(&kit.sample, backgrounds, &usage, &demand), 0);
        if (!(demand.demand >= rows[r].least - 1e-9 && demand.demand <= rows[r].most + 1e-9))
            fail_msg("row %zu: %g", r, demand.demand);
    }
}

static void loads_of_cores(void **state)
{
    int64_t load[PCPUS] = {500, 750, 0, 0, 1000, 0, 300, 200};
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, PCPUS, 1, "0");
    give_cores(&kit);
    kit.pcpus[5].use = PCPU_ISOLATED;
    threads_fold(&kit.sample, load);
    assert_int_equal(load[0], 1000);
    assert_int_equal(load[1], -1);
    assert_int_equal(load[4], 1000); /* alone: its sibling is not for guests */
    assert_int_equal(load[5], 0);
    assert_int_equal(load[6], 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_vcpus_get_a_core_each),
        cmocka_unit_test(no_thread_stands_idle_beside_a_full_one),
        cmocka_unit_test(an_even_core_is_left_as_it_is),
        cmocka_unit_test(a_busy_sibling_is_taken_off),
        cmocka_unit_test(idle_cores_come_first),
        cmocka_unit_test(loads_of_cores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
