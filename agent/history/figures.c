/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/figures.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void names_free(struct names *names)
{
    if (!names || --names->refs > 0)
        return;
    free(names->line);
    free(names);
}

void figures_done(struct figures *figures)
{
    names_free(figures->names);
    free(figures->sum);
    free(figures->count);
    *figures = (struct figures){0};
}

static size_t n_values(const struct figures *figures)
{
    return HOST_FIGURES + figures->n_bins * BIN_FIGURES + figures->n_guests * GUEST_FIGURES;
}

int figures_new(size_t n_bins, size_t n_guests, struct figures *ret)
{
    struct figures figures = {.n = 1, .n_bins = n_bins, .n_guests = n_guests};

    figures.sum = calloc(n_values(&figures), sizeof(*figures.sum));
    figures.count = calloc(n_values(&figures), sizeof(*figures.count));
    if (!figures.sum || !figures.count) {
        figures_done(&figures);
        return -ENOMEM;
    }
    *ret = figures;
    return 0;
}

void figures_set(struct figures *figures, size_t place, double value)
{
    figures->count[place] = isfinite(value) ? 1 : 0;
    figures->sum[place] = isfinite(value) ? value : 0;
}

int figures_add(struct figures *sum, const struct figures *more)
{
    size_t n = n_values(more);

    if (!sum->sum || sum->names != more->names) {
        struct figures first = *more;

        if (figures_new(more->n_bins, more->n_guests, &first) < 0)
            return -ENOMEM;
        first.host = more->host;
        first.bin = more->bin;
        first.guest = more->guest;
        first.t_s = more->t_s;
        first.n = 0;
        first.names = more->names;
        first.names->refs++;
        figures_done(sum);
        *sum = first;
    }
    for (size_t i = 0; i < n; i++) {
        sum->sum[i] += more->sum[i];
        sum->count[i] += more->count[i];
    }
    sum->n += more->n;
    sum->verdict = more->verdict;
    return 0;
}

static void write_value(FILE *out, const struct figures *figures, size_t i, int digits)
{
    double mean = figures->count[i] ? figures->sum[i] / figures->count[i] : NAN;

    if (!isfinite(mean))
        fputs("null", out);
    else if (digits == 0)
        fprintf(out, "%" PRId64, (int64_t)llround(mean));
    else
        fprintf(out, "%.*f", digits, mean);
}

/* Each column of n rows as an array. */
static void write_columns(FILE *out, const struct figures *figures, const struct column *columns,
                          bool has_brief, size_t first, size_t n, size_t stride)
{
    for (size_t c = 0; columns[c].name; c++) {
        if (columns[c].is_brief && !has_brief)
            continue;
        fprintf(out, ",\"%s\":[", columns[c].name);
        for (size_t i = 0; i < n; i++) {
            if (i)
                fputc(',', out);
            write_value(out, figures, first + i * stride + c, columns[c].digits);
        }
        fputc(']', out);
    }
}

char *figures_line(const struct figures *figures, int64_t t_s, bool has_brief)
{
    size_t bins = HOST_FIGURES, guests = bins + figures->n_bins * BIN_FIGURES, size;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    bool failed;

    if (!out)
        return NULL;
    fprintf(out, "{\"t\":%" PRId64 ",\"n\":%zu,\"verdict\":\"%s\"", t_s, figures->n,
            figures->verdict);
    for (size_t c = 0; figures->host[c].name; c++) {
        fprintf(out, ",\"%s\":", figures->host[c].name);
        write_value(out, figures, c, figures->host[c].digits);
    }
    write_columns(out, figures, figures->bin, has_brief, bins, figures->n_bins, BIN_FIGURES);
    write_columns(out, figures, figures->guest, has_brief, guests, figures->n_guests,
                  GUEST_FIGURES);
    fputs("}\n", out);
    failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}
