/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/originals.h"
#include "tests/unit/cpuset_fixture.h"

static struct original mask_of(unsigned char guest, int run, unsigned vcpu, const char *mask)
{
    struct original original = {
        .guest = {.uuid = {guest}, .name = "g"}, .run = run, .vcpu = vcpu, .has_mask = true};

    original.mask = cpuset_of(mask);
    return original;
}

static void add(struct originals *originals, struct original original)
{
    assert_int_equal(originals_add(originals, &original), 0);
}

static void assert_mask(const struct originals *originals, unsigned char guest, int run,
                        unsigned vcpu, const char *mask)
{
    const struct guest_id id = {.uuid = {guest}};
    const struct original *found = originals_find(originals, &id, run, vcpu);
    char text[64];

    assert_non_null(found);
    cpuset_format(&found->mask, text, sizeof(text));
    assert_string_equal(text, mask);
}

static void what_was_found_first_stays_until_the_guest_is_started_again(void **state)
{
    struct originals originals = {0};
    const struct guest_id three = {.uuid = {3}};

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        add(&originals, mask_of((unsigned char)(i * 7 % 40), 1, i % 3, "0-3"));
    assert_int_equal(originals.n, 40);
    originals.is_changed = false;
    add(&originals, mask_of(3, 1, 7, "2"));
    assert_true(originals.is_changed);
    originals.is_changed = false;
    add(&originals, mask_of(3, 1, 7, "1"));
    assert_mask(&originals, 3, 1, 7, "2");
    assert_false(originals.is_changed);
    add(&originals, mask_of(3, 2, 7, "1"));
    assert_null(originals_find(&originals, &three, 1, 7));
    assert_mask(&originals, 3, 2, 7, "1");
    for (size_t i = 1; i < originals.n; i++)
        assert_true(guest_compare(&originals.list[i - 1]->guest, &originals.list[i]->guest) <= 0);
    while (originals.n)
        originals_drop(&originals, originals.n / 2);
    originals_done(&originals);
}

static void size_and_period_come_one_after_the_other(void **state)
{
    struct originals originals = {0};
    const struct guest_id guest = {.uuid = {1}};
    const struct original period = {.guest = guest, .has_period = true, .period_s = 5};
    const struct original size = {.guest = guest, .has_size = true, .actual_kib = 1024};
    const struct original later = {
        .guest = guest, .has_size = true, .actual_kib = 9, .has_period = true, .period_s = 1};
    const struct original *found;

    (void)state;
    add(&originals, period);
    add(&originals, size);
    add(&originals, later);
    found = originals_find(&originals, &guest, 0, 0);
    assert_non_null(found);
    assert_int_equal(found->period_s, 5);
    assert_int_equal(found->actual_kib, 1024);
    originals_done(&originals);
}

static void json_and_back(void **state)
{
    struct originals originals = {0}, back, copy;
    const struct original size = {.guest = {.uuid = {9}, .name = "nine"},
                                  .run = 4,
                                  .has_size = true,
                                  .actual_kib = UINT64_C(1) << 40,
                                  .has_period = true,
                                  .period_s = 3};
    json_t *json;

    (void)state;
    add(&originals, mask_of(2, 7, 5, "0-3,8"));
    add(&originals, size);
    add(&originals, (struct original){.guest = {.uuid = {9}, .name = "nine"},
                                      .run = 4,
                                      .is_helpers = true,
                                      .vcpu = 2,
                                      .has_mask = true,
                                      .mask = originals.list[0]->mask,
                                      .gone_s = 1700000000});
    originals_are_written(&originals); /* as all is that was read */
    json = originals_to_json(&originals);
    assert_int_equal(originals_from_json(json, &back), 0);
    assert_int_equal(back.n, 3);
    assert_false(back.is_changed);
    assert_mask(&back, 2, 7, 5, "0-3,8");
    assert_memory_equal(back.list[1], originals.list[1], sizeof(size));
    assert_memory_equal(back.list[2], originals.list[2], sizeof(size));
    assert_int_equal(originals_copy(&back, &copy), 0);
    assert_mask(&copy, 2, 7, 5, "0-3,8");
    originals_done(&copy);
    originals_done(&back);
    originals_done(&originals);
    json_decref(json);
}

static void what_is_no_original_is_refused(void **state)
{
    static const char *const rows[] = {
        "{}",
        "[1]",
        "[{\"guest\":\"g\"}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1}]",
        "[{\"guest\":\"g\",\"uuid\":\"x\",\"run\":1,\"vcpu\":0}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":-1,"
        "\"vcpu\":0}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"mask\":\"\"}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"mask\":7}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"actual_kib\":-1}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"period_s\":1e9}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *json = json_loads(rows[i], 0, NULL);
        struct originals originals;

        assert_non_null(json);
        assert_int_equal(originals_from_json(json, &originals), -EINVAL);
        assert_int_equal(originals.n, 0);
        json_decref(json);
    }
}

