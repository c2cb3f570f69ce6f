/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration: layers in their order, and the way back as text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/option_show.h"
#include "agent/base/options.h"

static char folder[] = "/tmp/config-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    char path[128];

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/e.conf.d", folder);
    return mkdir(path, 0755);
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

/* "CONFIG" among the words is the configuration. */
static int parse(enum program program, const char *line, struct options *ret, struct err *err)
{
    char text[256], path[128];
    char *argv[14] = {(char *)program_name(program)};
    int argc = 1;

    snprintf(text, sizeof(text), "%s", line);
    snprintf(path, sizeof(path), "%s/e.conf", folder);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[argc++] = strcmp(word, "CONFIG") == 0 ? path : word;
    return options_parse(program, argc, argv, ret, err);
}

static void later_layers_hold(void **state)
{
    struct options options;
    struct err err = {0};

    (void)state;
    write_file("e.conf", "[vcpu]\ninterval = 3\nact = no\nmatch = web-* db\npenalty = 1\n"
                         "[memory]\ninterval = 7\nguest-least = 300\n");
    write_file("e.conf.d/10.conf", "[vcpu]\npenalty = 2\ndeadband = 2\n");
    write_file("e.conf.d/9.conf", "[vcpu]\npenalty = 4\nmatch = mail\nquiet = yes\n");
    write_file("e.conf.d/no.txt", "not one of them\n");
    write_file("e.conf.d/.hidden.conf", "not one of them either\n");
    if (parse(PROGRAM_VCPU, "--config CONFIG", &options, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(options.interval_s == 3 && options.dry_run);
    assert_true(options.vcpu.penalty_points == 4 && options.vcpu.deadband_points == 2);
    assert_int_equal(options.n_match, 1); /* replaced, not added to */
    assert_string_equal(options.match[0], "mail");
    assert_int_equal(options.verbosity, -1);
    options_done(&options);
    assert_int_equal(parse(PROGRAM_VCPU,
                           "--config CONFIG --act --match a --match b --penalty 5 1 --verbose",
                           &options, &err),
                     0);
    assert_true(options.interval_s == 1 && !options.dry_run);
    assert_true(options.vcpu.penalty_points == 5 && options.vcpu.deadband_points == 2);
    assert_int_equal(options.n_match, 2);
    assert_int_equal(options.verbosity, 1);
    options_done(&options);
    assert_int_equal(parse(PROGRAM_MEMORY, "--config CONFIG", &options, &err), 0);
    assert_true(options.interval_s == 7 && !options.dry_run && options.n_match == 0);
    assert_int_equal(options.memory.guest_least_kib, 300 * 1024);
    options_done(&options);
    unlink("e.conf.d/10.conf");
}

static void mistakes_name_file_and_line(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[vcpu]\npenalty = many\n", "e.conf:2: penalty takes a decimal number"},
        {"[vcpu]\n\nact = maybe\n", "e.conf:3: act takes 'no' or 'yes', not 'maybe'"},
        {"[vcpu]\nlevel = host\n", "e.conf:2: level takes 'pcpu'"},
        {"[vcpu]\ninterval = 0\n", "e.conf:2: the interval is a decimal number"},
        {"[vcpu]\nreserve = 0-\n", "e.conf:2: reserve takes pCPUs"},
        {"[vcpu]\nconnect =\n", "e.conf:2: connect takes a value"},
        {"[vcpu]\ndead-band = 1\n", "e.conf:2: 'dead-band' is no key of this section, which has "},
        {"[vcpu]\nguest-least = 1\n", "e.conf:2: 'guest-least' is no key"},
        {"[vcpu]\nonce = yes\n", "e.conf:2: 'once' is no key"},
        {"[vcpu]\nsimulate = cpu-1\n", "e.conf:2: 'simulate' is no key"},
        {"[vcpu]\ndry-run = yes\n", "e.conf:2: 'dry-run' is no key"},
        {"[vcpu]\njson = yes\nquiet = yes\n", "e.conf:3: --json and --quiet exclude"},
        {"[vcpu]\nwaiting = 3\n", "e.conf:2: --waiting says"},
        {"[vcpu]\nmetadata = distrust\n", "e.conf:2: metadata takes 'trust'"},
        {"[vcpu]\nreserve-sum = -1\n", "e.conf:2: reserve-sum takes a decimal number"},
    };

    (void)state;
    write_file("e.conf.d/9.conf", "");
    write_file("e.conf.d/10.conf", "");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct options options = {.interval_s = 42};
        struct err err = {0};

        write_file("e.conf", rows[i].text);
        if (parse(PROGRAM_VCPU, "2 --config CONFIG", &options, &err) != -EINVAL)
            fail_msg("accepted: %s", rows[i].text);
        if (!strstr(err.text, rows[i].says))
            fail_msg("%s: \"%s\" does not have %s", rows[i].text, err.text, rows[i].says);
        assert_true(options.interval_s == 42);
    }
}

