/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/text_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/simulated/load_recording.h"

static const size_t max_bytes = 32u << 20;

/* What was read first, and the rest of the input. */
static int join(struct input *input, const char *line, size_t n, char **ret)
{
    char *copy = malloc(n + 1), *rest = NULL, *whole = NULL;
    ssize_t more = -ENOMEM;

    if (copy) {
        memcpy(copy, line, n);
        more = input_all(input, max_bytes, &rest);
    }
    if (more >= 0)
        whole = realloc(copy, n + (size_t)more + 1);
    if (whole) {
        copy = NULL;
        memcpy(whole + n, rest, (size_t)more + 1);
        *ret = whole;
    }
    free(rest);
    free(copy);
    return whole ? 0 : more < 0 ? (int)more : -ENOMEM;
}

int text_file_read(const char *path, const struct stop *stop, char **ret, struct err *err)
{
    struct input *input;
    ssize_t n = input_open(path, stop, &input);
    char *line = NULL;
    int r;

    if (n < 0)
        return err_set(err, -ENOENT,
                       "no built-in scenario and no readable file is called '%s' (%s); "
                       "--simulate help lists the scenarios",
                       path, strerror((int)-n));
    n = input_line(input, max_bytes, &line);
    if (n >= 0 && load_is_recording(line, (size_t)n))
        r = 1;
    else
        r = n < 0 ? (int)n : join(input, line, (size_t)n, ret);
    input_free(input);
    if (r < 0)
        return err_set(err, r, "'%s' cannot be read as a scenario: %s", path, strerror(-r));
    return r;
}
