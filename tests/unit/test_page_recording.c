/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a plan is told of what it is about. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/page/recording.h"

static void take(struct recording *recording, const char *line)
{
    assert_true(recording_take(recording, line, strlen(line)));
}

/* A plan that moves vCPUs 0 and 1 of one guest, its emulator and its I/O thread 1, and what is told after it. */
static struct run *play(const char *outcome)
{
    static const char header[] = "{\"format\":\"evenkeel-recording\",\"version\":1,\"program\":"
                                 "\"vcpu_scheduler\",\"interval_s\":2}";
    struct recording *recording = NULL;
    struct err err = {0};

    assert_int_equal(
        recording_open("f", header, strlen(header), -INFINITY, INFINITY, &recording, &err), 0);
    take(recording,
         "{\"sample\":{\"at_ns\":1000,\"vcpus\":[{\"guest\":\"web\",\"uuid\":\"u1\",\"vcpu\":0,"
         "\"cpu_time_ns\":5}]},\"plan\":{\"verdict\":\"apply\",\"pins\":["
         "{\"uuid\":\"u1\",\"vcpu\":0,\"from\":1,\"to\":2,\"reason\":\"r\"},"
         "{\"uuid\":\"u1\",\"vcpu\":1,\"from\":-1,\"to\":2,\"reason\":\"r\"}],\"helper_pins\":["
         "{\"uuid\":\"u1\",\"iothread\":0,\"to\":\"2-3\",\"reason\":\"r\"},"
         "{\"uuid\":\"u1\",\"iothread\":1,\"to\":\"2-3\",\"reason\":\"r\"}]}}");
    take(recording, outcome);
    return recording_close(recording);
}

/* One letter for each change, vCPUs first: made, failed or would be. */
static void assert_told(const char *outcome, const char *wanted)
{
    struct run *run = play(outcome);
    char told[8] = "";

    assert_int_equal(run->n_changes, strlen(wanted));
    for (size_t i = 0; i < run->n_changes; i++) {
        const struct run_change *change = run_change_at(run, i);

        strcat(told, change->failed ? "f" : change->would_be ? "w" : "m");
    }
    assert_string_equal(told, wanted);
    run_free(run);
}

static void what_was_refused_is_told_of_that_thread_alone(void **state)
{
    (void)state;
    assert_told("{\"refused\":\"u1\",\"vcpu\":0,\"pcpu\":2}", "fmmm");
    assert_told("{\"refused\":\"u1\",\"vcpu\":1,\"pcpu\":null}", "mfmm");
    assert_told("{\"refused\":\"u1\",\"iothread\":0}", "mmfm");
    assert_told("{\"refused\":\"u1\",\"iothread\":1}", "mmmf");
    assert_told("{\"refused\":\"u2\",\"vcpu\":0}", "mmmm");
    assert_told("{\"applied\":false}", "wwww");
}

static void a_change_is_told_as_the_history_tells_it(void **state)
{
    static const char *const wanted[] = {"vCPU 0 from pCPU 1 to pCPU 2", "vCPU 1 to pCPU 2",
                                         "emulator to pCPU 2-3", "I/O thread 1 to pCPU 2-3"};
    struct run *run = play("{}");

    (void)state;
    for (size_t i = 0; i < run->n_changes; i++)
        assert_string_equal(run_change_at(run, i)->what, wanted[i]);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_told_as_the_history_tells_it),
        cmocka_unit_test(what_was_refused_is_told_of_that_thread_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
