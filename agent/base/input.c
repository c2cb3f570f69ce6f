/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLICE_MS = 50, CHUNK = 65536 };

struct input {
    int fd;
    const struct stop *stop;
    char *text;
    size_t room, used; /* bytes read */
    size_t taken;      /* of them, given to the caller by earlier calls */
};

int input_open(const char *path, const struct stop *stop, struct input **ret)
{
    struct input *input = calloc(1, sizeof(*input));

    if (!input)
        return -ENOMEM;
    input->stop = stop;
    /* Not to wait for somebody who opens a pipe's other end; reading is waited for below. */
    input->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (input->fd < 0) {
        int r = -errno;

        free(input);
        return r;
    }
    *ret = input;
    return 0;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    close(input->fd);
    free(input->text);
    free(input);
}

/* What was taken makes room for more, and one byte stays for the end. */
static int make_room(struct input *input)
{
    size_t left = input->used - input->taken;
    char *grown;

    if (input->room - left > CHUNK) {
        memmove(input->text, input->text + input->taken, left);
    } else {
        grown = malloc(left * 2 + 2 * CHUNK);
        if (!grown)
            return -ENOMEM;
        if (left)
            memcpy(grown, input->text + input->taken, left);
        free(input->text);
        input->text = grown;
        input->room = left * 2 + 2 * CHUNK;
    }
    input->used = left;
    input->taken = 0;
    return 0;
}

/* How many bytes were added; 0 at the end of the file. */
static ssize_t read_more(struct input *input)
{
    struct pollfd readable = {.fd = input->fd, .events = POLLIN};
    int r = make_room(input);

    while (r >= 0) {
        ssize_t n;

        if (stop_is_asked(input->stop))
            return -ECANCELED;
        if (poll(&readable, 1, SLICE_MS) == 0)
            continue;
        n = read(input->fd, input->text + input->used, input->room - input->used - 1);
        if (n >= 0) {
            input->used += (size_t)n;
            return n;
        }
        if (errno != EAGAIN && errno != EINTR)
            r = -errno;
    }
    return r;
}

ssize_t input_line(struct input *input, size_t max_bytes, char **ret)
{
    size_t seen = 0, n;
    const char *end = NULL;

    for (;;) {
        size_t left = input->used - input->taken;
        ssize_t more;

        end = left > seen ? memchr(input->text + input->taken + seen, '\n', left - seen) : NULL;
        if (end)
            break;
        if (left > max_bytes)
            return -EFBIG;
        seen = left;
        more = read_more(input);
        if (more < 0)
            return more;
        if (more == 0)
            break;
    }
    n = end ? (size_t)(end - (input->text + input->taken)) + 1 : input->used - input->taken;
    *ret = input->text + input->taken;
    input->taken += n;
    return (ssize_t)n;
}

ssize_t input_all(struct input *input, size_t max_bytes, char **ret)
{
    ssize_t more;

    while ((more = read_more(input)) > 0) {
        if (input->used - input->taken > max_bytes)
            return -EFBIG;
    }
    if (more < 0)
        return more;
    input->text[input->used] = '\0';
    *ret = input->text;
    input->text = NULL;
    input->room = 0;
    return (ssize_t)(input->used - input->taken);
}

double input_share(const struct input *input)
{
    off_t at = lseek(input->fd, 0, SEEK_CUR);
    struct stat about;

    if (at < 0 || fstat(input->fd, &about) < 0 || !S_ISREG(about.st_mode) || about.st_size <= 0)
        return NAN;
    return fmin(1, (double)at / (double)about.st_size);
}
