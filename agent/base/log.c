/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

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

void log_line(const struct log *log, int priority, const char *format, ...)
{
    char line[1024];
    va_list args;

    if (!log || priority > log->level)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_printable(line);
    if (log->journal)
        fprintf(log->stream, "<%d>%s\n", priority, line);
    else
        fprintf(log->stream, "%s: %s\n", log->program, line);
    fflush(log->stream);
}
