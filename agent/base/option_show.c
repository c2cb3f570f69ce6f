/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/option_show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/base/option_table.h"

static void put_words(const char *words, int chosen, FILE *out)
{
    for (; chosen > 0; chosen--)
        words += strcspn(words, "|") + 1;
    fprintf(out, "%.*s", (int)strcspn(words, "|"), words);
}

static const char *yes_or_no(bool is_on)
{
    return is_on ? "yes" : "no";
}

static void put_value(const struct options *options, const struct option_row *row, FILE *out)
{
    const void *place = (const char *)options + row->offset;
    char pcpus[1024];

    switch (row->kind) {
    case IS_FLAG:
        fputs(yes_or_no(*(const bool *)place), out);
        break;
    case IS_OFF:
        fputs(yes_or_no(!*(const bool *)place), out);
        break;
    case IS_LEVEL:
        fputs(yes_or_no(*(const int *)place == row->value), out);
        break;
    case IS_TEXT:
        fputs(*(const char *const *)place, out);
        break;
    case IS_MATCH:
        for (size_t i = 0; i < options->n_match; i++)
            fprintf(out, "%s%s", i ? " " : "", options->match[i]);
        break;
    case IS_CHOICE:
        put_words(row->words, *(const int *)place, out);
        break;
    case IS_EITHER:
        put_words(row->words, *(const bool *)place, out);
        break;
    case IS_DECIMAL:
    case IS_INTERVAL:
        fprintf(out, "%.15g", *(const double *)place);
        break;
    case IS_MIB:
        fprintf(out, "%" PRIu64, *(const uint64_t *)place / 1024);
        break;
    case IS_PCPUS:
        cpuset_format(place, pcpus, sizeof(pcpus));
        fputs(pcpus, out);
        break;
    case IS_ACTION:
        break;
    }
}

/* There is no value to write: no file, no pCPU, no pattern. */
static bool is_unset(const struct options *options, const struct option_row *row)
{
    const void *place = (const char *)options + row->offset;

    return (row->kind == IS_TEXT && !*(const char *const *)place) ||
           (row->kind == IS_MATCH && options->n_match == 0) ||
           (row->kind == IS_PCPUS && cpuset_count(place) == 0);
}

/* As a file has it. */
static json_t *value_json(const struct options *options, const struct option_row *row)
{
    char *text = NULL;
    size_t size;
    json_t *value;
    FILE *out;

    if (is_unset(options, row))
        return json_null();
    out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    put_value(options, row, out);
    value = fclose(out) == 0 ? json_from_text(text) : NULL;
    free(text);
    return value;
}

json_t *option_show_json(const struct options *options)
{
    int of = options->program == PROGRAM_VCPU ? OF_VCPU : OF_MEMORY;
    json_t *settings = json_array();

    for (int key = 0; key < N_OPTIONS && settings; key++) {
        const struct option_row *row = option_row((enum option_key)key);
        const struct given_value *from = given_last(&options->given, (enum option_key)key);

        if (row->of & of && row->file != NOT_IN_FILE)
            json_array_append_new(
                settings,
                json_members("key", json_string(row->name), "value", value_json(options, row),
                             "origin", json_from_text(from ? from->origin : "default"), NULL));
    }
    return json_members("section", json_string(of == OF_VCPU ? "vcpu" : "memory"), "settings",
                        settings, NULL);
}

void option_show_text(const json_t *shown, FILE *out)
{
    const json_t *settings = json_object_get(shown, "settings");

    fprintf(out, "[%s]\n", json_string_value(json_object_get(shown, "section")));
    for (size_t i = 0; i < json_array_size(settings); i++) {
        const json_t *setting = json_array_get(settings, i);
        const char *key = json_string_value(json_object_get(setting, "key"));
        const char *value = json_string_value(json_object_get(setting, "value"));

        if (value)
            fprintf(out, "%s = %s ; %s\n", key, value,
                    json_string_value(json_object_get(setting, "origin")));
        else
            fprintf(out, "; %s is not set\n", key);
    }
}

int option_show(const struct options *options, FILE *out)
{
    json_t *shown = option_show_json(options);

    if (!shown)
        return -ENOMEM;
    option_show_text(shown, out);
    json_decref(shown);
    return 0;
}
