/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page is made of is bounded, whatever it is made from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/page/run.h"

static void guests_without_end_are_cut_and_found_again(void **state)
{
    struct run *run = run_new(PROGRAM_VCPU, 1);
    char name[40];

    (void)state;
    run_begin(run, 0, 1);
    for (int i = 0; i < RUN_MAX_GUESTS + 50; i++) {
        snprintf(name, sizeof(name), "guest-%d", i * 7919 % 100000);
        assert_int_equal(run_guest(run, name, name), i < RUN_MAX_GUESTS ? i : -1);
    }
    assert_true(run->has_more_guests);
    for (int i = 0; i < RUN_MAX_GUESTS; i += 3) {
        snprintf(name, sizeof(name), "guest-%d", i * 7919 % 100000);
        assert_int_equal(run_guest(run, name, name), i);
        assert_ptr_equal(run_known(run, name, strlen(name)), &run->guests[i]);
    }
    assert_null(run_known(run, "guest", 5));
    assert_null(run_known(run, "guest-00", 8));
    run_free(run);
}

static void changes_without_end_leave_the_latest(void **state)
{
    struct run *run = run_new(PROGRAM_MEMORY, 1);
    int guest = run_guest(run, "db", "db");
    char what[40];

    (void)state;
    for (int i = 0; i < RUN_MAX_CHANGES + 100; i++) {
        snprintf(what, sizeof(what), "%d", i);
        run_add_change(run, guest,
                       &(struct run_change){.t_s = i, .bin = -1, .what = what, .reason = ""});
    }
    assert_int_equal(run->n_changes, RUN_MAX_CHANGES);
    assert_int_equal(run->all_changes, RUN_MAX_CHANGES + 100);
    assert_string_equal(run_change_at(run, 0)->what, "100");
    snprintf(what, sizeof(what), "%d", RUN_MAX_CHANGES + 99);
    assert_string_equal(run_change_at(run, run->n_changes - 1)->what, what);
    run_free(run);
}

/* Two columns become one: the place is that where it waited longer. */
static void where_it_waited_most_survives_halving(void **state)
{
    struct run *run = run_new(PROGRAM_VCPU, 1);
    int guest = run_guest(run, "web", "web");

    (void)state;
    for (int s = 0; s <= MAX_COLUMNS; s++) {
        double waited = s == 101 ? 90 : 10;

        run_begin(run, s, 1);
        run_set_where(run, guest, s == 101 ? 7 : 3, waited);
        run_set_guest(run, guest, RUN_WAITED, waited);
    }
    assert_int_equal(run->columns.n, MAX_COLUMNS / 2 + 1);
    assert_int_equal(run->guests[guest].where[50], 8);
    assert_int_equal(run->guests[guest].where[51], 4);
    run_free(run);
}

static void strangers_names_are_printable(void **state)
{
    struct run *run = run_new(PROGRAM_VCPU, 1);
    int guest = run_guest(run, "uuid", "a\033[31m\xe2\x80\xae");

    (void)state;
    assert_string_equal(run->guests[guest].name, "a?[31m?");
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_without_end_are_cut_and_found_again),
        cmocka_unit_test(changes_without_end_leave_the_latest),
        cmocka_unit_test(where_it_waited_most_survives_halving),
        cmocka_unit_test(strangers_names_are_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
