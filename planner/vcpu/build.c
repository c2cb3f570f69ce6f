/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/build.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A move costs 10 units plus one per 10 % of demand: the busier a vCPU, the more cache it leaves
 * behind. At 50 % that is 15, the average to which the weight of the deviation refers. */
#define MOVE_BASE 10
#define MOVE_AVERAGE 15
/* The first pin of a floating vCPU: the kernel moves it every now and then anyway. */
#define PLACE_AWAY 3
/* Variance: a move pays where it takes two pCPUs that are this many points off to the mean. */
#define HALF_IMBALANCE_POINTS 5.0

#define LABEL_MAX (GUEST_NAME_MAX + 12)

/* One price unit is worth 1 / kappa points. To lower the largest deviation every pCPU beyond it has
 * to be touched, and there are more of them on a larger host: kappa grows with the pCPUs, steeply
 * while a pair of them decides it, then slowly (models/README.md, "In the closed loop"). On a small
 * host an average move has to save no more than 4 points: two moves that take a quarter off the
 * largest deviation would not be made otherwise. */
static int kappa_for(const struct vcpu_settings *settings, size_t n_pcpus)
{
    double m = (double)n_pcpus;
    double kappa = fmax(4.0, fmin(2.0 * (m - 3.0), 20.0 + 0.4 * m));

    if (settings->penalty_points > 0.0)
        kappa = MOVE_AVERAGE / settings->penalty_points;
    return (int)fmax(1.0, fmin(1e6, round(kappa)));
}

static int nu_milli_for(const struct vcpu_settings *settings)
{
    double half = settings->penalty_points > 0.0 ? settings->penalty_points : HALF_IMBALANCE_POINTS;

    return (int)fmax(1.0, fmin(1e6, round(1000.0 * MOVE_AVERAGE / (2.0 * half * half))));
}

void vcpu_case_done(struct vcpu_case *c)
{
    if (!c)
        return;
    free((void *)c->problem.demand_permille);
    free((void *)c->problem.current);
    free((void *)c->problem.price);
    free((void *)c->problem.allowed);
    free((void *)c->problem.background_permille);
    free((void *)c->problem.labels);
    free(c->index);
    free(c->roles);
    free(c->demand_permille);
    free(c->planned_permille);
    free(c->now_permille);
    free(c->label_text);
    memset(c, 0, sizeof(*c));
}

/* The arrays of the problem while they are filled; the problem itself only shows them as const. */
struct arrays {
    int *demand, *current, *price, *background;
    bool *allowed;
};

static int allocate(size_t n, size_t m, struct vcpu_case *c, struct arrays *arrays)
{
    *arrays = (struct arrays){
        .demand = calloc(n + 1, sizeof(int)),
        .current = calloc(n + 1, sizeof(int)),
        .price = calloc(n * m + 1, sizeof(int)),
        .background = calloc(m + 1, sizeof(int)),
        .allowed = calloc(n * m + 1, sizeof(bool)),
    };
    c->problem.demand_permille = arrays->demand;
    c->problem.current = arrays->current;
    c->problem.price = arrays->price;
    c->problem.background_permille = arrays->background;
    c->problem.allowed = arrays->allowed;
    c->index = calloc(n + 1, sizeof(*c->index));
    c->now_permille = calloc(n + 1, sizeof(*c->now_permille));
    return arrays->demand && arrays->current && arrays->price && arrays->background &&
                   arrays->allowed && c->index && c->now_permille
               ? 0
               : -ENOMEM;
}

static int price_on(const struct vcpu_reading *reading, enum vcpu_role role, int demand_permille,
                    unsigned pcpu)
{
    if (role == VCPU_PLACED)
        return reading->has_last && reading->last_pcpu == pcpu ? 0 : PLACE_AWAY;
    return MOVE_BASE + demand_permille / 100;
}

/* Row i of the problem: vCPU number `from` of the sample. */
static void add_vcpu(const struct vcpu_sample *sample, const struct vcpu_case *c, size_t from,
                     size_t i, const struct arrays *arrays)
{
    const struct vcpu_reading *reading = &sample->vcpus[from];
    enum vcpu_role role = c->roles[from];
    int pcpu = vcpu_placement(reading);
    int bin = pcpu < 0 ? -1 : vcpu_sample_pcpu(sample, (unsigned)pcpu);

    bool asleep = c->settle.waking && c->demand_permille[from] < (int)(1000.0 * VCPU_IDLE);
    bool stays = role == VCPU_STAYS || (role == VCPU_MOVES && asleep);

    arrays->demand[i] = c->planned_permille[from];
    c->now_permille[i] = c->demand_permille[from];
    arrays->current[i] = role == VCPU_MUST ? -1 : bin;
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        size_t at = i * sample->n_pcpus + p;
        bool here = (int)p == arrays->current[i];

        arrays->allowed[at] = stays ? here : cpuset_has(&reading->allowed, sample->pcpus[p].id);
        arrays->price[at] =
            here ? 0 : price_on(reading, role, arrays->demand[i], sample->pcpus[p].id);
    }
}

