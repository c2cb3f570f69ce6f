/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading: the files first, up to where the oldest line in memory is, and then those. A cursor is
 * "f:START:OFFSET:NAMES" in a file, NAMES the offset of the names in force, or "m:NUMBER:START:OFFSET" of
 * a line in memory, with where it is in the files when memory has forgotten it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/history/state.h"

enum { PAGE_BYTES = 128 << 10, MAX_FILE_BYTES = 16 << 20, CURSOR_SIZE = 100 };
static const char names_start[] = "{\"t\":";

/* A page under way. */
struct page {
    FILE *out;
    size_t n_bytes;
    int64_t since_s;
    const struct names *names; /* written last, of memory */
};

static void put(struct page *page, const char *text, size_t n)
{
    fwrite(text, 1, n, page->out);
    page->n_bytes += n;
}

static bool is_full(const struct page *page)
{
    return page->n_bytes >= PAGE_BYTES;
}

struct place {
    int64_t start_s;
    uint64_t offset, names; /* names 0: none is known */
    uint64_t from;          /* of what is before it in the file the names are wanted alone */
};

/* ---- Memory ---- */

static bool is_behind(const struct place *at, const struct mark *mark)
{
    return at->start_s > mark->start_s ||
           (at->start_s == mark->start_s && at->offset > mark->offset);
}

/* What is not read yet, from that number on; NULL: to the end, or the line that did not fit. */
static const struct ring_line *read_ring(const struct ring *ring, uint64_t from,
                                         const struct place *at, struct page *page)
{
    for (size_t i = 0; i < ring->n; i++) {
        const struct ring_line *line = ring_at(ring, i);

        if (line->number < from || line->t_s < page->since_s || is_behind(at, &line->mark))
            continue;
        if (is_full(page))
            return line;
        if (line->names && line->names != page->names)
            put(page, line->names->line, line->names->n_bytes);
        page->names = line->names;
        put(page, line->text, line->n_bytes);
    }
    return NULL;
}

/* ---- Files ---- */

static char *load(int folder, const char *file, size_t *n)
{
    int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    char *text = NULL;
    ssize_t got = -1;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= MAX_FILE_BYTES &&
        (text = malloc((size_t)status.st_size + 1)) != NULL)
        got = read(fd, text, (size_t)status.st_size);
    close(fd);
    *n = got < 0 ? 0 : (size_t)got;
    return text;
}

/* A line that was cut short, or that somebody else wrote, is none. */
static bool is_whole(const char *line, size_t n)
{
    json_t *json = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
    bool is_object = json_is_object(json);

    json_decref(json);
    return is_object;
}

static bool is_names(const char *line, size_t n)
{
    const char *comma = memchr(line, ',', n);

    return comma && n - (size_t)(comma - line) > 7 && memcmp(comma, ",\"bins\"", 7) == 0;
}

/* Reads a file from *at on, to its end or to the limit; false where the page is full before. */
static bool read_text(const char *text, size_t n, struct place *at, struct page *page)
{
    uint64_t pending = at->names; /* names that the page has not got */

    while (at->offset < n) {
        const char *line = text + at->offset, *end = memchr(line, '\n', n - at->offset);
        size_t length = end ? (size_t)(end - line) + 1 : n - at->offset;
        bool is_line = end && length > sizeof(names_start) &&
                       memcmp(line, names_start, sizeof(names_start) - 1) == 0;

        if (is_line && is_names(line, length)) {
            pending = at->names = at->offset;
        } else if (is_line && at->offset > 0 && at->offset >= at->from &&
                   strtoll(line + sizeof(names_start) - 1, NULL, 10) >= page->since_s &&
                   is_whole(line, length)) {
            if (is_full(page))
                return false;
            if (pending && pending < n) {
                const char *names = text + pending, *stop = memchr(names, '\n', n - pending);

                if (stop && is_whole(names, (size_t)(stop - names)))
                    put(page, names, (size_t)(stop - names) + 1);
            }
            pending = 0;
            put(page, line, length);
        }
        at->offset += length;
    }
    return true;
}

/* Everything before limit. True where nothing of it is left. */
static bool read_files(const struct history *history, enum history_kind kind, struct mark limit,
                       struct place *at, struct page *page)
{
    const char *name = history->name[kind];
    int64_t starts[MAX_CHAPTER_FILES];
    size_t n = chapter_files(history->folder, name, starts);
    bool is_all = true;

