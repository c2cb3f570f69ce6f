/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_DRAW_BINS_H
#define EVENKEEL_AGENT_TOP_DRAW_BINS_H

#include "agent/top/canvas.h"
#include "agent/top/model.h"

/* pCPUs, or the sets above them, with a bar each. */

/* Rows that all of them take with their head in so many columns; 0: there is none. */
int draw_bins_rows(const struct top_model *model, int columns);
/* From one row to the last but one. Where they do not fit, those furthest from their fair share. */
void draw_bins(const struct top_model *model, int row, int end, struct canvas *canvas);

#endif
