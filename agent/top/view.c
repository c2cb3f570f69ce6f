/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"

const char *top_sort_text(enum top_sort sort)
{
    static const char *const texts[SORTS] = {
        [SORT_TROUBLE] = "trouble", [SORT_WAITING] = "waiting", [SORT_DEMAND] = "demand",
        [SORT_MISSING] = "missing", [SORT_CHANGE] = "change",   [SORT_NAME] = "name"};

    return texts[sort];
}

/* ---- Rows ---- */

struct row {
    const struct top_guest *guest;
    double key; /* larger ones come first */
    size_t at;
};

static double key_of(const struct top_guest *guest, enum top_sort sort)
{
    double key = 0;

    switch (sort) {
    case SORT_TROUBLE:
        key = top_guest_trouble(guest);
        break;
    case SORT_WAITING:
        key = guest->waits;
        break;
    case SORT_DEMAND:
        key = guest->wants;
        break;
    case SORT_MISSING:
        key = top_guest_misses(guest);
        break;
    case SORT_CHANGE:
        key = (double)guest->changed_s;
        break;
    case SORT_NAME:
    case SORTS:
        break;
    }
    return isfinite(key) ? key : -1;
}

static int compare(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    int by_name = text_compare(left->guest->name, right->guest->name);

    if (left->key != right->key)
        return left->key > right->key ? -1 : 1;
    return by_name ? by_name : left->at < right->at ? -1 : left->at > right->at;
}

size_t *view_rows(const struct top_model *model, const struct top_view *view, size_t *ret_n)
{
    struct row *rows = calloc(model->n_guests + 1, sizeof(*rows));
    size_t *places = calloc(model->n_guests + 1, sizeof(*places)), n = 0;

    *ret_n = 0;
    if (!rows || !places) {
        free(rows);
        free(places);
        return NULL;
    }
    for (size_t i = 0; i < model->n_guests; i++)
        if (strstr(model->guests[i].name, view->filter))
            rows[n++] = (struct row){&model->guests[i], key_of(&model->guests[i], view->sort), i};
    qsort(rows, n, sizeof(*rows), compare);
    for (size_t i = 0; i < n; i++)
        places[i] = rows[i].at;
    free(rows);
    *ret_n = n;
    return places;
}

size_t view_chosen(const struct top_model *model, const struct top_view *view, const size_t *rows,
                   size_t n)
{
    for (size_t i = 0; view->chosen[0] && i < n; i++)
        if (strcmp(model->guests[rows[i]].true_name, view->chosen) == 0)
            return i;
    return 0;
}

/* ---- Keys ---- */

/* The one that is so many rows further. */
static void move(struct top_view *view, const struct top_model *model, long by)
{
    size_t n, *rows = view_rows(model, view, &n);
    long at;

    if (rows && n > 0) {
        at = (long)view_chosen(model, view, rows, n) + by;
        at = at < 0 ? 0 : at >= (long)n ? (long)n - 1 : at;
        snprintf(view->chosen, sizeof(view->chosen), "%s", model->guests[rows[at]].true_name);
    }
    free(rows);
}

static enum top_action type_filter(struct top_view *view, int key)
{
    size_t n = strlen(view->filter);

    if (key == '\n' || key == '\r') {
        view->mode = MODE_KEYS;
    } else if (key == KEY_OF_ESCAPE) {
        view->filter[0] = '\0';
        view->mode = MODE_KEYS;
    } else if (key == KEY_OF_BACKSPACE) {
        n -= n > 0;
        while (n > 0 && ((unsigned char)view->filter[n] & 0xc0) == 0x80)
            n--;
        view->filter[n] = '\0';
    } else if (key >= ' ' && key < 0x100 && key != 0x7f && n + 1 < sizeof(view->filter)) {
        view->filter[n] = (char)key;
        view->filter[n + 1] = '\0';
    }
    view->first = 0;
    return ACTION_NONE;
}

/* Whom a pause is about is asked for before it is told. */
static void ask_pause(struct top_view *view, const struct top_model *model, bool is_all)
{
    size_t n, *rows = view_rows(model, view, &n);

    view->guest[0] = '\0';
    view->ends_pause =
        model->sides[PROGRAM_VCPU].is_paused || model->sides[PROGRAM_MEMORY].is_paused;
    if (!is_all && rows && n > 0) {
        const struct top_guest *guest = &model->guests[rows[view_chosen(model, view, rows, n)]];

        snprintf(view->guest, sizeof(view->guest), "%s", guest->true_name);
        view->ends_pause = top_guest_is_paused(guest);
    }
    if (is_all || (rows && n > 0))
        view->mode = MODE_SURE;
    free(rows);
}

static enum top_action press(struct top_view *view, const struct top_model *model, int key)
{
    switch (key) {
    case 'q':
        return ACTION_QUIT;
    case 'k':
    case KEY_OF_UP:
        move(view, model, -1);
        break;
    case 'j':
    case KEY_OF_DOWN:
        move(view, model, 1);
        break;
    case KEY_OF_PAGE_UP:
        move(view, model, -(long)view->page);
        break;
    case KEY_OF_PAGE_DOWN:
        move(view, model, (long)view->page);
        break;
    case KEY_OF_HOME:
        view->chosen[0] = '\0';
        break;
    case KEY_OF_END:
        move(view, model, (long)model->n_guests);
        break;
    case 's':
        view->sort = (view->sort + 1) % SORTS;
        view->chosen[0] = '\0';
        break;
    case '/':
        view->mode = MODE_FILTER;
        break;
    case 'w':
    case '\n':
    case '\r':
        view->pane = view->pane == PANE_WHY ? PANE_CHANGES : PANE_WHY;
        move(view, model, 0); /* it stays the chosen one, wherever it goes */
        break;
    case '?':
    case 'h':
        view->pane = view->pane == PANE_HELP ? PANE_CHANGES : PANE_HELP;
        break;
    case KEY_OF_ESCAPE:
        view->pane = PANE_CHANGES;
        view->filter[0] = '\0';
        break;
    case 'p':
    case 'P':
        ask_pause(view, model, key == 'P');
        break;
    default:
        break;
    }
    return ACTION_NONE;
}

enum top_action view_key(struct top_view *view, const struct top_model *model, int key)
{
    view->said[0] = '\0';
    if (view->mode == MODE_FILTER)
        return type_filter(view, key);
    if (view->mode == MODE_SURE) {
        view->mode = MODE_KEYS;
        return key == 'y' ? ACTION_TELL : ACTION_NONE;
    }
    return press(view, model, key);
}
