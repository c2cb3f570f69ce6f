/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/options.h"

enum { WORDS_MOST = 12 };

/* Parses "2 --once --match web*" as the shell would. */
static int parse(enum program program, const char *line, struct options *ret, struct err *err)
{
    static char text[256]; /* options borrow from it until the next call */
    char *argv[WORDS_MOST + 2] = {(char *)program_name(program)};
    int argc = 1;

    snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word && argc <= WORDS_MOST; word = strtok(NULL, " "))
        argv[argc++] = strcmp(word, "''") == 0 ? (char *)"" : word;
    return options_parse(program, argc, argv, ret, err);
}

static struct options accepted(enum program program, const char *line)
{
    struct options options;
    struct err err = {0};

    if (parse(program, line, &options, &err) < 0)
        fail_msg("%s: %s", line, err.text);
    return options;
}

static void defaults(void **state)
{
    struct options options = accepted(PROGRAM_VCPU, "2");
    struct vcpu_settings vcpu;

    (void)state;
    vcpu_settings_default(&vcpu);
    assert_true(options.interval_s == 2.0);
    assert_int_equal(options.action, OPTIONS_RUN);
    assert_string_equal(options.connect, "qemu:///system");
    assert_false(options.once || options.dry_run || options.json || options.restore);
    assert_int_equal(options.verbosity, 0);
    assert_int_equal(options.n_match, 0);
    assert_null(options.emit_lp);
    assert_null(options.simulate);
    assert_int_equal(options.vcpu.objective, vcpu.objective);
    assert_true(options.vcpu.deadband_points == vcpu.deadband_points);
    assert_false(options.vcpu.keep_lp);
    options_done(&options);
}

static void every_option_arrives(void **state)
{
    struct options options =
        accepted(PROGRAM_VCPU, "--connect qemu+ssh://h/system --match web* --match=db? --once "
                               "--restore --verbose 0.5 --objective variance");

    (void)state;
    assert_string_equal(options.connect, "qemu+ssh://h/system");
    assert_int_equal(options.n_match, 2);
    assert_string_equal(options.match[0], "web*");
    assert_string_equal(options.match[1], "db?");
    assert_true(options.once && options.restore);
    assert_int_equal(options.verbosity, 1);
    assert_true(options.interval_s == 0.5);
    assert_int_equal(options.vcpu.objective, PLACEMENT_VARIANCE);
    options_done(&options);
    options = accepted(PROGRAM_VCPU,
                       "2 --dry-run --state s --emit-lp d --simulate cpu-1 --record r --quiet");
    assert_true(options.dry_run && options.vcpu.keep_lp);
    assert_string_equal(options.emit_lp, "d");
    assert_string_equal(options.state, "s");
    assert_string_equal(options.simulate, "cpu-1");
    assert_string_equal(options.record, "r");
    assert_int_equal(options.verbosity, -1);
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "2 --penalty 3.5 --deadband 0");
    assert_true(options.vcpu.penalty_points == 3.5 && options.vcpu.deadband_points == 0);
    assert_int_equal(cpuset_count(&options.reserve), 0);
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "2 --reserve 0-1,8");
    assert_int_equal(cpuset_count(&options.reserve), 3);
    assert_true(cpuset_has(&options.reserve, 8));
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "--show-topology --json --reserve 0"); /* of no interval */
    assert_true(options.show_topology && options.dry_run && options.json);
    options_done(&options);
}

static void memory_settings_in_mib(void **state)
{
    struct options options =
        accepted(PROGRAM_MEMORY, "2 --guest-unused 128 --guest-least 256 --host-reserve 512 "
                                 "--host-reserve-share 12.5 --host-budget 4096 --explain");

    (void)state;
    assert_int_equal(options.memory.guest_unused_kib, 128 * 1024);
    assert_int_equal(options.memory.guest_least_kib, 256 * 1024);
    assert_int_equal(options.memory.host_reserve_kib, 512 * 1024);
    assert_true(options.memory.host_reserve_pct == 12.5);
    assert_int_equal(options.memory.host_budget_kib, 4096 * 1024);
    assert_true(options.memory.interval_s == 2.0);
    assert_true(options.explain && options.memory.explain);
    assert_true(options_may_change(&options));
    options_done(&options);
}

static void when_idle_memory_is_taken(void **state)
{
    struct options options = accepted(PROGRAM_MEMORY, "2");

    (void)state;
    assert_false(options.memory.only_pressed);
    options_done(&options);
    options = accepted(PROGRAM_MEMORY, "2 --reclaim pressure");
    assert_true(options.memory.only_pressed && options.memory.pressure_pct == 20.0);
    options_done(&options);
    options = accepted(PROGRAM_MEMORY, "2 --reclaim pressure --pressure 15");
    assert_true(options.memory.only_pressed && options.memory.pressure_pct == 15.0);
    options_done(&options);
}

