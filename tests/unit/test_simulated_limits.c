/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/simulated_fixture.h"

#define QUIET "\"background_pct\": 0, \"background_noise_pct\": 0"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

static struct vcpu_sample take(struct kit *kit)
{
    struct vcpu_sample sample = {0};

    assert_int_equal(kit->host.sample_vcpus(kit->host.self, &sample, NULL), 0);
    return sample;
}

/* As the kernel does it: 199 of 1000 ms run, 794 waited, though the pCPU is idle. */
static void a_quota_stops_a_vcpu_and_shows_as_waiting(void **state)
{
    struct vcpu_sample before, after;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 2, " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 100, \"noise_pct\": 0, \"quota_pct\": 20, "
             "\"affinity\": \"0\"}],"
             "\"events\": [{\"at_s\": 2, \"do\": \"quota\", \"guest\": \"a\"}]}");
    kit_wait(&kit, 1);
    before = take(&kit);
    kit_wait(&kit, 1);
    after = take(&kit);
    assert_int_equal(before.vcpus[0].quota_permille, 200);
    assert_near((double)(after.vcpus[0].cpu_time_ns - before.vcpus[0].cpu_time_ns), 0.2e9, 1e3);
    assert_near((double)(after.vcpus[0].delay_ns - before.vcpus[0].delay_ns), 0.8e9, 1e3);
    assert_near((double)(after.pcpus[0].busy_ns - before.pcpus[0].busy_ns), 0.2e9, 1.1e7);
    vcpu_sample_done(&before);
    vcpu_sample_done(&after);
    kit_wait(&kit, 1);
    assert_near(kit_usage(&kit, 0, 1), 1, 1e-6); /* lifted while it runs */
    before = take(&kit);
    assert_int_equal(before.vcpus[0].quota_permille, 0);
    vcpu_sample_done(&before);
    kit_close(&kit);
}

static void a_quota_of_a_guest_is_shared_by_its_threads(void **state)
{
    struct vcpu_sample before, after;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 4, " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"vcpus\": 2, \"pct\": 75, \"noise_pct\": 0, "
             "\"helpers_pct\": 50, \"guest_quota_pct\": 100}]}");
    kit_wait(&kit, 1);
    before = take(&kit);
    kit_wait(&kit, 1);
    after = take(&kit);
    assert_int_equal(after.n_vcpus, 2);
    assert_int_equal(after.n_guests, 1);
    assert_int_equal(after.guests[0].quota_permille, 1000);
    assert_near((double)(after.vcpus[1].cpu_time_ns - before.vcpus[1].cpu_time_ns), 0.375e9, 1e3);
    assert_true(after.guests[0].has_helpers);
    assert_near((double)(after.guests[0].helpers_ns - before.guests[0].helpers_ns), 0.25e9, 1e3);
    vcpu_sample_done(&before);
    vcpu_sample_done(&after);
    kit_close(&kit);
}

static void threads_beside_vcpus_run_where_they_are_pinned(void **state)
{
    struct vcpu_sample sample;
    struct cpuset one = {0}, outside = {0};
    struct kit kit;
    struct guest_id id;

    (void)state;
    cpuset_add(&one, 1);
    cpuset_add(&outside, 3);
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 4, \"slice\": \"0-2\", " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 0, \"helpers_pct\": 50, \"iothreads_pct\": [0, 20]}]}");
    kit_wait(&kit, 1);
    id = kit_id(&kit, "a");
    assert_int_equal(kit.host.set_helpers(kit.host.self, &id, 2, &one, NULL), 0);
    assert_int_equal(kit.host.set_helpers(kit.host.self, &id, 3, &one, NULL), -EINVAL);
    assert_int_equal(kit.host.set_helpers(kit.host.self, &id, 0, &outside, NULL), -EIO);
    kit_wait(&kit, 1);
    sample = take(&kit);
    assert_int_equal(sample.n_helpers, 3);
    for (unsigned h = 0; h < 3; h++) {
        assert_int_equal(sample.helpers[h].iothread, h);
        assert_int_equal(cpuset_count(&sample.helpers[h].allowed), 3);
        assert_int_equal(cpuset_count(&sample.helpers[h].affinity), h == 2 ? 1 : 4);
    }
    assert_int_equal(kit_vcpu(&kit, 3).last_pcpu, 1);
    vcpu_sample_done(&sample);
    kit_close(&kit);
}

