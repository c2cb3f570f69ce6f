/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/top/view.h"
#include "tests/unit/top_fixture.h"

/* The names of the rows, in their order. */
static void assert_rows(const struct top_model *model, const struct top_view *view,
                        const char *wanted)
{
    size_t n, *rows = view_rows(model, view, &n);
    char found[400] = "";

    assert_non_null(rows);
    for (size_t i = 0; i < n; i++) {
        strcat(found, i ? " " : "");
        strcat(found, model->guests[rows[i]].name);
    }
    free(rows);
    assert_string_equal(found, wanted);
}

static void type(struct top_view *view, const struct top_model *model, const char *keys)
{
    for (; *keys; keys++)
        view_key(view, model, *keys);
}

static void guests_are_sorted_by_what_is_asked(void **state)
{
    static const struct {
        enum top_sort sort;
        const char *names;
    } rows[] = {{SORT_TROUBLE, "db cache we?b"}, {SORT_WAITING, "db cache we?b"},
                {SORT_DEMAND, "db cache we?b"},  {SORT_MISSING, "cache db we?b"},
                {SORT_CHANGE, "cache db we?b"},  {SORT_NAME, "cache db we?b"}};
    struct top_model model = {0};

    (void)state;
    top_case_host(&model);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct top_view view = {.sort = rows[i].sort};

        assert_rows(&model, &view, rows[i].names);
    }
    top_model_done(&model);
}

static void the_key_goes_through_all_orders(void **state)
{
    struct top_model model = {0};
    struct top_view view = {0};

    (void)state;
    for (int i = 0; i < SORTS; i++) {
        assert_int_equal(view.sort, i);
        type(&view, &model, "s");
    }
    assert_int_equal(view.sort, 0);
}

static void a_filter_is_typed_and_ended(void **state)
{
    struct top_model model = {0};
    struct top_view view = {0};

    (void)state;
    top_case_host(&model);
    type(&view, &model, "/cq");
    assert_rows(&model, &view, "");
    view_key(&view, &model, KEY_OF_BACKSPACE);
    assert_rows(&model, &view, "cache");
    type(&view, &model, "\n");
    assert_int_equal(view_key(&view, &model, 'q'), ACTION_QUIT);
    view_key(&view, &model, KEY_OF_ESCAPE);
    assert_rows(&model, &view, "db cache we?b");
    type(&view, &model, "/");
    for (int i = 0; i < 500; i++)
        type(&view, &model, "x");
    assert_true(strlen(view.filter) < sizeof(view.filter));
    top_model_done(&model);
}

static void the_chosen_guest_stays_chosen(void **state)
{
    struct top_model model = {0};
    struct top_view view = {.page = 10};
    size_t n, *rows;

    (void)state;
    top_case_host(&model);
    view_key(&view, &model, KEY_OF_DOWN);
    assert_string_equal(view.chosen, "cache");
    view.sort = SORT_NAME;
    rows = view_rows(&model, &view, &n);
    assert_int_equal(view_chosen(&model, &view, rows, n), 0);
    free(rows);
    view_key(&view, &model, KEY_OF_UP);
    assert_string_equal(view.chosen, "cache");
    view_key(&view, &model, KEY_OF_PAGE_DOWN);
    assert_string_equal(view.chosen, "we\xe2\x80\xae"
                                     "b");
    view_key(&view, &model, KEY_OF_HOME);
    assert_string_equal(view.chosen, "");
    top_model_done(&model);
}

/* By the true name, and only where it is meant. */
static void a_pause_is_asked_for_twice(void **state)
{
    struct top_model model = {0};
    struct top_view view = {0};

    (void)state;
    top_case_host(&model);
    assert_int_equal(view_key(&view, &model, 'p'), ACTION_NONE);
    assert_string_equal(view.guest, "db");
    assert_int_equal(view_key(&view, &model, 'n'), ACTION_NONE);
    assert_int_equal(view.mode, MODE_KEYS);
    view_key(&view, &model, KEY_OF_END);
    view_key(&view, &model, 'p');
    assert_string_equal(view.guest, "we\xe2\x80\xae"
                                    "b");
    assert_true(view.ends_pause);
    assert_int_equal(view_key(&view, &model, 'y'), ACTION_TELL);
    view_key(&view, &model, 'P');
    assert_string_equal(view.guest, "");
    assert_false(view.ends_pause);
    assert_int_equal(view_key(&view, &model, 'y'), ACTION_TELL);
    top_model_done(&model);
}

