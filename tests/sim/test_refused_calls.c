/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that fail: how often they are made, and that a recording knows of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/memory_loop.h"
#include "agent/simulated/simulated.h"
#include "agent/vcpu_loop.h"

/* One guest's pins fail for 100 of 160 s, so that it stays beside another one that may not leave.
 * The only other pCPU is left out for a minute, and after the second refusal for two: by then pins
 * work again. In 40 s there would be one refusal, and nothing to see of a wait that grows. */
static const char pins_fail[] =
    "{\"duration_s\": 160, \"host\": {\"pcpus\": 2}, \"guests\": ["
    "{\"name\": \"bound\", \"pct\": 40, \"affinity\": \"0\", \"allowed\": \"0\"},"
    "{\"name\": \"stubborn\", \"pct\": 40, \"affinity\": \"0\"}], \"events\": ["
    "{\"do\": \"refuse\", \"guest\": \"stubborn\", \"for_s\": 100}]}";

/* One guest's balloon calls fail for 9 s while it grows. It is asked again 10 s after the first
 * refusal and obeys, so that one is all. */
static const char balloons_fail[] =
    "{\"duration_s\": 60, \"guests\": [{\"name\": \"grower\"}, {\"name\": \"other\"}], \"events\": "
    "["
    "{\"at_s\": 6, \"do\": \"grow\", \"guest\": \"grower\", \"mib_per_s\": 20, \"until_mib\": 600},"
    "{\"at_s\": 10, \"do\": \"refuse\", \"guest\": \"grower\", \"for_s\": 9}]}";

struct played_program {
    enum program id;
    enum simulated_kind kind;
    const char *scenario;
    int (*loop)(struct session *session, struct err *err);
    size_t min, max;  /* failures that are said */
    const char *line; /* in the recording */
};

static struct options options_of(const struct played_program *program)
{
    struct options options = {.program = program->id, .interval_s = 2};

    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    return options;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

static void record(const struct played_program *program, const char *path)
{
    struct options options = options_of(program);
    struct session session = {.options = &options};
    struct err err = {0};
    char *said = NULL;
    size_t size = 0;

    log_init(&session.log, open_memstream(&said, &size), "test", LOG_INFO);
    if (simulated_open_text(program->scenario, program->kind, 2, &session.host, &session.ticker,
                            &err) < 0 ||
        recorder_open(path, &options, &session.recorder, &err) < 0 ||
        program->loop(&session, &err) < 0)
        fail_msg("%s", err.text);
    recorder_free(session.recorder);
    session.host.close(session.host.self);
    fclose(session.log.stream);
    assert_in_range(count(said, "refuses"), program->min, program->max);
    free(said);
}

static void replays_alike(const struct played_program *program, const char *path)
{
    struct options options = options_of(program);
    struct session session = {.options = &options};
    struct err err = {0};

    log_init(&session.log, stderr, "test", LOG_INFO);
    if (replay_open(path, &options, &session.replay, &session.host, &session.ticker, &err) < 0 ||
        program->loop(&session, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(replay_result(session.replay).different, 0);
    assert_true(replay_result(session.replay).equal >= 30);
    replay_free(session.replay);
}

static void holds(const char *path, const char *part)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0, n = 0;

    assert_non_null(file);
    while (getline(&line, &size, file) > 0)
        n += strstr(line, part) != NULL;
    free(line);
    fclose(file);
    assert_true(n > 0);
}

static void failed_calls_are_not_repeated_in_each_interval_and_are_recorded(void **state)
{
    static const struct played_program programs[] = {
        {PROGRAM_VCPU, SIMULATED_VCPU, pins_fail, vcpu_loop_run, 2, 3, "{\"refused\":"},
        {PROGRAM_MEMORY, SIMULATED_MEMORY, balloons_fail, memory_loop_run, 1, 1, "{\"refused\":"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char folder[] = "/tmp/refused-XXXXXX";
        char path[64];

        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof(path), "%s/run.jsonl", folder);
        record(&programs[i], path);
        holds(path, programs[i].line);
        replays_alike(&programs[i], path);
        unlink(path);
        rmdir(folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_calls_are_not_repeated_in_each_interval_and_are_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
