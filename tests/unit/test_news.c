/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/news.h"
#include "tests/unit/report_fixture.h"

static void a_line_a_note_and_changes_without_a_table(void **state)
{
    struct vcpu_case c;
    char *text;

    (void)state;
    report_case_vcpu(&c);
    text = report_case_text(&c, REPORT_CHANGES);
    report_case_has(text, "  pin web1/1 ");
    assert_null(strstr(text, "pCPU load"));
    free(text);
    c.plan.n_pins = 0;
    c.plan.verdict = VERDICT_HOLD_BALANCED;
    text = report_case_text(&c, REPORT_NOTE);
    report_case_has(text, "  note: as good as it gets\n");
    free(text);
    text = report_case_text(&c, REPORT_LINE);
    assert_string_equal(text, "interval=4 t_s=6.0 verdict=hold-balanced sigma=75.00 least=14.50 "
                              "failed=3\n  overruns=2\n");
    free(text);
}

/* A table where something is other than it was, and no other. */
static void news_are_told_once(void **state)
{
    const struct interval calm = {.number = 5, .t_s = 8}, dry = {.number = 6, .dry_run = true};
    struct news news = {0};
    struct vcpu_case c;

    (void)state;
    report_case_vcpu(&c);
    c.plan.n_pins = 0;
    c.plan.verdict = VERDICT_HOLD_OBSERVING;
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_NOTE);
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_LINE);
    c.plan.verdict = VERDICT_HOLD_BALANCED;
    c.places[1].to_place = 2;
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_TABLE);
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_LINE);
    c.plan.verdict = VERDICT_HOLD_SETTLING;
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_NOTE);
    c.plan.verdict = VERDICT_APPLY, c.plan.n_pins = 1, c.places[1].to_place = 7;
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &dry), REPORT_TABLE);
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &dry), REPORT_LINE);
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_CHANGES);
    c.places[1].from_place = 7, c.plan.n_pins = 0;
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_TABLE);
    c.readings[3].running = true;
    assert_int_equal(news_of_vcpus(&news, false, &c.sample, &c.plan, &calm), REPORT_TABLE);
    assert_int_equal(news_of_vcpus(&news, true, &c.sample, &c.plan, &calm), REPORT_ALL);
}

static void memory_news_are_guests_states_and_directions(void **state)
{
    const struct interval calm = {.number = 5, .t_s = 8};
    struct news news = {0};
    struct memory_case c;

    (void)state;
    report_case_memory(&c);
    assert_int_equal(news_of_memory(&news, false, &c.plan, &calm), REPORT_TABLE);
    c.reclaim.to_kib = 800 * MIB;
    assert_int_equal(news_of_memory(&news, false, &c.plan, &calm), REPORT_CHANGES);
    c.plan.n_reclaims = 0;
    assert_int_equal(news_of_memory(&news, false, &c.plan, &calm), REPORT_TABLE);
    c.plan.n_grants = 0;
    c.plan.verdict = VERDICT_HOLD_BALANCED;
    assert_int_equal(news_of_memory(&news, false, &c.plan, &calm), REPORT_TABLE);
    assert_int_equal(news_of_memory(&news, false, &c.plan, &calm), REPORT_LINE);
    c.places[1].state = GUEST_STUCK;
    assert_int_equal(news_of_memory(&news, false, &c.plan, &calm), REPORT_TABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_a_note_and_changes_without_a_table),
        cmocka_unit_test(news_are_told_once),
        cmocka_unit_test(memory_news_are_guests_states_and_directions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
