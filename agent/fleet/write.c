/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/write.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int write_file(const char *path, const char *text, size_t n, struct err *err)
{
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *out = is_stdout ? stdout : fopen(path, "we");
    bool is_written = out && fwrite(text, 1, n, out) == n;
    int code = errno;

    if (out && (is_stdout ? fflush(out) : fclose(out)) != 0) {
        code = is_written ? errno : code;
        is_written = false;
    }
    return is_written ? 0
                      : err_set(err, -EIO, "'%.100s' cannot be written: %s", path, strerror(code));
}
