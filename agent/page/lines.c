/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* 10,000 vCPUs take 8 MiB. */
static const size_t max_line_bytes = 32u << 20, first_bytes = 1u << 18;
enum { GZIP_BUFFER = 1 << 17 };

struct lines {
    gzFile file;
    double total;
    char *buffer;
    size_t room, begin, filled, seen; /* seen: of what is filled, without a newline */
    bool is_at_end;
};

static int open_file(const char *path, int *ret_fd, double *ret_total)
{
    struct stat about;

    *ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*ret_fd < 0 || fstat(*ret_fd, &about) < 0)
        return -errno;
    *ret_total = S_ISREG(about.st_mode) ? (double)about.st_size : 0;
    return S_ISDIR(about.st_mode) ? -EISDIR : 0;
}

int lines_open(const char *path, struct lines **ret, struct err *err)
{
    struct lines *lines = calloc(1, sizeof(*lines));
    int fd = -1, r;

    if (!lines || !(lines->buffer = malloc(first_bytes))) {
        lines_free(lines);
        return err_set(err, -ENOMEM, "out of memory");
    }
    lines->room = first_bytes;
    r = open_file(path, &fd, &lines->total);
    if (r == 0 && !(lines->file = gzdopen(fd, "rb")))
        r = -ENOMEM;
    if (r == 0) {
        gzbuffer(lines->file, GZIP_BUFFER);
        *ret = lines;
        return 0;
    }
    if (fd >= 0)
        close(fd);
    lines_free(lines);
    return err_set(err, r, "cannot read '%s': %s", path, strerror(-r));
}

void lines_free(struct lines *lines)
{
    if (!lines)
        return;
    if (lines->file)
        gzclose_r(lines->file);
    free(lines->buffer);
    free(lines);
}

/* Makes room behind what is filled: what was read goes, and then the buffer grows. */
static int make_room(struct lines *lines)
{
    char *more;

    if (lines->begin > 0) {
        memmove(lines->buffer, lines->buffer + lines->begin, lines->filled - lines->begin);
        lines->filled -= lines->begin;
        lines->seen -= lines->begin;
        lines->begin = 0;
    }
    if (lines->room - lines->filled > lines->room / 2)
        return 0;
    if (lines->filled > max_line_bytes)
        return -EFBIG;
    more = realloc(lines->buffer, 2 * lines->room);
    if (!more)
        return -ENOMEM;
    lines->buffer = more;
    lines->room *= 2;
    return 0;
}

static int fill(struct lines *lines)
{
    int r = make_room(lines), error = 0;

    if (r < 0)
        return r;
    r = gzread(lines->file, lines->buffer + lines->filled, (unsigned)(lines->room - lines->filled));
    if (r < 0) {
        gzerror(lines->file, &error);
        return error == Z_ERRNO && errno ? -errno : error == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
    }
    lines->filled += (size_t)r;
    lines->is_at_end = r == 0;
    gzerror(lines->file, &error);
    return lines->is_at_end && error != Z_OK && error != Z_STREAM_END ? -EBADMSG : 0;
}

int lines_next(struct lines *lines, char **ret, size_t *ret_n)
{
    for (;;) {
        char *newline = memchr(lines->buffer + lines->seen, '\n', lines->filled - lines->seen);
        int r;

        if (newline) {
            *ret = lines->buffer + lines->begin;
            *ret_n = (size_t)(newline - *ret);
            *newline = '\0';
            lines->begin = lines->seen = (size_t)(newline - lines->buffer) + 1;
            return 1;
        }
        lines->seen = lines->filled;
        if (lines->is_at_end)
            return 0;
        r = fill(lines);
        if (r < 0)
            return r;
    }
}

bool lines_is_cut(const struct lines *lines)
{
    return lines->filled > lines->begin;
}

double lines_done(const struct lines *lines)
{
    long at = gzoffset(lines->file);

    return at > 0 ? (double)at : 0;
}

double lines_total(const struct lines *lines)
{
    return lines->total;
}
