/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t max_bytes = 64u << 20;

static int read_all(FILE *in, const char *path, char **ret, struct err *err)
{
    char *text = NULL;
    size_t size = 0, used = 0;

    do {
        char *grown = realloc(text, size + 65537);

        if (!grown) {
            free(text);
            return err_set(err, -ENOMEM, "out of memory");
        }
        text = grown;
        size += 65536;
        used += fread(text + used, 1, size - used, in);
    } while (used == size && size < max_bytes);
    if (ferror(in) || used >= max_bytes) {
        free(text);
        return err_set(err, -EIO, "'%s' cannot be read as a scenario", path);
    }
    text[used] = '\0';
    *ret = text;
    return 0;
}

int text_file_read(const char *path, char **ret, struct err *err)
{
    FILE *in = fopen(path, "r");
    int r;

    if (!in)
        return err_set(err, -ENOENT,
                       "no built-in scenario and no readable file is called '%s' (%s); "
                       "--simulate help lists the scenarios",
                       path, strerror(errno));
    r = read_all(in, path, ret, err);
    fclose(in);
    return r;
}
