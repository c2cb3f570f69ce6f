/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_DRAW_GUESTS_H
#define EVENKEEL_AGENT_TOP_DRAW_GUESTS_H

#include "agent/top/canvas.h"
#include "agent/top/view.h"

/* The guests' table, from one row to the last but one, scrolled to the chosen guest. */
void draw_guests(const struct top_model *model, struct top_view *view, const size_t *rows, size_t n,
                 int64_t now_s, int row, int end, struct canvas *canvas);
/* A name as far as a row has room for it; printable. Returns ret. */
enum { DRAW_NAME_COLUMNS = 40, DRAW_NAME_SIZE = 4 * DRAW_NAME_COLUMNS + 1 };
const char *draw_name(const char *name, char ret[DRAW_NAME_SIZE]);
/* "12s", "5m", "3h", "2d"; "-" where it never was. Returns ret. */
const char *draw_age(int64_t at_s, int64_t now_s, char ret[16]);

#endif
