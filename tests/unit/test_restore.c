/* SPDX-License-Identifier: GPL-3.0-or-later */
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

static void affinities_as_before_the_first_change(void **state)
{
    struct fake_host fake = {.n_guests = 3};
    struct host host = fake_host(&fake);
    struct originals originals = {0};
    struct cpuset floating = cpuset_of("0-3"), other = cpuset_of("2");
    struct tally tally = {0};

    (void)state;
    fake.affinity[0] = fake.affinity[1] = floating;
    fake.affinity[2] = other;
    pin(&originals, &fake, 0, 1);
    pin(&originals, &fake, 0, 3);
    pin(&originals, &fake, 1, 2);
    fake.affinity[1] = floating; /* somebody put it back already */
    fake.n_calls = 0;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(fake.n_calls, 1);
    assert_int_equal(tally.done, 1);
    assert_true(cpuset_is_equal(&fake.affinity[0], &floating));
    assert_true(cpuset_is_equal(&fake.affinity[2], &other));
    originals_done(&originals);
}

/* A vCPU that floated gets back what it had, with pCPUs that are offline; where the hypervisor does
 * not take those, what is online of it. */
static void a_floating_vcpu_gets_its_whole_mask_back(void **state)
{
    static const struct {
        bool refuses_offline;
        const char *restored;
        size_t calls;
    } rows[] = {{false, "0-3", 1}, {true, "0-2", 2}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fake_host fake = {.n_guests = 1, .refuses_offline = rows[i].refuses_offline};
        struct host host = fake_host(&fake);
        struct originals originals = {0};
        struct cpuset restored = cpuset_of(rows[i].restored);
        struct tally tally = {0};

        fake.online = cpuset_of("0-2");
        fake.affinity[0] = cpuset_of("0-3");
        pin(&originals, &fake, 0, 1);
        fake.n_calls = 0;
        assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
        assert_true(cpuset_is_equal(&fake.affinity[0], &restored));
        assert_int_equal(fake.n_calls, rows[i].calls);
        assert_int_equal(tally.failed, 0);
        originals_done(&originals);
    }
}

