/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/decide.h"
#include "planner/vcpu/speed.h"
#include "tests/unit/guest_fixture.h"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

enum { N_PCPUS = 3 };

struct kit {
    struct pcpu_reading pcpus[N_PCPUS];
    struct vcpu_reading vcpus[6];
    struct vcpu_sample sample;
    struct pcpu_speed speeds[N_PCPUS];
};

/* pCPUs 10, 11 and 12, and two vCPUs on each. */
static void kit_init(struct kit *kit)
{
    *kit = (struct kit){0};
    kit->sample = (struct vcpu_sample){
        .pcpus = kit->pcpus, .n_pcpus = N_PCPUS, .vcpus = kit->vcpus, .n_vcpus = 6};
    for (size_t p = 0; p < N_PCPUS; p++)
        kit->pcpus[p].id = (unsigned)(10 + p);
    for (size_t i = 0; i < 6; i++)
        kit->vcpus[i].at = (int)i / 2;
    speed_carry(NULL, 0, &kit->sample, kit->speeds);
}

static struct vcpu_trial trial(int from, int to, double before)
{
    return (struct vcpu_trial){.from = from, .to = to, .before = before};
}

static double cost_of(const struct kit *kit, size_t p)
{
    double cost[N_PCPUS];

    speed_costs(kit->speeds, &kit->sample, cost);
    return cost[p];
}

static void moves_tell_how_pcpus_compare(void **state)
{
    const struct vcpu_trial there = trial(10, 11, 0.4), back = trial(11, 10, 0.5);
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_learn(kit.speeds, N_PCPUS, &there, &(double){0.5}, 1);
    assert_near(cost_of(&kit, 1) / cost_of(&kit, 0), sqrt(1.25), 1e-9); /* half of it */
    for (int k = 0; k < 20; k++) {
        speed_learn(kit.speeds, N_PCPUS, &back, &(double){0.4}, 1);
        speed_learn(kit.speeds, N_PCPUS, &there, &(double){0.5}, 1);
    }
    assert_near(cost_of(&kit, 0), 1, 1e-9);
    assert_near(cost_of(&kit, 1), 1.25, 0.01);
}

/* The pCPU that one left was crowded: those that stayed seem to want less now, as it does. */
static void what_changed_for_all_is_no_speed(void **state)
{
    const struct vcpu_trial trials[] = {trial(10, 11, 0.5), trial(10, 10, 0.4)};
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_learn(kit.speeds, N_PCPUS, trials, (const double[]){0.4, 0.32}, 2);
    assert_near(cost_of(&kit, 0), 1, 1e-9);
    assert_near(cost_of(&kit, 1), 1, 1e-9);
}

static void who_waited_and_left_nobody_behind_tells_nothing(void **state)
{
    struct vcpu_trial alone = trial(10, 11, 0.4);
    struct kit kit;

    (void)state;
    kit_init(&kit);
    alone.waited = true;
    speed_learn(kit.speeds, N_PCPUS, &alone, &(double){0.6}, 1);
    assert_int_equal(kit.speeds[1].votes, 0);
    alone.waited = false;
    speed_learn(kit.speeds, N_PCPUS, &alone, &(double){0}, 1); /* not known afterwards */
    assert_int_equal(kit.speeds[1].votes, 0);
}

static double cost_to_tell(const struct kit *kit, size_t pcpu)
{
    const struct speed_yardstick yardstick = speed_yardstick(kit->speeds, &kit->sample);

    return speed_cost_to_tell(&yardstick, kit->speeds, &kit->sample, pcpu);
}

/* Another load that begins with the move counts no more than speeds can differ. */
/* After one trial pCPU 10 looks a fifth faster than all others, two of which nobody has tried. */
static void chance_is_not_told(void **state)
{
    const struct vcpu_trial there = trial(10, 11, 0.4);
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_learn(kit.speeds, N_PCPUS, &there, &(double){0.6}, 1);
    assert_true(cost_of(&kit, 2) > 1.1);
    for (size_t p = 0; p < N_PCPUS; p++)
        assert_near(cost_to_tell(&kit, p), 1, 1e-9);
    for (int k = 0; k < 4; k++)
        speed_learn(kit.speeds, N_PCPUS, &there, &(double){0.6}, 1);
    assert_near(cost_to_tell(&kit, 0), 1, 1e-9);
    assert_true(cost_to_tell(&kit, 1) > 1.3);
    assert_near(cost_to_tell(&kit, 2), 1, 1e-9);
}