static void where_vcpus_are_pinned(void **state)
{
    struct options options = accepted(PROGRAM_VCPU, "2");

    (void)state;
    assert_int_equal(options.vcpu.level, PIN_PCPU);
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "2 --level pcpu");
    assert_int_equal(options.vcpu.level, PIN_PCPU);
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "2 --level auto");
    assert_true(options.vcpu.level == PIN_AUTO && options.vcpu.waiting_pct == 5.0);
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "2 --level llc");
    assert_true(options.vcpu.level == PIN_LLC);
    options_done(&options);
    options = accepted(PROGRAM_VCPU, "2 --level auto --waiting 0.5");
    assert_true(options.vcpu.level == PIN_AUTO && options.vcpu.waiting_pct == 0.5);
    options_done(&options);
}

static void actions_need_no_interval(void **state)
{
    static const struct {
        const char *line;
        enum options_action action;
    } rows[] = {
        {"--help", OPTIONS_HELP},
        {"--version", OPTIONS_VERSION},
        {"--simulate help", OPTIONS_SCENARIOS},
        {"2 --simulate help", OPTIONS_SCENARIOS},
        {"--replay file", OPTIONS_RUN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct options options = accepted(PROGRAM_VCPU, rows[i].line);

        assert_int_equal(options.action, rows[i].action);
        options_done(&options);
    }
}

struct refusal {
    enum program program;
    const char *line, *named; /* what the sentence has to contain */
};

static void refuse_all(const struct refusal *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct options options = {.interval_s = 42};
        struct err err = {0};

        if (parse(rows[i].program, rows[i].line, &options, &err) != -EINVAL)
            fail_msg("accepted: %s", rows[i].line);
        if (!strstr(err.text, rows[i].named))
            fail_msg("%s: \"%s\" does not name %s", rows[i].line, err.text, rows[i].named);
        assert_null(strchr(err.text, '\n'));
        assert_true(options.interval_s == 42); /* untouched */
    }
}

static void refusals_name_the_argument(void **state)
{
    static const struct refusal rows[] = {
        {PROGRAM_VCPU, "", "interval"},
        {PROGRAM_VCPU, "0", "'0'"},
        {PROGRAM_VCPU, "-1", "'-1'"},
        {PROGRAM_VCPU, "+1", "'+1'"},
        {PROGRAM_VCPU, "2s", "'2s'"},
        {PROGRAM_VCPU, "1e3", "'1e3'"},
        {PROGRAM_VCPU, "0x10", "'0x10'"},
        {PROGRAM_VCPU, "nan", "'nan'"},
        {PROGRAM_VCPU, "inf", "'inf'"},
        {PROGRAM_VCPU, ".5", "'.5'"},
        {PROGRAM_VCPU, "2.", "'2.'"},
        {PROGRAM_VCPU, "2,5", "'2,5'"},
        {PROGRAM_VCPU, "''", "''"},
        {PROGRAM_VCPU, "0.001", "'0.001'"},
        {PROGRAM_VCPU, "86401", "'86401'"},
        {PROGRAM_VCPU, "99999999999999999999999999999999", "9999"},
        {PROGRAM_VCPU, "2 3", "'3'"},
        {PROGRAM_VCPU, "2 --nonsense", "'--nonsense'"},
        {PROGRAM_VCPU, "2 -x", "'-x'"},
        {PROGRAM_VCPU, "2 --connect", "--connect needs a value"},
        {PROGRAM_VCPU, "2 --once=yes", "--once takes no value"},
        {PROGRAM_VCPU, "2 --connect ''", "--connect"},
        {PROGRAM_VCPU, "2 --objective balance", "'balance'"},
        {PROGRAM_VCPU, "2 --penalty many", "'many'"},
        {PROGRAM_VCPU, "2 --penalty -1", "'-1'"},
        {PROGRAM_VCPU, "2 --deadband 101", "'101'"},
        {PROGRAM_VCPU, "2 --level host", "'host'"},
        {PROGRAM_VCPU, "2 --waiting 3", "--level auto"},
        {PROGRAM_VCPU, "2 --level pcpu --waiting 3", "--level auto"},
        {PROGRAM_VCPU, "2 --level auto --waiting 1001", "'1001'"},
        {PROGRAM_VCPU, "--replay f --level auto", "--replay takes its settings"},
        {PROGRAM_MEMORY, "2 --level auto", "'--level'"},
        {PROGRAM_VCPU, "2 --reserve 0-", "'0-'"},
        {PROGRAM_VCPU, "2 --reserve 8192", "each below 8192, not '8192'"},
        {PROGRAM_VCPU, "--replay f --reserve 0", "--replay takes its settings"},
        {PROGRAM_MEMORY, "2 --reserve 0", "'--reserve'"},
        {PROGRAM_VCPU, "2 --guest-unused 100", "'--guest-unused'"},
        {PROGRAM_MEMORY, "2 --objective variance", "'--objective'"},
        {PROGRAM_MEMORY, "2 --guest-unused 100.5", "'100.5'"},
        {PROGRAM_MEMORY, "2 --guest-least -5", "'-5'"},
        {PROGRAM_MEMORY, "2 --host-reserve 99999999999", "'99999999999'"},
        {PROGRAM_MEMORY, "2 --host-reserve 0x10", "'0x10'"},
        {PROGRAM_MEMORY, "2 --host-reserve-share 100.1", "'100.1'"},
        {PROGRAM_MEMORY, "2 --reclaim never", "'never'"},
        {PROGRAM_MEMORY, "2 --reclaim pressure --pressure 101", "'101'"},
        {PROGRAM_MEMORY, "2 --pressure 10", "--reclaim pressure"},
        {PROGRAM_MEMORY, "--replay f --reclaim pressure", "--replay takes its settings"},
        {PROGRAM_VCPU, "2 --simulate cpu-1 --connect x", "--connect"},
        {PROGRAM_VCPU, "2 --simulate cpu-1 --match x", "--match"},
        {PROGRAM_VCPU, "2 --replay f --simulate cpu-1", "--replay"},
        {PROGRAM_VCPU, "2 --pace 1", "--simulate"},
        {PROGRAM_VCPU, "2 --replay f --record g", "--record"},
        {PROGRAM_VCPU, "2 --replay f --restore", "--restore"},
        {PROGRAM_VCPU, "2 --replay f --penalty 1", "--replay"},
        {PROGRAM_VCPU, "2 --json --emit-lp -", "--emit-lp"},
        {PROGRAM_VCPU, "2 --json --quiet", "--quiet"},
    };

    (void)state;
    refuse_all(rows, sizeof(rows) / sizeof(rows[0]));
}

