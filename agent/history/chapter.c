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
/* 2020-01-01: a clock that tells less has lost its battery, and nobody is ahead of it. */
static const int64_t plausible_s = 1577836800;

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
    if (!owned_file_is_single(fd) || fstat(fd, &status) < 0)
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

/* Goes on with the last one that there is. */
static void take_last(struct chapter *chapter)
{
    int64_t starts[MAX_CHAPTER_FILES];
    size_t n = chapter_files(chapter->folder, chapter->name, starts);

    chapter->start_s = n ? starts[n - 1] : 0;
    chapter->offset = n ? size_of_last(chapter) : 0;
}

static bool is_ahead(int64_t start_s, int64_t now_s)
{
    return now_s >= plausible_s && start_s - DAY_S > now_s;
}

static void set_aside(const struct chapter *chapter, int64_t now_s, struct chapter_aside *aside)
{
    int64_t starts[MAX_CHAPTER_FILES];
    size_t n = chapter_files(chapter->folder, chapter->name, starts);

    for (size_t i = 0; i < n; i++) {
        char file[CHAPTER_NAME_SIZE], kept[CHAPTER_NAME_SIZE + 16];
        bool is_early = is_ahead(starts[i], now_s);

        chapter_file_name(chapter->name, starts[i], file);
        if (!is_early && begins_well(chapter->folder, chapter->name, file))
            continue;
        if (owned_file_set_aside(chapter->folder, file, kept, sizeof(kept)) == 0)
            *(is_early ? &aside->n_ahead : &aside->n_damaged) += 1;
    }
}

void chapter_open(int folder, const char *name, uint64_t max_bytes, int64_t now_s,
                  struct chapter *ret, struct chapter_aside *aside)
{
    static const struct chapter none;

    *ret = none;
    ret->folder = folder;
    ret->max_bytes = max_bytes;
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    set_aside(ret, now_s, aside);
    take_last(ret);
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

/* The oldest one, where all that it has is too old. The clock of now may be wrong, so the last one tells as
 * well how late it is. */
static bool is_outdated(const int64_t *starts, size_t n, int64_t t_s)
{
    return n > 1 && starts[1] < t_s - CHAPTER_DAYS * DAY_S &&
           starts[1] < starts[n - 1] - (CHAPTER_DAYS - 1) * DAY_S;
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
        if (!fits || (i == 0 && is_outdated(starts, n, t_s)))
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

    if (chapter->start_s == 0 || chapter->is_spoilt || is_later_day(chapter, t_s))
        return -ENOENT;
    size = size_of_last(chapter);
    if (size >= chapter->max_bytes / PARTS)
        return -ENOENT;
    chapter_file_name(chapter->name, chapter->start_s, file);
    fd = openat(chapter->folder, file, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (!owned_file_is_single(fd)) { /* it is not the one that was looked at */
        close(fd);
        return -EPERM;
    }
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
    chapter->is_spoilt = false;
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

/* Whether the last file ends with the line: what was told to have failed was another one. */
static bool is_last_line(const struct chapter *chapter, uint64_t size, const char *line)
{
    size_t n = strlen(line);
    char file[CHAPTER_NAME_SIZE], *found = n && n <= size ? malloc(n) : NULL;
    bool is_there;
    int fd;

    chapter_file_name(chapter->name, chapter->start_s, file);
    fd = found ? openat(chapter->folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    is_there = fd >= 0 && pread(fd, found, n, (off_t)(size - n)) == (ssize_t)n &&
               memcmp(found, line, n) == 0;
    if (fd >= 0)
        close(fd);
    free(found);
    return is_there;
}

/* After a failure: what came of it in the file counts. One with nothing in it goes, or a full disk would get
 * another one with each line. */
static struct mark give_up(struct chapter *chapter, const char *line)
{
    char file[CHAPTER_NAME_SIZE], text[HEAD_BYTES];
    uint64_t size;

    if (!chapter->outlet)
        return (struct mark){chapter->start_s, chapter->offset};
    chapter_close(chapter);
    chapter->is_spoilt = true;
    size = size_of_last(chapter);
    if (size <= (uint64_t)head(chapter->name, text)) {
        chapter_file_name(chapter->name, chapter->start_s, file);
        unlinkat(chapter->folder, file, 0);
        size = 0;
    }
    chapter->offset = size;
    if (is_last_line(chapter, size, line))
        size -= strlen(line);
    return (struct mark){chapter->start_s, size};
}

/* A clock that was days ahead has been put right. */
static size_t leave_days_to_come(struct chapter *chapter, int64_t t_s)
{
    struct chapter_aside aside = {0};

    if (!is_ahead(chapter->start_s, t_s))
        return 0;
    chapter_close(chapter);
    set_aside(chapter, t_s, &aside);
    take_last(chapter);
    return aside.n_ahead;
}

int chapter_add(struct chapter *chapter, int64_t t_s, struct names *names, const char *line,
                struct mark *ret, struct err *err)
{
    size_t n_ahead = leave_days_to_come(chapter, t_s);
    int r = write_line(chapter, t_s, names, line, ret);

    if (r < 0) {
        *ret = give_up(chapter, line);
        return err_set(err, r, "the history is not written to the state folder: %s%s", strerror(-r),
                       r == -ENOSPC   ? " (make room on its disk)"
                       : r == -EROFS  ? " (it is mounted to be read only)"
                       : r == -EAGAIN ? " (its disk is too slow)"
                                      : "");
    }
    if (n_ahead)
        err_set(err, -EINVAL, CHAPTER_AHEAD, n_ahead);
    return n_ahead ? CHAPTER_IS_ASIDE : 0;
}
