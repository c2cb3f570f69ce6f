/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting back where a guest is away, is not the one that was meant, or lacks a thread. */
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

/* Of three guests one is saved before its turn, one while it is its turn, and one has its pins back. The
 * first two return with our pins some day. */
static void what_is_owed_to_a_guest_that_is_saved_is_kept(void **state)
{
    struct fake_host fake = {.n_guests = 3, .tells_runs = true, .run = {1, 1, 1}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    const struct cpuset all = cpuset_of("0-3");
    struct tally tally = {0};

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        fake.affinity[i] = all;
    for (unsigned i = 0; i < 3; i++)
        pin(&originals, &fake, i, 1);
    fake.n_guests = 2;
    fake.affinity[0] = all;
    fake.code[1] = -ENOENT;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 0);
    assert_int_equal(tally.gone, 1);
    assert_int_equal(gone.n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(gone.list[i]->guest.uuid[0], 2 + i);
        assert_true(cpuset_is_equal(&gone.list[i]->mask, &all));
    }
    fake.n_guests = 3;
    fake.code[1] = 0;
    for (unsigned i = 1; i < 3; i++) {
        fake.run[i] = 2;
        fake.origin[i] = RUN_RETURNED;
    }
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_true(cpuset_is_equal(&fake.affinity[i], &all));
    originals_done(&originals);
    originals_done(&gone);
}

static void a_size_is_owed_to_a_guest_that_is_saved_as_well(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB};
    struct originals gone = {0}, originals = {.gone = &gone};
    struct tally tally = {0};

    (void)state;
    resize(&originals, &fake, 0, 300 * MIB);
    fake.code[0] = -ENOENT; /* between the sample and its turn */
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(originals.n, 0);
    assert_int_equal(gone.n, 1);
    assert_true(gone.list[0]->has_size);
    assert_int_equal(gone.list[0]->actual_kib, 512 * MIB);
    originals_done(&originals);
    originals_done(&gone);
}

/* The last change before a stop has not come back: what is seen is what was found, and then it comes. */
static void a_change_that_is_under_way_is_put_back_when_it_has_come(void **state)
{
    struct fake_host fake = {.n_guests = 2};
    struct host host = fake_host(&fake);
    struct originals originals = {0};
    const struct cpuset all = cpuset_of("0-3"), ours = cpuset_of("1");
    struct tally tally = {0};

    (void)state;
    fake.affinity[0] = fake.affinity[1] = all;
    pin(&originals, &fake, 0, 1);
    pin(&originals, &fake, 1, 1);
    fake.affinity[1] = all;
    fake.is_changing[1] = true;
    fake.code[1] = -EBUSY;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 1);
    assert_int_equal(tally.failed, 1); /* so that it is tried again */
    assert_true(cpuset_is_equal(&fake.affinity[0], &all));
    fake.affinity[1] = ours;
    fake.is_changing[1] = false;
    fake.code[1] = 0;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 0);
    assert_true(cpuset_is_equal(&fake.affinity[1], &all));
    originals_done(&originals);
}

static void and_so_is_a_size(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    resize(&originals, &fake, 0, 300 * MIB);
    fake.actual_kib[0] = 512 * MIB;
    fake.is_changing[0] = true;
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(originals.n, 1);
    assert_int_equal(tally.failed, 1);
    fake.actual_kib[0] = 300 * MIB;
    fake.is_changing[0] = false;
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(originals.n, 0);
    assert_int_equal(fake.actual_kib[0], 512 * MIB);
    originals_done(&originals);
}

/* g1 has just returned with our pins: it is owed its own again, but nobody asked for that now. */
static void who_was_not_named_keeps_what_it_has(void **state)
{
    struct fake_host fake = {.n_guests = 2, .tells_runs = true, .run = {1, 1}};
    struct host host = fake_host(&fake);
    struct originals gone = {0}, originals = {.gone = &gone};
    struct cpuset all = cpuset_of("0-3"), ours = cpuset_of("2");
    struct tally tally = {0};

    (void)state;
    fake.affinity[0] = fake.affinity[1] = all;
    pin(&originals, &fake, 0, 1);
    pin(&originals, &fake, 1, 2);
    fake.run[1] = 2;
    fake.origin[1] = RUN_RETURNED;
    assert_int_equal(restore_vcpus(&originals, "g0", &host, NULL, NULL, &tally, NULL), 0);
    assert_true(cpuset_is_equal(&fake.affinity[0], &all));
    assert_true(cpuset_is_equal(&fake.affinity[1], &ours));
    assert_int_equal(tally.done, 1);
    assert_int_equal(originals.n, 1);
    assert_int_equal(originals.list[0]->run, 2);
    assert_int_equal(gone.n, 0);
    originals_done(&originals);
    originals_done(&gone);
}

