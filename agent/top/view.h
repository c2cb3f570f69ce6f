/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_VIEW_H
#define EVENKEEL_AGENT_TOP_VIEW_H

#include "agent/top/keys.h"
#include "agent/top/model.h"

/* What of the model is looked at, and what keys do to that. */

enum top_sort {
    SORT_TROUBLE,
    SORT_WAITING,
    SORT_DEMAND,
    SORT_MISSING,
    SORT_CHANGE,
    SORT_NAME,
    SORTS
};
const char *top_sort_text(enum top_sort sort);

enum top_pane { PANE_CHANGES, PANE_WHY, PANE_HELP };

/* What the line at the bottom is. */
enum top_mode {
    MODE_KEYS,
    MODE_FILTER, /* the filter is typed */
    MODE_SURE,   /* is the pause, or its end, meant? */
};

struct top_view {
    enum top_sort sort;
    enum top_pane pane;
    enum top_mode mode;
    char filter[GUEST_NAME_SIZE]; /* a part of names; "": all */
    char chosen[GUEST_NAME_SIZE]; /* a guest's true name; "": the first one */
    char guest[GUEST_NAME_SIZE];  /* whom MODE_SURE is about, the same; "": all */
    bool ends_pause;              /* MODE_SURE is about its end */
    char said[TOP_TEXT_SIZE];     /* instead of the keys, until the next one */
    size_t first;                 /* row that is drawn first */
    size_t page;                  /* rows that were drawn last */
};

/* The guests that are to be seen, in their order, as places in the model; malloc'ed, NULL without memory. */
size_t *view_rows(const struct top_model *model, const struct top_view *view, size_t *ret_n);
/* Which of the rows is chosen. */
size_t view_chosen(const struct top_model *model, const struct top_view *view, const size_t *rows,
                   size_t n);

/* What is to be done beside drawing anew. */
enum top_action { ACTION_NONE, ACTION_QUIT, ACTION_TELL /* the pause of view->guest */ };
/* A key, as keys.h has them. */
enum top_action view_key(struct top_view *view, const struct top_model *model, int key);

#endif