static void other_programs_are_in_busy_times_alone(void **state)
{
    struct vcpu_sample before, after;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 2, " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 30, \"noise_pct\": 0, \"affinity\": \"1\"}],"
             "\"programs\": [{\"name\": \"build\", \"pct\": 60, \"affinity\": \"0\"}],"
             "\"events\": [{\"at_s\": 2, \"do\": \"load\", \"guest\": \"build\", \"pct\": 10},"
             "{\"at_s\": 2, \"do\": \"load\", \"pct\": 40}]}");
    kit_wait(&kit, 2);
    before = take(&kit);
    kit_wait(&kit, 1);
    after = take(&kit);
    assert_int_equal(after.n_vcpus, 1);
    assert_int_equal(after.n_guests, 1);
    assert_int_equal(simulated_vcpus(kit.world), 1);
    assert_int_equal(simulated_guests(kit.world), 1);
    assert_near((double)(after.pcpus[0].busy_ns - before.pcpus[0].busy_ns), 0.6e9, 1.1e7);
    assert_near((double)(after.pcpus[1].busy_ns - before.pcpus[1].busy_ns), 0.3e9, 1.1e7);
    assert_int_equal(after.pcpus[0].busy_ns % 10000000, 0);
    vcpu_sample_done(&before);
    before = after;
    kit_wait(&kit, 1);
    after = take(&kit);
    assert_near((double)(after.pcpus[0].busy_ns - before.pcpus[0].busy_ns), 0.1e9, 1.1e7);
    assert_near((double)(after.pcpus[1].busy_ns - before.pcpus[1].busy_ns), 0.4e9, 1.1e7);
    vcpu_sample_done(&before);
    vcpu_sample_done(&after);
    kit_close(&kit);
}

static void a_program_that_follows_goes_where_a_pin_went(void **state)
{
    struct simulated_pcpu before, after;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 4, " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 0, \"noise_pct\": 0}],"
             "\"programs\": [{\"name\": \"chaser\", \"affinity\": \"0\", \"follows\": true}]}");
    kit_wait(&kit, 2);
    assert_int_equal(kit_pin(&kit, "a", 0, "3"), 0);
    kit_wait(&kit, 2);
    simulated_pcpu(kit.world, 3, &before);
    kit_wait(&kit, 1);
    simulated_pcpu(kit.world, 3, &after);
    assert_near((double)(after.busy_ns - before.busy_ns), 1e9, 1e3);
    kit_close(&kit);
}

static void pcpus_that_are_not_ours_are_told_and_pins_outside_a_slice_refused(void **state)
{
    struct vcpu_sample sample;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 5, \"isolated\": \"0\", \"tickless\": \"1\", "
             "\"slice\": \"0-3\", \"busy_times\": false}, \"guests\": ["
             "{\"name\": \"a\", \"affinity\": \"2-3\"},"
             "{\"name\": \"b\", \"may_run\": \"2\", \"strange_limits\": true}],"
             "\"events\": [{\"at_s\": 0.5, \"do\": \"stop\", \"guest\": \"b\"},"
             "{\"at_s\": 0.6, \"do\": \"start\", \"guest\": \"b\"}]}");
    kit_wait(&kit, 1);
    sample = take(&kit);
    assert_int_equal(sample.pcpus[0].use, PCPU_ISOLATED);
    assert_int_equal(sample.pcpus[1].use, PCPU_TICKLESS);
    assert_int_equal(sample.pcpus[2].use, PCPU_USABLE);
    assert_int_equal(sample.pcpus[4].use, PCPU_OUTSIDE_SLICE);
    assert_false(sample.pcpus[2].has_busy);
    assert_false(cpuset_has(&sample.vcpus[0].allowed, 4));
    for (size_t g = 0; g < 2; g++)
        assert_int_equal(sample.guests[g].run, 1);
    vcpu_sample_done(&sample);
    assert_int_equal(kit_pin(&kit, "a", 0, "4"), -EIO);
    assert_int_equal(kit_pin(&kit, "a", 0, "3"), 0);
    assert_int_equal(kit_pin(&kit, "b", 0, "3"), -EIO);
    assert_int_equal(kit_pin(&kit, "b", 0, "2"), 0);
    kit_wait(&kit, 1);
    sample = take(&kit);
    for (size_t g = 0; g < 2; g++) {
        bool is_b = sample.guests[g].guest.name[0] == 'b';

        assert_int_equal(sample.guests[g].run, is_b ? 2 : 1);
        assert_int_equal(sample.vcpus[g].has_strange_limits, is_b);
    }
    vcpu_sample_done(&sample);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_stops_a_vcpu_and_shows_as_waiting),
        cmocka_unit_test(a_quota_of_a_guest_is_shared_by_its_threads),
        cmocka_unit_test(threads_beside_vcpus_run_where_they_are_pinned),
        cmocka_unit_test(other_programs_are_in_busy_times_alone),
        cmocka_unit_test(a_program_that_follows_goes_where_a_pin_went),
        cmocka_unit_test(pcpus_that_are_not_ours_are_told_and_pins_outside_a_slice_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
