/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/report_memory.h"
#include "agent/report/summary.h"
#include "planner/base/units.h"

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

static void a_long_summary_adds_the_rest_up(void **state)
{
    struct guest_track tracks[REPORT_MAX_ROWS + 3] = {0};
    struct memory_summary summary = {
        .intervals = 1, .guests = tracks, .n_guests = REPORT_MAX_ROWS + 3};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    for (size_t i = 0; i < REPORT_MAX_ROWS + 3; i++)
        tracks[i] = (struct guest_track){.first_kib = 100 * KIB_PER_MIB,
                                         .last_kib = 200 * KIB_PER_MIB,
                                         .lowest_unused_kib = (1000 - i) * KIB_PER_MIB};
    report_memory_summary(out, &summary);
    fclose(out);
    assert_non_null(strstr(text, "  3 others              300      600           958\n"));
    assert_null(strstr(text, "  4 others"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_summary_adds_the_rest_up),
        cmocka_unit_test(guests_that_come_and_go_for_ever_are_not_all_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
