/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/option_place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_values.h"

/* A level that is switched off leaves the usual one. */
static int put_level(const struct option_row *row, const char *name, const char *text, int *place,
                     struct err *err)
{
    bool is_on = false;
    int r = option_switch(name, text, &is_on, err);

    if (r == 0 && is_on)
        *place = row->value;
    else if (r == 0 && *place == row->value)
        *place = 0;
    return r;
}

static int put(struct options *options, const struct option_row *row, const char *name,
               const char *text, struct err *err)
{
    void *place = (char *)options + row->offset;
    bool is_on = false;
    int chosen = 0, r;

    switch (row->kind) {
    case IS_FLAG:
        return option_switch(name, text, place, err);
    case IS_OFF:
        r = option_switch(name, text, &is_on, err);
        *(bool *)place = !is_on;
        return r;
    case IS_LEVEL:
        return put_level(row, name, text, place, err);
    case IS_ACTION:
        *(enum options_action *)place = (enum options_action)row->value;
        return 0;
    case IS_TEXT:
        return option_text(name, text, place, err);
    case IS_MATCH:
        return option_text(name, text, &options->match[options->n_match++], err);
    case IS_CHOICE:
        return option_choice(name, row->words, text, place, err);
    case IS_EITHER:
        r = option_choice(name, row->words, text, &chosen, err);
        *(bool *)place = chosen == 1;
        return r;
    case IS_DECIMAL:
        return option_decimal(name, text, row->value, row->unit, place, err);
    case IS_MIB:
        return option_mib(name, text, place, err);
    case IS_PCPUS:
        return option_pcpus(name, text, place, err);
    case IS_INTERVAL:
        return option_interval(text, place, err);
    }
    return -EINVAL;
}

int option_put_all(struct options *options, struct err *err)
{
    const struct given *given = &options->given;
    int match_layer = -1;

    options->match = calloc(given->n + 1, sizeof(*options->match));
    if (!options->match)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < given->n; i++) {
        const struct given_value *value = &given->list[i];
        const struct option_row *row = option_row(value->key);
        bool is_from_file = value->layer != GIVEN_BY_HAND;
        struct err sentence = {0};
        int r;

        if (row->kind == IS_MATCH && value->layer != match_layer) {
            match_layer = value->layer;
            options->n_match = 0;
        }
        r = put(options, row, is_from_file ? row->name : value->origin, value->text, &sentence);
        if (r < 0)
            return err_set(err, r, "%s%s%s", is_from_file ? value->origin : "",
                           is_from_file ? ": " : "", sentence.text);
    }
    return 0;
}
