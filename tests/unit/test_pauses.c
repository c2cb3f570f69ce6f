/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/base/guest_name.h"
#include "agent/client/client.h"
#include "agent/control/pauses.h"
#include "agent/control/state.h"

/* This program's clocks come before the system's: how far they are from where they were. */
static long day_s, host_s;
time_t time(time_t *ret)
{
    (void)ret;
    return 1000000 + day_s;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    (void)clock;
    *ret = (struct timespec){.tv_sec = 5000 + host_s};
    return 0;
}

/* Whatever the time of day is, a host has been up for a while. */
static const struct pause_clock start = {.real_s = 50, .steady_s = 1050};

static struct guest_id guest(const char *name)
{
    struct guest_id id = {0};

    guest_name_set(&id, name);
    return id;
}

static void one_guest_or_all(void **state)
{
    static struct pauses pauses;
    struct guest_id web = guest("web"), db = guest("db");

    (void)state;
    assert_false(pauses_have(&pauses, &web) || pauses_have_all(&pauses));
    assert_int_equal(pauses_add(&pauses, "web", NULL, INT64_MAX, start), 0);
    assert_true(pauses_have(&pauses, &web));
    assert_false(pauses_have(&pauses, &db) || pauses_have_all(&pauses));
    assert_int_equal(pauses_add(&pauses, "", NULL, INT64_MAX, start), 0);
    assert_true(pauses_have(&pauses, &db) && pauses_have_all(&pauses));
    assert_true(pauses_remove(&pauses, "web", NULL));
    assert_false(pauses_remove(&pauses, "web", NULL));
    assert_true(pauses_have(&pauses, &web)); /* as one of all */
    assert_true(pauses_remove(&pauses, "", NULL));
    assert_false(pauses_have(&pauses, &web));
    assert_false(pauses_remove(&pauses, "", NULL));
}

/* Who releases a guest by its UUID has it paused under that. */
static void a_guest_by_its_uuid(void **state)
{
    static struct pauses pauses;
    struct guest_id web = guest("web"), db = guest("db");

    (void)state;
    web.uuid[0] = 0xab;
    assert_int_equal(
        pauses_add(&pauses, "AB000000-0000-0000-0000-000000000000", NULL, INT64_MAX, start), 0);
    assert_true(pauses_have(&pauses, &web));
    assert_false(pauses_have(&pauses, &db) || pauses_have_all(&pauses));
}

/* Whichever of its names it was paused by. */
static void whom_a_pause_is_of_is_one_guest(void **state)
{
    static const char *const names[] = {"web", "ab000000-0000-0000-0000-000000000000",
                                        "AB000000-0000-0000-0000-000000000000"};
    static struct pauses pauses;
    struct guest_id web = guest("web");

    (void)state;
    web.uuid[0] = 0xab;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(pauses_add(&pauses, "db", NULL, INT64_MAX, start), 0);
            assert_int_equal(pauses_add(&pauses, names[i], NULL, INT64_MAX, start), 0);
            assert_true(pauses_remove(&pauses, names[k], &web));
            assert_false(pauses_have(&pauses, &web));
            assert_int_equal(pauses.n, 1);
            assert_int_equal(pauses_add(&pauses, names[i], &web, 100, start), 0);
            assert_int_equal(pauses_add(&pauses, names[k], &web, INT64_MAX, start), 0);
            assert_int_equal(pauses.n, 2); /* the later one replaced the other */
            assert_int_equal(pauses_find(&pauses, &web)->until_s, INT64_MAX);
            assert_true(pauses_remove(&pauses, "web", &web));
        }
    /* One that does not run is known by nothing but what was written. */
    assert_int_equal(pauses_add(&pauses, names[1], NULL, INT64_MAX, start), 0);
    assert_false(pauses_remove(&pauses, "web", NULL));
    assert_true(pauses_remove(&pauses, names[2], NULL));
}

static void a_pause_ends_in_time(void **state)
{
    static struct pauses pauses;
    struct guest_id web = guest("web");

    (void)state;
    pauses_add(&pauses, "web", NULL, 100, start);
    pauses_add(&pauses, "db", NULL, 200, start);
    pauses_expire(&pauses, 1099);
    assert_true(pauses_have(&pauses, &web));
    pauses_add(&pauses, "web", NULL, 150, start); /* a later one replaces it */
    pauses_expire(&pauses, 1100);
    assert_true(pauses_have(&pauses, &web));
    pauses_expire(&pauses, 1150);
    assert_false(pauses_have(&pauses, &web));
    assert_int_equal(pauses.n, 1);
}

