/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/evidence.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/state_folder.h"

enum { MAX_PATH_BYTES = 4096 };
static const char otherwise[] = "/var/tmp";

static int choose_path(const char *stem, char *path, size_t size)
{
    char folder[MAX_PATH_BYTES];
    bool is_named = state_folder_named(NULL, folder, sizeof(folder)) == 0;
    int n = snprintf(path, size, "%s/evenkeel-%s-lp-XXXXXX", is_named ? folder : otherwise, stem);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int write_whole(int fd, const char *text)
{
    FILE *file = fdopen(fd, "w");
    int r = 0;

    if (!file) {
        close(fd);
        return -ENOMEM;
    }
    if (fputs(text, file) < 0)
        r = -errno;
    if (fclose(file) != 0 && r == 0)
        r = -errno;
    return r;
}

static int write_new(const char *text, char *path)
{
    int fd = mkstemp(path), r;

    if (fd < 0)
        return -errno;
    r = write_whole(fd, text);
    if (r < 0)
        unlink(path);
    return r;
}

int evidence_keep(const char *stem, const struct lp *lp, char *path, size_t size, struct err *err)
{
    char *text = NULL;
    int r = lp_text(lp, &text);

    if (r == 0)
        r = choose_path(stem, path, size);
    if (r == 0)
        r = write_new(text, path);
    free(text);
    return r < 0
               ? err_set(err, r, "the model that GLPK contradicts cannot be kept: %s", strerror(-r))
               : 0;
}