/* The emulator, an I/O thread and the vCPU of the same number are three things. */
static void threads_of_a_guest_are_told_apart(void **state)
{
    struct originals originals = {0};
    const struct guest_id guest = {.uuid = {1}}, other = {.uuid = {2}};
    struct original original = mask_of(1, 1, 0, "0");

    (void)state;
    add(&originals, mask_of(2, 1, 0, "3"));
    add(&originals, original);
    original.is_helpers = true;
    original.mask = cpuset_of("1");
    add(&originals, original);
    original.vcpu = 1;
    original.mask = cpuset_of("2");
    add(&originals, original);
    assert_int_equal(originals.n, 4);
    assert_mask(&originals, 1, 1, 0, "0");
    assert_true(cpuset_has(&originals_find_helpers(&originals, &guest, 1, 0)->mask, 1));
    assert_true(cpuset_has(&originals_find_helpers(&originals, &guest, 1, 1)->mask, 2));
    assert_null(originals_find(&originals, &guest, 1, 1));
    assert_null(originals_find_helpers(&originals, &other, 1, 0));
    assert_int_equal(originals_first(&originals, &other), 3);
    originals_done(&originals);
}

static void who_has_gone_is_kept_for_thirty_days(void **state)
{
    static const int64_t day_s = 86400;
    const uint64_t day_ns = UINT64_C(86400) * 1000000000;
    struct originals gone = {0}, originals = {.gone = &gone};
    const struct guest_id guest = {.uuid = {1}};

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        add(&originals, mask_of(1, 7, i, "0-3"));
    assert_int_equal(originals_leave(&originals, 0, 100), 0);
    assert_int_equal(originals_leave(&originals, 0, 100 + day_s), 0);
    assert_int_equal(originals.n, 0);
    originals.is_changed = false;
    originals_expire(&originals, 100 + 30 * day_s, 5);
    assert_int_equal(originals.outdated_ns, 0);
    originals_expire(&originals, 101 + 300 * day_s, 7); /* a clock that is wrong for a while */
    originals_expire(&originals, 101 + 300 * day_s, day_ns);
    originals_expire(&originals, 100, 2 * day_ns);
    originals_expire(&originals, 101 + 30 * day_s, 3 * day_ns);
    assert_int_equal(gone.n, 2);
    assert_false(originals.is_changed);
    originals_expire(&originals, 101 + 30 * day_s, 4 * day_ns);
    assert_int_equal(gone.n, 1);
    assert_true(originals.is_changed);
    assert_int_equal(originals_return(&originals, &guest, 9), 0);
    assert_int_equal(gone.n, 0);
    assert_mask(&originals, 1, 9, 1, "0-3");
    assert_int_equal(originals.list[0]->gone_s, 0);
    originals_done(&originals);
    originals_done(&gone);
}

/* A size was changed in the first run alone: what an old snapshot has is still known after a second. */
static void what_a_later_run_does_not_have_stays_known(void **state)
{
    struct originals gone = {0}, originals = {.gone = &gone};
    const struct guest_id guest = {.uuid = {1}};

    (void)state;
    add(&originals, (struct original){.guest = guest,
                                      .run = 1,
                                      .has_size = true,
                                      .actual_kib = 512,
                                      .has_period = true,
                                      .period_s = 7});
    assert_int_equal(originals_leave(&originals, 0, 10), 0);
    add(&originals, (struct original){.guest = guest, .run = 2, .has_period = true, .period_s = 5});
    assert_int_equal(originals_leave(&originals, 0, 20), 0);
    assert_int_equal(gone.n, 1);
    assert_int_equal(gone.list[0]->actual_kib, 512);
    assert_int_equal(gone.list[0]->period_s, 5);
    assert_int_equal(gone.list[0]->gone_s, 20);
    originals_done(&originals);
    originals_done(&gone);
}

static void a_host_of_short_lives_keeps_no_more_than_a_bounded_number(void **state)
{
    struct originals gone = {0}, originals = {.gone = &gone};

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        struct original original = {.run = 1, .has_size = true};

        original.guest.uuid[0] = (unsigned char)(i >> 8);
        original.guest.uuid[1] = (unsigned char)i;
        add(&originals, original);
        assert_int_equal(originals_leave(&originals, 0, 1 + i), 0);
    }
    assert_int_equal(gone.n, 4096 + 16); /* room for 16 is what one takes */
    for (size_t i = 0; i < gone.n; i++)
        assert_true(gone.list[i]->gone_s > 5000 - 4096 - 16);
    originals_done(&gone);
    originals_done(&originals);
}

/* All go at once where the host is booted, and many return together: in milliseconds, where moving all of
 * them for each took minutes. */
