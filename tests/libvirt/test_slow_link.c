/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that take their time, and calls that never return: limits are for each call, what was read
 * stays, and one guest costs only itself. */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "tests/libvirt/libvirt_fixture.h"

enum { GUESTS = 120, DELAY_MS = 20, MAX_SAMPLES = 60 };

/* This program's definition comes before the library's. */
static atomic_uint delay_ms, read_definitions;
static atomic_bool hangs; /* of every guest whose name begins with "h" */

char *virDomainGetXMLDesc(virDomainPtr domain, unsigned int flags)
{
    char *(*real)(virDomainPtr, unsigned int);

    while (atomic_load(&hangs) && virDomainGetName(domain)[0] == 'h')
        clock_wait_ms(5);
    if (atomic_load(&delay_ms))
        clock_wait_ms(atomic_load(&delay_ms));
    atomic_fetch_add(&read_definitions, 1);
    *(void **)&real = dlsym(RTLD_NEXT, "virDomainGetXMLDesc");
    return real(domain, flags);
}

/* Is asked before a change. */
static atomic_bool holds_changes;
int virDomainGetJobInfo(virDomainPtr domain, virDomainJobInfoPtr ret)
{
    (void)domain, (void)ret;
    while (atomic_load(&holds_changes))
        clock_wait_ms(5);
    return -1;
}

static void open_own(struct world *world, struct host_real_limits limits)
{
    struct host_real_options options = {.uri = URI, .limits = limits, .log = &world->log};
    struct err err = {0};

    if (host_real_open(&options, &world->host, &err) < 0)
        fail_msg("%s", err.text);
}

static size_t unread(const struct vcpu_sample *sample)
{
    size_t n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++)
        n += sample->vcpus[i].has_strange_limits;
    return n;
}

/* Reading all definitions takes five seconds here, as over a slow link, and each call as long as
 * any call of all may take in this test. All guests are in each sample, those that are not known
 * yet left alone, and in the end all are known, each read once. */
static void many_guests_over_a_slow_link_are_learnt_by_and_by(void **state)
{
    struct world *world = *state;
    const struct host before = world->host;
    virDomainPtr domains[GUESTS];
    size_t left = GUESTS, n = 0;

    for (size_t i = 0; i < GUESTS; i++) {
        char name[16];

        snprintf(name, sizeof(name), "g%zu", i);
        domains[i] = add_guest(world, name, "<vcpu>1</vcpu>", true);
    }
    open_own(world, (struct host_real_limits){1500, 1000000000, 1000000000});
    atomic_store(&read_definitions, 0);
    atomic_store(&delay_ms, DELAY_MS);
    for (; left && n < MAX_SAMPLES; n++) {
        struct vcpu_sample sample = sample_vcpus(world);

        assert_int_equal(sample.n_vcpus, GUESTS + 2);
        assert_true(unread(&sample) < left || n == 0);
        left = unread(&sample);
        assert_true(n > 0 || (left > 0 && left < GUESTS));
        vcpu_sample_done(&sample);
    }
    atomic_store(&delay_ms, 0);
    assert_int_equal(left, 0);
    /* Two for each guest, and for those that have become old in the meantime. */
    assert_in_range(atomic_load(&read_definitions), 2 * GUESTS, 4 * GUESTS);
    world->host.close(world->host.self);
    world->host = before;
    for (size_t i = 0; i < GUESTS; i++)
        remove_guest(domains[i]);
}

static void a_guest_that_hangs_costs_the_others_one_sample(void **state)
{
    struct world *world = *state;
    const struct host before = world->host;
    virDomainPtr hung = add_guest(world, "hung", "<vcpu>1</vcpu>", true);
    struct vcpu_sample sample = {0};
    struct err err = {0};

    open_own(world, (struct host_real_limits){300, UINT64_C(60000000000), 1000000000});
    atomic_store(&hangs, true);
    assert_int_equal(world->host.sample_vcpus(world->host.self, &sample, &err), -ENOTCONN);
    assert_non_null(strstr(err.text, "about one guest"));
    for (int i = 0; i < 3; i++) {
        sample = sample_vcpus(world);
        assert_null(find_vcpu(&sample, "hung", 0));
        assert_non_null(find_vcpu(&sample, "test", 0));
        assert_false(find_vcpu(&sample, "test", 0)->has_strange_limits);
        vcpu_sample_done(&sample);
    }
    atomic_store(&hangs, false);
    clock_wait_ms(100); /* for the thread that was left behind */
    world->host.close(world->host.self);
    world->host = before;
    remove_guest(hung);
}