static void one_guest_alone_gets_its_size_and_period_back(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        resize(&originals, &fake, i, 300 * MIB);
        assert_int_equal(originals_add(&originals, &(struct original){.guest = fake_guest(i),
                                                                      .has_period = true,
                                                                      .period_s = 7}),
                         0);
    }
    assert_int_equal(restore_memory(&originals, "g1", &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(fake.actual_kib[0], 300 * MIB);
    assert_int_equal(fake.period_s[0], 0);
    assert_int_equal(fake.actual_kib[1], 512 * MIB);
    assert_int_equal(fake.period_s[1], 7);
    assert_int_equal(originals.n, 1);
    originals_done(&originals);
}

static void guests_that_ended_are_forgotten_by_and_by(void **state)
{
    struct fake_host fake = {.n_guests = 2, .tells_runs = true};
    struct host host = fake_host(&fake);
    struct originals originals = {0};

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(
            originals_add(&originals, &(struct original){.guest = fake_guest(i), .has_mask = true}),
            0);
    restore_forget(&originals, &host, 3);
    assert_int_equal(originals.n, 5);
    restore_forget(&originals, &host, 3);
    assert_int_equal(originals.n, 2);
    originals_done(&originals);
}

/* What is unplugged has nothing to be put back to, and is not owed for ever. */
static void a_thread_that_was_unplugged_is_owed_nothing(void **state)
{
    struct fake_host fake = {.n_guests = 1, .tells_runs = true, .run = {1}};
    struct host host = fake_host(&fake);
    struct originals originals = {0};
    struct tally tally = {0};
    struct original vcpu = {.guest = fake_guest(0), .run = 1, .vcpu = 1, .has_mask = true};

    (void)state;
    vcpu.mask = fake.affinity[0] = cpuset_of("0-3");
    assert_int_equal(originals_add(&originals, &vcpu), 0);
    fake.code[0] = -EIO;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 0);
    assert_int_equal(fake.n_calls, 0);
    originals_done(&originals);
}

/* Another configuration leaves out a guest that was changed before. */
static void a_guest_that_is_not_chosen_any_more_gets_its_size_back(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    resize(&originals, &fake, 3, 300 * MIB);
    fake.n_left_out = 1;
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(fake.actual_kib[3], 512 * MIB);
    assert_int_equal(originals.n, 0);
    originals_done(&originals);
}

static void who_is_not_known_is_an_error_and_changes_nothing(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB};
    struct originals gone = {0}, originals = {.gone = &gone};
    struct original left = {.guest = {.uuid = {9}, .name = "saved"}, .has_mask = true};
    struct tally tally = {0};
    struct err err = {0};

    (void)state;
    resize(&originals, &fake, 0, 300 * MIB);
    assert_int_equal(restore_vcpus(&originals, "g9", &host, NULL, NULL, &tally, &err), -ENOENT);
    assert_non_null(strstr(err.text, "'g9'"));
    assert_int_equal(restore_memory(&originals, "g9", &host, NULL, &settings, NULL, &tally, &err),
                     -ENOENT);
    assert_int_equal(fake.actual_kib[0], 300 * MIB);
    assert_int_equal(restore_vcpus(&originals, "g1", &host, NULL, NULL, &tally, &err), 0);
    assert_int_equal(restore_vcpus(&originals, "saved", &host, NULL, NULL, &tally, &err), -ENOENT);
    assert_int_equal(originals_add(&gone, &left), 0);
    assert_int_equal(restore_vcpus(&originals, "saved", &host, NULL, NULL, &tally, &err), 0);
    originals_done(&originals);
    originals_done(&gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_owed_to_a_guest_that_is_saved_is_kept),
        cmocka_unit_test(guests_that_ended_are_forgotten_by_and_by),
        cmocka_unit_test(a_thread_that_was_unplugged_is_owed_nothing),
        cmocka_unit_test(a_guest_that_is_not_chosen_any_more_gets_its_size_back),
        cmocka_unit_test(who_is_not_known_is_an_error_and_changes_nothing),
        cmocka_unit_test(who_was_not_named_keeps_what_it_has),
        cmocka_unit_test(one_guest_alone_gets_its_size_and_period_back),
        cmocka_unit_test(a_change_that_is_under_way_is_put_back_when_it_has_come),
        cmocka_unit_test(and_so_is_a_size),
        cmocka_unit_test(a_size_is_owed_to_a_guest_that_is_saved_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
