/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/memory_rules.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double MIB = 1024;

static double mom_size(const struct memory_reading *guest, double host_free)
{
    double size = (double)guest->actual_kib;
    double keeps = host_free < 0.05 ? 0.05 : 0.2;
    double needs = size - (double)guest->unused_kib + keeps * size;
    double to = host_free < 0.2 ? fmin(size, fmax(needs, 0.95 * size))
                                : fmin((double)guest->maximum_kib, fmax(needs, 1.05 * size));

    return fabs(to - size) < 0.0025 * size ? size : to;
}

void memory_rule_mom(const struct memory_sample *sample, double *sizes_kib)
{
    double host_free = (double)sample->host_available_kib / (double)sample->host_total_kib;

    for (size_t i = 0; i < sample->n_guests; i++)
        sizes_kib[i] = mom_size(&sample->guests[i], host_free);
}

static double least_of(const struct memory_reading *guest)
{
    return 0.25 * (double)guest->maximum_kib;
}

static bool has_idle(const struct memory_reading *guest)
{
    return (double)guest->unused_kib > 0.25 * least_of(guest);
}

/* A class is shared out in rounds: each guest is to have its minimum and a like share of what the class
 * has above that and of the goal. Growth takes from nobody and shrinking gives to nobody, so that a
 * round may overshoot, and the next one goes back. */
struct share_out {
    const struct memory_sample *sample;
    bool is_idle; /* the class */
    double goal_kib;
    double *sizes_kib;
    bool *at_limit; /* [n_guests] no further in this call */
};

static bool is_open(const struct share_out *out, size_t i)
{
    return has_idle(&out->sample->guests[i]) == out->is_idle && !out->at_limit[i];
}

static double share_of(const struct share_out *out)
{
    double above = out->goal_kib;
    size_t n = 0;

    for (size_t i = 0; i < out->sample->n_guests; i++) {
        if (is_open(out, i)) {
            above += out->sizes_kib[i] - least_of(&out->sample->guests[i]);
            n++;
        }
    }
    return n ? above / (double)n : 0;
}

/* A step is 100 MiB from where the guest is. */
static double within_limits(const struct memory_reading *guest, double to, bool *ret_at_limit)
{
    const double step = 100 * MIB;
    double size = (double)guest->actual_kib;
    double high = fmin(size + step, fmax(size - step, (double)guest->maximum_kib));
    double low = fmax(size - step, fmin(size + step, least_of(guest)));

    *ret_at_limit = to > high || to < low;
    return fmin(high, fmax(low, to));
}

/* Returns how far sizes went. */
static double round_of(struct share_out *out)
{
    double share = share_of(out), changed = 0;

    for (size_t i = 0; i < out->sample->n_guests; i++) {
        const struct memory_reading *guest = &out->sample->guests[i];
        double old = out->sizes_kib[i], to;

        if (!is_open(out, i))
            continue;
        to = within_limits(guest, least_of(guest) + share, &out->at_limit[i]);
        out->sizes_kib[i] = out->goal_kib > 0 ? fmax(old, to) : fmin(old, to);
        changed += out->sizes_kib[i] - old;
    }
    out->goal_kib -= changed;
    return fabs(changed);
}

static double serve_class(const struct memory_sample *sample, bool is_idle, double goal_kib,
                          double *sizes_kib)
{
    struct share_out out = {sample, is_idle, goal_kib, sizes_kib,
                            calloc(sample->n_guests + 1, sizeof(bool))};

    if (!out.at_limit)
        abort();
    for (int k = 0; k < 20 && fabs(out.goal_kib) > MIB; k++)
        if (round_of(&out) < MIB)
            break;
    free(out.at_limit);
    return out.goal_kib;
}

void memory_rule_proxmox(const struct memory_sample *sample, double *sizes_kib)
{
    const double least_goal = 10 * MIB;
    double used = (double)(sample->host_total_kib - sample->host_available_kib);
    double goal = 0.8 * (double)sample->host_total_kib - used;

    for (size_t i = 0; i < sample->n_guests; i++)
        sizes_kib[i] = (double)sample->guests[i].actual_kib;
    if (fabs(goal) < least_goal)
        return;
    goal = serve_class(sample, goal < 0, goal, sizes_kib);
    if (fabs(goal) > least_goal)
        serve_class(sample, goal > 0, goal, sizes_kib);
}
