/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/text_file.h"

#include <errno.h>
#include <string.h>

#include "agent/base/input.h"

static const size_t max_bytes = 32u << 20;

int text_file_read(const char *path, const struct stop *stop, char **ret, struct err *err)
{
    struct input *input;
    ssize_t n = input_open(path, stop, &input);

    if (n < 0)
        return err_set(err, -ENOENT,
                       "no built-in scenario and no readable file is called '%s' (%s); "
                       "--simulate help lists the scenarios",
                       path, strerror((int)-n));
    n = input_all(input, max_bytes, ret);
    input_free(input);
    if (n < 0)
        return err_set(err, (int)n, "'%s' cannot be read as a scenario: %s", path,
                       strerror((int)-n));
    return 0;
}
