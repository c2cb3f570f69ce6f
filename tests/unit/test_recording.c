/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay notices every difference. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/record/record.h"
#include "agent/record/replay.h"
#include "tests/unit/host_fixture.h"

static char folder[] = "/tmp/recording-XXXXXX";
static char path[64], second[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/recording-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/run.jsonl", folder);
    snprintf(second, sizeof(second), "%s.1", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(second);
    return rmdir(folder); /* nothing else may have been left there */
}

static struct options options_of(enum program program)
{
    struct options options = {.program = program, .interval_s = 2.5};

    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    return options;
}

static struct vcpu_plan vcpu_plan(double objective)
{
    return (struct vcpu_plan){.verdict = VERDICT_HOLD_BALANCED,
                              .objective = objective,
                              .hold_objective = (double)INFINITY,
                              .gap = (double)NAN};
}

static void record_three(void)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct fake_host fake = {.n_guests = 2};
    struct host host = fake_host(&fake);
    struct vcpu_sample sample = {0};
    struct recorder *recorder;

    assert_int_equal(host.sample_vcpus(host.self, &sample, NULL), 0);
    options.vcpu.deadband_points = 4.25;
    assert_int_equal(recorder_open(path, &options, &recorder, NULL), 0);
    for (int i = 0; i < 3; i++) {
        struct vcpu_plan plan = vcpu_plan(i / 3.0);

        plan.work.stopped = i == 2;
        assert_int_equal(record_vcpu(recorder, "", &sample, i == 1 ? NULL : &plan, NULL), 0);
    }
    recorder_free(recorder);
    recorder_free(NULL);
    vcpu_sample_done(&sample);
}

static void a_replay_compares_plans(void **state)
{
    static const double objectives[][2] = {{0, 2}, {1e-16, 2}, {0.5, 0.5}};
    static const uint64_t different[] = {0, 1, 2};

    (void)state;
    record_three();
    for (size_t i = 0; i < 3; i++) {
        struct options options = options_of(PROGRAM_VCPU);
        struct replay *replay;
        struct host host;
        struct ticker ticker;
        struct replay_result result;

        assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, NULL), 0);
        assert_true(options.interval_s == 2.5);
        assert_true(options.vcpu.deadband_points == 4.25);
        for (int line = 0; line < 3; line++) {
            struct vcpu_plan plan = vcpu_plan(objectives[i][line == 2]);
            struct vcpu_sample sample = {0};

            assert_int_equal(ticker.wait(ticker.self, NULL), 1);
            assert_int_equal(host.sample_vcpus(host.self, &sample, NULL), 0);
            assert_int_equal(sample.n_vcpus, 2);
            vcpu_sample_done(&sample);
            replay_compare_vcpu(replay, line == 1 && i < 2 ? NULL : &plan, NULL);
        }
        assert_int_equal(ticker.wait(ticker.self, NULL), 0);
        result = replay_result(replay);
        assert_int_equal(result.different, different[i]);
        assert_int_equal(result.cut_short, 1);
        assert_int_equal(result.equal, 2 - different[i]);
        replay_free(replay);
    }
}

static void a_sample_that_is_not_planned_is_a_difference(void **state)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct replay *replay;
    struct host host;
    struct ticker ticker;

    (void)state;
    record_three();
    assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, NULL), 0);
    while (ticker.wait(ticker.self, NULL) > 0)
        ;
    assert_int_equal(replay_result(replay).different, 3);
    replay_free(replay);
}

static void a_recording_changes_nothing(void **state)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct guest_id guest = fake_guest(0);
    struct cpuset target = {0};
    struct replay *replay;
    struct host host;
    struct ticker ticker;

    (void)state;
    record_three();
    assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, NULL), 0);
    assert_int_equal(host.set_affinity(host.self, &guest, 0, &target, NULL), -EPERM);
    assert_int_equal(host.set_balloon(host.self, &guest, 1, NULL), -EPERM);
    assert_int_equal(ticker.overruns(ticker.self), 0);
    replay_free(replay);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
}

#define HEADER                                                                                     \
    "{\"format\":\"evenkeel-recording\",\"version\":1,\"program\":\"vcpu_scheduler\","             \
    "\"interval_s\":1.0,\"settings\":"

static void what_is_no_recording_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "not json\n",
        "{}\n",
        "{\"format\":\"other\",\"version\":1,\"program\":\"vcpu_scheduler\",\"interval_s\":1.0,"
        "\"settings\":{}}\n",
        "{\"format\":\"evenkeel-recording\",\"version\":2,\"program\":\"vcpu_scheduler\","
        "\"interval_s\":1.0,\"settings\":{}}\n",
        "{\"format\":\"evenkeel-recording\",\"version\":1,\"program\":\"memory_coordinator\","
        "\"interval_s\":1.0,\"settings\":{}}\n",
        HEADER "{}}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct options options = options_of(PROGRAM_VCPU);
        struct replay *replay = NULL;
        struct host host;
        struct ticker ticker;
        struct err err = {0};

        write_file(rows[i]);
        assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, &err), -EINVAL);
        assert_true(err.text[0]);
        assert_null(replay);
    }
}

/* A recording with one member of its header replaced. */
static void write_with(const char *member, const char *value)
{
    json_t *header, *settings, *json = json_loads(value, JSON_DECODE_ANY, NULL);
    struct options options = options_of(PROGRAM_VCPU);
    struct recorder *recorder;
    char *text;
    FILE *file;

    assert_non_null(json);
    unlink(path);
    assert_int_equal(recorder_open(path, &options, &recorder, NULL), 0);
    recorder_free(recorder);
    header = json_load_file(path, 0, NULL);
    settings = json_object_get(header, "settings");
    if (json_object_get(header, member))
        json_object_set_new(header, member, json);
    else if (json_object_get(settings, member))
        json_object_set_new(settings, member, json);
    else
        json_object_set_new(json_object_get(settings, "limits"), member, json);
    text = json_dumps(header, JSON_COMPACT);
    file = fopen(path, "w");
    fprintf(file, "%s\n", text), fclose(file);
    free(text);
    json_decref(header);
}

