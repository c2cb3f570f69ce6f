/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is drawn is what the figures are, and strangers' words are words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/page/draw.h"

enum { COLUMNS = 20, TEXT_SIZE = 8000 };

static struct run *empty_run(void)
{
    struct run *run = run_new(PROGRAM_VCPU, 1);

    assert_non_null(run);
    for (int s = 0; s < COLUMNS; s++)
        run_begin(run, s, 1);
    return run;
}

static void strip_text(const struct run *run, const struct strip *strip, char ret[TEXT_SIZE])
{
    FILE *out = fmemopen(ret, TEXT_SIZE, "w");

    draw_strip(out, run, &scale_load, strip);
    assert_int_equal(fclose(out), 0);
}

static size_t count(const char *text, const char *wanted)
{
    size_t n = 0;

    for (const char *at = strstr(text, wanted); at; at = strstr(at + 1, wanted))
        n++;
    return n;
}

static void assert_has(const char *text, const char *wanted)
{
    if (!strstr(text, wanted))
        fail_msg("'%s' is not in '%s'", wanted, text);
}

static void neighbours_of_one_colour_are_one_piece(void **state)
{
    struct run *run = empty_run();
    double values[COLUMNS];
    struct strip strip = {"3", "41 %", values, NULL, 0};
    char text[TEXT_SIZE];

    (void)state;
    for (int i = 0; i < COLUMNS; i++)
        values[i] = i < 4 ? 50.0 + i : i < 6 ? 99.0 : i < 12 || i == 13 ? (double)NAN : 20.0;
    strip_text(run, &strip, text);
    assert_has(text, "class=\"l4\" d=\"M0 0h4v10h-4z\"");
    /* Six columns without a value are a gap, and one is not. */
    assert_has(text, "class=\"l8\" d=\"M4 0h2v10h-2z\"");
    assert_has(text, "class=\"l2\" d=\"M12 0h8v10h-8z\"");
    assert_has(text, "<span>41 %</span>");
    run_free(run);
}

static void many_changes_at_once_are_one_mark(void **state)
{
    struct run *run = empty_run();
    int guest = run_guest(run, "uuid", "<b>\"&'");
    double values[COLUMNS] = {0};
    struct mark marks[7];
    struct strip strip = {"3", "", values, marks, 7};
    char text[TEXT_SIZE];

    (void)state;
    for (int i = 0; i < 7; i++) {
        run_add_change(run, guest,
                       &(struct run_change){
                           .t_s = 5, .what = "vCPU 0", .reason = i == 6 ? "the last" : "</title>"});
        marks[i] = (struct mark){0, 5, run_change_at(run, (size_t)i)};
    }
    strip_text(run, &strip, text);
    assert_has(text, "d=\"M5.5 0v5\"><title>0:00:05 &lt;b&gt;&quot;&amp;&#39;: vCPU 0. "
                     "&lt;/title&gt;\n");
    assert_has(text, "\nand 2 more</title>");
    assert_null(strstr(text, "the last"));
    assert_int_equal(count(text, "class=\"mark"), 1);
    run_free(run);
}

static void a_curve_stops_where_nothing_is_known(void **state)
{
    struct run *run = empty_run();
    struct cell *cells = calloc(MAX_COLUMNS, sizeof(*cells));
    struct curve curve = {"free", cells, 1, true, false};
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    (void)state;
    for (int i = 0; i < COLUMNS; i++)
        if (i < 3 || i > 12) {
            cell_add(&cells[i], 20);
            cell_add(&cells[i], 40);
        }
    draw_chart(out, run, "Memory", "MiB", &curve, 1);
    assert_int_equal(fclose(out), 0);
    /* From 0 to 50; means of 30 at 40 of 100, the band from 20 to 60. */
    assert_has(text, "<span>50 MiB</span><span>25</span><span>0</span>");
    assert_has(text, "class=\"line c1\" d=\"M0.5 40.0L1.5 40.0L2.5 40.0M13.5 40.0L14.5");
    assert_has(text,
               "class=\"band c1\" d=\"M0.5 20.0L1.5 20.0L2.5 20.0L2.5 60.0L1.5 60.0L0.5 60.0z");
    free(text);
    free(cells);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_of_one_colour_are_one_piece),
        cmocka_unit_test(many_changes_at_once_are_one_mark),
        cmocka_unit_test(a_curve_stops_where_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
