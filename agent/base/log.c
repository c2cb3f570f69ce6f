/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "agent/base/text.h"

static bool is_journal(FILE *stream)
{
    const char *text = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat about;
    int fd = fileno(stream);

    if (!text || fd < 0 || sscanf(text, "%llu:%llu", &device, &inode) != 2)
        return false;
    return fstat(fd, &about) == 0 && about.st_dev == device && about.st_ino == inode;
}

void log_init(struct log *ret, FILE *stream, const char *program, int level)
{
    *ret = (struct log){
        .stream = stream,
        .program = program,
        .level = level,
        .journal = is_journal(stream),
    };
}

enum { MAX_FIELDS = 24, MAX_ENTRIES_BYTES = 1 << 20 };

/* An entry of lines, NAME=value. */
static int send_entry(const char *text, size_t n)
{
    struct iovec fields[MAX_FIELDS];
    int n_fields = 0;

    for (const char *at = text; at < text + n && n_fields < MAX_FIELDS; n_fields++) {
        const char *end = memchr(at, '\n', (size_t)(text + n - at));
        size_t size = (size_t)((end ? end : text + n) - at);

        fields[n_fields] = (struct iovec){(void *)(uintptr_t)at, size};
        at += size + 1;
    }
    return sd_journal_sendv(fields, n_fields);
}

void log_open_entries(struct log *log, const char *identifier)
{
    if (!log->journal)
        return;
    log->identifier = identifier;
    log->entries = outlet_new_for(send_entry, MAX_ENTRIES_BYTES);
}

static void write_line(const struct log *log, int priority, const char *text)
{
    char line[1200];

    if (log->journal)
        snprintf(line, sizeof(line), "<%d>%s\n", priority, text);
    else
        snprintf(line, sizeof(line), "%s: %s\n", log->program, text);
    if (log->outlet) {
        outlet_put(log->outlet, line, strlen(line), NULL);
        return;
    }
    fputs(line, log->stream);
    fflush(log->stream);
}

void log_line(const struct log *log, int priority, const char *format, ...)
{
    char line[1024];
    uint64_t left_out;
    va_list args;

    if (!log || priority > log->level)
        return;
    left_out = log->outlet ? outlet_left_out(log->outlet) : 0;
    if (left_out) {
        snprintf(line, sizeof(line), "%" PRIu64 " messages were not taken", left_out);
        write_line(log, LOG_WARNING, line);
    }
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_printable(line);
    write_line(log, priority, line);
}

struct log log_share(const struct log *log)
{
    struct log copy = *log;

    copy.outlet = outlet_share(log->outlet);
    copy.entries = outlet_share(log->entries);
    return copy;
}

void log_done(struct log *log)
{
    outlet_free(log->outlet);
    outlet_free(log->entries);
    log->outlet = log->entries = NULL;
}
