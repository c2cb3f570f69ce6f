/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load_file.h"

#include <errno.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/simulated/load_csv.h"

/* Of a recording the first line holds all settings. */
static const size_t max_head_bytes = 1u << 20;

int load_file_read(const char *path, const struct stop *stop, struct load *load,
                   struct recorded *ret, struct err *err)
{
    struct input *input;
    char *line = NULL;
    ssize_t n = input_open(path, stop, &input);
    int r;

    *ret = (struct recorded){0};
    if (n < 0)
        return err_set(err, n == -ENOMEM ? -ENOMEM : -EINVAL, "trace '%.160s' cannot be read: %s",
                       path, strerror((int)-n));
    n = input_line(input, max_head_bytes, &line);
    if (n < 0)
        r = err_set(err, n == -EFBIG ? -EINVAL : (int)n, "trace '%.160s' cannot be read: %s", path,
                    n == -EFBIG ? "its first line is too long" : strerror((int)-n));
    else if (load_is_recording(line, (size_t)n))
        r = load_recording_read(path, input, line, (size_t)n, load, ret, err);
    else
        r = load_csv_read(path, input, line, (size_t)n, load, err);
    input_free(input);
    return r;
}
