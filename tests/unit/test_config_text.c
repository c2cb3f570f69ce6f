/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of the configuration is read strictly. */
#include <errno.h>
#include <ini.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/config_text.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text_is_taken),
        cmocka_unit_test(bad_text_is_refused_with_its_line),
        cmocka_unit_test(what_inih_would_cut_or_join_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
