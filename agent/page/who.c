/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/who.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/page/draw.h"

/* Percent of the time that was wanted: in the worst column, or in all the run. Below, it is how kernels
 * schedule. */
static const double min_waiting = 10, min_waiting_whole = 3;
/* Percent of a pCPU: of less nobody tells how long it waited. */
static const double min_wanted = 2;
/* MiB: a step of a balloon. */
static const double min_lack = 8;
/* Percent of a pCPU. */
static const double full = 90, much_less = 10, much_background = 20;

static const struct cell *cell_of(const struct run *run, size_t guest, int series, size_t column)
{
    static const struct cell none;
    const struct cell *cells = run->guests[guest].values[series];

    return cells ? &cells[column] : &none;
}

double who_lost(const struct run *run, size_t guest, size_t column)
{
    double used, waited;

    if (run->program == PROGRAM_MEMORY)
        return cell_mean(cell_of(run, guest, RUN_LACKS, column));
    used = cell_mean(cell_of(run, guest, RUN_USED, column));
    waited = cell_mean(cell_of(run, guest, RUN_WAITED, column));
    return used + waited < min_wanted ? 0 : 100 * waited / (used + waited);
}

static double lost_in_all(const struct run *run, size_t guest)
{
    double used = 0, waited = 0, lacked = 0;
    unsigned n = 0;

    for (size_t c = 0; c < run->columns.n; c++) {
        const struct cell *lacks = cell_of(run, guest, RUN_LACKS, c);

        lacked += lacks->sum;
        n += lacks->n;
        used += cell_of(run, guest, RUN_USED, c)->sum;
        waited += cell_of(run, guest, RUN_WAITED, c)->sum;
    }
    if (run->program == PROGRAM_MEMORY)
        return n ? lacked / n : 0;
    return used + waited > 0 ? 100 * waited / (used + waited) : 0;
}

/* By how much of all, not by share: one that hardly wants anything suffers little. */
static double weight_of(const struct run *run, size_t guest, size_t column)
{
    return run->program == PROGRAM_MEMORY ? who_lost(run, guest, column)
                                          : cell_mean(cell_of(run, guest, RUN_WAITED, column));
}

static struct sufferer look_at(const struct run *run, size_t guest)
{
    struct sufferer who = {.guest = guest, .whole = lost_in_all(run, guest)};
    double most = 0;

    for (size_t c = 0; c < run->columns.n; c++) {
        double weight = weight_of(run, guest, c);

        if (!(weight > most) || !(who_lost(run, guest, c) > 0))
            continue;
        most = weight;
        who.column = c;
        who.worst = who_lost(run, guest, c);
    }
    who.begin = who.end = who.column;
    while (who.begin > 0 && who_lost(run, guest, who.begin - 1) >= who.worst / 2)
        who.begin--;
    while (who.end + 1 < run->columns.n && who_lost(run, guest, who.end + 1) >= who.worst / 2)
        who.end++;
    return who;
}

static bool is_worth_telling(const struct run *run, const struct sufferer *who)
{
    if (run->program == PROGRAM_MEMORY)
        return who->worst >= min_lack;
    return who->worst >= min_waiting || who->whole >= min_waiting_whole;
}

/* Those who are worth telling of first; then who lost most; then who has waited at all. */
static int compare(const void *a, const void *b)
{
    const struct sufferer *x = a, *y = b;
    double difference = (y->whole + y->worst / 10) - (x->whole + x->worst / 10);

    if (x->is_told != y->is_told)
        return x->is_told ? -1 : 1;
    if (difference != 0)
        return difference > 0 ? 1 : -1;
    return x->guest < y->guest ? -1 : x->guest > y->guest;
}

bool who_is_known(const struct run *run)
{
    int series = run->program == PROGRAM_MEMORY ? RUN_IN_USE : RUN_WAITED;

    for (size_t g = 0; g < run->n_guests; g++)
        if (run->guests[g].values[series])
            return true;
    return false;
}

struct sufferer *who_suffered(const struct run *run, size_t *ret_n)
{
    struct sufferer *all = calloc(run->n_guests + 1, sizeof(*all));

    *ret_n = 0;
    for (size_t g = 0; all && g < run->n_guests; g++) {
        all[g] = look_at(run, g);
        all[g].is_told = is_worth_telling(run, &all[g]);
        *ret_n += all[g].is_told;
    }
    if (all)
        qsort(all, run->n_guests, sizeof(*all), compare);
    return all;
}

/* ---- Why ---- */

/* How busy all bins were in a column; the fullest one's place, or -1. */
static double mean_load(const struct run *run, size_t column, int *ret_fullest)
{
    double sum = 0, most = -1;
    size_t n = 0;

    *ret_fullest = -1;
    for (size_t b = 0; b < run->n_bins; b++) {
        const struct cell *cells = run->bins[b].values[RUN_LOAD];
        double load = cells ? cell_mean(&cells[column]) : NAN;

        if (isnan(load))
            continue;
        sum += load;
        n++;
        if (load > most) {
            most = load;
            *ret_fullest = (int)b;
        }
    }
    return n ? sum / (double)n : NAN;
}