/* What runs on a pCPU and is not to be moved: the host's own work and barred vCPUs pinned there. */
static void add_background(const struct vcpu_sample *sample, const struct vcpu_case *c,
                           int *background)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        background[p] = sample->pcpus[p].background_permille;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        int pcpu = c->roles[i] == VCPU_BARRED ? vcpu_placement(&sample->vcpus[i]) : -1;
        int bin = pcpu < 0 ? -1 : vcpu_sample_pcpu(sample, (unsigned)pcpu);

        if (bin >= 0)
            background[bin] += c->demand_permille[i];
    }
}

static int add_labels(const struct vcpu_sample *sample, struct vcpu_case *c)
{
    size_t n = c->problem.n_items;
    const char **labels = calloc(n + 1, sizeof(*labels));

    c->problem.labels = labels;
    c->label_text = calloc(n + 1, LABEL_MAX);
    if (!labels || !c->label_text)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[c->index[i]];
        char *text = c->label_text + i * LABEL_MAX;

        snprintf(text, LABEL_MAX, "%s/%u", reading->guest.name, reading->vcpu);
        labels[i] = text;
    }
    return 0;
}

/* The standard deviation of one observation of a busy vCPU that nothing is known about: recorded
 * guests waver by up to 10 points. */
#define UNKNOWN_NOISE 0.03

/* Noise of a pCPU's load is that of its vCPUs together, and the largest of m such deviations is
 * about sqrt(2 ln m) of one (models/README.md). */
static double largest_points(double variance, size_t n_pcpus)
{
    double m = (double)n_pcpus;

    return m > 1.0 ? 100.0 * sqrt(variance / m * 2.0 * log(m)) : 0.0;
}

static void add_noise(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      struct vcpu_case *c)
{
    double noise = 0.0, doubt = 0.0;

    for (size_t i = 0; i < c->problem.n_items; i++) {
        const struct vcpu_track *track = &tracks->track[c->index[i]];

        noise += pow(track->noise, 2.0);
        if (track->demand >= VCPU_IDLE)
            doubt += pow(UNKNOWN_NOISE, 2.0) / (track->steady + 1.0);
    }
    c->noise_points = largest_points(noise, sample->n_pcpus);
    c->doubt_points = largest_points(doubt, sample->n_pcpus);
}

static int judge(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                 const struct vcpu_tracks *tracks, struct vcpu_case *c)
{
    double *demand = calloc(sample->n_vcpus + 1, sizeof(*demand));

    c->roles = calloc(sample->n_vcpus + 1, sizeof(*c->roles));
    c->demand_permille = calloc(sample->n_vcpus + 1, sizeof(*c->demand_permille));
    c->planned_permille = calloc(sample->n_vcpus + 1, sizeof(*c->planned_permille));
    if (!demand || !c->roles || !c->demand_permille || !c->planned_permille) {
        free(demand);
        return -ENOMEM;
    }
    vcpu_roles(settings, sample, tracks, c->roles);
    vcpu_settle(tracks, c->roles, demand, &c->settle);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        c->planned_permille[i] = (int)lround(1000.0 * demand[i]);
        if (c->roles[i] != VCPU_ABSENT)
            c->demand_permille[i] = (int)lround(1000.0 * tracks->track[i].demand);
        c->problem.n_items += vcpu_role_plays(c->roles[i]);
        c->must_act = c->must_act || c->roles[i] == VCPU_PLACED || c->roles[i] == VCPU_MUST;
    }
    free(demand);
    return 0;
}

int vcpu_case_build(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                    const struct vcpu_tracks *tracks, struct vcpu_case *ret)
{
    struct vcpu_case c = {
        .problem = {.n_bins = sample->n_pcpus,
                    .objective = settings->objective,
                    .kappa = kappa_for(settings, sample->n_pcpus),
                    .nu_milli = nu_milli_for(settings)},
    };
    struct arrays arrays = {0};
    size_t n = 0;
    int r = judge(settings, sample, tracks, &c);

    if (r == 0)
        r = allocate(c.problem.n_items, sample->n_pcpus, &c, &arrays);
    if (r < 0)
        goto out;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (!vcpu_role_plays(c.roles[i]))
            continue;
        c.index[n] = i;
        add_vcpu(sample, &c, i, n++, &arrays);
    }
    add_background(sample, &c, arrays.background);
    add_noise(sample, tracks, &c);
    r = settings->keep_lp ? add_labels(sample, &c) : 0;
    if (r < 0)
        goto out;
    *ret = c;
    return 0;
out:
    vcpu_case_done(&c);
    return r;
}
