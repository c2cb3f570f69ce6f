/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/top/draw.h"

enum { COLUMNS = 80 };

/* Without the keys, and without lines that are blank. */
void list_text(FILE *out, const struct top_model *model, struct top_view *view, int64_t now_s)
{
    struct canvas canvas;
    char *text = NULL;

    if (canvas_new(draw_rows(model, COLUMNS), COLUMNS, &canvas) < 0)
        return;
    draw_screen(model, view, now_s, &canvas);
    canvas.rows--;
    text = canvas_text(&canvas);
    for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest)) != NULL;)
        fprintf(out, "%s\n", line);
    free(text);
    canvas_done(&canvas);
}

/* Quotes where a name has what would end it; a name that a table calculator took for a formula is text. */
static void put_name(FILE *out, const char *name)
{
    bool needs_quotes = strpbrk(name, ",\"") || strchr("=+-@", name[0]);

    if (needs_quotes)
        fputc('"', out);
    if (strchr("=+-@", name[0]) && name[0])
        fputc('\'', out);
    for (const char *at = name; *at; at++) {
        if (*at == '"')
            fputc('"', out);
        fputc(*at, out);
    }
    if (needs_quotes)
        fputc('"', out);
}

static void put_number(FILE *out, double value)
{
    fputc(',', out);
    if (isfinite(value))
        fprintf(out, "%.1f", value);
}

void list_csv(FILE *out, const struct top_model *model, const struct top_view *view, int64_t now_s,
              bool with_head)
{
    size_t n, *rows = view_rows(model, view, &n);
    char now[CLOCK_TEXT_SIZE], changed[CLOCK_TEXT_SIZE];

    clock_text_at(now_s, now);
    if (with_head)
        fputs("time,guest,runs_pct,waits_pct,wants_pct,size_mib,used_mib,floor_mib,misses_mib,"
              "changed,paused\n",
              out);
    for (size_t i = 0; rows && i < n; i++) {
        const struct top_guest *guest = &model->guests[rows[i]];
        const double values[] = {guest->runs, guest->waits, guest->wants,           guest->size,
                                 guest->used, guest->floor, top_guest_misses(guest)};

        fprintf(out, "%s,", now);
        put_name(out, guest->name);
        for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++)
            put_number(out, values[k]);
        changed[0] = '\0';
        if (guest->changed_s)
            clock_text_at(guest->changed_s, changed);
        fprintf(out, ",%s,%d\n", changed, top_guest_is_paused(guest));
    }
    free(rows);
}
