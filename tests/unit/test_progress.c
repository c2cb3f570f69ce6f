/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people read while they wait. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/input.h"
#include "agent/base/progress.h"
#include "agent/simulated/simulated.h"

static void assert_told(double done, double total, double elapsed_s, size_t width,
                        const char *wanted)
{
    char text[PROGRESS_TEXT_SIZE];

    progress_text("report", done, total, elapsed_s, width, text);
    assert_string_equal(text, wanted);
    if (width)
        assert_true(strlen(text) <= width);
}

static void a_line_has_the_share_and_the_time_that_is_left(void **state)
{
    (void)state;
    assert_told(25, 100, 10, 0, "report:  25 %, 30 s left");
    assert_told(0.5, 1, 100, 0, "report:  50 %, 1 min 40 s left");
    assert_told(1, 3, 3600, 0, "report:  33 %, 2 h 00 min left");
    assert_told(0, 100, 10, 0, "report:   0 %");
    assert_told(100, 100, 10, 0, "report: 100 %, 0 s left");
}

static void a_bar_is_as_wide_as_there_is_room(void **state)
{
    (void)state;
    assert_told(50, 100, 10, 40, "report [#######.......]  50 %, 10 s left");
    assert_told(50, 100, 10, 30, "report  50 %, 10 s left");
    assert_told(50, 100, 10, 79,
                "report [####################....................]  50 %, 10 s left");
}

static void who_does_not_know_the_end_tells_no_share(void **state)
{
    (void)state;
    assert_told(50, 0, 12, 0, "report: for 12 s");
    assert_told(50, NAN, 12, 79, "report: for 12 s");
    assert_told(50, -1, 12, 79, "report: for 12 s");
}

static void what_is_beyond_the_end_is_all_of_it(void **state)
{
    (void)state;
    assert_told(200, 100, 10, 0, "report: 100 %, 0 s left");
    assert_told(-5, 100, 10, 0, "report:   0 %");
    assert_told(1e-30, 100, 10, 0, "report:   0 %, 277777777 h 46 min left");
}

static void nothing_is_said_at_first_and_where_it_is_quiet(void **state)
{
    struct progress progress;
    char text[200] = "";
    FILE *out = tmpfile();

    (void)state;
    progress_begin(&progress, "report", true);
    assert_null(progress.out);
    progress_tell(&progress, 1, 2);
    progress_begin(&progress, "report", false);
    progress.out = out;
    progress.is_terminal = false;
    progress_tell(&progress, 1, 2);
    assert_int_equal(ftell(out), 0);
    /* Nine seconds are no ten. */
    progress.start_ns -= 9000000000;
    progress.said_ns = progress.start_ns;
    progress_tell(&progress, 1, 2);
    assert_int_equal(ftell(out), 0);
    progress.start_ns -= 2000000000;
    progress.said_ns = progress.start_ns;
    progress_tell(&progress, 1, 2);
    progress_tell(&progress, 1, 2);
    progress_end(&progress);
    assert_int_equal(fseek(out, 0, SEEK_SET), 0);
    assert_non_null(fgets(text, sizeof(text), out));
    assert_memory_equal(text, "report:  50 %, ", 15);
    assert_null(fgets(text, sizeof(text), out));
    fclose(out);
}

static void a_simulation_knows_how_far_it_is(void **state)
{
    static const char scene[] = "{\"duration_s\": 20, \"guests\": [{\"name\": \"web\"}]}";
    struct ticker ticker;
    struct host host;
    double last = -1;
    int n = 0;

    (void)state;
    assert_int_equal(simulated_open_text(scene, SIMULATED_VCPU, 2, &host, &ticker, NULL), 0);
    for (; ticker.wait(ticker.self, NULL) > 0; n++) {
        double share = simulated_share(simulated_of(&host));

        assert_true(share >= 0 && share <= 1 && share >= last);
        last = share;
    }
    assert_true(n > 5 && last > 0.9);
    host.close(host.self);
}

static void a_file_knows_how_much_of_it_was_read_and_a_pipe_does_not(void **state)
{
    char path[] = "/tmp/evenkeel-progress-XXXXXX", *line;
    int fd = mkstemp(path), ends[2];
    struct input *input;
    char name[40];

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(dprintf(fd, "%0999d\n", i), 1000);
    assert_int_equal(input_open(path, NULL, &input), 0);
    assert_true(input_share(input) < 1e-9);
    for (int i = 0; i < 500; i++)
        assert_int_equal(input_line(input, 5000, &line), 1000);
    assert_true(input_share(input) > 0.45 && input_share(input) < 0.7);
    input_free(input);
    close(fd);
    unlink(path);
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
    assert_int_equal(input_open(name, NULL, &input), 0);
    assert_true(isnan(input_share(input)));
    input_free(input);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_the_share_and_the_time_that_is_left),
        cmocka_unit_test(a_bar_is_as_wide_as_there_is_room),
        cmocka_unit_test(who_does_not_know_the_end_tells_no_share),
        cmocka_unit_test(what_is_beyond_the_end_is_all_of_it),
        cmocka_unit_test(nothing_is_said_at_first_and_where_it_is_quiet),
        cmocka_unit_test(a_simulation_knows_how_far_it_is),
        cmocka_unit_test(a_file_knows_how_much_of_it_was_read_and_a_pipe_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
