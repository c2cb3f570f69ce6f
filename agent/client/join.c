/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two texts of metrics as one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/client/client.h"

static const char head[] = "# HELP ";

/* Where the family that begins here ends. */
static const char *family_end(const char *family)
{
    const char *next = family;

    do {
        next += strcspn(next, "\n");
        next += *next == '\n';
    } while (*next && strncmp(next, head, sizeof(head) - 1) != 0);
    return next;
}

static size_t name_length(const char *family)
{
    return sizeof(head) - 1 + strcspn(family + sizeof(head) - 1, " \n");
}

/* The family of the same name, or NULL. */
static const char *find_family(const char *text, const char *family)
{
    size_t n = name_length(family);

    for (; *text; text = family_end(text)) {
        if (name_length(text) == n && strncmp(text, family, n) == 0)
            return text;
    }
    return NULL;
}

/* A family's lines without its two of help and type. */
static const char *samples_of(const char *family, const char *end)
{
    while (family < end && *family == '#') {
        family += strcspn(family, "\n");
        family += *family == '\n';
    }
    return family;
}

char *client_join_metrics(const char *before, const char *more)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    if (!out)
        return NULL;
    for (const char *family = before ? before : ""; *family; family = family_end(family)) {
        const char *end = family_end(family), *other = find_family(more, family);

        fwrite(family, 1, (size_t)(end - family), out);
        if (other) {
            const char *samples = samples_of(other, family_end(other));

            fwrite(samples, 1, (size_t)(family_end(other) - samples), out);
        }
    }
    for (const char *family = more; *family; family = family_end(family)) {
        if (!before || !find_family(before, family))
            fwrite(family, 1, (size_t)(family_end(family) - family), out);
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
