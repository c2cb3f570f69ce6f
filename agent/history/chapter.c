/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/chapter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/owned_file.h"
#include "planner/base/err.h"

enum { DAY_S = 86400, PARTS = 8, QUEUE_BYTES = 4 << 20, HEAD_BYTES = 160 };
static const char suffix[] = ".jsonl";

void chapter_file_name(const char *name, int64_t start_s, char ret[CHAPTER_NAME_SIZE])
{
    snprintf(ret, CHAPTER_NAME_SIZE, "%s-%" PRId64 "%s", name, start_s, suffix);
}

/* 0: the file is none of them. */
static int64_t start_of(const char *name, const char *file)
{
    size_t n = strlen(name);
    char again[CHAPTER_NAME_SIZE];
    int64_t start_s;

    if (strncmp(file, name, n) != 0 || file[n] != '-')
        return 0;
    start_s = (int64_t)strtoll(file + n + 1, NULL, 10);
    chapter_file_name(name, start_s, again);
    return start_s > 0 && strcmp(again, file) == 0 ? start_s : 0;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

size_t chapter_files(int folder, const char *name, int64_t ret[MAX_CHAPTER_FILES])
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    size_t n = 0;

    if (!entries) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    while (n < MAX_CHAPTER_FILES && (entry = readdir(entries)) != NULL) {
        ret[n] = start_of(name, entry->d_name);
        n += ret[n] > 0;
    }
    closedir(entries);
    qsort(ret, n, sizeof(*ret), compare);
    return n;
}

/* What a file begins with. */
static int head(const char *name, char ret[HEAD_BYTES])
{
    return snprintf(ret, HEAD_BYTES,
                    "{\"t\":0,\"format\":\"evenkeel-history\",\"version\":1,\"of\":\"%s\"}\n",
                    name);
}

/* One whose beginning was cut short, as by a loss of power, has nothing in it yet. */
static bool begins_well(int folder, const char *name, const char *file)
{
    char wanted[HEAD_BYTES], found[HEAD_BYTES];
    ssize_t n = head(name, wanted);
    int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    bool is_well;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        n = -1;
    else if (status.st_size < n)
        n = status.st_size;
    is_well = n >= 0 && read(fd, found, (size_t)n) == n && memcmp(found, wanted, (size_t)n) == 0;
    close(fd);
    return is_well;
}

static uint64_t size_of(int folder, const char *file)
{
    struct stat status;

    return fstatat(folder, file, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)status.st_size : 0;
}

static uint64_t size_of_last(const struct chapter *chapter)
{
    char file[CHAPTER_NAME_SIZE];

    chapter_file_name(chapter->name, chapter->start_s, file);
    return size_of(chapter->folder, file);
}

void chapter_open(int folder, const char *name, uint64_t max_bytes, struct chapter *ret,
                  size_t *n_damaged)
{
    static const struct chapter none;
    int64_t starts[MAX_CHAPTER_FILES];
    size_t n = chapter_files(folder, name, starts);

    *ret = none;
    ret->folder = folder;
    ret->max_bytes = max_bytes;
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    for (size_t i = 0; i < n; i++) {
        char file[CHAPTER_NAME_SIZE], aside[CHAPTER_NAME_SIZE + 16];

        chapter_file_name(name, starts[i], file);
        if (begins_well(folder, name, file))
            continue;
        if (owned_file_set_aside(folder, file, aside, sizeof(aside)) == 0)
            ++*n_damaged;
    }
    n = chapter_files(folder, name, starts);
    ret->start_s = n ? starts[n - 1] : 0;
    ret->offset = n ? size_of_last(ret) : 0;
}

int64_t chapter_since(const struct chapter *chapter, bool *ret_is_full)
{
    int64_t starts[MAX_CHAPTER_FILES];
    size_t n = chapter_files(chapter->folder, chapter->name, starts);
    uint64_t size = 0;

    for (size_t i = 0; i < n; i++) {
        char file[CHAPTER_NAME_SIZE];

        chapter_file_name(chapter->name, starts[i], file);
        size += size_of(chapter->folder, file);
    }
    *ret_is_full = n > 1 && size > chapter->max_bytes / 2;
    return n ? starts[0] : 0;
}

static bool is_always(void *arg)
{
    (void)arg;
    return true;
}

/* What is on its way gets a moment. */
void chapter_close(struct chapter *chapter)
{
    const struct stop at_once = {.is_asked = is_always};

    outlet_drain(chapter->outlet, &at_once);
    outlet_free(chapter->outlet);
    chapter->outlet = NULL;
    names_free(chapter->names);
    chapter->names = NULL;
}

