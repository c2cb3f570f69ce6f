/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/report/summary.h"

/* A guest without persistent definition is another one each time it is made. */
static void guests_that_come_and_go_for_ever_are_not_all_remembered(void **state)
{
    struct memory_summary summary = {0};
    struct memory_place places[2] = {{.actual_kib = 100}, {.actual_kib = 200}};
    struct memory_plan plan = {.places = places, .n_places = 2};
    const struct memory_sample sample = {0};
    const struct interval interval = {0};

    (void)state;
    places[1].guest.uuid[15] = 1;
    for (unsigned i = 0; i < 1000; i++) {
        places[0].guest.uuid[0] = (unsigned char)(i % 256);
        places[0].guest.uuid[1] = (unsigned char)(i / 256);
        assert_int_equal(memory_summary_add(&summary, &sample, &plan, &interval), 0);
        assert_in_range(summary.n_guests, 1, REPORT_MAX_ROWS + 2);
    }
    assert_memory_equal(summary.guests[1].guest.uuid, places[1].guest.uuid, 16);
    assert_true(summary.guests[1].present);
    memory_summary_done(&summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_that_come_and_go_for_ever_are_not_all_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
