/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_LIST_H
#define EVENKEEL_AGENT_TOP_LIST_H

#include <stdio.h>

#include "agent/top/view.h"

/* The same without a terminal. */

/* The screen as lines, as long as it takes. */
void list_text(FILE *out, const struct top_model *model, struct top_view *view, int64_t now_s);
/* A line for each guest, RFC 4180; what is not known is empty. with_head: the columns' names before them. */
void list_csv(FILE *out, const struct top_model *model, const struct top_view *view, int64_t now_s,
              bool with_head);

#endif
