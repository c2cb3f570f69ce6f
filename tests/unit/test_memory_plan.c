/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "planner/base/plan.h"
#include "tests/unit/memory_fixture.h"

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum guest_state a = GUEST_OK; a <= GUEST_FIXED; a++) {
        assert_string_not_equal(guest_state_text(a), "unknown");
        for (enum guest_state b = GUEST_OK; b < a; b++)
            assert_string_not_equal(guest_state_text(a), guest_state_text(b));
    }
}

static void done_leaves_an_empty_plan(void **state)
{
    struct memory_plan plan = {.places = calloc(1, sizeof(struct memory_place)),
                               .n_places = 1,
                               .reclaims = calloc(1, sizeof(struct balloon_step)),
                               .grants = calloc(1, sizeof(struct balloon_step)),
                               .lp = lp_new("a"),
                               .lp_now = lp_new("b")};

    (void)state;
    memory_plan_done(&plan);
    assert_null(plan.places);
    assert_null(plan.lp_now);
    assert_int_equal(plan.n_places, 0);
    memory_plan_done(&plan);
    memory_plan_done(NULL);
}

static void guests_are_sorted_by_uuid_not_by_name(void **state)
{
    struct memory_sample sample = {.guests = calloc(3, sizeof(struct memory_reading)),
                                   .n_guests = 3};

    (void)state;
    sample.guests[0] = reading_make(7, 512, 100);
    sample.guests[1] = reading_make(2, 512, 100);
    sample.guests[2] = reading_make(5, 512, 100);
    strcpy(sample.guests[0].guest.name, "aaa");
    memory_sample_sort(&sample);
    assert_int_equal(sample.guests[0].guest.uuid[0], 2);
    assert_int_equal(sample.guests[1].guest.uuid[0], 5);
    assert_string_equal(sample.guests[2].guest.name, "aaa");
    memory_sample_done(&sample);
    assert_null(sample.guests);
    memory_sample_sort(&sample);
    memory_sample_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_name_of_its_own),
        cmocka_unit_test(done_leaves_an_empty_plan),
        cmocka_unit_test(guests_are_sorted_by_uuid_not_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
