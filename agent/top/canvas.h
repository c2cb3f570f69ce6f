/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_CANVAS_H
#define EVENKEEL_AGENT_TOP_CANVAS_H

#include <stdbool.h>

/* A grid of characters with a style each, which a terminal or a text is made of. */

enum style {
    STYLE_PLAIN,
    STYLE_HEAD,  /* of columns and parts */
    STYLE_FAINT, /* what matters less */
    STYLE_GOOD,
    STYLE_BUSY, /* more than its share */
    STYLE_BAD,  /* somebody suffers */
    STYLE_BAR,  /* the first and the last line */
    STYLE_CHOSEN,
    STYLES,
};

struct cell {
    char text[5]; /* one UTF-8 character; "": the second half of a wide one */
    enum style style;
};

struct canvas {
    int rows, columns;
    struct cell *cells; /* owned, [rows * columns] */
};

/* All of it blank. 0 or -ENOMEM. */
int canvas_new(int rows, int columns, struct canvas *ret);
void canvas_done(struct canvas *canvas);
const struct cell *canvas_cell(const struct canvas *canvas, int row, int column);

/* Writes what fits into width columns, and on the canvas; characters that nobody sees are '?'. Returns the
 * column behind it. */
int canvas_put(struct canvas *canvas, int row, int column, int width, enum style style,
               const char *text);
int canvas_print(struct canvas *canvas, int row, int column, int width, enum style style,
                 const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same from one row on down to the last but one, folded at spaces; returns the row behind it. */
int canvas_fold(struct canvas *canvas, int row, int end, int column, int width, enum style style,
                const char *text);
/* All of a row. */
void canvas_style(struct canvas *canvas, int row, enum style style);

/* The rows as lines without the spaces at their ends, malloc'ed; NULL without memory. */
char *canvas_text(const struct canvas *canvas);

#endif