static void what_no_run_could_have_is_refused(void **state)
{
    static const struct {
        const char *member, *value, *says; /* NULL: it is accepted */
    } rows[] = {
        {"interval_s", "2.5", NULL},
        {"interval_s", "0", "interval"},
        {"interval_s", "-1.0", "interval"},
        {"interval_s", "1e300", "interval"},
        {"fall_half_life_s", "null", "fall_half_life_s"},
        {"fall_half_life_s", "-2", "fall_half_life_s"},
        {"deadband_points", "1e9", "deadband_points"},
        {"kcells", "100", NULL},
        {"kcells", "-1", "limits"},
        {"nodes", "9223372036854775807", "limits"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct options options = options_of(PROGRAM_VCPU);
        struct replay *replay = NULL;
        struct host host;
        struct ticker ticker;
        struct err err = {0};
        int r;

        write_with(rows[i].member, rows[i].value);
        r = replay_open(path, &options, &replay, &host, &ticker, &err);
        if (r != (rows[i].says ? -EINVAL : 0))
            fail_msg("%s = %s: %d %s", rows[i].member, rows[i].value, r, err.text);
        if (rows[i].says)
            assert_non_null(strstr(err.text, rows[i].says));
        replay_free(replay);
    }
}

/* A crash in the middle of a line ends the recording there; rubbish in the middle does not. */
static void a_torn_last_line_is_the_end(void **state)
{
    static const struct {
        const char *tail;
        int last;
    } rows[] = {{"{\"sample\":{\"at_", 0}, {"{\"sample\":{\"at_\n", -EINVAL}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct options options = options_of(PROGRAM_VCPU);
        struct replay *replay;
        struct host host;
        struct ticker ticker;
        struct err err = {0};
        FILE *file;

        record_three();
        file = fopen(path, "a");
        fputs(rows[i].tail, file);
        fclose(file);
        assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, NULL), 0);
        for (int line = 0; line < 3; line++)
            assert_int_equal(ticker.wait(ticker.self, &err), 1);
        assert_int_equal(ticker.wait(ticker.self, &err), rows[i].last);
        if (rows[i].last)
            assert_non_null(strstr(err.text, "line 5"));
        replay_free(replay);
    }
}

/* A limit on the size of files stands for the disk: writing fails as it does there. */
static void full_disk(bool full)
{
    struct rlimit limit;

    signal(SIGXFSZ, full ? SIG_IGN : SIG_DFL);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = full ? 16 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_an_error(void **state)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct recorder *recorder = NULL;
    struct err err = {0};

    (void)state;
    full_disk(true);
    assert_true(recorder_open(path, &options, &recorder, &err) < 0);
    full_disk(false);
    assert_non_null(strstr(err.text, "--record"));
    assert_null(recorder);
}

/* Writes the recording anew with other letters for the method of its plan. */
static void rename_method(const char *from, const char *to)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    char *at = strstr(text, from);

    fclose(file);
    text[n] = '\0';
    assert_non_null(at);
    file = fopen(path, "w");
    fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    fclose(file);
}

static struct replay_result replay_one(enum placement_method method, const char *from,
                                       const char *to)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct fake_host fake = {.n_guests = 1};
    struct host host = fake_host(&fake);
    struct vcpu_plan plan = vcpu_plan(2);
    struct vcpu_sample sample = {0};
    struct recorder *recorder;
    struct replay *replay;
    struct replay_result result;
    struct ticker ticker;

    plan.method = method;
    assert_int_equal(host.sample_vcpus(host.self, &sample, NULL), 0);
    assert_int_equal(recorder_open(path, &options, &recorder, NULL), 0);
    assert_int_equal(record_vcpu(recorder, "", &sample, &plan, NULL), 0);
    recorder_free(recorder);
    vcpu_sample_done(&sample);
    rename_method(from, to);
    assert_int_equal(replay_open(path, &options, &replay, &host, &ticker, NULL), 0);
    assert_int_equal(ticker.wait(ticker.self, NULL), 1);
    replay_compare_vcpu(replay, &plan, NULL);
    result = replay_result(replay);
    replay_free(replay);
    unlink(path);
    return result;
}

static void an_old_recording_may_say_subgradient(void **state)
{
    (void)state;
    assert_int_equal(
        replay_one(PLACEMENT_METHOD_LAGRANGIAN, "\"lagrangian\"", "\"subgradient\"").equal, 1);
    assert_int_equal(replay_one(PLACEMENT_METHOD_HOLD, "\"hold\"", "\"subgradient\"").different, 1);
}

static void an_earlier_recording_is_kept(void **state)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct recorder *recorder;
    struct stat before, after;

    (void)state;
    record_three();
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(recorder_open(path, &options, &recorder, NULL), 0);
    assert_string_equal(recorder_path(recorder), second);
    recorder_free(recorder);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_replay_compares_plans),           ROW(a_sample_that_is_not_planned_is_a_difference),
        ROW(a_recording_changes_nothing),       ROW(what_is_no_recording_is_refused),
        ROW(what_no_run_could_have_is_refused), ROW(a_torn_last_line_is_the_end),
        ROW(a_full_disk_is_an_error),           ROW(an_old_recording_may_say_subgradient),
        ROW(an_earlier_recording_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
