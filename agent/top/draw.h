/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_DRAW_H
#define EVENKEEL_AGENT_TOP_DRAW_H

#include "agent/top/canvas.h"
#include "agent/top/view.h"

/* The screen, as large as the canvas, at the wall clock's now_s. Writes down in the view what was scrolled. */
void draw_screen(const struct top_model *model, struct top_view *view, int64_t now_s,
                 struct canvas *canvas);
/* How many rows all of it takes, in so many columns: for a text that nobody scrolls. */
int draw_rows(const struct top_model *model, int columns);

#endif
