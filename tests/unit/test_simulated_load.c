/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/simulated_fixture.h"

#define HEAD "at_s,guest,vcpu,pct,used_mib\n"
#define QUIET "\"host\": {\"pcpus\": 4, \"background_pct\": 0, \"background_noise_pct\": 0}"

static char folder[] = "/tmp/evenkeel-load-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static const char *path_of(const char *name)
{
    static char path[80];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state)
{
    (void)state;
    remove(path_of("trace.csv"));
    remove(path_of("scenario.json"));
    return rmdir(folder);
}

static void write_file(const char *name, const char *text)
{
    FILE *out = fopen(path_of(name), "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int open_files(struct kit *kit, const char *csv, const char *json, struct err *err)
{
    int r;

    write_file("trace.csv", csv);
    write_file("scenario.json", json);
    r = simulated_open(path_of("scenario.json"), SIMULATED_VCPU, 1, NULL, &kit->host, &kit->ticker,
                       err);
    kit->world = r < 0 ? NULL : simulated_of(&kit->host);
    return r;
}

static struct kit play(const char *csv, const char *json)
{
    struct kit kit;
    struct err err = {0};

    if (open_files(&kit, csv, json, &err) < 0)
        fail_msg("%s", err.text);
    return kit;
}

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

static const char two_guests[] = HEAD "# b has one vCPU\r\n"
                                      "0,b,,30,1000\n"
                                      "0,a,0,10,\n"
                                      "0,a,1,20,200\n"
                                      "\n"
                                      "4,a,1,60.5,300\r\n"
                                      "6,b,,90,400\n";

static void guests_come_from_the_trace(void **state)
{
    struct kit kit = play(two_guests, "{\"trace\": \"trace.csv\", " QUIET "}");

    (void)state;
    assert_int_equal(simulated_guests(kit.world), 2);
    assert_string_equal(kit_guest(&kit, 0).name, "b");
    assert_int_equal(simulated_vcpus(kit.world), 3);
    assert_int_equal(simulated_end_ns(kit.world), 8000000000); /* the last values hold for 2 s */
    assert_int_equal(kit_guest(&kit, 0).maximum_kib, 2048 * 1024);
    kit_wait(&kit, 2);
    assert_int_equal(kit_guest(&kit, 0).used_kib, 1000 * 1024);
    assert_near(kit_usage(&kit, 0, 1), 0.3, 1e-6);
    assert_near(kit_usage(&kit, 1, 1), 0.1, 1e-6);
    assert_near(kit_usage(&kit, 2, 1), 0.2, 1e-6);
    assert_near(kit_usage(&kit, 2, 1), 0.605, 1e-6);
    assert_int_equal(kit_guest(&kit, 1).used_kib, 300 * 1024);
    kit_wait(&kit, 1);
    assert_near(kit_usage(&kit, 0, 1), 0.9, 1e-6);
    assert_int_equal(kit_guest(&kit, 0).used_kib, 400 * 1024);
    kit_close(&kit);
}

static void guests_of_the_scenario_keep_what_they_are(void **state)
{
    struct kit kit = play(two_guests, "{\"trace\": \"trace.csv\", " QUIET ", \"guests\": ["
                                      "{\"name\": \"idle\", \"pct\": 0},"
                                      "{\"name\": \"a\", \"vcpus\": 3, \"pct\": 5},"
                                      "{\"name\": \"b\", \"maximum_mib\": 4096, "
                                      "\"actual_mib\": 3000}]}");

    (void)state;
    assert_int_equal(simulated_vcpus(kit.world), 5);
    assert_int_equal(kit_guest(&kit, 2).maximum_kib, 4096 * 1024);
    kit_wait(&kit, 1);
    assert_near(kit_usage(&kit, 0, 1), 0, 1e-6);
    assert_near(kit_usage(&kit, 3, 1), 0.05, 1e-6); /* it has no column */
    assert_near(kit_usage(&kit, 4, 1), 0.3, 1e-6);
    kit_close(&kit);
}

static void speed_offset_and_repetition(void **state)
{
    struct kit kit =
        play(two_guests, "{\"trace\": {\"file\": \"trace.csv\", \"speed\": 2, \"offset_s\": 2, "
                         "\"repeat\": true}, \"duration_s\": 20, " QUIET "}");

    (void)state;
    kit_wait(&kit, 1);
    assert_near(kit_usage(&kit, 2, 1), 0.2, 1e-6);   /* 2 to 4 s of the trace */
    assert_near(kit_usage(&kit, 2, 1), 0.605, 1e-6); /* 4 to 6 s */
    assert_near(kit_usage(&kit, 0, 1), 0.9, 1e-6);   /* 6 to 8 s */
    assert_near(kit_usage(&kit, 0, 1), 0.3, 1e-6);   /* 0 to 2 s: once more */
    assert_near(kit_usage(&kit, 2, 1), 0.2, 1e-6);
    kit_close(&kit);
}

/* Between 10 % at 0 s and 50 % at 4 s. */
static void values_between_two(void **state)
{
    struct kit kit =
        play(HEAD "0,a,,10,100\n4,a,,50,300\n",
             "{\"trace\": {\"file\": \"trace.csv\", \"interpolate\": true}, " QUIET "}");

    (void)state;
    kit_wait(&kit, 2);
    assert_near(kit_usage(&kit, 0, 1), 0.25, 0.02);
    assert_near((double)kit_guest(&kit, 0).used_kib / 1024, 200, 15);
    kit_close(&kit);
}

/* A trace that jumps up and down by 20 points has much noise, an even one none. */
static void noise_is_that_of_the_trace(void **state)
{
    double spread[2] = {0};

    (void)state;
    for (int jumps = 0; jumps < 2; jumps++) {
        char csv[4000] = HEAD, line[40];
        struct kit kit;

        for (int t = 0; t < 100; t += 10) {
            snprintf(line, sizeof(line), "%d,a,,%d,\n", t, 40 + (jumps && t % 20 ? 20 : 0));
            strcat(csv, line);
        }
        kit = play(csv, "{\"trace\": {\"file\": \"trace.csv\", \"noise\": \"trace\"}, " QUIET "}");
        kit_wait(&kit, 1);
        for (int k = 0; k < 9; k++) /* within the first value */
            spread[jumps] = fmax(spread[jumps], fabs(kit_usage(&kit, 0, 1) - 0.4));
        kit_close(&kit);
    }
    assert_near(spread[0], 0, 1e-6);
    assert_in_range((unsigned)(1000 * spread[1]), 100, 200);
}

/* What is in use comes back after a boot. */
static void a_guest_that_boots_uses_it_again(void **state)
{
    struct kit kit = play(HEAD "0,a,,10,900\n30,a,,10,900\n",
                          "{\"trace\": \"trace.csv\", " QUIET ", \"events\": ["
                          "{\"at_s\": 2, \"do\": \"reboot\", \"guest\": \"a\"}]}");

    (void)state;
    kit_wait(&kit, 10);
    assert_int_equal(kit_guest(&kit, 0).used_kib, 900 * 1024);
    kit_close(&kit);
}

static void what_is_broken_is_named(void **state)
{
    static const struct {
        const char *csv, *json, *says;
    } cases[] = {
        {"", NULL, "has no values"},
        {HEAD, NULL, "has no values"},
        {"at_s,guest\n", NULL, "line 1: the head must name columns"},
        {"at_s,guest,pct,load\n", NULL, "line 1: the head"},
        {"at_s,guest,pct,pct\n", NULL, "line 1: the head"},
        {"at_s,guest,vcpu,pct,used_mib,more\n", NULL, "line 1: the head"},
        {HEAD "\n0,a,0,1\n", NULL, "line 3: it has not as many fields"},
        {HEAD "0,a,0,1,2,3\n", NULL, "line 2: it has not as many fields"},
        {HEAD "0,a,0,100.1,\n", NULL, "line 2: pct must be a number from 0 to 100"},
        {HEAD "0,a,0,nan,\n", NULL, "line 2: pct"},
        {HEAD "0,a,0,0x1,\n", NULL, "line 2: pct"},
        {HEAD "0,a,0,1e400,\n", NULL, "line 2: pct"},
        {HEAD "0,a,0,,-1\n", NULL, "line 2: used_mib must be a number from 0 to 1000000000"},
        {HEAD "1e8,a,0,1,\n", NULL, "line 2: at_s must be a number from 0 to 10000000"},
        {HEAD ",a,0,1,\n", NULL, "line 2: at_s"},
        {HEAD "0,a,1.5,1,\n", NULL, "line 2: vcpu must be a whole number"},
        {HEAD "0,a,512,1,\n", NULL, "line 2: vcpu must be a number from 0 to 511"},
        {HEAD "0,,0,1,\n", NULL, "line 2: guest must be a name"},
        {HEAD "1,a,0,1,\n0,a,0,1,\n", NULL, "line 3: at_s is earlier"},
        {HEAD "1,\xff,0,1,\n", NULL, "line 2: guest must be a name of at most 239 bytes of UTF-8"},
        {two_guests, "{\"trace\": 3}", "trace must be an object"},
        {two_guests, "{\"trace\": {}}", "trace: \"file\" is missing"},
        {two_guests, "{\"trace\": \"none.csv\"}", "cannot be read: No such file"},
        {two_guests, "{\"trace\": {\"file\": \"trace.csv\", \"speed\": 0}}", "\"speed\""},
        {two_guests, "{\"trace\": {\"file\": \"trace.csv\", \"noise\": \"loud\"}}", "\"noise\""},
        {two_guests, "{\"trace\": {\"file\": \"trace.csv\", \"offset_s\": 9}}",
         "\"offset_s\" is beyond its 8 s"},
        {two_guests, "{\"trace\": \"trace.csv\", \"guests\": [{\"name\": \"b\"}]}",
         "no guest is called 'a'"},
        {two_guests,
         "{\"trace\": \"trace.csv\", \"guests\": [{\"name\": \"b\"}, {\"name\": \"a\"}]}",
         "guest 'a' has no vCPU 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *json = cases[i].json ? cases[i].json : "{\"trace\": \"trace.csv\"}";
        struct err err = {0};
        struct kit kit;

        assert_true(open_files(&kit, cases[i].csv, json, &err) < 0);
        if (!strstr(err.text, cases[i].says))
            fail_msg("%zu: '%s' does not say '%s'", i, err.text, cases[i].says);
    }
}

static void a_scenario_that_is_no_file_reads_none(void **state)
{
    struct err err = {0};
    struct kit kit;

    (void)state;
    assert_int_equal(simulated_open_text("{\"trace\": \"/etc/passwd\"}", SIMULATED_VCPU, 1,
                                         &kit.host, &kit.ticker, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "a scenario that is a file itself"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_come_from_the_trace),
        cmocka_unit_test(guests_of_the_scenario_keep_what_they_are),
        cmocka_unit_test(speed_offset_and_repetition),
        cmocka_unit_test(values_between_two),
        cmocka_unit_test(noise_is_that_of_the_trace),
        cmocka_unit_test(a_guest_that_boots_uses_it_again),
        cmocka_unit_test(what_is_broken_is_named),
        cmocka_unit_test(a_scenario_that_is_no_file_reads_none),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
