/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded comes back to the last bit, and a replay notices every difference. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/codec_memory.h"
#include "agent/codec_vcpu.h"
#include "agent/record.h"
#include "agent/replay.h"
#include "fake_host.h"

static char path[] = "/tmp/recording-XXXXXX";

static int set_up(void **state)
{
    int fd;

    (void)state;
    strcpy(path, "/tmp/recording-XXXXXX");
    fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static struct vcpu_sample vcpu_sample(void)
{
    struct vcpu_sample sample = {.at_ns = 123456789012345678u, .n_pcpus = 2, .n_vcpus = 2};

    sample.pcpus = calloc(2, sizeof(*sample.pcpus));
    sample.vcpus = calloc(2, sizeof(*sample.vcpus));
    sample.pcpus[0].id = 3;
    sample.pcpus[1] = (struct pcpu_reading){.id = 8191, .background_permille = 17};
    for (unsigned i = 0; i < 2; i++) {
        sample.vcpus[i].guest = fake_guest(i);
        sample.vcpus[i].vcpu = 7 * i;
        sample.vcpus[i].cpu_time_ns = INT64_MAX - i;
        cpuset_add(&sample.vcpus[i].allowed, 3);
    }
    for (unsigned c = 0; c < CPUSET_MAX; c += 2)
        cpuset_add(&sample.vcpus[1].allowed, c); /* the longest list there is */
    cpuset_add(&sample.vcpus[1].affinity, 8191);
    sample.vcpus[1].running = sample.vcpus[1].has_delay = sample.vcpus[1].has_last = true;
    sample.vcpus[1].delay_ns = 99;
    sample.vcpus[1].last_pcpu = 5;
    strcpy(sample.vcpus[1].guest.name, "n\xc3\xa4me \"quoted\"\\");
    return sample;
}

/* By value: padding is zero on both sides, since both were made with calloc(). */
static void vcpu_samples_come_back(void **state)
{
    struct vcpu_sample sample = vcpu_sample(), back = {0};
    json_t *json = vcpu_sample_to_json(&sample);
    struct err err = {0};

    (void)state;
    assert_non_null(json);
    if (vcpu_sample_from_json(json, &back, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(back.at_ns, sample.at_ns);
    assert_int_equal(back.n_pcpus, 2);
    assert_int_equal(back.n_vcpus, 2);
    assert_memory_equal(back.pcpus, sample.pcpus, 2 * sizeof(*sample.pcpus));
    assert_memory_equal(back.vcpus, sample.vcpus, 2 * sizeof(*sample.vcpus));
    json_decref(json);
    vcpu_sample_done(&sample);
    vcpu_sample_done(&back);
}

static struct memory_sample memory_sample(void)
{
    struct memory_sample sample = {.at_ns = 5,
                                   .host_total_kib = 1u << 30,
                                   .host_free_kib = 7,
                                   .host_available_kib = 8,
                                   .n_guests = 3};

    sample.guests = calloc(3, sizeof(*sample.guests));
    sample.guests[0] = (struct memory_reading){
        .guest = fake_guest(0), .run = GUEST_MIGRATING, .actual_kib = 1, .maximum_kib = 2};
    sample.guests[1] = (struct memory_reading){
        .guest = fake_guest(1),
        .has_balloon = true,
        .locked = true,
        .has = (1 << 8) - 1,
        .actual_kib = 3,
        .maximum_kib = 4,
        .unused_kib = 5,
        .available_kib = 6,
        .usable_kib = 7,
        .caches_kib = 8,
        .swap_in_kib = 9,
        .swap_out_kib = 10,
        .major_faults = 11,
        .stats_age_ns = INT64_MAX,
        .rss_kib = 13,
        .policy = {true, true, true, true, true, 14, 15, 16, 17},
    };
    sample.guests[2] = (struct memory_reading){
        .guest = fake_guest(2), .run = GUEST_OTHER, .has = MEMORY_HAS_UNUSED};
    return sample;
}

static void memory_samples_come_back(void **state)
{
    struct memory_sample sample = memory_sample(), back = {0};
    json_t *json = memory_sample_to_json(&sample);
    struct err err = {0};

    (void)state;
    assert_non_null(json);
    if (memory_sample_from_json(json, &back, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(back.host_total_kib, sample.host_total_kib);
    assert_int_equal(back.host_available_kib, sample.host_available_kib);
    assert_int_equal(back.n_guests, 3);
    for (size_t i = 0; i < 3; i++) {
        json_t *again;
        struct memory_sample one = {.guests = &sample.guests[i], .n_guests = 1};
        struct memory_sample two = {.guests = &back.guests[i], .n_guests = 1};
        json_t *first = memory_sample_to_json(&one);

        again = memory_sample_to_json(&two);
        assert_true(json_equal(first, again));
        json_decref(first);
        json_decref(again);
        assert_int_equal(back.guests[i].has, sample.guests[i].has);
        assert_int_equal(back.guests[i].run, sample.guests[i].run);
    }
    assert_int_equal(back.guests[1].stats_age_ns, INT64_MAX);
    assert_int_equal(back.guests[1].rss_kib, 13);
    assert_int_equal(back.guests[1].swap_out_kib, 10);
    assert_int_equal(back.guests[1].policy.pin_kib, 16);
    assert_int_equal(back.guests[1].policy.weight, 17);
    json_decref(json);
    memory_sample_done(&sample);
    memory_sample_done(&back);
}

/* Every byte that differs between two settings has to be in the recording. A setting that was added
 * to the struct and not to the recording changes the size: add it to the codec, then here. */
static void settings_come_back(void **state)
{
    struct vcpu_settings vcpu, vcpu_back;
    struct memory_settings memory, memory_back;
    struct err err = {0};
    json_t *json;

    (void)state;
    assert_int_equal(sizeof(struct vcpu_settings) - sizeof(struct work), 80);
    assert_int_equal(sizeof(struct memory_settings) - sizeof(struct work), 152);
    vcpu_settings_default(&vcpu);
    vcpu.objective = VCPU_VARIANCE;
    vcpu.penalty_points = 1.0 / 3;
    vcpu.limits.max_nodes = 77;
    json = vcpu_settings_to_json(&vcpu);
    assert_int_equal(vcpu_settings_from_json(json, &vcpu_back, &err), 0);
    assert_memory_equal(&vcpu_back.penalty_points, &vcpu.penalty_points, 8 * sizeof(double));
    assert_int_equal(vcpu_back.objective, vcpu.objective);
    assert_int_equal(vcpu_back.use_delay, vcpu.use_delay);
    assert_int_equal(vcpu_back.limits.max_nodes, 77);
    json_decref(json);
    memory_settings_default(&memory);
    memory.host_reserve_pct = 0.1;
    memory.without = 5;
    memory.keep_lp = memory.explain = false;
    json = memory_settings_to_json(&memory);
    assert_int_equal(memory_settings_from_json(json, &memory_back, &err), 0);
    memory_back.limits = memory.limits;
    assert_memory_equal(&memory_back, &memory, offsetof(struct memory_settings, limits));
    json_object_del(json, "stuck_s");
    assert_int_equal(memory_settings_from_json(json, &memory_back, &err), -EINVAL);
    assert_non_null(strstr(err.text, "stuck_s"));
    json_decref(json);
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
    struct vcpu_sample sample = vcpu_sample();
    struct recorder *recorder;

    options.vcpu.deadband_points = 4.25;
    assert_int_equal(recorder_open(path, &options, &recorder, NULL), 0);
    for (int i = 0; i < 3; i++) {
        struct vcpu_plan plan = vcpu_plan(i / 3.0);

        plan.work.stopped = i == 2;
        assert_int_equal(record_vcpu(recorder, &sample, i == 1 ? NULL : &plan, NULL), 0);
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
    assert_false(ticker.stopping(ticker.self));
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

static void a_full_disk_is_an_error(void **state)
{
    struct options options = options_of(PROGRAM_VCPU);
    struct recorder *recorder = NULL;
    struct err err = {0};

    (void)state;
    assert_true(recorder_open("/dev/full", &options, &recorder, &err) < 0);
    assert_non_null(strstr(err.text, "--record"));
    assert_null(recorder);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(vcpu_samples_come_back),
        ROW(memory_samples_come_back),
        ROW(settings_come_back),
        ROW(a_replay_compares_plans),
        ROW(a_sample_that_is_not_planned_is_a_difference),
        ROW(a_recording_changes_nothing),
        ROW(what_is_no_recording_is_refused),
        ROW(a_torn_last_line_is_the_end),
        ROW(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
