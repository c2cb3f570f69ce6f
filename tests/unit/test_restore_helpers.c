/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that are no vCPUs, and what a sample is after a plan. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/restore_fixture.h"

static void the_emulator_and_io_threads_are_put_back_too(void **state)
{
    struct fake_host fake = {.n_guests = 1, .tells_runs = true, .run = {1}};
    struct host host = fake_host(&fake);
    struct original original = {.guest = fake_guest(0),
                                .run = 1,
                                .is_helpers = true,
                                .has_mask = true,
                                .mask = cpuset_of("0-3")};
    struct originals originals = {0};
    const struct log log = {.stream = stderr, .level = -1};
    struct tally tally = {.changes = json_array()};
    const json_t *change;

    (void)state;
    fake.affinity[0] = cpuset_of("2");
    assert_int_equal(originals_add(&originals, &original), 0);
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_true(cpuset_is_equal(&fake.helpers[0], &original.mask));
    assert_int_equal(cpuset_count(&fake.affinity[0]), 1);
    assert_int_equal(originals.n, 0);
    assert_int_equal(tally.done, 1);
    assert_int_equal(json_array_size(tally.changes), 1);
    change = json_array_get(tally.changes, 0);
    assert_string_equal(json_string_value(json_object_get(change, "do")), "put-back");
    assert_true(json_is_null(json_object_get(change, "to"))); /* that is the whole host */
    assert_non_null(json_object_get(change, "from"));
    assert_true(json_is_integer(json_object_get(change, "iothread")));
    assert_int_equal(originals_add(&originals, &original), 0);
    host.set_helpers = NULL; /* who cannot still owes it */
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 1);
    assert_int_equal(tally.failed, 1);
    assert_int_equal(json_array_size(tally.changes), 1); /* a further attempt is not told of */
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, &log, &tally, NULL), 0);
    assert_int_equal(json_array_size(tally.changes), 2);
    change = json_array_get(tally.changes, 1);
    assert_true(json_is_true(json_object_get(change, "failed")));
    assert_non_null(
        strstr(json_string_value(json_object_get(change, "reason")), "cannot be pinned"));
    json_decref(tally.changes);
    originals_done(&originals);
}

/* Kept before it is pinned, known for ours then, and back in its place without a call. */
static void an_emulator_that_follows_is_kept_and_known(void **state)
{
    struct guest_reading guest = {.guest = fake_guest(0), .run = 1};
    struct helper_reading helper = {
        .guest = fake_guest(0), .affinity = cpuset_of("0-3"), .mask = cpuset_of("0-7")};
    struct pcpu_reading pcpus[4] = {{.id = 0}, {.id = 1}, {.id = 2}, {.id = 3}};
    struct vcpu_sample sample = {.guests = &guest,
                                 .n_guests = 1,
                                 .helpers = &helper,
                                 .n_helpers = 1,
                                 .pcpus = pcpus,
                                 .n_pcpus = 4};
    struct helper_pin pin = {.guest = fake_guest(0), .to = cpuset_of("2-3")};
    struct vcpu_plan plan = {.helper_pins = &pin, .n_helper_pins = 1};
    struct originals originals = {0};
    const struct original *original;

    (void)state;
    assert_int_equal(restore_keep_vcpus(&originals, &sample, &plan, NULL), 0);
    original = originals_find_helpers(&originals, &guest.guest, 1, 0);
    assert_non_null(original);
    assert_true(cpuset_is_equal(&original->mask, &helper.mask));
    restore_mark_ours(&originals, true, &sample);
    assert_false(helper.is_ours);
    helper.affinity = helper.mask = cpuset_of("2-3");
    restore_mark_ours(&originals, true, &sample);
    assert_true(helper.is_ours);
    helper.affinity = cpuset_of("1"); /* somebody else since */
    restore_mark_ours(&originals, true, &sample);
    assert_false(helper.is_ours);
    originals_done(&originals);
}

/* Whoever asks after a plan was carried out is told what is there then. */
static void a_sample_follows_what_was_done(void **state)
{
    struct vcpu_reading vcpus[2] = {{.guest = fake_guest(0), .mask = cpuset_of("0-7")},
                                    {.guest = fake_guest(1), .mask = cpuset_of("2")}};
    struct helper_reading helper = {.guest = fake_guest(1), .mask = cpuset_of("0-7")};
    struct pcpu_reading pcpus[4] = {{.id = 0}, {.id = 1}, {.id = 2}, {.id = 3}};
    struct vcpu_sample sample = {.vcpus = vcpus,
                                 .n_vcpus = 2,
                                 .helpers = &helper,
                                 .n_helpers = 1,
                                 .pcpus = pcpus,
                                 .n_pcpus = 4};
    struct vcpu_pin pin = {.guest = fake_guest(0), .to = cpuset_of("3")};
    struct vcpu_release release = {.guest = fake_guest(1)};
    struct helper_pin helper_pin = {.guest = fake_guest(1), .to = cpuset_of("0-1")};
    struct vcpu_plan plan = {.pins = &pin,
                             .n_pins = 1,
                             .releases = &release,
                             .n_releases = 1,
                             .helper_pins = &helper_pin,
                             .n_helper_pins = 1};
    struct original original = {.guest = fake_guest(1), .has_mask = true, .mask = cpuset_of("1-6")};
    struct originals originals = {0};

    (void)state;
    assert_int_equal(originals_add(&originals, &original), 0);
    restore_follow(&originals, &plan, &sample);
    assert_true(cpuset_is_equal(&vcpus[0].mask, &pin.to));
    assert_true(cpuset_is_equal(&vcpus[1].mask, &original.mask));
    original.mask = cpuset_of("1-3"); /* as far as it is online */
    assert_true(cpuset_is_equal(&vcpus[1].affinity, &original.mask));
    assert_true(cpuset_is_equal(&helper.affinity, &helper_pin.to));
    originals_done(&originals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_emulator_and_io_threads_are_put_back_too),
        cmocka_unit_test(an_emulator_that_follows_is_kept_and_known),
        cmocka_unit_test(a_sample_follows_what_was_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
