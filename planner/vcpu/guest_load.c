/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/guest_load.h"

#include <math.h>

#include "planner/vcpu/track.h"

/* Seen so often, a guest's own noise is known. */
static const double SEEN = 8;
/* Of a pCPU, where nobody is busy that could be asked. */
static const double UNKNOWN = 0.5;

/* Of its vCPUs that run. Whether all of them are known. */
static bool sum_up(const struct vcpu_sample *sample, const struct vcpu_track *track, size_t first,
                   size_t n, double *ret_sum, size_t *ret_n)
{
    bool is_known = true;

    *ret_sum = 0;
    *ret_n = 0;
    for (size_t i = first; i < first + n; i++) {
        if (!sample->vcpus[i].running)
            continue;
        is_known = is_known && track[i].known;
        *ret_sum += demand_at_full_rate(track[i].observed, track[i].speed);
        ++*ret_n;
    }
    return is_known && *ret_n > 0;
}

static void observe(double mean, size_t n, double elapsed_s, struct guest_load *load)
{
    const struct vcpu_history *history = &load->history;

    if (load->n == n)
        vcpu_history_next(history, mean, elapsed_s, &load->history);
    else
        vcpu_history_begin(mean, &load->history);
    load->n = n;
    load->demand = (double)n * vcpu_history_forecast(history, mean, elapsed_s);
    /* around the mean of the same few observations they vary too little by one of them */
    load->error = (double)n * vcpu_history_error(history, elapsed_s) *
                  sqrt(history->n / fmax(1, history->n - 1));
}

void guest_load_next(const struct vcpu_sample *sample, double elapsed_s, bool is_first,
                     struct vcpu_track *track)
{
    size_t n;

    for (size_t i = 0; i < sample->n_vcpus; i += n) {
        double sum;
        size_t n_running;

        n = vcpu_sample_guest_size(sample, i);
        if (track[i].guest.n == 0)
            track[i].guest.started = !is_first;
        if (elapsed_s > 0 && sum_up(sample, track, i, n, &sum, &n_running))
            observe(sum / (double)n_running, n_running, elapsed_s, &track[i].guest);
    }
}

bool guest_load_is_new(const struct guest_load *load)
{
    return load->n > 0 && load->started && load->history.seen_s < VCPU_HISTORY_WATCHED_S;
}

double guest_load_promise(const struct vcpu_sample *sample, const struct vcpu_track *track)
{
    double sum = 0, n_busy = 0;
    size_t n;

    for (size_t first = 0; first < sample->n_vcpus; first += n) {
        n = vcpu_sample_guest_size(sample, first);
        for (size_t i = first; !guest_load_is_new(&track[first].guest) && i < first + n; i++)
            if (sample->vcpus[i].running && track[i].demand >= VCPU_IDLE) {
                sum += demand_at_full_rate(track[i].demand, track[i].speed);
                n_busy++;
            }
    }
    return n_busy > 0 ? sum / n_busy : UNKNOWN;
}

double guest_load_usual_variance(const struct vcpu_sample *sample, const struct vcpu_track *track)
{
    double sum = 0, n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct guest_load *load = &track[i].guest;

        if (load->n == 0 || load->history.n < SEEN)
            continue;
        sum += pow((double)load->n, 2) * load->history.variance;
        n += (double)load->n;
    }
    return n > 0 ? sum / n : 0;
}

double guest_load_variance(const struct guest_load *load, double usual)
{
    double own = load->error * load->error, n = load->history.n;

    return n < SEEN ? fmax(own, (double)load->n * usual / fmax(1, n - 1)) : own;
}
