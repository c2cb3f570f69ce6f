/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration: strict text, layers in their order, and the way back as text. */
#include <errno.h>
#include <ini.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/config_text.h"
#include "agent/base/option_show.h"
#include "agent/base/options.h"

struct keys {
    int n;
    char last[300];
    int last_line;
};

static int take(void *arg, const char *key, const char *value, int line, struct err *err)
{
    struct keys *keys = arg;

    (void)err;
    keys->n++;
    keys->last_line = line;
    snprintf(keys->last, sizeof(keys->last), "%s=%s", key, value);
    return 0;
}

static int read_text(const char *text, size_t n, struct keys *keys, struct err *err)
{
    struct config_taker taker = {take, keys};

    *keys = (struct keys){0};
    return config_text("f", text, n, "vcpu", &taker, err);
}

static void good_text_is_taken(void **state)
{
    static const struct {
        const char *text, *last;
        int n, line;
    } rows[] = {
        {"", "", 0, 0},
        {"# nothing\n\n; nothing\n   \n  # indented remarks do no harm\n", "", 0, 0},
        {"[vcpu]\nmatch = a b", "match=a b", 1, 2},
        {"[memory]\nact=no\n[vcpu]\r\nact=yes\r\n", "act=yes", 1, 4},
        {"[vcpu]\nconnect = qemu+ssh://h/system?a=b ; why\n", "connect=qemu+ssh://h/system?a=b", 1,
         2},
        {"[vcpu]\nact =\n", "act=", 1, 2},
        {"[vcpu]\na = 1\n[memory]\na = 2\n[vcpu]\nb = 3\n", "b=3", 2, 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct keys keys = {0};
        struct err err = {0};

        if (read_text(rows[i].text, strlen(rows[i].text), &keys, &err) < 0)
            fail_msg("%s: %s", rows[i].text, err.text);
        assert_string_equal(keys.last, rows[i].last);
        assert_int_equal(keys.n, rows[i].n);
        assert_int_equal(keys.last_line, rows[i].line);
    }
}

static void bad_text_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"act = no\n[vcpu]\n", "f:1: a key before the first section"},
        {"\n[vcpu]\na = 1\n\na = 2\n", "f:5: 'a' is here twice: line 3"},
        {"[vcpu]\na = 1\n[memory]\na = 1\n[vcpu]\na = 2\n", "f:6: 'a' is here twice: line 2"},
        {"[vcpu]\nmatch = a\n  b = 2\n", "f:3: this line is indented"},
        {"[vcpu]\n\tmatch = a\n", "f:2: this line is indented"},
        {"[vcpu]\nnothing\n", "f:2: this line is no 'key = value'"},
        {"[vcpu]\na: 1\n", "f:2: this line is no 'key = value'"},
        {"[vcpu\na = 1\n", "f:1: a section is"},
        {"[vcpu] x\n", "f:1: a section is"},
        {"[cpu]\n", "f:1: a section is"},
        {"# long\n[]\n", "f:2: a section is"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct keys keys = {0};
        struct err err = {0};

        if (read_text(rows[i].text, strlen(rows[i].text), &keys, &err) != -EINVAL)
            fail_msg("accepted: %s", rows[i].text);
        if (strncmp(err.text, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("%s: \"%s\" does not begin with %s", rows[i].text, err.text, rows[i].says);
    }
}

static int count(void *user, const char *section, const char *name, const char *value)
{
    (void)section;
    take(user, name, value, 0, NULL);
    return 1;
}

/* inih alone takes what is cut or joined for right: that is what the reading guards against. */
static void what_inih_would_cut_or_join_is_refused(void **state)
{
    static const char with_zero[] = "[vcpu]\nact = no\0w\n";
    char text[512] = "[vcpu]\nmatch = ";
    struct keys keys = {0};
    struct err err = {0};

    (void)state;
    memset(text + strlen(text), 'a', 250);
    strcat(text, "\n");
    assert_int_equal(read_text(text, strlen(text), &keys, &err), -EINVAL);
    assert_string_equal(err.text, "f:2: this line is too long: 198 bytes are read");
    ini_parse_string(text, count, &keys);
    assert_true(strlen(keys.last) < 250); /* cut */

    strcpy(text, "[vcpu]\nmatch = a\n  act = no\n");
    assert_int_equal(read_text(text, strlen(text), &keys, &err), -EINVAL);
    assert_int_equal(ini_parse_string(text, count, &keys), 0);
    assert_string_equal(keys.last, "match=act = no"); /* joined */

    assert_int_equal(read_text(with_zero, sizeof(with_zero) - 1, &keys, &err), -EINVAL);
    assert_non_null(strstr(err.text, "f:2: this line has a zero byte"));
}

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
        cmocka_unit_test(good_text_is_taken),
        cmocka_unit_test(bad_text_is_refused_with_its_line),
        cmocka_unit_test(what_inih_would_cut_or_join_is_refused),
        cmocka_unit_test(later_layers_hold),
        cmocka_unit_test(mistakes_name_file_and_line),
        cmocka_unit_test(a_size_beyond_all_hosts_names_its_line_too),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(what_is_shown_can_be_read_again),
        cmocka_unit_test(a_setting_is_from_the_line_that_decided),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