    for (size_t i = 0; i < n && is_all; i++) {
        bool is_last = starts[i] >= limit.start_s;
        char file[CHAPTER_NAME_SIZE], *text;
        size_t size = 0;

        if (starts[i] < at->start_s || starts[i] > limit.start_s ||
            (i + 1 < n && starts[i + 1] <= page->since_s))
            continue;
        if (starts[i] > at->start_s)
            *at = (struct place){.start_s = starts[i]};
        chapter_file_name(name, starts[i], file);
        text = load(history->folder, file, &size);
        if (is_last && size > limit.offset)
            size = limit.offset;
        is_all = !text || read_text(text, size, at, page);
        free(text);
    }
    return is_all;
}

/* ---- Both ---- */

/* Where memory begins. An empty one begins with the line to come, wherever that will be. */
struct oldest {
    uint64_t number;
    struct mark mark;
};

static struct oldest oldest_of(const struct ring *ring)
{
    if (ring->n == 0)
        return (struct oldest){ring->next, {INT64_MAX, UINT64_MAX}};
    return (struct oldest){ring_at(ring, 0)->number, ring_at(ring, 0)->mark};
}

/* Whether memory has the line that a cursor is about: it may have forgotten it, and after a restart
 * another line has its number. */
static bool has_line(const struct ring *ring, uint64_t number, const struct place *at)
{
    for (size_t i = 0; i < ring->n; i++) {
        const struct ring_line *line = ring_at(ring, i);

        if (line->number == number)
            return line->mark.start_s == at->start_s && line->mark.offset == at->from;
    }
    return false;
}

/* 0 or -EINVAL; *number is of a line in memory, or 0: in the files. */
static int parse(const char *cursor, struct place *at, uint64_t *number)
{
    char end;

    if (!cursor[0])
        return 0;
    if (sscanf(cursor, "m:%" SCNu64 ":%" SCNd64 ":%" SCNu64 "%c", number, &at->start_s, &at->from,
               &end) == 3)
        return *number > 0 ? 0 : -EINVAL;
    return sscanf(cursor, "f:%" SCNd64 ":%" SCNu64 ":%" SCNu64 "%c", &at->start_s, &at->offset,
                  &at->names, &end) == 3
               ? 0
               : -EINVAL;
}

/* Meanwhile memory may forget what was not read of the files: then these are read on. */
static void fill(struct history *history, enum history_kind kind, struct place at, uint64_t number,
                 struct page *page, char next[CURSOR_SIZE])
{
    const struct ring *ring = &history->rings[kind];
    bool has_files = history->lock_fd >= 0 && kind < HISTORY_INTERVALS;
    const struct ring_line *left;
    struct oldest oldest;

    pthread_mutex_lock(&history->lock);
    oldest = oldest_of(ring);
    if (number > ring->next || (has_files && !has_line(ring, number, &at)))
        number = 0;
    for (uint64_t read_to = number; has_files && read_to < oldest.number;) {
        read_to = oldest.number;
        pthread_mutex_unlock(&history->lock);
        if (!read_files(history, kind, oldest.mark, &at, page)) {
            snprintf(next, CURSOR_SIZE, "f:%" PRId64 ":%" PRIu64 ":%" PRIu64, at.start_s, at.offset,
                     at.names);
            return;
        }
        pthread_mutex_lock(&history->lock);
        oldest = oldest_of(ring);
    }
    if (!has_files)
        at = (struct place){0};
    left = read_ring(ring, number, &at, page);
    next[0] = '\0';
    if (left)
        snprintf(next, CURSOR_SIZE, "m:%" PRIu64 ":%" PRId64 ":%" PRIu64, left->number,
                 left->mark.start_s, left->mark.offset);
    pthread_mutex_unlock(&history->lock);
}

int history_read(struct history *history, enum history_kind kind, int64_t since_s,
                 const char *cursor, struct history_page *ret)
{
    struct page page = {.since_s = since_s};
    struct place at = {0};
    char next[CURSOR_SIZE];
    uint64_t number = 0;
    size_t size;
    int r = parse(cursor, &at, &number);

    if (r < 0)
        return r;
    *ret = (struct history_page){0};
    page.out = open_memstream(&ret->lines, &size);
    if (!page.out)
        return -ENOMEM;
    fill(history, kind, at, number, &page, next);
    r = ferror(page.out) ? -ENOMEM : 0;
    if (fclose(page.out) != 0)
        r = -ENOMEM;
    ret->next = r == 0 ? strdup(next) : NULL;
    if (ret->next)
        return 0;
    free(ret->lines);
    ret->lines = NULL;
    return -ENOMEM;
}
