/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of the history says what the history knows, and nothing beyond it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/page/chronicle.h"

static struct chronicle *begin(double step_s)
{
    struct chronicle *chronicle = chronicle_new(PROGRAM_VCPU, -INFINITY, INFINITY);

    assert_non_null(chronicle);
    chronicle_expect(chronicle, -INFINITY, INFINITY, step_s);
    return chronicle;
}

static void take(struct chronicle *chronicle, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void take(struct chronicle *chronicle, const char *format, ...)
{
    char line[1000];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    assert_true(!isnan(chronicle_take(chronicle, line, strlen(line))));
}

static void change(struct chronicle *chronicle, int t_s, const char *change)
{
    take(chronicle, "{\"t\":%d,\"verdict\":\"apply\",\"changes\":[{\"guest\":\"web\",%s}]}", t_s,
         change);
}

/* Two pCPUs of 90 and 30 %, on which one guest waits. */
static void figures(struct chronicle *chronicle, int t_s)
{
    take(chronicle,
         "{\"t\":%d,\"n\":1,\"verdict\":\"hold-optimal\",\"load_permille\":[900,300],"
         "\"background_permille\":[0,0],\"used_permille\":[500],\"waiting_permille\":[400]}",
         t_s);
}

static void names(struct chronicle *chronicle, const char *vcpus)
{
    take(chronicle, "{\"t\":1,\"bins\":[\"0\",\"1\"],\"guests\":[\"web\"]%s}", vcpus);
}

/* How busy it was around the guest in the column of t_s; NAN: it is not known. */
static double around(const struct run *run, double t_s)
{
    const struct cell *cells = run->guests[0].values[RUN_AROUND];

    return cells ? cell_mean(&cells[(size_t)((t_s - run->columns.start_s) / run->columns.width_s)])
                 : NAN;
}

static const char *const first_vcpu = "\"do\":\"pin\",\"vcpu\":0,\"from\":\"0\",\"to\":\"1\"",
                         *const second_vcpu =
                             "\"do\":\"pin\",\"vcpu\":1,\"from\":null,\"to\":\"0\"";

static void where_a_guest_ran_is_known_of_all_its_vcpus_or_not_at_all(void **state)
{
    static const struct {
        const char *vcpus;
        double first, last; /* before both changes, and after them */
        int where;
    } rows[] = {
        {",\"vcpus\":[2]", NAN, 60, 0}, /* the second one floated at first */
        {",\"vcpus\":[1]", 90, 30, 2},
        {",\"vcpus\":[3]", NAN, NAN, 0}, /* of the third one nothing is known */
        {"", NAN, NAN, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct chronicle *chronicle = begin(60);
        struct run *run;

        change(chronicle, 200, first_vcpu);
        change(chronicle, 210, second_vcpu);
        /* What follows its guest says nothing of where that is. */
        change(chronicle, 220, "\"do\":\"free\",\"iothread\":0,\"from\":\"1\",\"to\":null");
        change(chronicle, 230,
               "\"do\":\"pin\",\"vcpu\":0,\"from\":\"1\",\"to\":\"0\",\"failed\":true");
        names(chronicle, rows[i].vcpus);
        for (int t_s = 120; t_s <= 360; t_s += 60)
            figures(chronicle, t_s);
        run = chronicle_close(chronicle);
        assert_true(isnan(rows[i].first) ? isnan(around(run, 120))
                                         : around(run, 120) == rows[i].first);
        assert_true(isnan(rows[i].last) ? isnan(around(run, 360))
                                        : around(run, 360) == rows[i].last);
        assert_int_equal(run->guests[0].where ? run->guests[0].where[4] : 0, rows[i].where);
        run_free(run);
    }
}

static void bins_are_those_that_a_load_is_known_of(void **state)
{
    struct chronicle *chronicle = begin(60);
    struct run *run;

    (void)state;
    change(chronicle, 130, "\"do\":\"put-back\",\"vcpu\":0,\"from\":\"1\",\"to\":\"0-63\"");
    change(chronicle, 140, first_vcpu);
    names(chronicle, ",\"vcpus\":[1]");
    figures(chronicle, 120);
    figures(chronicle, 180);
    run = chronicle_close(chronicle);
    assert_int_equal(run->n_bins, 2);
    assert_int_equal(run_change_at(run, 0)->bin, -1);
    assert_string_equal(run->bins[run_change_at(run, 1)->bin].name, "1");
    assert_string_equal(run_change_at(run, 0)->what, "vCPU 0 from pCPU 1 to pCPU 0-63");
    run_free(run);
}

/* What was forgotten may have moved it. */
static void before_the_oldest_change_that_is_kept_nothing_is_known(void **state)
{
    struct chronicle *chronicle = begin(60);
    struct run *run;

    (void)state;
    change(chronicle, 130, first_vcpu);
    for (int i = 0; i < RUN_MAX_CHANGES; i++)
        change(chronicle, 300, "\"do\":\"grant\",\"from_mib\":1,\"to_mib\":2");
    names(chronicle, ",\"vcpus\":[1]");
    for (int t_s = 60; t_s <= 360; t_s += 60)
        figures(chronicle, t_s);
    run = chronicle_close(chronicle);
    assert_int_equal(run->all_changes, RUN_MAX_CHANGES + 1);
    assert_true(isnan(around(run, 60)));
    assert_true(around(run, 360) == 30);
    run_free(run);
}

/* Whether a load is known in each column. */
static bool is_dense(const struct run *run)
{
    bool is_dense = run->columns.n > 0;

    for (size_t c = 0; c < run->columns.n; c++)
        is_dense &= run->bins[0].values[RUN_LOAD][c].n > 0;
    return is_dense;
}

static void a_column_is_no_shorter_than_what_it_shows(void **state)
{
    static const int steps_s[] = {1, 2, 10, 45};

    (void)state;
    for (size_t i = 0; i < sizeof(steps_s) / sizeof(steps_s[0]); i++) {
        struct chronicle *chronicle = begin(0);
        struct run *run;

        names(chronicle, "");
        for (int k = 0; k < 30; k++)
            figures(chronicle, 1000 + k * steps_s[i] + (k % 3 == 1)); /* as cut to seconds */
        run = chronicle_close(chronicle);
        assert_true(is_dense(run));
        assert_true(run->columns.width_s <= 2 + steps_s[i]);
        run_free(run);
    }
}

static void minutes_before_intervals_are_as_wide(void **state)
{
    struct chronicle *chronicle = begin(60);
    struct run *run;

    (void)state;
    names(chronicle, "");
    for (int t_s = 600; t_s < 1200; t_s += 60)
        figures(chronicle, t_s);
    chronicle_expect(chronicle, 1200, INFINITY, 0);
    for (int t_s = 1190; t_s < 1500; t_s += 5)
        figures(chronicle, t_s);
    run = chronicle_close(chronicle);
    assert_true(is_dense(run));
    assert_int_equal(run->n_intervals, 10 + 60);
    run_free(run);
}

/* An hour that nothing is known of makes no column an hour long. */
static void a_gap_is_none_of_the_steps(void **state)
{
    struct chronicle *chronicle = begin(0);
    struct run *run;

    (void)state;
    names(chronicle, "");
    for (int t_s = 1000; t_s <= 1100; t_s += 10)
        figures(chronicle, t_s);
    for (int t_s = 2000; t_s <= 2100; t_s += 10)
        figures(chronicle, t_s);
    run = chronicle_close(chronicle);
    assert_true(run->columns.width_s < 20);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_a_guest_ran_is_known_of_all_its_vcpus_or_not_at_all),
        cmocka_unit_test(bins_are_those_that_a_load_is_known_of),
        cmocka_unit_test(before_the_oldest_change_that_is_kept_nothing_is_known),
        cmocka_unit_test(a_column_is_no_shorter_than_what_it_shows),
        cmocka_unit_test(minutes_before_intervals_are_as_wide),
        cmocka_unit_test(a_gap_is_none_of_the_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