/* Who was changed is known by what was made, not by what failed or would have been. */
static void what_was_not_made_dates_nobody(void **state)
{
    static const char failed[] = "{\"t\":1796007000,\"changes\":[{\"guest\":\"db\",\"do\":\"pin\","
                                 "\"vcpu\":0,\"from\":\"0\",\"to\":\"2\",\"reason\":\"it is full\","
                                 "\"failed\":true}]}";
    static const char again[] = "{\"t\":1796007500,\"bins\":[],\"guests\":[\"cache\",\"db\"]}";
    struct top_model model = {0};

    (void)state;
    top_case_host(&model);
    top_case_changes(&model, failed);
    assert_string_equal(model.changes[1].text, "failed: vCPU 0 from pCPU 0 to pCPU 2: it is full");
    assert_int_equal(model.guests[0].changed_s, 0);
    assert_int_equal(model.guests[1].changed_s, 1796000000);
    top_model_absent(&model, PROGRAM_VCPU, "");
    top_model_absent(&model, PROGRAM_MEMORY, "");
    top_case_interval(&model, PROGRAM_VCPU, again, "{}"); /* dated by what is known */
    assert_int_equal(model.guests[0].changed_s, 1796000000);
    assert_int_equal(model.guests[1].changed_s, 0);
    top_model_done(&model);
}

#define LONG_NAME "production-customer-portal_very-long-deployment-name-of-a-virtual-machine-"

/* Names that are the same for as many bytes as fit anywhere. */
static void long_names_are_told_apart(void **state)
{
    static const char change[] = "{\"t\":1796007000,\"changes\":[{\"guest\":\"" LONG_NAME
                                 "b\",\"from_mib\":1,\"to_mib\":2}]}";
    struct top_model model = {0};
    struct top_view view = {.sort = SORT_NAME};

    (void)state;
    top_case_changes(&model, change);
    top_case_interval(&model, PROGRAM_MEMORY,
                      "{\"guests\":[\"" LONG_NAME "a\",\"" LONG_NAME "b\"]}", "{}");
    assert_rows(&model, &view, LONG_NAME "a " LONG_NAME "b");
    view_key(&view, &model, KEY_OF_DOWN);
    view_key(&view, &model, 'p');
    assert_string_equal(view.guest, LONG_NAME "b");
    assert_int_equal(model.guests[0].changed_s, 0);
    assert_int_equal(model.guests[1].changed_s, 1796007000);
    top_model_done(&model);
}

static void assert_paused(struct top_model *model, bool db, bool cache)
{
    assert_int_equal(top_guest_is_paused(&model->guests[0]), db);
    assert_int_equal(top_guest_is_paused(&model->guests[1]), cache);
}

/* Each program has its own, which may come before the guests, and stay while the other one tells. */
static void each_programs_pauses_are_its_own(void **state)
{
    static const char names[] = "{\"bins\":[],\"guests\":[\"db\",\"cache\"]}";
    static const char of_db[] = "{\"verdict\":\"apply\",\"paused\":[{\"guest\":\"db\"}]}";
    struct top_model model = {0};

    (void)state;
    top_case_status(&model, PROGRAM_VCPU, of_db);
    top_case_interval(&model, PROGRAM_VCPU, names, "{}");
    assert_paused(&model, true, false);
    top_case_status(&model, PROGRAM_MEMORY, "{\"verdict\":\"apply\",\"paused\":[]}");
    top_case_interval(&model, PROGRAM_MEMORY, names, "{}");
    assert_paused(&model, true, false);
    top_case_status(&model, PROGRAM_VCPU, "{\"verdict\":\"apply\",\"paused\":[{\"guest\":null}]}");
    assert_paused(&model, false, false);
    assert_true(model.sides[PROGRAM_VCPU].is_paused);
    /* Who tells less takes back nothing of the other's. */
    top_case_status(&model, PROGRAM_MEMORY, of_db);
    top_case_status(&model, PROGRAM_VCPU, "{\"verdict\":\"apply\",\"paused\":[]}");
    assert_paused(&model, true, false);
    top_case_status(&model, PROGRAM_MEMORY, "{\"verdict\":\"apply\",\"paused\":[]}");
    assert_paused(&model, false, false);
    /* By a UUID, beside which the name stands. */
    top_case_status(
        &model, PROGRAM_MEMORY,
        "{\"verdict\":\"apply\",\"paused\":[{\"guest\":\"6695eb01\",\"name\":\"db\"}]}");
    assert_paused(&model, true, false);
    top_case_status(&model, PROGRAM_MEMORY, "{\"verdict\":\"apply\",\"paused\":[]}");
    top_case_status(&model, PROGRAM_VCPU, of_db);
    top_model_absent(&model, PROGRAM_VCPU, "it does not run");
    assert_paused(&model, false, false);
    top_model_done(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_are_sorted_by_what_is_asked),
        cmocka_unit_test(the_key_goes_through_all_orders),
        cmocka_unit_test(a_filter_is_typed_and_ended),
        cmocka_unit_test(the_chosen_guest_stays_chosen),
        cmocka_unit_test(a_pause_is_asked_for_twice),
        cmocka_unit_test(what_was_not_made_dates_nobody),
        cmocka_unit_test(long_names_are_told_apart),
        cmocka_unit_test(each_programs_pauses_are_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
