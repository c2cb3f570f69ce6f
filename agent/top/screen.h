/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_SCREEN_H
#define EVENKEEL_AGENT_TOP_SCREEN_H

#include "agent/top/canvas.h"

/* A terminal, by ncurses: there is one at a time. */
struct screen;

/* NULL: standard input and output are no terminal that can show a screen, or there is no memory. Colours are
 * used where the terminal has them and NO_COLOR is not set. */
struct screen *screen_open(void);
/* The terminal is as it was before. */
void screen_close(struct screen *screen);

/* How large it is now. */
void screen_size(struct screen *screen, int *ret_rows, int *ret_columns);
void screen_show(struct screen *screen, const struct canvas *canvas);
/* A key as keys.h has them; -1: none was pressed. */
int screen_key(struct screen *screen);

#endif
