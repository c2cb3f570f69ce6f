/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/returned.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/restore_fixture.h"

/* Run 1 was pinned from 0-3 to 1. Then the guest is another run, with the pins that are found. */
static void a_guest_that_returns_from_saved_memory_is_owed_what_was_found_first(void **state)
{
    static const struct {
        enum run_origin origin;
        const char *found, *restored;
    } rows[] = {
        {RUN_RETURNED, "1", "0-3"}, {RUN_RETURNED, "2", "0-3"}, {RUN_BOOTED, "0-3", "0-3"},
        {RUN_BOOTED, "1", "1"}, /* its owner's, by now */
        {RUN_UNTOLD, "1", "0-3"},   {RUN_UNTOLD, "2", "2"},     {RUN_UNTOLD, "0-3", "0-3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_host fake = {.n_guests = 1, .tells_runs = true, .run = {1}};
        struct host host = fake_host(&fake);
        struct originals gone = {0}, originals = {.gone = &gone};
        struct cpuset restored = cpuset_of(rows[i].restored);
        struct vcpu_sample sample = {0};
        struct tally tally = {0};

        fake.affinity[0] = cpuset_of("0-3");
        pin(&originals, &fake, 0, 1);
        fake.run[0] = 2;
        fake.origin[0] = rows[i].origin;
        fake.affinity[0] = cpuset_of(rows[i].found);
        assert_int_equal(host.sample_vcpus(&fake, &sample, NULL), 0);
        returned_meet_vcpus(&originals, &host, &sample, NULL);
        vcpu_sample_done(&sample);
        fake.origin[0] = RUN_RETURNED; /* what was decided stays decided */
        assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
        assert_true(cpuset_is_equal(&fake.affinity[0], &restored));
        assert_int_equal(originals.n, 0);
        originals_done(&originals);
        originals_done(&gone);
    }
}

/* Its daemon was started again while the guest was off: the number is given out anew. What its owner has changed
 * meanwhile is what was found first. */
static void a_number_of_a_run_that_is_given_out_again_is_of_another_run(void **state)
{
    struct fake_host fake = {.n_guests = 1, .tells_runs = true, .run = {1}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    struct cpuset edited = cpuset_of("2-3");
    struct vcpu_sample sample = {0};
    struct tally tally = {0};

    (void)state;
    fake.affinity[0] = cpuset_of("0-3");
    pin(&originals, &fake, 0, 1);
    fake.n_guests = 0;
    assert_int_equal(host.sample_vcpus(&fake, &sample, NULL), 0);
    returned_meet_vcpus(&originals, &host, &sample, NULL);
    vcpu_sample_done(&sample);
    assert_int_equal(originals.n, 0);
    assert_int_equal(gone.n, 1);
    fake.n_guests = 1;
    fake.origin[0] = RUN_BOOTED;
    fake.affinity[0] = edited;
    assert_int_equal(host.sample_vcpus(&fake, &sample, NULL), 0);
    returned_meet_vcpus(&originals, &host, &sample, NULL);
    vcpu_sample_done(&sample);
    pin(&originals, &fake, 0, 3);
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_true(cpuset_is_equal(&fake.affinity[0], &edited));
    originals_done(&originals);
    originals_done(&gone);
}

static void the_same_of_its_size(void **state)
{
    struct fake_host fake = {
        .n_guests = 1, .tells_runs = true, .run = {1}, .actual_kib = {4 * MIB}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    struct memory_sample sample = {0};

    (void)state;
    resize(&originals, &fake, 0, 2 * MIB);
    fake.n_guests = 0;
    assert_int_equal(host.sample_memory(&fake, &sample, NULL), 0);
    returned_meet_memory(&originals, &host, &sample, NULL);
    memory_sample_done(&sample);
    fake.n_guests = 1;
    fake.origin[0] = RUN_BOOTED;
    fake.actual_kib[0] = 8 * MIB;
    assert_int_equal(host.sample_memory(&fake, &sample, NULL), 0);
    returned_meet_memory(&originals, &host, &sample, NULL);
    memory_sample_done(&sample);
    resize(&originals, &fake, 0, 2 * MIB);
    assert_int_equal(originals.n, 1);
    assert_int_equal(originals.list[0]->actual_kib, 8 * MIB);
    originals_done(&originals);
    originals_done(&gone);
}

/* Those that --match leaves out run on, and are asked for in turn, some with each sample. */
static void of_guests_in_no_sample_those_that_run_stay(void **state)
{
    struct fake_host fake = {.n_guests = 3, .tells_runs = true, .run = {1, 1, 1}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    struct vcpu_sample nobody = {0};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        fake.affinity[i] = cpuset_of("0-3");
        pin(&originals, &fake, i, 1);
    }
    fake.n_guests = 2;
    fake.run[1] = 2;
    assert_int_equal(
        originals_add(&originals, &(struct original){.guest = fake_guest(1), .run = 2, .vcpu = 1}),
        0);
    returned_meet_vcpus(&originals, &host, &nobody, NULL);
    assert_int_equal(originals.n, 2);
    assert_int_equal(originals.list[1]->run, 2);
    assert_int_equal(gone.n, 2);
    assert_int_equal(gone.list[0]->run, 1);
    assert_int_equal(gone.list[1]->guest.uuid[0], 3);
    originals_done(&originals);
    originals_done(&gone);
}

/* What is changed after a boot is another original; the earlier one is for a snapshot that may come. */
static void booted_in_between_and_back_to_a_snapshot(void **state)
{
    struct fake_host fake = {.n_guests = 1, .tells_runs = true, .run = {1}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    struct cpuset all = cpuset_of("0-3");
    struct tally tally = {0};

    (void)state;
    fake.affinity[0] = all;
    pin(&originals, &fake, 0, 1);
    fake.run[0] = 2;
    fake.origin[0] = RUN_BOOTED;
    fake.affinity[0] = all;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(gone.n, 1);
    fake.run[0] = 3;
    fake.origin[0] = RUN_RETURNED;
    fake.affinity[0] = cpuset_of("1");
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_true(cpuset_is_equal(&fake.affinity[0], &all));
    assert_int_equal(gone.n, 0);
    originals_done(&originals);
    originals_done(&gone);
}

/* Else our own pin or size would be taken for its owner's, and be kept for ever. */
static void a_guest_of_whom_nothing_is_told_yet_is_left_alone(void **state)
{
    struct fake_host fake = {
        .n_guests = 2, .tells_runs = true, .run = {1, 1}, .actual_kib = {512 * 1024, 512 * 1024}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    struct helper_reading helper = {.guest = fake_guest(0)};
    struct vcpu_sample vcpus = {0};
    struct memory_sample memory = {0};

    (void)state;
    fake.affinity[0] = cpuset_of("0-3");
    pin(&originals, &fake, 0, 1);
    fake.run[0] = 2;
    for (int is_told = 0; is_told <= 1; is_told++) {
        fake.origin_code = is_told ? 0 : -EIO;
        fake.origin[0] = RUN_RETURNED;
        assert_int_equal(host.sample_memory(&fake, &memory, NULL), 0);
        assert_int_equal(host.sample_vcpus(&fake, &vcpus, NULL), 0);
        vcpus.helpers = &helper;
        vcpus.n_helpers = 1;
        helper.is_owners = false;
        if (!is_told)
            returned_meet_memory(&originals, &host, &memory, NULL);
        assert_int_equal(returned_meet_vcpus(&originals, &host, &vcpus, NULL), is_told);
        assert_int_equal(memory.guests[0].policy.excluded, !is_told);
        assert_int_equal(vcpus.vcpus[0].has_strange_limits, !is_told);
        assert_int_equal(helper.is_owners, !is_told);
        assert_false(vcpus.vcpus[1].has_strange_limits || memory.guests[1].policy.excluded);
        vcpus.helpers = NULL;
        vcpu_sample_done(&vcpus);
        memory_sample_done(&memory);
    }
    originals_done(&originals);
    originals_done(&gone);
}

static void sizes_of_guests_that_return(void **state)
{
    static const struct {
        enum run_origin origin;
        unsigned period_s;
        uint64_t restored_mib;
    } rows[] = {
        {RUN_RETURNED, 1, 512}, {RUN_BOOTED, 1, 300}, {RUN_UNTOLD, 1, 512}, {RUN_UNTOLD, 7, 300}};
    struct memory_settings settings = {
        .guest_unused_kib = 100 * MIB, .guest_least_kib = 200 * MIB, .host_reserve_kib = 200 * MIB};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_host fake = {.n_guests = 1,
                                 .tells_runs = true,
                                 .actual_kib = {512 * MIB},
                                 .unused_kib = {200 * MIB},
                                 .total_kib = 8192 * MIB,
                                 .free_kib = 1000 * MIB};
        struct host host = fake_host(&fake);
        struct originals gone = {0}, originals = {.gone = &gone};
        struct tally tally = {0};

        resize(&originals, &fake, 0, 300 * MIB);
        assert_int_equal(originals_add(&originals, &(struct original){.guest = fake_guest(0),
                                                                      .has_period = true,
                                                                      .period_s = 7}),
                         0);
        fake.run[0] = 2;
        fake.origin[0] = rows[i].origin;
        fake.period_s[0] = rows[i].period_s;
        assert_int_equal(
            restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL), 0);
        assert_int_equal(fake.actual_kib[0], rows[i].restored_mib * MIB);
        assert_int_equal(originals.n, 0);
        originals_done(&originals);
        originals_done(&gone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_that_returns_from_saved_memory_is_owed_what_was_found_first),
        cmocka_unit_test(a_number_of_a_run_that_is_given_out_again_is_of_another_run),
        cmocka_unit_test(the_same_of_its_size),
        cmocka_unit_test(of_guests_in_no_sample_those_that_run_stay),
        cmocka_unit_test(booted_in_between_and_back_to_a_snapshot),
        cmocka_unit_test(a_guest_of_whom_nothing_is_told_yet_is_left_alone),
        cmocka_unit_test(sizes_of_guests_that_return),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
