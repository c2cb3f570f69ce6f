/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/given.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int given_add(struct given *given, enum option_key key, int layer, const char *text,
              const char *origin)
{
    struct given_value *list = realloc(given->list, (given->n + 1) * sizeof(*list));
    struct given_value value = {key, layer, NULL, NULL};

    if (!list)
        return -ENOMEM;
    given->list = list;
    value.text = strdup(text);
    value.origin = strdup(origin);
    if (!value.text || !value.origin) {
        free(value.text);
        free(value.origin);
        return -ENOMEM;
    }
    list[given->n++] = value;
    return 0;
}

const struct given_value *given_last(const struct given *given, enum option_key key)
{
    size_t offset = option_row(key)->offset;
    const struct given_value *other = NULL;

    for (size_t i = given->n; i > 0; i--) {
        const struct given_value *value = &given->list[i - 1];
        bool says_no = strcmp(value->text, "no") == 0;

        if (option_row(value->key)->offset != offset)
            continue;
        if (value->key == key)
            return other && !says_no ? other : value;
        if (!other && !says_no) /* "verbose = no" leaves "quiet" as it is */
            other = value;
    }
    return other;
}

void given_done(struct given *given)
{
    for (size_t i = 0; i < given->n; i++) {
        free(given->list[i].text);
        free(given->list[i].origin);
    }
    free(given->list);
    *given = (struct given){0};
}
