/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/history/changes.h"
#include "agent/history/ring.h"
#include "tests/unit/history_fixture.h"

static int64_t integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static json_t *element(const json_t *object, const char *name, size_t i)
{
    return json_array_get(json_object_get(object, name), i);
}

/* A change that failed looks like no other. */
static void what_was_not_carried_out_says_so(void **state)
{
    bool made[3] = {true, false, true};
    struct interval interval = {.tally = {.made = made, .done = 2, .failed = 1}};
    struct vcpu_release release = {.from_place = -1};
    struct helper_pin helper = {.iothread = 1};
    struct history_case c;
    json_t *line, *changes;
    char *text;

    (void)state;
    history_case_make(&c);
    c.plan.n_pins = c.plan.n_releases = c.plan.n_helper_pins = 1;
    c.plan.releases = &release;
    c.plan.helper_pins = &helper;
    text = changes_vcpus(&c.plan, &interval, START_S);
    line = json_loads(text, 0, NULL);
    changes = json_object_get(line, "changes");
    assert_int_equal(json_array_size(changes), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_is_true(json_object_get(json_array_get(changes, i), "failed")),
                         !made[i]);
    json_decref(line);
    free(text);
}

static void intervals_have_figures_of_bins_and_guests(void **state)
{
    struct history *history = history_new(PROGRAM_VCPU);
    struct vcpu_place places[HISTORY_GUESTS] = {{.vcpu = 0, .demand_permille = 700}, {.vcpu = 1}};
    struct history_case c;
    size_t n_pages;
    json_t *lines, *last;

    (void)state;
    history_case_make(&c);
    c.plan.places = places;
    c.plan.n_places = HISTORY_GUESTS;
    assert_int_equal(history_case_pass(history, &c, START_S, false, false), 0);
    assert_int_equal(history_case_pass(history, &c, START_S + 1, false, false), 0);
    lines = history_read_all(history, HISTORY_INTERVALS, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 3); /* the names, and two intervals */
    assert_string_equal(json_string_value(element(json_array_get(lines, 0), "guests", 1)), "db");
    assert_int_equal(json_integer_value(element(json_array_get(lines, 0), "vcpus", 1)), 1);
    last = json_array_get(lines, 2);
    assert_int_equal(json_integer_value(element(last, "load_permille", 0)), 600);
    assert_int_equal(json_integer_value(element(last, "background_permille", 0)), 100);
    assert_int_equal(json_integer_value(element(last, "fair_permille", 1)), 500);
    assert_int_equal(json_integer_value(element(last, "used_permille", 0)), 500);
    assert_int_equal(json_integer_value(element(last, "waiting_permille", 0)), 250);
    assert_int_equal(json_integer_value(element(last, "demand_permille", 0)), 700);
    assert_true(json_is_null(element(json_array_get(lines, 1), "used_permille", 0)));
    assert_float_equal(json_number_value(json_object_get(last, "sigma_pct")), 10, 1e-6);
    assert_float_equal(json_number_value(json_object_get(last, "least_pct")), 1, 1e-6);
    json_decref(lines);
    history_free(history);
}

static void a_minute_is_the_mean_of_its_intervals(void **state)
{
    struct history *history = history_new(PROGRAM_VCPU);
    struct history_case c;
    size_t n_pages;
    json_t *lines, *minute;

    (void)state;
    history_case_make(&c);
    for (int i = 0; i < 60; i++) {
        c.pcpus[0].ran_permille = 10 * i;
        history_case_pass(history, &c, START_S + i, false, false);
    }
    lines = history_read_all(history, HISTORY_MINUTES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 0); /* it is not over */
    json_decref(lines);
    history_case_pass(history, &c, START_S + 60, false, false);
    lines = history_read_all(history, HISTORY_MINUTES, 0, &n_pages);
    minute = json_array_get(lines, 1);
    assert_int_equal(integer(minute, "t"), START_S);
    assert_int_equal(integer(minute, "n"), 60);
    assert_int_equal(json_integer_value(element(minute, "load_permille", 0)), 295);
    assert_null(json_object_get(minute, "demand_permille"));
    json_decref(lines);
    history_free(history);
}

