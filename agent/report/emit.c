/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/emit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/owned_file.h"

static const char option[] = "--emit-lp";

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

static int last_number(struct emit *emit, int fd, struct err *err)
{
    DIR *folder = fdopendir(fd); /* owns fd from here */
    const struct dirent *entry;

    if (!folder) {
        close(fd);
        return err_set(err, -errno, "--emit-lp: cannot read folder '%s': %s", emit->folder,
                       strerror(errno));
    }
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
        int fd = owned_folder_open(folder, true, option, err);

        if (fd < 0)
            return fd;
        if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
            r = err_set(err, -errno, "--emit-lp: cannot write to folder '%s': %s", folder,
                        strerror(errno));
            close(fd);
            return r;
        }
        r = last_number(&emit, fd, err);
    }
    if (r >= 0)
        *ret = emit;
    return r;
}

static int write_whole(int folder, const char *name, const char *text)
{
    int fd = owned_file_replace(folder, name);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    int r = 0;

    if (!file) {
        if (fd >= 0)
            close(fd);
        return fd < 0 ? fd : -ENOMEM;
    }
    if (fputs(text, file) < 0)
        r = -errno;
    if (fclose(file) != 0 && r >= 0)
        r = -errno;
    return r;
}

static int write_file(struct emit *emit, const char *text, struct err *err)
{
    char name[64], partial[sizeof(name) + 8];
    int folder = owned_folder_open(emit->folder, false, option, err);
    int r;

    if (folder < 0)
        return folder;
    snprintf(name, sizeof(name), "%s-%06" PRIu64 ".lp", emit->stem, emit->number + 1);
    snprintf(partial, sizeof(partial), "%s.part", name);
    r = write_whole(folder, partial, text);
    if (r >= 0 && renameat(folder, partial, folder, name) < 0)
        r = -errno;
    if (r < 0) {
        unlinkat(folder, partial, 0);
        err_set(err, r, "--emit-lp: cannot write '%s/%s': %s", emit->folder, name, strerror(-r));
    } else {
        emit->number++;
    }
    close(folder);
    return r;
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
    else if ((r = outlet_put(emit->out, text, strlen(text), emit->wait)) < 0)
        err_set(err, r, "--emit-lp: cannot write to standard output: %s", strerror(-r));
    free(text);
    return r;
}