/* What other programs took where it waited most; NAN: that is not known. */
static double background_there(const struct run *run, const struct run_guest *guest, size_t column)
{
    char name[20];

    if (!guest->where || !guest->where[column])
        return NAN;
    snprintf(name, sizeof(name), "%d", guest->where[column] - 1);
    for (size_t b = 0; b < run->n_bins; b++)
        if (strcmp(run->bins[b].name, name) == 0 && run->bins[b].values[RUN_BACKGROUND])
            return cell_mean(&run->bins[b].values[RUN_BACKGROUND][column]);
    return NAN;
}

static void why_vcpus(const struct run *run, const struct sufferer *who, char *ret)
{
    const struct run_guest *guest = &run->guests[who->guest];
    size_t c = who->column;
    double around = cell_mean(cell_of(run, who->guest, RUN_AROUND, c));
    double background = background_there(run, guest, c);
    int fullest;
    double mean = mean_load(run, c, &fullest);
    char there[60] = "";

    if (guest->where && guest->where[c])
        snprintf(there, sizeof(there), " (it waited most on pCPU %d)", guest->where[c] - 1);
    if (isnan(mean))
        snprintf(ret, WHO_TEXT_SIZE, "How busy the pCPUs were is not known.");
    else if (isnan(around))
        snprintf(ret, WHO_TEXT_SIZE,
                 "Where it ran is not known. The fullest pCPU, %s, was %.0f %% busy then, all of "
                 "them %.0f %% on average.",
                 run->bins[fullest].name, cell_mean(&run->bins[fullest].values[RUN_LOAD][c]), mean);
    else if (around < full)
        snprintf(
            ret, WHO_TEXT_SIZE,
            "The pCPUs where it ran had room, they were %.0f %% busy%s: a quota stopped it, or "
            "it wanted more than fits for moments only.",
            around, there);
    else if (mean < around - much_less)
        snprintf(ret, WHO_TEXT_SIZE,
                 "It was crowded: the pCPUs where it ran were %.0f %% busy%s, all of them %.0f %% "
                 "on average.",
                 around, there, mean);
    else
        snprintf(ret, WHO_TEXT_SIZE,
                 "The host was full: all pCPUs were %.0f %% busy on average, and no move helps "
                 "against that%s.",
                 mean, there);
    if (background >= much_background)
        snprintf(ret + strlen(ret), WHO_TEXT_SIZE - strlen(ret),
                 " Other programs than guests took %.0f %% of that pCPU.", background);
}

static void why_memory(const struct run *run, const struct sufferer *who, char *ret)
{
    size_t c = who->column;
    double spare = cell_mean(&run->host[RUN_FREE][c]),
           reserve = cell_mean(&run->host[RUN_RESERVE][c]);
    double promised = cell_mean(&run->host[RUN_PROMISED][c]);
    double size = cell_mean(cell_of(run, who->guest, RUN_SIZE, c));
    double target = cell_mean(cell_of(run, who->guest, RUN_TARGET, c));

    if (isnan(spare) || isnan(reserve) || isnan(size))
        snprintf(ret, WHO_TEXT_SIZE, "What the host had is not known.");
    else if (spare - (isnan(promised) ? 0 : promised) - reserve < min_lack)
        snprintf(
            ret, WHO_TEXT_SIZE,
            "The host had nothing to give: of %.0f MiB free, %.0f MiB are its reserve and %.0f "
            "MiB were promised.",
            spare, reserve, isnan(promised) ? 0 : promised);
    else if (target > size + 1 && who->worst > target - size + min_lack)
        snprintf(ret, WHO_TEXT_SIZE,
                 "It was to hold %.0f MiB and held %.0f MiB, and more could not be spared: of %.0f "
                 "MiB free on the host, %.0f MiB are its reserve and %.0f MiB were promised.",
                 target, size, spare, reserve, isnan(promised) ? 0 : promised);
    else if (target > size + 1)
        snprintf(ret, WHO_TEXT_SIZE,
                 "It was to hold %.0f MiB and held %.0f MiB: its balloon was slower than its need.",
                 target, size);
    else
        snprintf(
            ret, WHO_TEXT_SIZE,
            "It held all that it was to hold, %.0f MiB: it was at its ceiling, nothing could be "
            "spared, or its need was not foreseen. The host had %.0f MiB free.",
            size, spare);
}

void who_why(const struct run *run, const struct sufferer *who, char ret[WHO_TEXT_SIZE])
{
    ret[0] = '\0';
    if (run->program == PROGRAM_VCPU)
        why_vcpus(run, who, ret);
    else
        why_memory(run, who, ret);
}

void who_done(const struct run *run, const struct sufferer *who, char ret[WHO_TEXT_SIZE])
{
    double from_s = run->columns.start_s + (double)who->begin * run->columns.width_s;
    const struct run_change *found = NULL;
    char at[40];

    for (size_t i = 0; i < run->n_changes && !found; i++) {
        const struct run_change *change = run_change_at(run, i);

        if (change->guest == who->guest && change->t_s >= from_s && !change->failed)
            found = change;
    }
    if (found)
        snprintf(ret, WHO_TEXT_SIZE, "%s: %s%s. %s.", draw_time(run, found->t_s, at, sizeof(at)),
                 found->would_be ? "would have brought " : "", found->what, found->reason);
    else
        snprintf(ret, WHO_TEXT_SIZE, "Nothing of it was changed from then on.");
}
