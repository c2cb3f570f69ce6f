/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/canvas.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "agent/base/text.h"

enum { MAX_TEXT = 1024 };

int canvas_new(int rows, int columns, struct canvas *ret)
{
    struct canvas canvas = {rows, columns, NULL};
    size_t n = (size_t)rows * (size_t)columns;

    canvas.cells = calloc(n + 1, sizeof(*canvas.cells));
    if (!canvas.cells)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        strcpy(canvas.cells[i].text, " ");
    *ret = canvas;
    return 0;
}

void canvas_done(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

const struct cell *canvas_cell(const struct canvas *canvas, int row, int column)
{
    return &canvas->cells[row * canvas->columns + column];
}

/* How many columns a terminal gives the character at text, which has n bytes and is valid. What it cannot
 * show has none, or a negative number. */
static int columns_of(const char *text, size_t n)
{
    static const unsigned char heads[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned long character = (unsigned char)text[0] & heads[n];

    for (size_t i = 1; i < n; i++)
        character = character << 6 | ((unsigned char)text[i] & 0x3f);
    return wcwidth((wchar_t)character);
}

static size_t bytes_of(const char *text)
{
    size_t n = 1;

    while (n < 4 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

int canvas_put(struct canvas *canvas, int row, int column, int width, enum style style,
               const char *text)
{
    char shown[MAX_TEXT];
    int end = column + width < canvas->columns ? column + width : canvas->columns;

    if (row < 0 || row >= canvas->rows || column < 0)
        return column;
    text_shown(text, shown, sizeof(shown));
    for (const char *at = shown; *at; at += bytes_of(at)) {
        struct cell *cell = &canvas->cells[row * canvas->columns + column];
        size_t n = bytes_of(at);
        int columns = columns_of(at, n);

        if (columns == 0)
            continue; /* it goes on top of the one before, which nobody needs */
        if (column + (columns > 1 ? 2 : 1) > end)
            break;
        memcpy(cell->text, columns < 0 ? "?" : at, columns < 0 ? 1 : n);
        cell->text[columns < 0 ? 1 : n] = '\0';
        cell->style = style;
        if (columns > 1)
            cell[1] = (struct cell){"", style};
        column += columns > 1 ? 2 : 1;
    }
    return column;
}

int canvas_print(struct canvas *canvas, int row, int column, int width, enum style style,
                 const char *format, ...)
{
    char text[MAX_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return canvas_put(canvas, row, column, width, style, text);
}

int canvas_fold(struct canvas *canvas, int row, int end, int column, int width, enum style style,
                const char *text)
{
    while (*text && row < end) {
        size_t n = 0, fits = 0;
        char line[MAX_TEXT];

        while (text[n] && text_columns(text, n) < (size_t)width && n + 1 < sizeof(line)) {
            n++;
            if (text[n] == ' ' || !text[n])
                fits = n;
        }
        if (!text[n] || !fits)
            fits = n ? n : 1;
        memcpy(line, text, fits);
        line[fits] = '\0';
        canvas_put(canvas, row++, column, width, style, line);
        text += fits;
        text += strspn(text, " ");
    }
    return row;
}

void canvas_style(struct canvas *canvas, int row, enum style style)
{
    for (int i = 0; row >= 0 && row < canvas->rows && i < canvas->columns; i++)
        canvas->cells[row * canvas->columns + i].style = style;
}

char *canvas_text(const struct canvas *canvas)
{
    size_t size = (size_t)canvas->rows * ((size_t)canvas->columns * 4 + 1) + 1;
    char *text = malloc(size), *to = text;

    for (int row = 0; text && row < canvas->rows; row++) {
        char *end = to;

        for (int column = 0; column < canvas->columns; column++) {
            const char *from = canvas_cell(canvas, row, column)->text;

            memcpy(to, from, strlen(from));
            to += strlen(from);
            if (strcmp(from, " ") != 0)
                end = to;
        }
        to = end;
        *to++ = '\n';
    }
    if (text)
        *to = '\0';
    return text;
}