/* Whichever program is asked to check; who starts looks at what is its own. */
static void a_check_finds_what_is_wrong_for_either_program(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[vcpu]\n[memory]\nguest-lest = 300\n", "e.conf:3: 'guest-lest' is no key"},
        {"[vcpu]\n[memory]\nguest-least = few\n", "e.conf:3: guest-least takes"},
        {"[vcpu]\n[memory]\npressure = 3\n", "e.conf:3: --pressure says"},
        {"[memory]\n[vcpu]\nlevels = auto\n", "e.conf:3: 'levels' is no key"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum program other = i < 3 ? PROGRAM_VCPU : PROGRAM_MEMORY;
        struct options options;

        write_file("e.conf", rows[i].text);
        for (int p = 0; p < 2; p++) {
            struct err err = {0};

            assert_int_equal(
                parse((enum program)p, "1 --config CONFIG --check-config", &options, &err),
                -EINVAL);
            if (!strstr(err.text, rows[i].says))
                fail_msg("%s: \"%s\" does not have %s", rows[i].text, err.text, rows[i].says);
        }
        assert_int_equal(parse(other, "1 --config CONFIG", &options, &(struct err){0}), 0);
        options_done(&options);
    }
    write_file("e.conf", "[vcpu]\ninterval = 2\n");
    for (int p = 0; p < 2; p++) {
        struct options options;
        struct err err = {0};
        int r = parse((enum program)p, "--config CONFIG --check-config", &options, &err);

        assert_int_equal(r, p == PROGRAM_VCPU ? 0 : -EINVAL);
        if (r == 0)
            options_done(&options);
    }
}

static void a_size_beyond_all_hosts_names_its_line_too(void **state)
{
    struct options options;
    struct err err = {0};

    (void)state;
    write_file("e.conf", "[memory]\ninterval = 2\nguest-unused = 67108865\n");
    assert_int_equal(parse(PROGRAM_MEMORY, "--config CONFIG", &options, &err), -EINVAL);
    assert_non_null(strstr(err.text, "e.conf:3: guest-unused takes a whole number of MiB up to"));
}

static void files_that_cannot_be_read_are_named(void **state)
{
    struct options options;
    struct err err = {0};

    (void)state;
    assert_true(parse(PROGRAM_VCPU, "2 --config /nowhere/e.conf", &options, &err) < 0);
    assert_non_null(strstr(err.text, "cannot read '/nowhere/e.conf'"));
    assert_true(parse(PROGRAM_VCPU, "2 --config /dev/zero", &options, &err) < 0);
    assert_non_null(strstr(err.text, "'/dev/zero' is no plain file"));
    assert_true(parse(PROGRAM_VCPU, "2 --config /tmp", &options, &err) < 0);
    assert_true(parse(PROGRAM_VCPU, "--replay f --config CONFIG", &options, &err) < 0);
    assert_non_null(strstr(err.text, "--replay"));
    assert_true(parse(PROGRAM_VCPU, "--check-config", &options, &err) < 0);
    assert_non_null(strstr(err.text, "--check-config looks at what --config names"));
    assert_int_equal(parse(PROGRAM_VCPU, "--config /nowhere/e.conf --help", &options, &err), 0);
    options_done(&options);
}

