/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load_csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"

static const double max_s = 1e7, max_mib = 1e9, kib_per_mib = 1024;

enum { AT, GUEST, VCPU, PCT, USED, N_COLUMNS, MAX_FIELDS = N_COLUMNS };
enum { MAX_DIGITS = 30, MAX_LINE_BYTES = 4096 };
static const char *const column_names[] = {"at_s", "guest", "vcpu", "pct", "used_mib"};

struct table {
    const char *path;
    unsigned long line;
    struct load *load;
    struct err *err;
    int field[N_COLUMNS]; /* which field is that column, or -1 */
    int n_fields;         /* 0: the first line has not been read */
};

static int refuse(const struct table *table, const char *what, const char *is)
{
    return err_set(table->err, -EINVAL, "trace '%.160s', line %lu: %.60s %s", table->path,
                   table->line, what, is);
}

/* Cuts the line into its fields; how many there are, at most one more than there may be. */
static int split(char *text, char *fields[MAX_FIELDS])
{
    int n = 0;

    for (char *rest = text; rest && n <= MAX_FIELDS; n++) {
        char *end = strchr(rest, ',');

        if (end)
            *end++ = '\0';
        if (n < MAX_FIELDS)
            fields[n] = rest;
        rest = end;
    }
    return n;
}

static int read_head(struct table *table, char *fields[MAX_FIELDS], int n)
{
    static const char wanted[] =
        "must name columns: at_s,guest and of vcpu,pct,used_mib those that "
        "there are, each once";

    for (int c = 0; c < N_COLUMNS; c++)
        table->field[c] = -1;
    if (n > MAX_FIELDS)
        return refuse(table, "the head", wanted);
    for (int f = 0; f < n; f++) {
        int c = 0;

        while (c < N_COLUMNS && strcmp(fields[f], column_names[c]) != 0)
            c++;
        if (c == N_COLUMNS || table->field[c] >= 0)
            return refuse(table, "the head", wanted);
        table->field[c] = f;
    }
    if (table->field[AT] < 0 || table->field[GUEST] < 0 ||
        (table->field[PCT] < 0 && table->field[USED] < 0))
        return refuse(table, "the head", wanted);
    table->n_fields = n;
    return 0;
}

/* A decimal number, as "2" or "0.5" or "1.5e3". */
static int number_of(const struct table *table, char *fields[MAX_FIELDS], int column, double most,
                     double *ret)
{
    const char *text = fields[table->field[column]];
    char *end = NULL, expected[80];
    double value = 0;

    if (text[0] >= '0' && text[0] <= '9' && strspn(text, "0123456789.e+-") <= MAX_DIGITS)
        value = strtod(text, &end);
    if (!end || *end || text[strspn(text, "0123456789.e+-")] || !(value >= 0 && value <= most)) {
        snprintf(expected, sizeof(expected), "must be a number from 0 to %.0f", most);
        return refuse(table, column_names[column], expected);
    }
    *ret = value;
    return 0;
}

static const char *cell(const struct table *table, char *fields[MAX_FIELDS], int column)
{
    return table->field[column] < 0 ? "" : fields[table->field[column]];
}

static int add(const struct table *table, size_t guest, int series, double at_s, double value)
{
    int r = load_add(table->load, guest, series, at_s, value);

    if (r == -EINVAL)
        return refuse(table, "at_s", "is earlier than in the guest's line before");
    if (r == -E2BIG)
        return err_set(table->err, r, "trace '%.160s' has more than %d values: cut it", table->path,
                       LOAD_MOST_POINTS);
    return r < 0 ? err_set(table->err, r, "out of memory") : 0;
}

/* The guest of a line, as its index. */
static long guest_of(const struct table *table, const char *name)
{
    long guest;

    if (!name[0] || strlen(name) >= GUEST_NAME_SIZE || !text_is_valid(name))
        return refuse(table, "guest", "must be a name of at most 239 bytes of UTF-8");
    guest = load_guest(table->load, name);
    if (guest == -E2BIG)
        return err_set(table->err, (int)guest, "trace '%.160s' has more than %d guests",
                       table->path, LOAD_MOST_GUESTS);
    return guest < 0 ? err_set(table->err, (int)guest, "out of memory") : guest;
}

static int read_row(const struct table *table, char *fields[MAX_FIELDS], int n)
{
    double at_s = 0, number = 0;
    int vcpu = LOAD_ALL, r;
    long guest;

    if (n != table->n_fields)
        return refuse(table, "it", "has not as many fields as the first line");
    r = number_of(table, fields, AT, max_s, &at_s);
    if (r == 0 && *cell(table, fields, VCPU)) {
        r = number_of(table, fields, VCPU, LOAD_MOST_VCPUS - 1, &number);
        vcpu = (int)number;
        if (r == 0 && vcpu < number)
            r = refuse(table, "vcpu", "must be a whole number");
    }
    if (r < 0)
        return r;
    guest = guest_of(table, cell(table, fields, GUEST));
    if (guest < 0)
        return (int)guest;
    if (*cell(table, fields, PCT)) {
        r = number_of(table, fields, PCT, 100, &number);
        r = r < 0 ? r : add(table, (size_t)guest, vcpu, at_s, number / 100);
    }
    if (r == 0 && *cell(table, fields, USED)) {
        r = number_of(table, fields, USED, max_mib, &number);
        r = r < 0 ? r : add(table, (size_t)guest, LOAD_USED, at_s, number * kib_per_mib);
    }
    return r;
}

static int read_line(struct table *table, char *text, size_t n)
{
    char *fields[MAX_FIELDS];
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as spreadsheets write it */

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    if (memchr(text, '\0', n))
        return refuse(table, "it", "has a zero byte");
    text[n] = '\0';
    if (table->line == 1 && strncmp(text, mark, 3) == 0)
        text += 3;
    if (!text[0] || text[0] == '#')
        return 0;
    return table->n_fields ? read_row(table, fields, split(text, fields))
                           : read_head(table, fields, split(text, fields));
}

static int read_copy(struct table *table, const char *text, size_t n)
{
    char line[MAX_LINE_BYTES + 1];

    table->line++;
    if (n > MAX_LINE_BYTES)
        return refuse(table, "it", "is longer than 4096 bytes");
    memcpy(line, text, n);
    return read_line(table, line, n);
}

int load_csv_read(const char *path, struct input *input, const char *line, size_t n,
                  struct load *load, struct err *err)
{
    struct table table = {.path = path, .load = load, .err = err};
    ssize_t more = 1;
    char *text;
    int r = n > 0 ? read_copy(&table, line, n) : 0;

    while (r == 0 && n > 0 && (more = input_line(input, MAX_LINE_BYTES, &text)) > 0)
        r = read_copy(&table, text, (size_t)more);
    if (r == 0 && more == -EFBIG)
        return refuse(&table, "the next one", "is longer than 4096 bytes");
    if (r == 0 && more < 0)
        return err_set(err, (int)more, "trace '%.160s' cannot be read beyond line %lu: %s", path,
                       table.line, strerror((int)-more));
    if (r == 0 && load->n_points == 0)
        return err_set(err, -EINVAL, "trace '%.160s' has no values", path);
    return r;
}
