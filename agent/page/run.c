/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"

/* A reason of ours has less. */
enum { MAX_TEXT = 400 };

struct run *run_new(enum program program, double width_s)
{
    struct run *run = calloc(1, sizeof(*run));

    if (!run)
        return NULL;
    run->program = program;
    run->columns.width_s = width_s;
    run->bins = calloc(RUN_MAX_BINS, sizeof(*run->bins));
    run->guests = calloc(RUN_MAX_GUESTS, sizeof(*run->guests));
    run->by_key = calloc(RUN_MAX_GUESTS, sizeof(*run->by_key));
    run->verdicts = calloc(RUN_MAX_VERDICTS, sizeof(*run->verdicts));
    run->changes = calloc(RUN_MAX_CHANGES, sizeof(*run->changes));
    if (run->bins && run->guests && run->by_key && run->verdicts && run->changes)
        return run;
    run_free(run);
    return NULL;
}

static void free_texts(const struct run_change *change)
{
    free((void *)change->what);
    free((void *)change->reason);
}

void run_free(struct run *run)
{
    if (!run)
        return;
    for (size_t i = 0; i < run->n_bins; i++)
        for (int s = 0; s < RUN_BIN_VALUES; s++)
            free(run->bins[i].values[s]);
    for (size_t i = 0; i < run->n_guests; i++) {
        for (int s = 0; s < RUN_SERIES; s++)
            free(run->guests[i].values[s]);
        free(run->guests[i].where);
    }
    for (size_t i = 0; i < run->n_changes; i++)
        free_texts(run_change_at(run, i));
    free(run->bins);
    free(run->guests);
    free(run->by_key);
    free(run->verdicts);
    free(run->changes);
    free(run);
}

/* ---- Time ---- */

/* Of two columns the place where it waited longer. */
static void halve_where(struct run_guest *guest)
{
    const struct cell *waited = guest->values[RUN_WAITED];

    for (size_t i = 0; i < MAX_COLUMNS; i++) {
        size_t a = 2 * i, b = a + 1;

        if (b >= MAX_COLUMNS)
            guest->where[i] = 0;
        else if (waited && waited[b].n && (!waited[a].n || waited[b].max > waited[a].max))
            guest->where[i] = guest->where[b];
        else
            guest->where[i] = guest->where[a];
    }
}

static void halve_guest(struct run_guest *guest, unsigned halvings)
{
    for (; halvings > 0; halvings--) {
        if (guest->where)
            halve_where(guest);
        for (int s = 0; s < RUN_SERIES; s++)
            if (guest->values[s])
                cells_halve(guest->values[s], 1);
    }
}

static void halve_verdict(struct run_verdict *verdict, unsigned halvings)
{
    for (; halvings > 0; halvings--)
        for (size_t i = 0; i < MAX_COLUMNS; i++)
            verdict->n[i] = 2 * i + 1 < MAX_COLUMNS ? verdict->n[2 * i] + verdict->n[2 * i + 1] : 0;
}

static void halve(struct run *run, unsigned halvings)
{
    halvings = halvings < 16 ? halvings : 16;
    for (int s = 0; s < RUN_SERIES; s++)
        cells_halve(run->host[s], halvings);
    for (size_t i = 0; i < run->n_bins; i++)
        for (int s = 0; s < RUN_BIN_VALUES; s++)
            if (run->bins[i].values[s])
                cells_halve(run->bins[i].values[s], halvings);
    for (size_t i = 0; i < run->n_guests; i++)
        halve_guest(&run->guests[i], halvings);
    for (size_t i = 0; i < run->n_verdicts; i++)
        halve_verdict(&run->verdicts[i], halvings);
}

void run_decided(struct run *run, const char *name, size_t n_intervals)
{
    size_t i = 0;
    char shown[sizeof(run->verdicts[0].name)] = "";

    text_shown(name, shown, sizeof(shown));
    while (i < run->n_verdicts && strcmp(run->verdicts[i].name, shown) != 0)
        i++;
    if (i == RUN_MAX_VERDICTS)
        return;
    if (i == run->n_verdicts) {
        run->n_verdicts++;
        memcpy(run->verdicts[i].name, shown, sizeof(shown));
    }
    run->verdicts[i].n[run->column] += (unsigned)n_intervals;
    run->is_of_minutes |= n_intervals > 1;
}

void run_begin(struct run *run, double t_s, size_t n_intervals)
{
    unsigned halvings;

    if (!isfinite(t_s))
        t_s = run->last_s;
    if (run->columns.n == 0)
        run->first_s = run->last_s = t_s;
    run->last_s = fmax(run->last_s, t_s);
    run->column = columns_at(&run->columns, t_s, &halvings);
    halve(run, halvings);
    run->n_intervals += n_intervals;
}

void run_widen(struct run *run, double width_s)
{
    unsigned halvings;

    if (!isfinite(width_s))
        return;
    columns_widen(&run->columns, width_s, &halvings);
    halve(run, halvings);
}

/* ---- Who ---- */

int run_bin(struct run *run, const char *name)
{
    char shown[RUN_NAME_SIZE] = "";

    text_shown(name, shown, sizeof(shown));
    for (size_t i = 0; i < run->n_bins; i++)
        if (strcmp(run->bins[i].name, shown) == 0)
            return (int)i;
    if (run->n_bins == RUN_MAX_BINS) {
        run->has_more_bins = true;
        return -1;
    }
    memcpy(run->bins[run->n_bins].name, shown, sizeof(shown));
    return (int)run->n_bins++;
}

