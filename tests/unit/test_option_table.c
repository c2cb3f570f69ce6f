/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every row of the table of options has to have, and that a recording has what changes a
 * decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/option_table.h"
#include "agent/base/options.h"
#include "agent/record/codec_memory.h"
#include "agent/record/codec_vcpu.h"

static bool takes_value(enum option_kind kind)
{
    return kind != IS_FLAG && kind != IS_OFF && kind != IS_LEVEL && kind != IS_ACTION;
}

static void rows_are_whole(void **state)
{
    (void)state;
    for (int key = 0; key < N_OPTIONS; key++) {
        const struct option_row *row = option_row((enum option_key)key);

        assert_non_null(row->name);
        assert_true(row->help && strlen(row->help) > 10);
        assert_true(row->of & OF_BOTH);
        assert_int_equal(row->arg != NULL, takes_value(row->kind));
        assert_int_equal(row->words != NULL, row->kind == IS_CHOICE || row->kind == IS_EITHER);
        assert_int_equal(row->unit != NULL, row->kind == IS_DECIMAL);
        assert_ptr_equal(option_named(row->of, row->name, strlen(row->name)), row);
    }
}

static void each_word_of_a_choice_is_in_its_help(void **state)
{
    (void)state;
    for (int key = 0; key < N_OPTIONS; key++) {
        const struct option_row *row = option_row((enum option_key)key);

        for (const char *word = row->words; word && *word; word += strspn(word, "|")) {
            char quoted[64];
            int n = (int)strcspn(word, "|");

            snprintf(quoted, sizeof(quoted), "'%.*s'", n, word);
            if (!strstr(row->help, quoted))
                fail_msg("--%s does not tell of %s", row->name, quoted);
            word += n;
        }
    }
}

static bool lies_in(const struct option_row *row, size_t offset, size_t size)
{
    return row->kind != IS_MATCH && row->offset >= offset && row->offset < offset + size;
}

static bool is_of_settings(const struct option_row *row)
{
    return lies_in(row, offsetof(struct options, vcpu), sizeof(struct vcpu_settings)) ||
           lies_in(row, offsetof(struct options, memory), sizeof(struct memory_settings));
}

/* What decides what the sample says, which a recording has. */
static bool is_of_sample(const struct option_row *row, int key)
{
    return key == KEY_RESERVE || key == KEY_METADATA ||
           lies_in(row, offsetof(struct options, claims), sizeof(struct claim_limits));
}

/* A value that is not the default. */
static const char *other_value(const struct option_row *row)
{
    switch (row->kind) {
    case IS_CHOICE:
    case IS_EITHER:
        return strrchr(row->words, '|') + 1;
    case IS_FLAG:
        return NULL;
    default:
        return "17";
    }
}

static struct options with(enum program program, const struct option_row *row)
{
    char option[64];
    char *argv[] = {(char *)program_name(program), (char *)"2", option,
                    row ? (char *)other_value(row) : NULL, NULL};
    int argc = !row ? 2 : argv[3] ? 4 : 3;
    struct options options;

    snprintf(option, sizeof(option), "--%s", row ? row->name : "");
    assert_int_equal(options_parse(program, argc, argv, &options, NULL), 0);
    return options;
}

static char *recorded(const struct options *options)
{
    json_t *json = options->program == PROGRAM_VCPU ? vcpu_settings_to_json(&options->vcpu)
                                                    : memory_settings_to_json(&options->memory);
    char *text = json_dumps(json, JSON_SORT_KEYS);

    json_decref(json);
    assert_non_null(text);
    return text;
}

/* --pressure and --waiting are refused without their companions: here only their place is looked at. */
static bool has_companion(int key)
{
    return key == KEY_PRESSURE || key == KEY_WAITING;
}

static void a_recording_has_what_changes_a_decision(void **state)
{
    size_t looked_at = 0;

    (void)state;
    for (int key = 0; key < N_OPTIONS; key++) {
        const struct option_row *row = option_row((enum option_key)key);
        enum program program = row->of == OF_VCPU ? PROGRAM_VCPU : PROGRAM_MEMORY;
        struct options plain, other;
        char *before, *after;

        assert_int_equal(row->is_setting, is_of_settings(row) || is_of_sample(row, key));
        if (!is_of_settings(row) || has_companion(key))
            continue;
        plain = with(program, NULL);
        other = with(program, row);
        before = recorded(&plain);
        after = recorded(&other);
        if (strcmp(before, after) == 0)
            fail_msg("--%s is not recorded", row->name);
        looked_at++;
        free(before);
        free(after);
        options_done(&plain);
        options_done(&other);
    }
    assert_true(looked_at >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(each_word_of_a_choice_is_in_its_help),
        cmocka_unit_test(a_recording_has_what_changes_a_decision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
