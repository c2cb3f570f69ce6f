/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/guest_load.h"
#include "planner/vcpu/track.h"

enum { N = 4 };

/* One guest of as many vCPUs. */
struct kit {
    struct vcpu_reading vcpus[N];
    struct vcpu_track track[N];
    struct vcpu_sample sample;
    bool is_first;
};

static void begin(struct kit *kit)
{
    memset(kit, 0, sizeof(*kit));
    kit->sample = (struct vcpu_sample){.vcpus = kit->vcpus, .n_vcpus = N};
    for (unsigned i = 0; i < N; i++) {
        kit->vcpus[i] = (struct vcpu_reading){.vcpu = i, .running = true};
        kit->track[i].known = true;
        kit->track[i].speed = 1;
    }
}

static void observe(struct kit *kit, double each)
{
    for (unsigned i = 0; i < N; i++)
        kit->track[i].observed = each;
    guest_load_next(&kit->sample, 2, kit->is_first, kit->track);
}

static void a_guest_is_its_mean_and_not_its_last_seconds(void **state)
{
    struct kit kit;

    (void)state;
    begin(&kit);
    for (int k = 0; k < 20; k++)
        observe(&kit, k % 2 ? 0.3 : 0.1);
    assert_true(fabs(kit.track[0].guest.demand - N * 0.2) < 0.05);
    assert_int_equal(kit.track[1].guest.n, 0); /* it is remembered once */
}

static void what_is_seen_twice_far_off_is_another_load(void **state)
{
    struct kit kit;

    (void)state;
    begin(&kit);
    for (int k = 0; k < 20; k++)
        observe(&kit, 0.2);
    observe(&kit, 0.8);
    assert_true(kit.track[0].guest.demand < N * 0.3);
    observe(&kit, 0.8);
    assert_true(fabs(kit.track[0].guest.demand - N * 0.8) < 0.01);
}

static void its_error_falls_with_what_was_seen(void **state)
{
    struct kit kit;
    double few;

    (void)state;
    begin(&kit);
    for (int k = 0; k < 4; k++)
        observe(&kit, k % 2 ? 0.3 : 0.1);
    few = guest_load_variance(&kit.track[0].guest, 0);
    for (int k = 0; k < 12; k++)
        observe(&kit, k % 2 ? 0.3 : 0.1);
    assert_true(guest_load_variance(&kit.track[0].guest, 0) < few / 2);
    assert_true(guest_load_usual_variance(&kit.sample, kit.track) > N * 0.1 * 0.1 / 2);
}

/* Seen once, nothing is known of its own noise. */
static void a_new_guest_is_as_noisy_as_others(void **state)
{
    struct kit kit;

    (void)state;
    begin(&kit);
    observe(&kit, 0.2);
    assert_true(guest_load_variance(&kit.track[0].guest, 0.01) >= N * 0.01);
    assert_true(guest_load_variance(&kit.track[0].guest, 0) < N * 0.01);
}

static void other_vcpus_are_another_history(void **state)
{
    struct kit kit;

    (void)state;
    begin(&kit);
    for (int k = 0; k < 20; k++)
        observe(&kit, 0.2);
    kit.vcpus[3].running = false;
    observe(&kit, 0.4);
    assert_int_equal(kit.track[0].guest.n, 3);
    assert_true(fabs(kit.track[0].guest.demand - 3 * 0.4) < 1e-9);
    kit.track[1].known = false; /* its counters went back: nothing was seen of the guest */
    observe(&kit, 0.9);
    assert_true(fabs(kit.track[0].guest.demand - 3 * 0.4) < 1e-9);
}

/* One that was there already is taken for what is seen of it. */
static void a_guest_that_starts_is_new_for_a_while(void **state)
{
    struct kit kit;
    int new_for = 0;

    (void)state;
    begin(&kit);
    kit.is_first = true;
    observe(&kit, 0.1);
    kit.is_first = false;
    observe(&kit, 0.1);
    assert_false(guest_load_is_new(&kit.track[0].guest));
    begin(&kit);
    assert_false(guest_load_is_new(&kit.track[0].guest)); /* not seen yet */
    for (observe(&kit, 0.1); guest_load_is_new(&kit.track[0].guest); new_for += 2)
        observe(&kit, 0.1);
    assert_int_equal(new_for, 24);
}

/* Of one vCPU each here. */
static void new_guests_promise_what_busy_ones_want(void **state)
{
    struct kit kit;

    (void)state;
    begin(&kit);
    for (unsigned i = 0; i < N; i++)
        kit.vcpus[i].guest.uuid[0] = (unsigned char)i;
    for (unsigned i = 0; i < N; i++)
        kit.track[i].demand = 0.01;
    assert_true(fabs(guest_load_promise(&kit.sample, kit.track) - 0.5) < 1e-9);
    kit.track[1].demand = 0.2;
    kit.track[2].demand = 0.6;
    assert_true(fabs(guest_load_promise(&kit.sample, kit.track) - 0.4) < 1e-9);
    observe(&kit, 0.6); /* all start */
    assert_true(fabs(guest_load_promise(&kit.sample, kit.track) - 0.5) < 1e-9);
    kit.vcpus[2].running = false;
    kit.track[1].guest.started = false;
    assert_true(fabs(guest_load_promise(&kit.sample, kit.track) - 0.2) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_is_its_mean_and_not_its_last_seconds),
        cmocka_unit_test(what_is_seen_twice_far_off_is_another_load),
        cmocka_unit_test(its_error_falls_with_what_was_seen),
        cmocka_unit_test(a_new_guest_is_as_noisy_as_others),
        cmocka_unit_test(other_vcpus_are_another_history),
        cmocka_unit_test(a_guest_that_starts_is_new_for_a_while),
        cmocka_unit_test(new_guests_promise_what_busy_ones_want),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
