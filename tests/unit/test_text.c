/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "agent/base/log.h"
#include "agent/base/text.h"

static void hostile_names_are_harmless(void **state)
{
    char text[] = "a\x1b[31m\nb\x7f\xc2\x9b"
                  "c\xc3\xa9";

    (void)state;
    text_printable(text);
    assert_string_equal(text, "a?[31m?b??c\xc3\xa9");
}

/* What a name may not do to a terminal, each with its neighbours that it may. */
static void characters_that_nobody_sees_are_shown_as_question_marks(void **state)
{
    static const char *const unseen[] = {
        "\x01",
        "\x1b",
        "\x7f",
        "\xc2\x80",
        "\xc2\x9f",
        "\xc2\xad",
        "\xd8\x9c",
        "\xe1\xa0\x8e",
        "\xe2\x80\x8b",
        "\xe2\x80\x8f",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xe2\x80\xaa",
        "\xe2\x80\xae",
        "\xe2\x81\xa0",
        "\xe2\x81\xa4",
        "\xe2\x81\xa6",
        "\xe2\x81\xa9",
        "\xef\xbb\xbf",
        "\xf3\xa0\x80\x81",
        "\xe3\x85\xa4",
        "\xef\xb8\x8f",
        "\xf3\xa0\x81\xbf",
        "\xf0\x9d\x85\xb3",
        "\xef\xbf\xb9",
    };
    static const char *const seen[] = {
        " ",
        "~",
        "\xc2\xa0",
        "\xc2\xae",
        "\xd8\x9d",
        "\xe2\x80\x90",
        "\xe2\x80\xaf",
        "\xe4\xb8\xad",
        "\xf0\x9f\x92\xbb",
        "\xd9\x85",
        "\xe0\xa4\xa8",
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
        snprintf(text, sizeof(text), "a%sb", unseen[i]);
        text_printable(text);
        assert_string_equal(text, "a?b");
    }
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
        char before[64];

        snprintf(text, sizeof(text), "a%sb", seen[i]);
        strcpy(before, text);
        text_printable(text);
        assert_string_equal(text, before);
    }
}

static void bytes_that_are_no_utf8_are_shown_as_question_marks(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"a\x9b"
         "b",
         "a?b"},                   /* a C1 control of an eight-bit terminal */
        {"\xc0\x9b", "??"},        /* the escape character, overlong */
        {"\xe0\x80\x9b", "???"},   /* the same in three bytes */
        {"\xed\xa0\x80", "?"},     /* half of a surrogate pair */
        {"\xf4\x90\x80\x80", "?"}, /* above U+10FFFF */
        {"x\xe2\x80", "x??"},      /* cut */
        {"\xff\xfe", "??"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[16];

        strcpy(text, rows[i].in);
        text_printable(text);
        assert_string_equal(text, rows[i].out);
    }
}

static void a_shown_text_is_cut_at_a_whole_character(void **state)
{
    char text[6];

    (void)state;
    assert_string_equal(text_shown("ab\xe2\x80\xae"
                                   "cd",
                                   text, sizeof(text)),
                        "ab?");
    assert_string_equal(text_shown("abc\xe2\x82\xac", text, sizeof(text)), "abc");
}

