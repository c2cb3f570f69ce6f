/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time of day: as text, in a report's line, and in a recording and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/record/record.h"
#include "agent/record/replay.h"
#include "agent/report/fold.h"
#include "agent/report/report.h"
#include "tests/unit/host_fixture.h"

static const char night[] = "2026-11-30T03:12:07+01:00";

static void it_has_its_distance_from_utc(void **state)
{
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    setenv("TZ", "EAST-05:30", 1);
    tzset();
    clock_text(text);
    assert_int_equal(strlen(text), strlen(night));
    assert_string_equal(text + 19, "+05:30");
    assert_true(text[4] == '-' && text[10] == 'T' && text[16] == ':');
    setenv("TZ", "UTC0", 1);
    tzset();
    clock_text(text);
    assert_string_equal(text + 19, "+00:00");
}

/* In virtual time there is none. */
static void it_stands_in_the_report(void **state)
{
    struct interval interval = {.number = 4, .t_s = 6};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct fold fold = fold_begin(out, 0, 2);

    (void)state;
    report_interval(&fold, &interval);
    strcpy(interval.at, night);
    fold_text(&fold, "|");
    report_interval(&fold, &interval);
    fclose(out);
    assert_string_equal(text, "interval=4 t_s=6.0|interval=4 at=03:12:07");
    free(text);
}

/* What is no time of day may want to be seen on a terminal. */
static void it_comes_back_from_a_recording(void **state)
{
    static const char *const rows[][2] = {{night, night}, {"", ""}, {"\033[2J", ""}};
    char folder[] = "/tmp/time-of-day-XXXXXX", path[64];
    struct options options = {.program = PROGRAM_VCPU, .interval_s = 2};
    struct fake_host fake = {.n_guests = 1};
    struct host host = fake_host(&fake);
    struct vcpu_sample sample = {0};
    struct recorder *recorder;
    struct replay *replay;
    struct ticker ticker;
    char at[CLOCK_TEXT_SIZE];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/recording", folder);
    vcpu_settings_default(&options.vcpu);
    assert_int_equal(host.sample_vcpus(host.self, &sample, NULL), 0);
    assert_int_equal(recorder_open(path, &options, &recorder, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(record_vcpu(recorder, rows[i][0], &sample, NULL, NULL), 0);
    recorder_free(recorder);
    vcpu_sample_done(&sample);
    assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, NULL), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ticker.wait(ticker.self, NULL), 1);
        replay_at(replay, at);
        assert_string_equal(at, rows[i][1]);
    }
    replay_free(replay);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_its_distance_from_utc),
        cmocka_unit_test(it_stands_in_the_report),
        cmocka_unit_test(it_comes_back_from_a_recording),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