/* Nobody is left who could be asked: another process may have more luck. */
static void when_nothing_helps_the_host_is_given_up(void **state)
{
    struct world *world = *state;
    const struct host before = world->host;
    virDomainPtr domains[6];
    struct vcpu_sample sample;
    struct err err = {0};
    int r = 0;

    for (size_t i = 0; i < 6; i++) {
        char name[16];

        snprintf(name, sizeof(name), "h%zu", i);
        domains[i] = add_guest(world, name, "<vcpu>1</vcpu>", true);
    }
    open_own(world, (struct host_real_limits){100, UINT64_C(60000000000), 300000000});
    atomic_store(&hangs, true);
    for (int i = 0; i < 100 && r != -EHOSTDOWN; i++) {
        r = world->host.sample_vcpus(world->host.self, &sample, &err);
        assert_true(r == -ENOTCONN || r == -EHOSTDOWN);
        clock_wait_ms(20);
    }
    assert_int_equal(r, -EHOSTDOWN);
    atomic_store(&hangs, false);
    clock_wait_ms(200);
    sample = sample_vcpus(world); /* and when they end, it goes on */
    vcpu_sample_done(&sample);
    world->host.close(world->host.self);
    world->host = before;
    for (size_t i = 0; i < 6; i++)
        remove_guest(domains[i]);
}

/* The change was given up, and what was seen since does not have it. */
static void a_change_that_was_given_up_is_not_made_later(void **state)
{
    struct world *world = *state, own = {.log = world->log};
    struct vcpu_sample sample;
    struct cpuset target = {0};
    struct err err = {0};

    open_own(&own, (struct host_real_limits){.call_ms = 100, .left_out_ns = 1, .given_up_ns = 1});
    sample = sample_vcpus(&own);
    cpuset_add(&target, 4);
    atomic_store(&holds_changes, true);
    assert_int_equal(own.host.set_affinity(own.host.self, &sample.vcpus[0].guest, 0, &target, &err),
                     -ENOTCONN);
    assert_true(own.host.is_changing(own.host.self, &sample.vcpus[0].guest));
    atomic_store(&holds_changes, false);
    clock_wait_ms(300);
    assert_false(own.host.is_changing(own.host.self, &sample.vcpus[0].guest));
    vcpu_sample_done(&sample);
    sample = sample_vcpus(&own);
    assert_int_equal(find_vcpu(&sample, "test", 0)->pcpu, -1);
    assert_int_equal(own.host.set_affinity(own.host.self, &sample.vcpus[0].guest, 0, &target, &err),
                     0);
    vcpu_sample_done(&sample);
    own.host.close(own.host.self);
}

/* Nor is another one made of that guest before it has come back. */
static void a_guest_is_changed_once_at_a_time(void **state)
{
    struct world *world = *state, own = {.log = world->log};
    struct vcpu_sample sample;
    struct cpuset target = {0};
    struct err err = {0};

    open_own(&own, (struct host_real_limits){.call_ms = 100, .left_out_ns = 1, .given_up_ns = 1});
    sample = sample_vcpus(&own);
    cpuset_add(&target, 4);
    atomic_store(&holds_changes, true);
    assert_int_equal(own.host.set_affinity(own.host.self, &sample.vcpus[0].guest, 0, &target, &err),
                     -ENOTCONN);
    vcpu_sample_done(&sample);
    sample = sample_vcpus(&own); /* by another connection */
    assert_int_equal(own.host.set_affinity(own.host.self, &sample.vcpus[0].guest, 0, &target, &err),
                     -EBUSY);
    atomic_store(&holds_changes, false);
    clock_wait_ms(300);
    assert_int_equal(own.host.set_affinity(own.host.self, &sample.vcpus[0].guest, 0, &target, &err),
                     0);
    vcpu_sample_done(&sample);
    own.host.close(own.host.self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_guests_over_a_slow_link_are_learnt_by_and_by, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_guest_that_hangs_costs_the_others_one_sample, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(when_nothing_helps_the_host_is_given_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_guest_is_changed_once_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_that_was_given_up_is_not_made_later, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
