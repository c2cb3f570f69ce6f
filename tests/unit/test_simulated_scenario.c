/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/simulated/builtin.h"
#include "agent/simulated/scenario.h"
#include "tests/unit/simulated_fixture.h"

static void bad_scenarios_are_named(void **state)
{
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"{", "line 1"},
        {"[]", "must be an object"},
        {"{\"durations\": 3}", "\"durations\" is not a member"},
        {"{\"duration_s\": \"x\"}", "\"duration_s\" must be a number"},
        {"{\"program\": \"x\"}", "\"program\" is not one of"},
        {"{\"guests\": [{}]}", "guests[0]: \"name\" is missing"},
        {"{\"guests\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}", "guests[1]"},
        {"{\"guests\": [{\"name\": \"a\", \"uuid\": \"1\"}]}", "is not a UUID"},
        {"{\"guests\": [{\"name\": \"a\", \"actual_mib\": 4000}]}", "above maximum_mib"},
        {"{\"guests\": [{\"name\": \"a\", \"used_mib\": 4000}]}", "do not fit"},
        {"{\"guests\": [{\"name\": \"a\", \"affinity\": \"3-1\"}]}", "list of pCPUs"},
        {"{\"host\": {\"pcpus\": \"1-2\", \"online\": \"0\"}}", "not in \"pcpus\""},
        {"{\"guests\": [{\"name\": \"web-1\"}], \"events\": [{\"do\": \"load\", \"guest\": "
         "\"web1\"}]}",
         "events[0]: no guest is called 'web1'"},
        {"{\"guests\": [{\"name\": \"a\", \"vcpus\": 2}], \"events\": [{\"do\": \"load\", "
         "\"vcpu\": 2}]}",
         "events[0]: no guest '*' has a vCPU 2"},
        {"{\"host\": {\"memory_mib\": 2048}, \"guests\": [{\"name\": \"a\", \"count\": 3}]}",
         "\"memory_mib\" is 2048, and what runs there at the start holds 2316"},
        {"{\"generator\": 3}", "\"generator\" must be an object"},
        {"{\"generator\": {\"load_pct\": 0}}", "generator: \"load_pct\" must be a number from 1"},
        {"{\"generator\": {\"load\": 1}}", "generator: \"load\" is not a member"},
        {"{\"bursts_ms\": 0.5}", "\"bursts_ms\" must be 0, or from 1 to 10000"},
        {"{\"events\": [{\"do\": \"fly\"}]}", "events[0]: \"do\""},
        {"{\"events\": [{\"do\": \"pin\"}]}", "\"pcpus\" is missing"},
        {"{\"events\": [{\"do\": \"load\", \"pcpus\": \"0\"}]}", "not a member"},
        {"{\"events\": [{\"do\": \"statistics\"}]}", "\"are\" is missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scenario scenario = {0};
        struct err err = {0, ""};

        assert_int_equal(scenario_parse(cases[i].json, NULL, &scenario, &err), -EINVAL);
        if (!strstr(err.text, cases[i].says))
            fail_msg("%s: '%s' does not say '%s'", cases[i].json, err.text, cases[i].says);
        assert_null(scenario.guests);
    }
}

/* 64 guests do not fit into the usual 16 GiB: without a word the kernel would kill most of them. */
static void a_host_is_large_enough_unless_its_memory_is_given(void **state)
{
    struct scenario scenario;

    (void)state;
    assert_int_equal(
        scenario_parse("{\"guests\": [{\"name\": \"a\", \"count\": 64}]}", NULL, &scenario, NULL),
        0);
    assert_true(scenario.total_kib >= 1024 * (600 + 64 * (512 + 60)));
    scenario_done(&scenario);
}