static void changes_say_what_was_done_and_why(void **state)
{
    struct history *history = history_new(PROGRAM_VCPU);
    struct history_case c;
    size_t n_pages;
    json_t *lines, *change;

    (void)state;
    history_case_make(&c);
    history_case_pass(history, &c, START_S, false, false);
    history_case_pass(history, &c, START_S + 1, true, false);
    history_case_pass(history, &c, START_S + 2, true, false);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 2);
    change = element(json_array_get(lines, 0), "changes", 0);
    assert_string_equal(json_string_value(json_object_get(change, "guest")), "web");
    assert_string_equal(json_string_value(json_object_get(change, "do")), "pin");
    assert_string_equal(json_string_value(json_object_get(change, "from")), "0");
    assert_string_equal(json_string_value(json_object_get(change, "to")), "1");
    assert_string_equal(json_string_value(json_object_get(change, "reason")), "pCPU 0 is too busy");
    json_decref(lines);
    lines = history_read_all(history, HISTORY_CHANGES, START_S + 2, &n_pages);
    assert_int_equal(json_array_size(lines), 1); /* since then */
    json_decref(lines);
    history_free(history);
}

/* What is not done is the same in each interval. */
static void a_dry_run_says_a_change_once(void **state)
{
    struct history *history = history_new(PROGRAM_VCPU);
    struct history_case c;
    size_t n_pages;
    json_t *lines;

    (void)state;
    history_case_make(&c);
    for (int i = 0; i < 10; i++)
        history_case_pass(history, &c, START_S + i, true, true);
    history_case_pass(history, &c, START_S + 10, false, true);
    history_case_pass(history, &c, START_S + 11, true, true);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 2);
    json_decref(lines);
    history_free(history);
}

/* ---- The ring ---- */

static void the_hour_stays_whole_where_memory_is_short(void **state)
{
    struct ring ring = {.max_age_s = 3600, .max_bytes = 100000, .thins = true, .next = 1};
    const struct mark nowhere = {0, 0};

    (void)state;
    for (int64_t t_s = 0; t_s < 10000; t_s++) {
        char *text;

        if (!ring_wants(&ring))
            continue;
        text = malloc(200);
        memset(text, 'x', 199);
        text[199] = '\0';
        assert_int_equal(ring_add(&ring, t_s, nowhere, NULL, text), 0);
        assert_true(ring.n_bytes <= ring.max_bytes);
    }
    assert_in_range(ring_at(&ring, 0)->t_s, 10000 - 3600 - 32, 10000 - 3600 + 32);
    assert_true(ring.n > 100);
    for (size_t i = 1; i < ring.n; i++)
        assert_true(ring_at(&ring, i)->t_s - ring_at(&ring, i - 1)->t_s <= (int64_t)ring.pace);
    ring_done(&ring);
}

static void without_thinning_the_oldest_go(void **state)
{
    struct ring ring = {.max_age_s = 1000000, .max_bytes = 10000, .next = 1};
    const struct mark nowhere = {0, 0};

    (void)state;
    for (int64_t t_s = 0; t_s < 1000; t_s++)
        assert_int_equal(ring_add(&ring, t_s, nowhere, NULL, strdup("{}\n")), 0);
    assert_true(ring.n_bytes <= ring.max_bytes);
    for (size_t i = 0; i < ring.n; i++)
        assert_int_equal(ring_at(&ring, i)->t_s, 1000 - (int64_t)ring.n + (int64_t)i);
    ring_done(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_carried_out_says_so),
        cmocka_unit_test(intervals_have_figures_of_bins_and_guests),
        cmocka_unit_test(a_minute_is_the_mean_of_its_intervals),
        cmocka_unit_test(changes_say_what_was_done_and_why),
        cmocka_unit_test(a_dry_run_says_a_change_once),
        cmocka_unit_test(the_hour_stays_whole_where_memory_is_short),
        cmocka_unit_test(without_thinning_the_oldest_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