/* A clock that is ahead for a moment, and one that was set back for good. */
static void whatever_becomes_of_the_time_of_day(void **state)
{
    struct control *control = control_new(PROGRAM_VCPU, false, NULL, NULL);

    (void)state;
    day_s = 0;
    assert_int_equal(control_pause(control, "", 7200), 0);
    day_s = 100000;
    assert_true(control_is_paused(control));
    day_s = 0;
    assert_true(control_is_paused(control));
    day_s = -100000;
    host_s = 7200;
    assert_false(control_is_paused(control));
    day_s = host_s = 0;
    control_free(control);
}

/* What is left of it is left after a start, too. */
static void a_pause_goes_on_after_a_start(void **state)
{
    static struct pauses pauses, read;
    const struct pause_clock later = {.real_s = 90, .steady_s = 7};
    json_t *file;

    (void)state;
    pauses_add(&pauses, "web", NULL, 100, start);
    pauses_add(&pauses, "db", NULL, INT64_MAX, start);
    file = pauses_to_json(&pauses);
    assert_int_equal(pauses_from_json(file, later, &read), 0);
    assert_int_equal(read.list[0].until_s, 100);
    assert_int_equal(read.list[0].ends_s, 17);
    assert_int_equal(read.list[1].ends_s, INT64_MAX);
    json_decref(file);
}

static void there_are_not_too_many(void **state)
{
    static struct pauses pauses;
    char name[PAUSE_NAME_SIZE + 1] = "";

    (void)state;
    for (int i = 0; i < MAX_PAUSES; i++) {
        snprintf(name, sizeof(name), "guest%d", i);
        assert_int_equal(pauses_add(&pauses, name, NULL, INT64_MAX, start), 0);
    }
    assert_int_equal(pauses_add(&pauses, "one more", NULL, INT64_MAX, start), -ENOSPC);
    assert_int_equal(pauses_add(&pauses, "guest7", NULL, 5, start), 0);
    memset(name, 'a', PAUSE_NAME_SIZE);
    name[PAUSE_NAME_SIZE] = '\0';
    assert_int_equal(pauses_add(&pauses, name, NULL, 5, start), -ENAMETOOLONG);
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        uint64_t seconds; /* 0: refused */
    } rows[] = {
        {"90", 90}, {"90s", 90}, {"30m", 1800}, {"2h", 7200},      {"1d", 86400},
        {"0", 0},   {"", 0},     {"h", 0},      {"-1", 0},         {"2hh", 0},
        {"2 h", 0}, {"2w", 0},   {"1.5h", 0},   {"1000000001", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t seconds = 0;
        int r = client_duration(rows[i].text, &seconds);

        assert_int_equal(r, rows[i].seconds ? 0 : -EINVAL);
        assert_int_equal(seconds, rows[i].seconds);
    }
}

static bool is_paused_after_a_start(const char *folder)
{
    struct control *control = control_new(PROGRAM_VCPU, false, NULL, NULL);
    struct err err = {0};
    bool is_paused;

    assert_int_equal(control_keep(control, folder, &err), 0);
    is_paused = control_is_paused(control);
    control_free(control);
    return is_paused;
}

/* It was moved away, or another disk was put there, while the program runs. */
static void a_pause_is_kept_where_the_next_start_looks(void **state)
{
    char folder[] = "/tmp/pauses-XXXXXX";
    struct control *control = control_new(PROGRAM_VCPU, false, NULL, NULL);
    struct err err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    setenv("FOLDER", folder, 1);
    assert_int_equal(control_keep(control, folder, &err), 0);
    assert_false(is_paused_after_a_start(folder));
    assert_int_equal(system("mv $FOLDER $FOLDER.old && mkdir $FOLDER"), 0);
    assert_int_equal(control_pause(control, "", 0), 0);
    assert_int_equal(control_save_pauses(control), 0);
    assert_true(is_paused_after_a_start(folder));
    control_free(control);
    assert_int_equal(system("rm -r $FOLDER $FOLDER.old"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_guest_or_all),
        cmocka_unit_test(a_guest_by_its_uuid),
        cmocka_unit_test(whom_a_pause_is_of_is_one_guest),
        cmocka_unit_test(a_pause_ends_in_time),
        cmocka_unit_test(whatever_becomes_of_the_time_of_day),
        cmocka_unit_test(a_pause_goes_on_after_a_start),
        cmocka_unit_test(there_are_not_too_many),
        cmocka_unit_test(durations),
        cmocka_unit_test(a_pause_is_kept_where_the_next_start_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
