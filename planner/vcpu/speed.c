/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/speed.h"

#include <math.h>

#include "planner/base/plan.h"

/* Below the one noise is too large a part, and what is above the other may be cut off by the
 * pCPU. */
static const double MIN_TOLD = 0.1;
static const double MAX_TOLD = PLAN_CUT_OFF_PERMILLE / 1000.0;
/* What a trial may teach at most: half as long again, or two thirds. More than that is another
 * load. */
static const double MAX_NEWS = 0.4;
/* The part of a trial that is believed in the end: speeds change with clocks and neighbours. */
static const double MIN_GAIN = 0.1;
/* Differences below this are not told from noise. */
static const double SAME = 0.05;
/* vCPUs that differ by less, and by the part above of what they want, are alike: points of
 * noise. */
static const double ALIKE = 0.02;
/* Means of a few vCPUs that differ by less than a tenth differ by chance, and no swap is worth
 * it. */
static const double MIN_SUSPECTED = 0.1;
/* pCPUs that differ by more than e^0.26, 30 %, are of two kinds; then it is sooner the guests that
 * do. */
static const double MAX_SUSPECTED = 0.262;
static const double TRIED_AFTER_S = 600;
/* Half of the first trial is believed, so that noise of a third makes 16 % of it. With so many it is
 * none that is worth telling. */
enum { TOLD_APART = 4 };
static const double LOOKED_AT_S = 30;
/* On a pCPU with more demand than this somebody waits. */
static const double FULL = 1.05;

void speed_carry(const struct pcpu_speed *before, size_t n_before, const struct vcpu_sample *sample,
                 struct pcpu_speed *ret)
{
    size_t at = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        unsigned id = sample->pcpus[p].id;

        while (at < n_before && before[at].id < id)
            at++;
        ret[p] = at < n_before && before[at].id == id ? before[at] : (struct pcpu_speed){.id = id};
    }
}

static struct pcpu_speed *find(struct pcpu_speed *speeds, size_t n, int id)
{
    for (size_t p = 0; p < n; p++)
        if ((int)speeds[p].id == id)
            return &speeds[p];
    return NULL;
}

static bool is_told(double before, double after)
{
    return before >= MIN_TOLD && before < MAX_TOLD && after >= MIN_TOLD && after < 1;
}

/* The mean change of those that stayed on a pCPU. Whether there is one. */
static bool change_of_stayers(const struct vcpu_trial *trials, const double *after, size_t n,
                              int pcpu, double *ret)
{
    double sum = 0;
    size_t stayers = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_told(trials[i].before, after[i]) || trials[i].from != pcpu || trials[i].to != pcpu)
            continue;
        sum += log(after[i] / trials[i].before);
        stayers++;
    }
    *ret = stayers ? sum / (double)stayers : 0;
    return stayers > 0;
}

void speed_learn(struct pcpu_speed *speeds, size_t n_speeds, const struct vcpu_trial *trials,
                 const double *after, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct vcpu_trial *trial = &trials[i];
        struct pcpu_speed *from, *to;
        double change, news, gain;

        if (!is_told(trial->before, after[i]) || trial->from == trial->to)
            continue;
        from = find(speeds, n_speeds, trial->from);
        to = find(speeds, n_speeds, trial->to);
        if (!from || !to ||
            (!change_of_stayers(trials, after, n, trial->from, &change) && trial->waited))
            continue;
        news = log(after[i] / trial->before) - change - (to->log_cost - from->log_cost);
        news = fmin(MAX_NEWS, fmax(-MAX_NEWS, news));
        gain = fmax(MIN_GAIN, 1 / (fmin(from->votes, to->votes) + 2));
        from->log_cost -= gain * news / 2;
        to->log_cost += gain * news / 2;
        from->votes++;
        to->votes++;
    }
}

/* At least two vCPUs are pinned to the pCPU, and all that are want about the same. */
static double mean_if_alike(const struct vcpu_sample *sample, const double *demand, int p)
{
    double sum = 0, least = 1, most = 0;
    size_t n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (sample->vcpus[i].at != p || demand[i] < MIN_TOLD)
            continue;
        sum += demand[i];
        least = fmin(least, demand[i]);
        most = fmax(most, demand[i]);
        n++;
    }
    return n >= 2 && sum < FULL && most - least <= ALIKE + SAME * most ? sum / (double)n : 0;
}

void speed_compare(struct pcpu_speed *speeds, const struct vcpu_sample *sample,
                   const double *demand, double elapsed_s)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        speeds[p].mean = mean_if_alike(sample, demand, (int)p);
        speeds[p].alike_s = speeds[p].mean > 0 ? speeds[p].alike_s + elapsed_s : 0;
    }
}

static bool is_comparable(const struct pcpu_speed *speed)
{
    return speed->votes == 0 && speed->mean > 0 && speed->alike_s < TRIED_AFTER_S;
}

/* As learnt; where nothing was learnt, as it looks. */
static double log_cost_of(const struct pcpu_speed *speed, double least_mean)
{
    double suspected = is_comparable(speed) ? log(speed->mean / least_mean) : 0;

    if (speed->votes > 0)
        return speed->log_cost;
    return suspected >= MIN_SUSPECTED && suspected <= MAX_SUSPECTED ? suspected : 0;
}

static double least_mean(const struct pcpu_speed *speeds, size_t n)
{
    double least = 1;

    for (size_t p = 0; p < n; p++)
        least = is_comparable(&speeds[p]) ? fmin(least, speeds[p].mean) : least;
    return least;
}

void speed_costs(const struct pcpu_speed *speeds, const struct vcpu_sample *sample, double *cost)
{
    double fastest = INFINITY, least = least_mean(speeds, sample->n_pcpus);

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (sample->pcpus[p].use == PCPU_USABLE)
            fastest = fmin(fastest, log_cost_of(&speeds[p], least));
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        double beyond = log_cost_of(&speeds[p], least) - fastest;

        cost[p] = beyond > SAME && sample->pcpus[p].use == PCPU_USABLE ? exp(beyond) : 1;
    }
}

/* Tried often enough, or looked at long enough. */
static bool is_told_apart(const struct pcpu_speed *speeds, const struct vcpu_sample *sample,
                          size_t p)
{
    return sample->pcpus[p].use == PCPU_USABLE &&
           (speeds[p].votes >= TOLD_APART ||
            (is_comparable(&speeds[p]) && speeds[p].alike_s >= LOOKED_AT_S));
}

struct speed_yardstick speed_yardstick(const struct pcpu_speed *speeds,
                                       const struct vcpu_sample *sample)
{
    struct speed_yardstick ret = {.least_mean = least_mean(speeds, sample->n_pcpus),
                                  .fastest = INFINITY};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (is_told_apart(speeds, sample, p))
            ret.fastest = fmin(ret.fastest, log_cost_of(&speeds[p], ret.least_mean));
    return ret;
}

double speed_cost_to_tell(const struct speed_yardstick *yardstick, const struct pcpu_speed *speeds,
                          const struct vcpu_sample *sample, size_t pcpu)
{
    return is_told_apart(speeds, sample, pcpu)
               ? exp(log_cost_of(&speeds[pcpu], yardstick->least_mean) - yardstick->fastest)
               : 1;
}