static void columns_keep_head_and_tail(void **state)
{
    static const struct {
        const char *name;
        int pad;
        const char *out;
    } rows[] = {
        {"web1", 0, "web1"},
        {"web1", 1, "web1      "},
        {"0123456789", 1, "0123456789"},
        {"production-web-17", 0, "produ..-17"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc", 1, "\xc3\xa4\xc3\xb6\xc3\xbc       "},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6",
         0, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6..\xc3\xbc\xc3\xa4\xc3\xb6"},
        {"", 1, "          "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[41];

        text_column(rows[i].name, 10, rows[i].pad, out, sizeof(out));
        assert_string_equal(out, rows[i].out);
    }
}

static void a_cut_name_ends_with_a_whole_character(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"abc", "abc"},
        {"ab\xc3", "ab"},
        {"ab\xc3\xa9", "ab\xc3\xa9"},
        {"ab\xe2\x82", "ab"},
        {"ab\xe2\x82\xac", "ab\xe2\x82\xac"},
        {"ab\xf0\x9f\x98", "ab"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[16];

        strcpy(text, rows[i].in);
        text_trim_utf8(text);
        assert_string_equal(text, rows[i].out);
    }
}

static void bars(void **state)
{
    static const struct {
        double done, upto;
        const char *bar;
    } rows[] = {
        {0, 0, "          "},     {0.5, 0.5, "#####     "}, {0.5, 0.8, "#####...  "},
        {0.8, 0.5, "########  "}, {7, 7, "##########"},     {-1, 0.1, ".         "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char bar[11];

        text_bar(rows[i].done, rows[i].upto, 10, bar);
        assert_string_equal(bar, rows[i].bar);
    }
}

static void log_lines_carry_priorities_for_the_journal_only(void **state)
{
    struct log log = {.program = "p", .level = LOG_INFO};
    char *text = NULL;
    size_t size = 0;

    (void)state;
    log.stream = open_memstream(&text, &size);
    log_line(&log, LOG_WARNING, "guest '%s' fails", "a\nb");
    log_line(&log, LOG_DEBUG, "not this");
    log.journal = true;
    log_line(&log, LOG_ERR, "worse");
    log_line(NULL, LOG_ERR, "silent");
    fclose(log.stream);
    assert_string_equal(text, "p: guest 'a?b' fails\n<3>worse\n");
    free(text);
}

static void a_stream_is_the_journal_by_device_and_inode(void **state)
{
    FILE *stream = tmpfile();
    struct log log;
    struct stat about;
    char text[64];

    (void)state;
    unsetenv("JOURNAL_STREAM");
    log_init(&log, stream, "p", LOG_INFO);
    assert_false(log.journal);
    setenv("JOURNAL_STREAM", "1:2", 1);
    log_init(&log, stream, "p", LOG_INFO);
    assert_false(log.journal);
    assert_int_equal(fstat(fileno(stream), &about), 0);
    snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)about.st_dev,
             (unsigned long long)about.st_ino);
    setenv("JOURNAL_STREAM", text, 1);
    log_init(&log, stream, "p", LOG_INFO);
    assert_true(log.journal);
    unsetenv("JOURNAL_STREAM");
    fclose(stream);
}

static void what_is_utf_8_is_known(void **state)
{
    (void)state;
    assert_true(text_is_valid(""));
    assert_true(text_is_valid("a\x01\xc3\xa4\xe2\x80\xae\xf0\x9f\x98\x80"));
    assert_false(text_is_valid("a\xff"));
    assert_false(text_is_valid("\xc3"));
    assert_false(text_is_valid("\xed\xa0\x80")); /* half of a pair */
    assert_true(text_is_word("web-1.db_2@x:y+z"));
    assert_false(text_is_word("") || text_is_word("-x") || text_is_word("a b") ||
                 text_is_word("a;b") || text_is_word("$(a)") || text_is_word("\xc3\xa4"));
}

static void people_count_vm2_before_vm10(void **state)
{
    static const char *const order[] = {"",    "2a",   "10a", "a",     "vm",   "vm1",
                                        "vm2", "vm2a", "vm9", "vm010", "vm10", "vm10b"};
    enum { N = sizeof(order) / sizeof(order[0]) };

    (void)state;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++) {
            int found = text_compare(order[i], order[k]);

            if ((found < 0) != (i < k) || (found > 0) != (i > k))
                fail_msg("'%s' beside '%s': %d", order[i], order[k], found);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_count_vm2_before_vm10),
        cmocka_unit_test(what_is_utf_8_is_known),
        cmocka_unit_test(hostile_names_are_harmless),
        cmocka_unit_test(characters_that_nobody_sees_are_shown_as_question_marks),
        cmocka_unit_test(bytes_that_are_no_utf8_are_shown_as_question_marks),
        cmocka_unit_test(a_shown_text_is_cut_at_a_whole_character),
        cmocka_unit_test(columns_keep_head_and_tail),
        cmocka_unit_test(a_cut_name_ends_with_a_whole_character),
        cmocka_unit_test(bars),
        cmocka_unit_test(log_lines_carry_priorities_for_the_journal_only),
        cmocka_unit_test(a_stream_is_the_journal_by_device_and_inode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