static void defaults_and_order(void **state)
{
    struct scenario scenario;

    (void)state;
    assert_int_equal(
        scenario_parse("{\"guests\": [{\"name\": \"web\", \"count\": 3}], \"events\": ["
                       "{\"at_s\": 9, \"do\": \"stop\"}, {\"at_s\": 1, \"do\": \"pause\"},"
                       "{\"at_s\": 9, \"do\": \"start\"}]}",
                       NULL, &scenario, NULL),
        0);
    assert_int_equal(scenario.n_guests, 3);
    assert_string_equal(scenario.guests[2].id.name, "web-3");
    assert_int_not_equal(guest_compare(&scenario.guests[0].id, &scenario.guests[1].id), 0);
    assert_int_equal(scenario.events[0].what, DO_PAUSE);
    assert_int_equal(scenario.events[1].what, DO_STOP);
    assert_int_equal(scenario.events[2].what, DO_START);
    assert_int_equal(cpuset_count(&scenario.online), 4);
    scenario_done(&scenario);
}

static void every_builtin_opens_for_its_program(void **state)
{
    static const char *const names[] = {
        "demo-cpu",
        "cpu-1",
        "cpu-2",
        "cpu-3:high",
        "cpu-4:16x8",
        "cpu-5:high:3x4",
        "cpu-6",
        "cpu-7:vcpus=mixed:4x4",
        "cpu-real:high:16x4:seed=2",
        "demo-memory",
        "memory-1",
        "memory-2:host=3",
        "memory-3:maximum=4096:seed=9",
        "memory-4:maximum=1024:host=6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool memory = strstr(names[i], "memory") != NULL;
        struct err err = {0, ""};
        struct ticker ticker;
        struct host host;

        if (simulated_open(names[i], memory ? SIMULATED_MEMORY : SIMULATED_VCPU, 1, NULL, &host,
                           &ticker, &err) < 0)
            fail_msg("%s: %s", names[i], err.text);
        host.close(host.self);
        assert_int_equal(simulated_open(names[i], memory ? SIMULATED_VCPU : SIMULATED_MEMORY, 1,
                                        NULL, &host, &ticker, &err),
                         -EINVAL);
        assert_non_null(strstr(err.text, memory ? "memory_coordinator" : "vcpu_scheduler"));
    }
}

static void unknown_names_and_variations(void **state)
{
    struct ticker ticker;
    struct host host;
    struct err err;

    (void)state;
    assert_int_equal(simulated_open("no-such", SIMULATED_VCPU, 1, NULL, &host, &ticker, &err),
                     -ENOENT);
    assert_non_null(strstr(err.text, "--simulate help"));
    assert_int_equal(simulated_open("cpu-1:loud", SIMULATED_VCPU, 1, NULL, &host, &ticker, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "loud"));
    assert_int_equal(simulated_open("cpu-1:host=3", SIMULATED_VCPU, 1, NULL, &host, &ticker, &err),
                     -EINVAL);
}

static void the_list_names_all_cases(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    builtin_list(out);
    fclose(out);
    assert_non_null(strstr(text, "cpu-7"));
    assert_non_null(strstr(text, "memory-4"));
    assert_non_null(strstr(text, "demo-memory"));
    free(text);
}

/* A file is the same as the built-in scenario it was printed from. */
static void a_builtin_printed_and_read_back(void **state)
{
    char path[] = "/tmp/evenkeel-scenario-XXXXXX";
    char *text = NULL;
    struct ticker ticker;
    struct host host;
    FILE *out;
    int fd;

    (void)state;
    assert_int_equal(builtin_text("cpu-2:high", &text, NULL), 0);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    out = fdopen(fd, "w");
    assert_true(fputs(text, out) >= 0);
    fclose(out);
    assert_int_equal(simulated_open(path, SIMULATED_VCPU, 1, NULL, &host, &ticker, NULL), 0);
    assert_int_equal(simulated_vcpus(simulated_of(&host)), 8);
    host.close(host.self);
    remove(path);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_scenarios_are_named),
        cmocka_unit_test(a_host_is_large_enough_unless_its_memory_is_given),
        cmocka_unit_test(defaults_and_order),
        cmocka_unit_test(every_builtin_opens_for_its_program),
        cmocka_unit_test(unknown_names_and_variations),
        cmocka_unit_test(the_list_names_all_cases),
        cmocka_unit_test(a_builtin_printed_and_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
