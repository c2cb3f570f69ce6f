/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/guest_name.h"
#include "agent/client/client.h"
#include "agent/control/pauses.h"
#include "agent/control/state.h"

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
    assert_int_equal(pauses_add(&pauses, "web", NULL, INT64_MAX), 0);
    assert_true(pauses_have(&pauses, &web));
    assert_false(pauses_have(&pauses, &db) || pauses_have_all(&pauses));
    assert_int_equal(pauses_add(&pauses, "", NULL, INT64_MAX), 0);
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
    assert_int_equal(pauses_add(&pauses, "AB000000-0000-0000-0000-000000000000", NULL, INT64_MAX),
                     0);
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
            assert_int_equal(pauses_add(&pauses, "db", NULL, INT64_MAX), 0);
            assert_int_equal(pauses_add(&pauses, names[i], NULL, INT64_MAX), 0);
            assert_true(pauses_remove(&pauses, names[k], &web));
            assert_false(pauses_have(&pauses, &web));
            assert_int_equal(pauses.n, 1);
            assert_int_equal(pauses_add(&pauses, names[i], &web, 100), 0);
            assert_int_equal(pauses_add(&pauses, names[k], &web, INT64_MAX), 0);
            assert_int_equal(pauses.n, 2); /* the later one replaced the other */
            assert_int_equal(pauses_find(&pauses, &web)->until_s, INT64_MAX);
            assert_true(pauses_remove(&pauses, "web", &web));
        }
    /* One that does not run is known by nothing but what was written. */
    assert_int_equal(pauses_add(&pauses, names[1], NULL, INT64_MAX), 0);
    assert_false(pauses_remove(&pauses, "web", NULL));
    assert_true(pauses_remove(&pauses, names[2], NULL));
}

static void a_pause_ends_in_time(void **state)
{
    static struct pauses pauses;
    struct guest_id web = guest("web");

    (void)state;
    pauses_add(&pauses, "web", NULL, 100);
    pauses_add(&pauses, "db", NULL, 200);
    pauses_expire(&pauses, 99);
    assert_true(pauses_have(&pauses, &web));
    pauses_add(&pauses, "web", NULL, 150); /* a later one replaces it */
    pauses_expire(&pauses, 100);
    assert_true(pauses_have(&pauses, &web));
    pauses_expire(&pauses, 150);
    assert_false(pauses_have(&pauses, &web));
    assert_int_equal(pauses.n, 1);
}

static void there_are_not_too_many(void **state)
{
    static struct pauses pauses;
    char name[PAUSE_NAME_SIZE + 1] = "";

    (void)state;
    for (int i = 0; i < MAX_PAUSES; i++) {
        snprintf(name, sizeof(name), "guest%d", i);
        assert_int_equal(pauses_add(&pauses, name, NULL, INT64_MAX), 0);
    }
    assert_int_equal(pauses_add(&pauses, "one more", NULL, INT64_MAX), -ENOSPC);
    assert_int_equal(pauses_add(&pauses, "guest7", NULL, 5), 0);
    memset(name, 'a', PAUSE_NAME_SIZE);
    name[PAUSE_NAME_SIZE] = '\0';
    assert_int_equal(pauses_add(&pauses, name, NULL, 5), -ENAMETOOLONG);
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
        cmocka_unit_test(there_are_not_too_many),
        cmocka_unit_test(durations),
        cmocka_unit_test(a_pause_is_kept_where_the_next_start_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