static int compare_key(const struct run_guest *guest, const char *key, size_t n)
{
    int order = strncmp(guest->key, key, n);

    return order ? order : guest->key[n] != '\0';
}

/* Where the key is in the order of keys, or would be. */
static size_t search(const struct run *run, const char *key, size_t n)
{
    size_t low = 0, high = run->n_guests;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_key(&run->guests[run->by_key[middle]], key, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Who comes behind the one before is looked at first: samples keep their order. */
struct run_guest *run_known(struct run *run, const char *key, size_t n)
{
    size_t at;

    if (n >= RUN_NAME_SIZE)
        n = RUN_NAME_SIZE - 1;
    for (size_t i = run->hint; i < run->n_guests && i < run->hint + 2; i++)
        if (compare_key(&run->guests[i], key, n) == 0) {
            run->hint = i;
            return &run->guests[i];
        }
    at = search(run, key, n);
    if (at == run->n_guests || compare_key(&run->guests[run->by_key[at]], key, n) != 0)
        return NULL;
    run->hint = run->by_key[at];
    return &run->guests[run->hint];
}

int run_guest(struct run *run, const char *key, const char *name)
{
    struct run_guest *guest = run_known(run, key, strlen(key));
    size_t at;

    if (guest)
        return (int)(guest - run->guests);
    if (run->n_guests == RUN_MAX_GUESTS) {
        run->has_more_guests = true;
        return -1;
    }
    at = search(run, key, strnlen(key, RUN_NAME_SIZE - 1));
    memmove(&run->by_key[at + 1], &run->by_key[at], (run->n_guests - at) * sizeof(*run->by_key));
    run->by_key[at] = run->n_guests;
    guest = &run->guests[run->n_guests];
    snprintf(guest->key, sizeof(guest->key), "%s", key);
    text_shown(name, guest->name, sizeof(guest->name));
    return (int)run->n_guests++;
}

/* ---- Values ---- */

static void set(struct run *run, struct cell **cells, double value)
{
    if (!isfinite(value))
        return;
    if (!*cells)
        *cells = calloc(MAX_COLUMNS, sizeof(**cells));
    if (*cells)
        cell_add(&(*cells)[run->column], value);
    else
        run->no_memory = true;
}

void run_set_host(struct run *run, int series, double value)
{
    cell_add(&run->host[series][run->column], value);
}

void run_set_bin(struct run *run, int bin, enum run_bin_value series, double value)
{
    if (bin >= 0)
        set(run, &run->bins[bin].values[series], value);
}

void run_set_guest(struct run *run, int guest, int series, double value)
{
    if (guest >= 0)
        set(run, &run->guests[guest].values[series], value);
}

void run_set_where(struct run *run, int guest, unsigned pcpu, double value)
{
    struct run_guest *of = guest >= 0 ? &run->guests[guest] : NULL;
    const struct cell *waited = of ? of->values[RUN_WAITED] : NULL;

    if (!of || pcpu >= 0xffff ||
        (of->where && waited && waited[run->column].n && waited[run->column].max > value))
        return;
    if (!of->where)
        of->where = calloc(MAX_COLUMNS, sizeof(*of->where));
    if (of->where)
        of->where[run->column] = (unsigned short)(pcpu + 1);
    else
        run->no_memory = true;
}

/* ---- Changes ---- */

static char *printable(const char *text)
{
    size_t size = strnlen(text, MAX_TEXT) + 1;
    char *copy = malloc(size);

    if (copy)
        text_shown(text, copy, size);
    return copy;
}

struct run_change *run_change_at(const struct run *run, size_t i)
{
    return &run->changes[(run->first_change + i) % RUN_MAX_CHANGES];
}

void run_add_change(struct run *run, int guest, const struct run_change *change)
{
    struct run_change *kept;

    run->all_changes++;
    if (guest < 0)
        return;
    run->guests[guest].n_changes++;
    if (run->n_changes == RUN_MAX_CHANGES) {
        free_texts(run_change_at(run, 0));
        run->first_change = (run->first_change + 1) % RUN_MAX_CHANGES;
        run->n_changes--;
    }
    kept = run_change_at(run, run->n_changes);
    *kept = *change;
    kept->guest = (size_t)guest;
    kept->what = printable(change->what);
    kept->reason = printable(change->reason);
    if (kept->what && kept->reason) {
        run->n_changes++;
        run->kept_changes++;
        return;
    }
    free_texts(kept);
    run->no_memory = true;
}

void run_drop_bins(struct run *run)
{
    int *places = calloc(run->n_bins + 1, sizeof(*places));
    size_t n = 0;

    if (!places) {
        run->no_memory = true;
        return;
    }
    for (size_t b = 0; b < run->n_bins; b++) {
        places[b] = run->bins[b].values[RUN_LOAD] ? (int)n : -1;
        if (places[b] >= 0)
            run->bins[n++] = run->bins[b];
        else
            free(run->bins[b].values[RUN_BACKGROUND]);
    }
    memset(&run->bins[n], 0, (run->n_bins - n) * sizeof(*run->bins));
    run->n_bins = n;
    for (size_t i = 0; i < run->n_changes; i++) {
        struct run_change *change = run_change_at(run, i);

        change->bin = change->bin >= 0 ? places[change->bin] : -1;
    }
    free(places);
}