static void sizes_as_before_reclaims_first(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {
        .guest_unused_kib = 100 * MIB, .guest_least_kib = 200 * MIB, .host_reserve_kib = 200 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    resize(&originals, &fake, 0, 300 * MIB);
    resize(&originals, &fake, 1, 700 * MIB);
    fake.unused_kib[1] = 400 * MIB;
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(tally.done, 2);
    assert_int_equal(fake.calls[0].guest, 1);
    assert_int_equal(fake.calls[1].guest, 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(fake.actual_kib[i], 512 * MIB);
    originals_done(&originals);
}

struct limit_case {
    uint64_t now_kib, unused_kib, free_kib;
    bool silent;
    uint64_t restored_kib; /* of the 512 MiB found at start */
};

static void never_below_need_and_never_beyond_the_reserve(void **state)
{
    static const struct limit_case rows[] = {
        {1024 * MIB, 124 * MIB, 1000 * MIB, false, 1000 * MIB}, /* 900 used + 100 */
        {1024 * MIB, 50 * MIB, 1000 * MIB, false, 1024 * MIB},  /* is short already */
        {1024 * MIB, 900 * MIB, 1000 * MIB, false, 512 * MIB},
        {1024 * MIB, 900 * MIB, 1000 * MIB, true, 1024 * MIB},   /* no telling what it needs */
        {1024 * MIB, 9999 * MIB, 1000 * MIB, false, 1024 * MIB}, /* nor here */
        {256 * MIB, 100 * MIB, 300 * MIB, false, 356 * MIB},     /* 100 above the reserve */
        {256 * MIB, 100 * MIB, 200 * MIB, false, 256 * MIB},
        {256 * MIB, 100 * MIB, 0, false, 256 * MIB},
        {256 * MIB, 100 * MIB, 456 * MIB, false, 512 * MIB},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_host fake = four_guests();
        struct host host = fake_host(&fake);
        struct memory_settings settings = {.guest_unused_kib = 100 * MIB,
                                           .guest_least_kib = 200 * MIB,
                                           .host_reserve_kib = 150 * MIB,
                                           .host_reserve_pct = 200.0 / 81.92};
        struct originals originals = {0};
        struct tally tally = {0};

        resize(&originals, &fake, 0, rows[i].now_kib);
        fake.unused_kib[0] = rows[i].unused_kib;
        fake.silent[0] = rows[i].silent;
        fake.free_kib = rows[i].free_kib;
        assert_int_equal(
            restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL), 0);
        assert_int_equal(fake.actual_kib[0], rows[i].restored_kib);
        assert_int_equal(fake.n_calls, rows[i].restored_kib != rows[i].now_kib);
        originals_done(&originals);
    }
}

static void two_guests_share_what_is_free(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    resize(&originals, &fake, 0, 400 * MIB);
    resize(&originals, &fake, 3, 400 * MIB);
    fake.free_kib = 350 * MIB;
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(fake.actual_kib[0], 512 * MIB);
    assert_int_equal(fake.actual_kib[3], 438 * MIB);
    originals_done(&originals);
}

/* Free now, but the other guests may take it at any time. */
static void nothing_out_of_what_others_were_promised(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {.host_reserve_kib = 200 * MIB,
                                       .guest_overhead_kib = 10 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    resize(&originals, &fake, 0, 400 * MIB);
    fake.rss_kib[1] = 422 * MIB; /* 100 MiB untouched, with its overhead */
    fake.free_kib = 350 * MIB;
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(fake.actual_kib[0], 450 * MIB);
    originals_done(&originals);
}

static void an_old_report_tells_nothing(void **state)
{
    static const struct {
        uint64_t age_s, restored_kib;
    } rows[] = {{9, 512 * MIB}, {11, 1024 * MIB}};
    struct memory_settings settings;

    (void)state;
    memory_settings_default(&settings);
    for (size_t i = 0; i < 2; i++) {
        struct fake_host fake = four_guests();
        struct host host = fake_host(&fake);
        struct originals originals = {0};
        struct tally tally = {0};

        resize(&originals, &fake, 0, 1024 * MIB);
        fake.unused_kib[0] = 900 * MIB;
        fake.age_ns[0] = rows[i].age_s * 1000000000u;
        assert_int_equal(
            restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL), 0);
        assert_int_equal(fake.actual_kib[0], rows[i].restored_kib);
        originals_done(&originals);
    }
}

/* Of five guests one has its affinity back, one has ended, one was started again, one refuses and
 * one answers: the one that refuses is owed to, and to it alone. */
static void what_is_not_in_place_is_still_owed(void **state)
{
    struct fake_host fake = {.n_guests = 5, .tells_runs = true};
    struct host host = fake_host(&fake);
    struct originals originals = {0};
    struct tally tally = {0};

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        fake.affinity[i] = cpuset_of("0-3");
        fake.run[i] = 1;
    }
    for (unsigned i = 0; i < 5; i++)
        pin(&originals, &fake, i, 1);
    fake.affinity[0] = cpuset_of("0-3");
    fake.n_guests = 4;
    fake.run[1] = 2;
    fake.code[2] = -EIO;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 1);
    assert_int_equal(originals.list[0]->guest.uuid[0], 3);
    assert_int_equal(tally.done, 1);
    assert_int_equal(tally.failed, 1);
    fake.code[2] = 0;
    assert_int_equal(restore_vcpus(&originals, NULL, &host, NULL, NULL, &tally, NULL), 0);
    assert_int_equal(originals.n, 0);
    originals_done(&originals);
}

/* Guest 0 gets all back, guest 1 only as much as it can spare, guest 2 had reports more seldom. */
static void sizes_and_periods_are_owed_apart(void **state)
{
    struct fake_host fake = four_guests();
    struct host host = fake_host(&fake);
    struct memory_settings settings = {
        .guest_unused_kib = 100 * MIB, .guest_least_kib = 200 * MIB, .host_reserve_kib = 200 * MIB};
    struct originals originals = {0};
    struct tally tally = {0};
    const struct original period = {.guest = fake_guest(2), .has_period = true, .period_s = 10};

    (void)state;
    resize(&originals, &fake, 0, 300 * MIB);
    resize(&originals, &fake, 1, 1024 * MIB);
    fake.unused_kib[1] = 50 * MIB;
    assert_int_equal(originals_add(&originals, &period), 0);
    assert_int_equal(restore_memory(&originals, NULL, &host, NULL, &settings, NULL, &tally, NULL),
                     0);
    assert_int_equal(fake.period_s[2], 10);
    assert_int_equal(fake.actual_kib[0], 512 * MIB);
    assert_int_equal(originals.n, 1);
    assert_int_equal(originals.list[0]->guest.uuid[0], 2);
    originals_done(&originals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(affinities_as_before_the_first_change),
        cmocka_unit_test(a_floating_vcpu_gets_its_whole_mask_back),
        cmocka_unit_test(what_is_not_in_place_is_still_owed),
        cmocka_unit_test(sizes_and_periods_are_owed_apart),
        cmocka_unit_test(sizes_as_before_reclaims_first),
        cmocka_unit_test(never_below_need_and_never_beyond_the_reserve),
        cmocka_unit_test(two_guests_share_what_is_free),
        cmocka_unit_test(nothing_out_of_what_others_were_promised),
        cmocka_unit_test(an_old_report_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