/* Makes room for another file: what is too old goes, and what does not fit beside it. */
static void forget_oldest(const struct chapter *chapter, int64_t t_s)
{
    int64_t starts[MAX_CHAPTER_FILES];
    size_t n = chapter_files(chapter->folder, chapter->name, starts);
    uint64_t left = chapter->max_bytes - chapter->max_bytes / PARTS;
    bool fits = true;

    for (size_t i = n; i-- > 0;) {
        char file[CHAPTER_NAME_SIZE];
        uint64_t size;

        chapter_file_name(chapter->name, starts[i], file);
        size = size_of(chapter->folder, file);
        fits = fits && size <= left && i + MAX_CHAPTER_FILES / 2 > n;
        left -= fits ? size : 0;
        if (!fits || (i + 1 < n && starts[i + 1] < t_s - CHAPTER_DAYS * DAY_S))
            unlinkat(chapter->folder, file, 0);
    }
}

/* A clock that was set back is on no later day: the file goes on. */
static bool is_later_day(const struct chapter *chapter, int64_t t_s)
{
    return t_s / DAY_S > chapter->start_s / DAY_S;
}

/* Where the last one may go on: its day is not over and it is not full. A line that was cut short gets an end. */
static int reopen(struct chapter *chapter, int64_t t_s)
{
    char file[CHAPTER_NAME_SIZE], text[HEAD_BYTES], last = '\n';
    uint64_t size;
    int fd;

    if (chapter->start_s == 0 || is_later_day(chapter, t_s))
        return -ENOENT;
    size = size_of_last(chapter);
    if (size >= chapter->max_bytes / PARTS)
        return -ENOENT;
    chapter_file_name(chapter->name, chapter->start_s, file);
    fd = openat(chapter->folder, file, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (size < (uint64_t)head(chapter->name, text) && ftruncate(fd, 0) == 0)
        size = 0;
    if (size > 0 && pread(fd, &last, 1, (off_t)size - 1) == 1 && last != '\n' &&
        write(fd, "\n", 1) == 1)
        size++;
    chapter->offset = size;
    return fd;
}

static int make_file(struct chapter *chapter, int64_t t_s)
{
    char file[CHAPTER_NAME_SIZE];
    int64_t start_s = t_s > chapter->start_s ? t_s : chapter->start_s + 1;
    int fd;

    forget_oldest(chapter, t_s);
    chapter_file_name(chapter->name, start_s, file);
    fd = openat(chapter->folder, file,
                O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    owned_file_give(chapter->folder, fd);
    chapter->start_s = start_s;
    chapter->offset = 0;
    return fd;
}

static int put(struct chapter *chapter, const char *text, size_t n)
{
    int r = outlet_put(chapter->outlet, text, n, NULL);

    if (r >= 0)
        chapter->offset += n;
    return r;
}

static int open_file(struct chapter *chapter, int64_t t_s)
{
    char text[HEAD_BYTES];
    int fd = reopen(chapter, t_s);

    if (fd < 0)
        fd = make_file(chapter, t_s);
    if (fd < 0)
        return fd;
    chapter->outlet = outlet_new(fd, QUEUE_BYTES, true);
    if (!chapter->outlet) {
        close(fd);
        return -ENOMEM;
    }
    return chapter->offset ? 0 : put(chapter, text, (size_t)head(chapter->name, text));
}

static bool is_full(const struct chapter *chapter, int64_t t_s)
{
    return chapter->offset >= chapter->max_bytes / PARTS || is_later_day(chapter, t_s);
}

static int write_line(struct chapter *chapter, int64_t t_s, struct names *names, const char *line,
                      struct mark *ret)
{
    int r = 0;

    if (chapter->outlet && is_full(chapter, t_s))
        chapter_close(chapter);
    if (!chapter->outlet)
        r = open_file(chapter, t_s);
    if (r >= 0 && names && names != chapter->names) {
        r = put(chapter, names->line, names->n_bytes);
        names_free(chapter->names);
        chapter->names = names;
        names->refs++;
    }
    *ret = (struct mark){chapter->start_s, chapter->offset};
    return r < 0 ? r : put(chapter, line, strlen(line));
}

int chapter_add(struct chapter *chapter, int64_t t_s, struct names *names, const char *line,
                struct mark *ret, struct err *err)
{
    int r = write_line(chapter, t_s, names, line, ret);

    if (r >= 0)
        return 0;
    *ret = (struct mark){chapter->start_s, chapter->offset};
    chapter_close(chapter);
    return err_set(err, r, "the history is not written to the state folder: %s%s", strerror(-r),
                   r == -ENOSPC   ? " (make room on its disk)"
                   : r == -EROFS  ? " (it is mounted to be read only)"
                   : r == -EAGAIN ? " (its disk is too slow)"
                                  : "");
}
