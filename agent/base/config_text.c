/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/config_text.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/option_table.h"

static const char blanks[] = " \t\v\f\r\n";

/* A text that inih reads line by line. */
struct reading {
    const char *at, *end;
    int line;
    const char *section; /* whose keys are taken */
    const struct config_taker *taker;
    int seen_on[N_OPTIONS]; /* where each key of the section stood first */
    char seen[N_OPTIONS][32];
    size_t n_seen;
    int r, bad_line;
    struct err sentence; /* the first that was wrong */
};

static void refuse(struct reading *reading, int r, const char *sentence)
{
    if (reading->r < 0)
        return;
    reading->r = r;
    reading->bad_line = reading->line;
    err_set(&reading->sentence, r, "%s", sentence);
}

static bool is_section(const char *name, size_t n)
{
    return (n == 4 && strncmp(name, "vcpu", n) == 0) || (n == 6 && strncmp(name, "memory", n) == 0);
}

static const char no_section[] = "a section is '[vcpu]' or '[memory]', alone in its line";

/* What inih would take in another way than it is meant. */
static void look_at_line(struct reading *reading, const char *line, size_t n, size_t room)
{
    size_t indent = strspn(line, blanks);
    size_t used = n < room ? n : room;

    while (used > 0 && strchr(blanks, line[used - 1]))
        used--;
    if (n > room) {
        char sentence[80];

        snprintf(sentence, sizeof(sentence), "this line is too long: %zu bytes are read", room - 1);
        refuse(reading, -EINVAL, sentence);
    } else if (memchr(line, '\0', n)) {
        refuse(reading, -EINVAL, "this line has a zero byte: the file is not text");
    } else if (used == 0 || strchr(";#", line[indent])) {
        return;
    } else if (indent) {
        refuse(reading, -EINVAL, "this line is indented: begin it at the margin");
    } else if (line[0] == '[') {
        if (line[used - 1] != ']' || !is_section(line + 1, used - 2))
            refuse(reading, -EINVAL, no_section);
    } else if (line[strcspn(line, "=:")] != '=') {
        refuse(reading, -EINVAL, "this line is no 'key = value'");
    }
}

/* inih's reader: the next line with its newline into str, or NULL at the end. */
static char *next_line(char *str, int num, void *stream)
{
    struct reading *reading = stream;
    size_t room = (size_t)num - 1;
    const char *newline = memchr(reading->at, '\n', (size_t)(reading->end - reading->at));
    size_t n = (size_t)((newline ? newline + 1 : reading->end) - reading->at);
    size_t kept = n < room ? n : room;

    if (reading->at == reading->end || reading->r < 0)
        return NULL;
    reading->line++;
    memcpy(str, reading->at, kept);
    str[kept] = '\0';
    reading->at += n;
    look_at_line(reading, str, n, room);
    return reading->r < 0 ? NULL : str;
}

static int first_line_of(struct reading *reading, const char *key)
{
    for (size_t i = 0; i < reading->n_seen; i++) {
        if (strcmp(reading->seen[i], key) == 0)
            return reading->seen_on[i];
    }
    if (reading->n_seen < N_OPTIONS) {
        snprintf(reading->seen[reading->n_seen], sizeof(reading->seen[0]), "%s", key);
        reading->seen_on[reading->n_seen++] = reading->line;
    }
    return 0;
}

/* inih's handler: 1 where the key is accepted. */
static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    struct err trouble = {0};
    int first, r;

    if (reading->r < 0)
        return 0;
    if (!section[0]) {
        refuse(reading, -EINVAL,
               "a key before the first section: put '[vcpu]' or '[memory]' above");
        return 0;
    }
    if (strcmp(section, reading->section) != 0)
        return 1; /* the other program's */
    r = reading->taker->take(reading->taker->arg, name, value, reading->line, &trouble);
    first = r < 0 ? 0 : first_line_of(reading, name);
    if (first)
        r = err_set(&trouble, -EINVAL, "'%s' is here twice: line %d has it too", name, first);
    if (r < 0)
        refuse(reading, r, trouble.text);
    return r >= 0;
}

int config_text(const char *name, const char *text, size_t n, const char *section,
                const struct config_taker *taker, struct err *err)
{
    struct reading reading = {.at = text, .end = text + n, .section = section, .taker = taker};
    int bad_line = ini_parse_stream(next_line, &reading, take_key, &reading);

    if (reading.r >= 0 && bad_line) {
        reading.line = bad_line;
        refuse(&reading, bad_line < 0 ? -ENOMEM : -EINVAL, "this line is no 'key = value'");
    }
    if (reading.r < 0)
        return err_set(err, reading.r, "%s:%d: %s", name, reading.bad_line, reading.sentence.text);
    return 0;
}
