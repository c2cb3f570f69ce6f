/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of the configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/config_text.h"
#include "tests/fuzz/fuzz.h"

/* The line of that number, from 1; or NULL. */
static const char *line_of(const char *text, int number)
{
    for (; text && number > 1; number--) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return number == 1 ? text : NULL;
}

static int look(void *arg, const char *key, const char *value, int line, struct err *err)
{
    const char *found = line_of(arg, line);

    (void)err;
    must(found && strncmp(found, key, strlen(key)) == 0, "a key is at the margin of its line");
    must(strstr(found, value), "a value is in its line or behind it");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    char *text = take_text(&bytes, '\0');
    struct config_taker taker = {look, text};
    struct err err = {0};
    int line = 0;

    if (config_text("f", text, strlen(text), "vcpu", &taker, &err) < 0) {
        must(sscanf(err.text, "f:%d: ", &line) == 1, "a refusal names a line");
        must(line_of(text, line), "the line is there");
    }
    free(text);
    return 0;
}