static void a_look_at_the_shape_goes_with_no_run(void **state)
{
    static const struct refusal rows[] = {
        {PROGRAM_VCPU, "--show-topology --replay f", "--show-topology looks at a host and ends"},
        {PROGRAM_VCPU, "--show-topology --record f", "--show-topology looks at a host and ends"},
        {PROGRAM_VCPU, "--show-topology --restore", "--show-topology looks at a host and ends"},
        {PROGRAM_VCPU, "--show-topology --quiet", "--show-topology and --quiet exclude"},
        {PROGRAM_VCPU, "--show-topology=1", "--show-topology takes no value"},
        {PROGRAM_MEMORY, "2 --show-topology", "'--show-topology'"},
    };

    (void)state;
    refuse_all(rows, sizeof(rows) / sizeof(rows[0]));
}

/* An option without a description in the help, or in the manual page, is no option. */
static void help_lists_every_option(void **state)
{
    static const char *const both[] = {
        "--connect", "--match", "--once",  "--dry-run", "--emit-lp", "--simulate", "--record",
        "--replay",  "--json",  "--quiet", "--verbose", "--restore", "--help",     "--version"};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    options_help(PROGRAM_VCPU, out);
    options_help(PROGRAM_MEMORY, out);
    fclose(out);
    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
        const char *first = strstr(text, both[i]);

        assert_non_null(first);
        assert_non_null(strstr(first + 1, both[i]));
    }
    assert_non_null(strstr(text, "--host-budget=MIB"));
    assert_non_null(strstr(text, "--penalty=POINTS"));
    free(text);
}

static bool manual_says(const char *page, const char *sentence)
{
    char path[512], text[32768] = "";
    FILE *file;

    snprintf(path, sizeof(path), "%s/agent/install/%s", SOURCE_DIR, page);
    file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    return strstr(text, sentence) != NULL;
}

static void the_manual_tells_the_defaults(void **state)
{
    struct options vcpu = accepted(PROGRAM_VCPU, "2");
    struct options memory = accepted(PROGRAM_MEMORY, "2");
    char sentence[64];

    (void)state;
    snprintf(sentence, sizeof(sentence), "; %g by default", vcpu.vcpu.deadband_points);
    assert_true(manual_says("vcpu_scheduler.8", sentence));
    assert_true(vcpu.vcpu.penalty_points == 0 && vcpu.vcpu.objective == PLACEMENT_DEVIATION);
    snprintf(sentence, sizeof(sentence), "keeps; %d by default",
             (int)(memory.memory.guest_unused_kib / 1024));
    assert_true(manual_says("memory_coordinator.8", sentence));
    snprintf(sentence, sizeof(sentence), "in all; %d by default",
             (int)(memory.memory.guest_least_kib / 1024));
    assert_true(manual_says("memory_coordinator.8", sentence));
    snprintf(sentence, sizeof(sentence), "handed out; %d by default",
             (int)(memory.memory.host_reserve_kib / 1024));
    assert_true(manual_says("memory_coordinator.8", sentence));
    options_done(&vcpu);
    options_done(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_option_arrives),
        cmocka_unit_test(memory_settings_in_mib),
        cmocka_unit_test(when_idle_memory_is_taken),
        cmocka_unit_test(where_vcpus_are_pinned),
        cmocka_unit_test(actions_need_no_interval),
        cmocka_unit_test(refusals_name_the_argument),
        cmocka_unit_test(a_look_at_the_shape_goes_with_no_run),
        cmocka_unit_test(help_lists_every_option),
        cmocka_unit_test(the_manual_tells_the_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
