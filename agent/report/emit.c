/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/emit.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static bool is_stdout(const struct emit *emit)
{
    return strcmp(emit->folder, "-") == 0;
}

/* The number in "STEM-000017.lp", or 0. */
static uint64_t file_number(const char *name, const char *stem)
{
    size_t n = strlen(stem);
    uint64_t number;
    char *end;

    if (strncmp(name, stem, n) != 0 || name[n] != '-')
        return 0;
    number = strtoull(name + n + 1, &end, 10);
    return strcmp(end, ".lp") == 0 ? number : 0;
}

static int last_number(struct emit *emit, struct err *err)
{
    DIR *folder = opendir(emit->folder);
    const struct dirent *entry;

    if (!folder)
        return err_set(err, -errno, "--emit-lp: cannot read folder '%s': %s", emit->folder,
                       strerror(errno));
    while ((entry = readdir(folder))) {
        uint64_t number = file_number(entry->d_name, emit->stem);

        if (number > emit->number)
            emit->number = number;
    }
    closedir(folder);
    return 0;
}

int emit_open(const char *folder, const char *stem, struct emit *ret, struct err *err)
{
    struct emit emit = {.folder = folder, .stem = stem};
    int r = 0;

    if (folder && !is_stdout(&emit)) {
        if (mkdir(folder, 0777) < 0 && errno != EEXIST)
            return err_set(err, -errno, "--emit-lp: cannot make folder '%s': %s", folder,
                           strerror(errno));
        if (access(folder, W_OK | X_OK) < 0)
            return err_set(err, -errno, "--emit-lp: cannot write to folder '%s': %s", folder,
                           strerror(errno));
        r = last_number(&emit, err);
    }
    if (r >= 0)
        *ret = emit;
    return r;
}

static int write_whole(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    int r = 0;

    if (!file)
        return -errno;
    if (fputs(text, file) < 0)
        r = -errno;
    if (fclose(file) != 0 && r >= 0)
        r = -errno;
    return r;
}

static int write_file(struct emit *emit, const char *text, struct err *err)
{
    char path[PATH_SIZE], partial[PATH_SIZE + 8];
    int n;
    int r;

    n = snprintf(path, sizeof(path), "%s/%s-%06" PRIu64 ".lp", emit->folder, emit->stem,
                 emit->number + 1);
    if (n < 0 || (size_t)n >= sizeof(path))
        return err_set(err, -ENAMETOOLONG, "--emit-lp: the folder's name is too long");
    snprintf(partial, sizeof(partial), "%s.part", path);
    r = write_whole(partial, text);
    if (r >= 0 && rename(partial, path) < 0)
        r = -errno;
    if (r < 0) {
        unlink(partial);
        return err_set(err, r, "--emit-lp: cannot write '%s': %s", path, strerror(-r));
    }
    emit->number++;
    return 0;
}

int emit_lp(struct emit *emit, const struct lp *lp, struct err *err)
{
    char *text;
    int r;

    if (!emit->folder || !lp)
        return 0;
    r = lp_text(lp, &text);
    if (r < 0)
        return err_set(err, r, "--emit-lp: out of memory");
    if (!is_stdout(emit))
        r = write_file(emit, text, err);
    else if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        r = err_set(err, -errno, "--emit-lp: cannot write to standard output: %s", strerror(errno));
    free(text);
    return r;
}