static void one_trial_teaches_no_more_than_pcpus_differ(void **state)
{
    const struct vcpu_trial there = trial(10, 11, 0.1);
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_learn(kit.speeds, N_PCPUS, &there, &(double){0.9}, 1);
    assert_true(cost_of(&kit, 1) < 1.25);
}

static void alike_vcpus_raise_a_suspicion(void **state)
{
    static const double alike[] = {0.40, 0.41, 0.50, 0.51, 0.40, 0.40};
    static const double mixed[] = {0.40, 0.41, 0.30, 0.51, 0.40, 0.40};
    static const double twice[] = {0.20, 0.20, 0.40, 0.40, 0.20, 0.20};
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_compare(kit.speeds, &kit.sample, alike, 2);
    assert_near(cost_of(&kit, 1), 0.505 / 0.4, 1e-6);
    assert_near(cost_of(&kit, 2), 1, 1e-9);
    speed_compare(kit.speeds, &kit.sample, mixed, 2);
    assert_near(cost_of(&kit, 1), 1, 1e-9);
    speed_compare(kit.speeds, &kit.sample, twice, 2);
    assert_near(cost_of(&kit, 1), 1, 1e-9);
}

static void a_suspicion_ends_after_a_while_and_where_somebody_waits(void **state)
{
    static const double alike[] = {0.40, 0.41, 0.50, 0.51, 0.40, 0.40};
    static const double full[] = {0.45, 0.45, 0.56, 0.56, 0.45, 0.45};
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_compare(kit.speeds, &kit.sample, alike, 599);
    assert_true(cost_of(&kit, 1) > 1.2);
    speed_compare(kit.speeds, &kit.sample, alike, 2);
    assert_near(cost_of(&kit, 1), 1, 1e-9);
    kit_init(&kit);
    speed_compare(kit.speeds, &kit.sample, full, 2);
    assert_near(cost_of(&kit, 1), 1, 1e-9);
}

static void speeds_stay_with_their_pcpus(void **state)
{
    const struct vcpu_trial there = trial(10, 12, 0.4);
    struct pcpu_speed after[N_PCPUS];
    struct kit kit;

    (void)state;
    kit_init(&kit);
    speed_learn(kit.speeds, N_PCPUS, &there, &(double){0.5}, 1);
    kit.pcpus[1].id = 12; /* 11 went offline */
    kit.sample.n_pcpus = 2;
    speed_carry(kit.speeds, N_PCPUS, &kit.sample, after);
    assert_int_equal(after[1].votes, 1);
    assert_near(after[1].log_cost, kit.speeds[2].log_cost, 1e-12);
}

/* One pCPU is believed to be slow, and there is no one that could tell that it is not. */
static void who_is_cut_off_by_its_pcpu_is_as_heavy_on_another(void **state)
{
    static const struct {
        int load_permille;
        bool is_moved;
    } rows[] = {{600, true}, {950, false}};
    static const char *const pins[] = {"0", "0", "1", "1"};

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct vcpu_planner *planner = guest_kit_planner(NULL);
        struct guest_kit kit;

        guest_kit_init(&kit, 2, 4, pins);
        kit.has_delay = true;
        for (size_t i = 0; i < 4; i++)
            kit.load_permille[i] = i == 1 ? 300 : rows[k].load_permille;
        assert_int_equal(guest_kit_run(&kit, planner, 2, 3), 0);
        planner->tracks.speed[0].log_cost = 0.2;
        planner->tracks.speed[0].votes = planner->tracks.speed[1].votes = 9;
        assert_int_equal(guest_kit_run(&kit, planner, 2, 6) > 0, rows[k].is_moved);
        vcpu_planner_free(planner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_tell_how_pcpus_compare),
        cmocka_unit_test(what_changed_for_all_is_no_speed),
        cmocka_unit_test(who_waited_and_left_nobody_behind_tells_nothing),
        cmocka_unit_test(chance_is_not_told),
        cmocka_unit_test(one_trial_teaches_no_more_than_pcpus_differ),
        cmocka_unit_test(alike_vcpus_raise_a_suspicion),
        cmocka_unit_test(a_suspicion_ends_after_a_while_and_where_somebody_waits),
        cmocka_unit_test(speeds_stay_with_their_pcpus),
        cmocka_unit_test(who_is_cut_off_by_its_pcpu_is_as_heavy_on_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