static void a_large_host_that_is_booted_forgets_nobody(void **state)
{
    struct originals gone = {0}, originals = {.gone = &gone};
    struct original original = {.run = 1, .has_period = true};

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        original.guest.uuid[0] = (unsigned char)(i >> 8);
        original.guest.uuid[1] = (unsigned char)i;
        add(&originals, original);
    }
    while (originals.n)
        assert_int_equal(originals_leave(&originals, originals.n - 1, 1), 0);
    assert_int_equal(gone.n, 10000);
    while (gone.n)
        assert_int_equal(originals_return(&originals, &gone.list[0]->guest, 2), 0);
    assert_int_equal(originals.n, 10000);
    originals_done(&gone);
    originals_done(&originals);
}

static void what_did_not_reach_the_disk_is_forgotten(void **state)
{
    struct originals originals = {0};
    const struct guest_id guest = {.uuid = {1}};

    (void)state;
    add(&originals, (struct original){.guest = guest, .has_period = true, .period_s = 5});
    originals_are_written(&originals);
    add(&originals, (struct original){.guest = guest, .has_size = true, .actual_kib = 9});
    add(&originals, mask_of(2, 1, 0, "1"));
    originals_forget_unwritten(&originals);
    assert_int_equal(originals.n, 1);
    assert_true(originals.list[0]->has_period && !originals.list[0]->has_size);
    originals_done(&originals);
}

/* Setting failed twice, so what was set first is still live, and ours. */
/* Its size was changed in its first run and is on disk; in the second one only its statistics were. Then it
 * returns to the first, and the disk is full. */
static void what_is_on_disk_of_an_earlier_run_is_not_forgotten(void **state)
{
    const struct guest_id guest = {.uuid = {1}};
    struct originals gone = {0}, originals = {.gone = &gone};

    (void)state;
    add(&originals, (struct original){.guest = guest, .run = 1, .has_size = true, .actual_kib = 9});
    originals_are_written(&originals);
    assert_int_equal(originals_leave(&originals, 0, 1), 0);
    add(&originals, (struct original){.guest = guest, .run = 2, .has_period = true});
    originals_are_written(&originals);
    assert_int_equal(originals_leave(&originals, 0, 1), 0);
    assert_int_equal(originals_return(&originals, &guest, 3), 0);
    originals_forget_unwritten(&originals);
    assert_int_equal(originals.n, 1);
    assert_true(originals.list[0]->has_size && originals.list[0]->has_period);
    assert_int_equal(originals.list[0]->actual_kib, 9);
    originals_done(&originals);
    originals_done(&gone);
}

static void what_is_live_is_known_however_often_setting_fails(void **state)
{
    static const char *const sets[] = {"0-1", "2-3", "4-5", "6"};
    struct originals originals = {0};
    struct cpuset live, last;

    (void)state;
    live = cpuset_of("0-7");
    for (size_t i = 0; i < 4; i++) {
        struct original original = {.guest = {.uuid = {1}}, .has_mask = true, .mask = live};

        original.set = cpuset_of(sets[i]);
        add(&originals, original);
        if (i == 0) /* the others fail */
            live = original.set;
        last = original.set;
    }
    assert_true(cpuset_is_equal(&originals.list[0]->set, &last));
    assert_true(cpuset_is_equal(&originals.list[0]->set_before, &live));
    originals_done(&originals);
}

static void one_guest_by_name_or_uuid(void **state)
{
    static const char *const names[] = {"web", "02000000-0000-0000-0000-000000000000", "g*", NULL};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct original web = mask_of(1, 1, 0, "0"), other = mask_of(2, 1, 0, "3");

        strcpy(web.guest.name, "web");
        assert_int_equal(original_is_of(&web, names[i]), i == 0 || i == 3);
        assert_int_equal(original_is_of(&other, names[i]), i == 1 || i == 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_of_a_guest_are_told_apart),
        cmocka_unit_test(who_has_gone_is_kept_for_thirty_days),
        cmocka_unit_test(what_a_later_run_does_not_have_stays_known),
        cmocka_unit_test(a_host_of_short_lives_keeps_no_more_than_a_bounded_number),
        cmocka_unit_test(a_large_host_that_is_booted_forgets_nobody),
        cmocka_unit_test(what_did_not_reach_the_disk_is_forgotten),
        cmocka_unit_test(what_is_on_disk_of_an_earlier_run_is_not_forgotten),
        cmocka_unit_test(what_is_live_is_known_however_often_setting_fails),
        cmocka_unit_test(one_guest_by_name_or_uuid),
        cmocka_unit_test(what_was_found_first_stays_until_the_guest_is_started_again),
        cmocka_unit_test(size_and_period_come_one_after_the_other),
        cmocka_unit_test(json_and_back),
        cmocka_unit_test(what_is_no_original_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
