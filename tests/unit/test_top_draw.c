/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/top/draw.h"
#include "agent/top/draw_guests.h"
#include "agent/top/list.h"
#include "tests/unit/top_fixture.h"

static char *drawn(const struct top_model *model, struct top_view *view, int rows, int columns)
{
    struct canvas canvas;
    char *text;

    assert_int_equal(canvas_new(rows, columns, &canvas), 0);
    draw_screen(model, view, TOP_NOW_S, &canvas);
    text = canvas_text(&canvas);
    assert_non_null(text);
    canvas_done(&canvas);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void the_usual_terminal(void **state)
{
    static const char wanted[] =
        " Evenkeel  03:00:00  3 guests, by trouble\n"
        "vCPUs  apply, 2 moves would change; proven within 10.0 % of best; sigma 40.5, le\n"
        "memory hold-balanced; proven best; 900 MiB free, 200 reserved, 16 promised\n"
        "       no balloon is far off\n"
        "worst off: db waits 60 % of the time for a pCPU (1 more suffer); w: why\n"
        "pCPUs  # guests  o other programs  | fair share\n"
        " 0 [#####|##############] 100 %    1 [oo   |              ]  10 %\n"
        " 2 [o    |              ]   5 %    3 [     |              ]   0 %\n"
        " GUEST               RUNS% WAITS% WANTS%   HOLDS    USES   NEEDS  MISSES CHANGED\n"
        "!db                     40     60     90    1024     700     800       0       -\n"
        "!cache                  20      1     20     500     480     625     125      2h\n"
        " we?b                    -      -      -     300       -     300       0  paused\n"
        "\n\n\n\n\n\n\n"
        "Last changes\n"
        "02:59:30 db would: vCPU 0 from pCPU 0 to pCPU 2: it is full\n"
        "00:53:20 cache from 400 to 500 MiB: it grows\n"
        "\n"
        " q quit  w why  s sort  / filter  p pause  ? help\n";
    struct top_model model = {0};
    struct top_view view = {0};
    char *text;

    (void)state;
    top_case_host(&model);
    text = drawn(&model, &view, 24, 80);
    assert_string_equal(text, wanted);
    free(text);
    top_model_done(&model);
}

/* Nothing is written beside any canvas, and what is left of a small one are guests. */
static void every_size_holds(void **state)
{
    struct top_model model = {0};
    struct top_view view = {0};
    char *text;

    (void)state;
    top_case_host(&model);
    for (int rows = 1; rows < 70; rows++)
        for (int columns = 1; columns < 210; columns += columns < 30 ? 1 : 17)
            for (int pane = PANE_CHANGES; pane <= PANE_HELP; pane++) {
                view.pane = (enum top_pane)pane;
                free(drawn(&model, &view, rows, columns));
            }
    view.pane = PANE_CHANGES;
    text = drawn(&model, &view, 8, 80);
    assert_has(text, "!db ");
    assert_null(strstr(text, "Last changes"));
    free(text);
    text = drawn(&model, &view, 60, 200);
    assert_has(text, " 3 [     |              ]   0 %\n"); /* four in a row */
    assert_has(text, "sigma 40.5, least 1.2\n");
    free(text);
    top_model_done(&model);
}

static void hundreds_of_guests_and_pcpus_scroll(void **state)
{
    struct top_model model = {0};
    struct top_view view = {.sort = SORT_NAME};
    json_t *names = json_pack("{s:[], s:[]}", "bins", "guests"), *line;
    char text[40], *screen;

    (void)state;
    line = json_pack("{s:I, s:[], s:[]}", "t", (json_int_t)TOP_NOW_S, "load_permille",
                     "fair_permille");
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "vm%d", i);
        json_array_append_new(json_object_get(names, "guests"), json_string(text));
        snprintf(text, sizeof(text), "%d", i);
        json_array_append_new(json_object_get(names, "bins"), json_string(text));
        json_array_append_new(json_object_get(line, "load_permille"),
                              json_integer(i == 333 ? 990 : 500));
        json_array_append_new(json_object_get(line, "fair_permille"), json_integer(500));
    }
    top_case_status(&model, PROGRAM_VCPU, "{\"verdict\":\"hold-idle\",\"interval\":1}");
    assert_int_equal(top_model_interval(&model, PROGRAM_VCPU, names, line), 0);
    screen = drawn(&model, &view, 24, 80);
    assert_has(screen, "333 [##########|#########]  99 %");
    assert_has(screen, " of 500, furthest from it");
    assert_has(screen, "\n vm2 ");
    assert_null(strstr(screen, "vm400 "));
    free(screen);
    view_key(&view, &model, KEY_OF_END);
    screen = drawn(&model, &view, 24, 80);
    assert_has(screen, "\n vm499 ");
    assert_null(strstr(screen, "\n vm2 "));
    free(screen);
    json_decref(names);
    json_decref(line);
    top_model_done(&model);
}