/* What is shown is a configuration that says the same. */
static void what_is_shown_can_be_read_again(void **state)
{
    char *shown[2] = {NULL, NULL};
    struct err err = {0};

    (void)state;
    write_file("e.conf", "[vcpu]\ninterval = 0.25\nmatch = a b*\nlevel = auto\nverbose = yes\n"
                         "reserve = 0-1,8\nobjective = variance\nact = no\npenalty = 0.1\n");
    for (int i = 0; i < 2; i++) {
        size_t size = 0;
        FILE *out = open_memstream(&shown[i], &size);
        struct options options;

        if (parse(PROGRAM_VCPU, "--config CONFIG --show-config", &options, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(option_show(&options, out), 0);
        fclose(out);
        options_done(&options);
        if (i == 0)
            assert_non_null(strstr(shown[i], "penalty = 0.1 ; /tmp/config-"));
        write_file("e.conf", shown[i]);
        for (char *line = strchr(shown[i], ';'); line; line = strchr(line + 1, ';'))
            memset(line, ';', strcspn(line, "\n")); /* where from differs */
    }
    assert_int_equal(strncmp(shown[0], "[vcpu]\ninterval = 0.25 ;", 24), 0);
    for (const char *a = shown[0], *b = shown[1]; *a || *b;) {
        assert_memory_equal(a, b, strcspn(a, ";"));
        a += strcspn(a, "\n") + 1;
        b += strcspn(b, "\n") + 1;
    }
    free(shown[0]);
    free(shown[1]);
}

static void assert_shown(enum program program, const char *text, const char *wanted)
{
    char *shown = NULL;
    size_t size = 0;
    struct options options;
    struct err err = {0};
    FILE *out = open_memstream(&shown, &size);

    write_file("e.conf", text);
    if (parse(program, "--config CONFIG --show-config", &options, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    assert_int_equal(option_show(&options, out), 0);
    fclose(out);
    options_done(&options);
    if (!strstr(shown, wanted))
        fail_msg("%s is shown as %s, without %s", text, shown, wanted);
    write_file("e.conf", shown);
    if (parse(program, "--config CONFIG --check-config", &options, &err) < 0)
        fail_msg("what is shown of %s is refused: %s", text, err.text);
    options_done(&options);
    free(shown);
}

static void a_setting_is_from_the_line_that_decided(void **state)
{
    static const struct {
        enum program program;
        const char *text, *shown;
    } rows[] = {
        {PROGRAM_VCPU, "[vcpu]\ninterval = 2\nquiet = yes\nverbose = no\n",
         "quiet = yes ; %s/e.conf:3\n"},
        {PROGRAM_VCPU, "[vcpu]\ninterval = 2\nquiet = no\nverbose = yes\n",
         "quiet = no ; %s/e.conf:3\n"},
        {PROGRAM_VCPU, "[vcpu]\ninterval = 2\nquiet = yes\nverbose = yes\n",
         "quiet = no ; %s/e.conf:4\n"},
        {PROGRAM_VCPU, "[vcpu]\ninterval = 2\nverbose = yes\nquiet = yes\n",
         "verbose = no ; %s/e.conf:4\n"},
        {PROGRAM_MEMORY, "[memory]\ninterval = 2\nverbose = yes\n", "quiet = no ; %s/e.conf:3\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char wanted[200];

        snprintf(wanted, sizeof(wanted), "%.*s%s%s", (int)strcspn(rows[i].shown, "%"),
                 rows[i].shown, folder, strchr(rows[i].shown, '%') + 2);
        assert_shown(rows[i].program, rows[i].text, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_layers_hold),
        cmocka_unit_test(mistakes_name_file_and_line),
        cmocka_unit_test(a_check_finds_what_is_wrong_for_either_program),
        cmocka_unit_test(a_size_beyond_all_hosts_names_its_line_too),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(what_is_shown_can_be_read_again),
        cmocka_unit_test(a_setting_is_from_the_line_that_decided),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