static void who_cannot_be_asked_is_named(void **state)
{
    struct top_model model = {0};
    struct top_view view = {0};
    char *text = drawn(&model, &view, 24, 80);

    (void)state;
    assert_has(text, "memory is asked ...");
    free(text);
    top_case_host(&model);
    top_model_absent(&model, PROGRAM_VCPU, "vcpu_scheduler does not run");
    text = drawn(&model, &view, 24, 80);
    assert_has(text, "vCPUs  vcpu_scheduler does not run\n");
    assert_has(text, "!cache                   -      -      -     500");
    assert_has(text, "worst off: cache misses 125 of 625 MiB; w: why");
    assert_null(strstr(text, "pCPUs  #"));
    top_model_absent(&model, PROGRAM_MEMORY, "memory_coordinator does not run");
    assert_int_equal(model.n_guests, 0);
    free(text);
    top_model_done(&model);
}

static void why_is_of_the_chosen_guest(void **state)
{
    json_t *why = json_pack("{s:{s:[s], s:s, s:s}}", "about", "lines",
                            "vCPU 0 may run on pCPU 0 and wants 90.9 % of one, which is a long "
                            "sentence that has to go on below",
                            "note", "", "change", "other loads");
    struct top_model model = {0};
    struct top_view view = {.pane = PANE_WHY};
    char *text;

    (void)state;
    top_case_host(&model);
    top_model_why(&model, PROGRAM_VCPU, "db", why);
    text = drawn(&model, &view, 24, 80);
    assert_has(text, "Why db is where it is\n"
                     "vCPUs  vCPU 0 may run on pCPU 0 and wants 90.9 % of one, which is a long\n"
                     "       sentence that has to go on below\n"
                     "vCPUs  what would change it: other loads\n");
    free(text);
    view_key(&view, &model, KEY_OF_DOWN);
    text = drawn(&model, &view, 24, 80);
    assert_has(text, "Why cache is where it is\nis asked ...\n");
    free(text);
    json_decref(why);
    top_model_done(&model);
}

static void without_a_terminal_it_is_text_or_values(void **state)
{
    struct top_model model = {0};
    struct top_view view = {0};
    size_t size = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    top_case_host(&model);
    snprintf(model.guests[0].name, sizeof(model.guests[0].name), "=d\"b");
    list_text(out, &model, &view, TOP_NOW_S);
    list_csv(out, &model, &view, TOP_NOW_S, true);
    list_csv(out, &model, &view, TOP_NOW_S, false);
    fclose(out);
    assert_has(text, "00:53:20 cache from 400 to 500 MiB: it grows\ntime,guest,runs_pct");
    assert_has(text, "\n2026-11-30T03:00:00+00:00,\"'=d\"\"b\",40.0,60.0,90.0,1024.0,700.0,800.0,"
                     "0.0,,0\n");
    assert_has(text, ",125.0,2026-11-30T00:53:20+00:00,0\n");
    assert_has(text, ",we?b,,,,300.0,,300.0,0.0,,1\n");
    assert_null(strstr(text, "q quit"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_ptr_equal(strstr(strstr(text, "time,guest") + 1, "time,guest"), NULL);
    free(text);
    top_model_done(&model);
}

/* Characters that take two columns, none, or that a locale cannot show. */
static void every_character_has_its_columns(void **state)
{
    struct canvas canvas;
    char *text;

    (void)state;
    assert_int_equal(canvas_new(3, 6, &canvas), 0);
    if (strcmp(setlocale(LC_CTYPE, NULL), "C") != 0) {
        assert_int_equal(canvas_put(&canvas, 0, 0, 6, STYLE_PLAIN, "\xe4\xb8\xad\xe6\x96\x87X"), 5);
        assert_int_equal(canvas_put(&canvas, 1, 0, 3, STYLE_PLAIN, "\xe4\xb8\xad\xe6\x96\x87"), 2);
    }
    assert_int_equal(canvas_put(&canvas, 2, 4, 6, STYLE_PLAIN, "abc"), 6);
    assert_int_equal(canvas_put(&canvas, 9, 4, 6, STYLE_PLAIN, "abc"), 4);
    text = canvas_text(&canvas);
    assert_non_null(strstr(text, "    ab\n"));
    free(text);
    canvas_done(&canvas);
}

static void ages_are_short(void **state)
{
    static const struct {
        int64_t ago_s;
        const char *text;
    } rows[] = {{0, "0s"}, {99, "99s"}, {100, "1m"}, {5999, "99m"}, {6000, "1h"}, {172800, "2d"}};
    char text[16];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(draw_age(TOP_NOW_S - rows[i].ago_s, TOP_NOW_S, text), rows[i].text);
    assert_string_equal(draw_age(0, TOP_NOW_S, text), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_terminal),
        cmocka_unit_test(every_size_holds),
        cmocka_unit_test(hundreds_of_guests_and_pcpus_scroll),
        cmocka_unit_test(who_cannot_be_asked_is_named),
        cmocka_unit_test(why_is_of_the_chosen_guest),
        cmocka_unit_test(without_a_terminal_it_is_text_or_values),
        cmocka_unit_test(every_character_has_its_columns),
        cmocka_unit_test(ages_are_short),
    };

    setenv("TZ", "UTC0", 1);
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
