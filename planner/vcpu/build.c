/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/build.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/floating.h"
#include "planner/vcpu/helpers.h"
#include "planner/vcpu/level.h"
#include "planner/vcpu/threads.h"
#include "planner/vcpu/weight.h"

/* A move costs 10 units plus one per 10 % of demand: the busier a vCPU, the more cache it leaves
 * behind. At 50 % that is 15, the average to which the weight of the deviation refers. */
enum { MOVE_BASE = 10 };
/* The first pin of a floating vCPU: the kernel moves it every now and then anyway. */
enum { PLACE_AWAY = 3 };
/* Points of deviation that one point of overload is worth: more than there are, so that none is bought
 * by a better balance. */
enum { OVERLOAD_POINTS = 100, MOST_OVERLOAD_COST = 100 * 1000 };

/* Points of deviation that each busy vCPU beyond the first of its guest on a pCPU is worth. */
static const double TOGETHER_POINTS = 2;
enum { MOST_TOGETHER_COST = 10 * 1000 };
enum { LABEL_SIZE = GUEST_SHOWN_SIZE + 24 };

void vcpu_build_done(struct vcpu_build *build)
{
    if (!build)
        return;
    free((void *)build->problem.demand_permille);
    free((void *)build->problem.current);
    free((void *)build->problem.price);
    free((void *)build->problem.allowed);
    free((void *)build->problem.background_permille);
    free((void *)build->problem.capacity_permille);
    free((void *)build->problem.group_of);
    free((void *)build->problem.labels);
    vcpu_sets_done(&build->sets);
    free(build->item_of);
    free(build->wide_of);
    free(build->index);
    free(build->pcpu_of);
    free(build->next_pcpu);
    free(build->divides);
    free(build->bin_of_pcpu);
    free(build->background_permille);
    free(build->helpers_permille);
    free(build->error_permille);
    free(build->cost);
    free(build->bin_background);
    free(build->roles);
    free(build->demand_permille);
    free(build->charge_permille);
    free(build->planned_permille);
    free(build->now_permille);
    free(build->if_back_permille);
    free(build->label_text);
    memset(build, 0, sizeof(*build));
}

/* The arrays of the problem while they are filled; the problem itself only shows them as const. */
struct arrays {
    int *demand, *current, *price, *background, *group;
    bool *allowed;
};

static int allocate(size_t n, size_t m, struct vcpu_build *build, struct arrays *arrays)
{
    *arrays = (struct arrays){
        .demand = calloc(n + 1, sizeof(int)),
        .current = calloc(n + 1, sizeof(int)),
        .price = calloc(n * m + 1, sizeof(int)),
        .background = calloc(m + 1, sizeof(int)),
        .group = calloc(n + 1, sizeof(int)),
        .allowed = calloc(n * m + 1, sizeof(bool)),
    };
    build->problem.demand_permille = arrays->demand;
    build->problem.current = arrays->current;
    build->problem.price = arrays->price;
    build->problem.background_permille = arrays->background;
    build->problem.allowed = arrays->allowed;
    build->problem.group_of = arrays->group;
    build->index = calloc(n + 1, sizeof(*build->index));
    build->now_permille = calloc(n + 1, sizeof(*build->now_permille));
    build->if_back_permille = calloc(n + 1, sizeof(*build->if_back_permille));
    return arrays->demand && arrays->current && arrays->price && arrays->background &&
                   arrays->group && arrays->allowed && build->index && build->now_permille &&
                   build->if_back_permille
               ? 0
               : -ENOMEM;
}

/* Whether a vCPU may be planned onto one of a bin's pCPUs. */
static bool may_enter(const struct vcpu_build *build, const bool *may, size_t b)
{
    for (size_t p = build->pcpu_of[b]; p != SIZE_MAX; p = build->next_pcpu[p])
        if (may[p])
            return true;
    return false;
}

static int price_in(const struct vcpu_sample *sample, const struct vcpu_build *build,
                    const struct vcpu_reading *reading, enum vcpu_role role, int demand_permille,
                    size_t b)
{
    int last = reading->has_last ? vcpu_sample_pcpu(sample, (int)reading->last_pcpu) : -1;

    if (role == VCPU_PLACED)
        return last >= 0 && build->bin_of_pcpu[last] == (int)b ? 0 : PLACE_AWAY;
    return MOVE_BASE + demand_permille / 100;
}

/* What is charged if it went half the way back to where it jumped from. */
static double back_permille(const struct vcpu_track *track, int charge_permille)
{
    return track->jumped ? fmax(500 * (track->left + track->demand), 1000 * track->reserve)
                         : charge_permille;
}

/* Row i of the problem: vCPU number `from` of the sample. */
static void add_vcpu(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     const struct vcpu_build *build, size_t from, size_t i,
                     const struct arrays *arrays)
{
    const struct vcpu_reading *reading = &sample->vcpus[from];
    const bool *may = vcpu_track_may(tracks, from);
    enum vcpu_role role = build->roles[from];
    bool is_asleep =
        build->startup.waking && build->demand_permille[from] < (int)(1000 * VCPU_IDLE);
    bool stays = role == VCPU_STAYS || (role == VCPU_MOVES && is_asleep);
    int bin = role == VCPU_MUST || reading->at < 0 ? -1 : build->bin_of_pcpu[reading->at];
    bool is_cut_off = build->demand_permille[from] >= PLAN_CUT_OFF_PERMILLE;
    double cost = reading->at < 0 || is_cut_off ? 1 : build->cost[reading->at];

    arrays->demand[i] = (int)lround(build->planned_permille[from] / cost);
    build->now_permille[i] = (int)lround(build->demand_permille[from] / cost);
    build->if_back_permille[i] =
        (int)lround(back_permille(&tracks->track[from], build->charge_permille[from]) / cost);
    arrays->current[i] = bin;
    for (size_t b = 0; b < build->problem.n_bins; b++) {
        size_t at = i * build->problem.n_bins + b;
        bool is_here = (int)b == bin;

        arrays->allowed[at] = is_here || (!stays && may_enter(build, may, b));
        arrays->price[at] =
            is_here ? 0 : price_in(sample, build, reading, role, arrays->demand[i], b);
    }
}

/* Busy vCPUs of a guest are a group, named after the guest's first item: the sample is sorted. */
static int group_of(const struct vcpu_sample *sample, const struct vcpu_build *build, size_t i)
{
    const struct guest_id *guest = &sample->vcpus[build->index[i]].guest;
    size_t first = i;

    if (build->planned_permille[build->index[i]] < (int)(1000 * VCPU_IDLE))
        return -1;
    while (first > 0 && guest_compare(&sample->vcpus[build->index[first - 1]].guest, guest) == 0)
        first--;
    return (int)first;
}

/* What runs on a pCPU and is not to be moved: other programs, and barred vCPUs pinned there.
 * Programs that go where there is room count alike everywhere. */
static void add_background(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                           const struct vcpu_tracks *tracks, struct vcpu_build *build,
                           int *background)
{
    bool stay = background_habits_are_staying(&tracks->background_habits, settings->stay_votes);
    int n_bins = (int)build->problem.n_bins, sum = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (build->bin_of_pcpu[p] >= 0) {
            sum += build->background_permille[p];
            build->bin_background[build->bin_of_pcpu[p]] += build->background_permille[p];
        }
    for (int b = 0; b < n_bins && !stay; b++)
        build->bin_background[b] = sum / n_bins;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        int p = sample->vcpus[i].at;

        if (build->roles[i] == VCPU_BARRED && p >= 0 && build->bin_of_pcpu[p] >= 0)
            build->bin_background[build->bin_of_pcpu[p]] += build->charge_permille[i];
    }
    for (size_t k = 0; k < build->problem.n_items; k++) {
        size_t i = build->index[k];
        int b = build->problem.current[k];

        if (b >= 0)
            build->bin_background[b] += build->demand_permille[i] - build->now_permille[k];
    }
    memcpy(background, build->bin_background, build->problem.n_bins * sizeof(*background));
}

int vcpu_build_label(const struct vcpu_sample *sample, struct vcpu_build *build)
{
    size_t n = build->problem.n_items;
    const char **labels = calloc(n + 1, sizeof(*labels));

    build->problem.labels = labels;
    build->label_text = calloc(n + 1, LABEL_SIZE);
    if (!labels || !build->label_text)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[build->index[i]];
        char *text = build->label_text + i * LABEL_SIZE;

        snprintf(text, LABEL_SIZE, "%s/%u%s", reading->guest.name, reading->vcpu,
                 reading->reserve_permille ? " (reserves)" : "");
        labels[i] = text;
    }
    return 0;
}

static void add_noise(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      struct vcpu_build *build)
{
    double noise = 0, error = 0;

    for (size_t i = 0; i < build->problem.n_items; i++) {
        const struct vcpu_track *track = &tracks->track[build->index[i]];

        noise += pow(track->noise, 2);
        error += pow(track->error, 2);
    }
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (build->bin_of_pcpu[p] >= 0)
            noise += pow(background_noise(&tracks->background[p]), 2);
    build->noise_points = weight_largest(noise, build->problem.n_bins);
    build->error_points = weight_largest(error, build->problem.n_bins);
}

static int judge(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                 const struct vcpu_tracks *tracks, struct vcpu_build *build)
{
    double *demand = calloc(sample->n_vcpus + 1, sizeof(*demand));
    int r = 0;

    build->roles = calloc(sample->n_vcpus + 1, sizeof(*build->roles));
    build->demand_permille = calloc(sample->n_vcpus + 1, sizeof(*build->demand_permille));
    build->charge_permille = calloc(sample->n_vcpus + 1, sizeof(*build->charge_permille));
    build->planned_permille = calloc(sample->n_vcpus + 1, sizeof(*build->planned_permille));
    if (!demand || !build->roles || !build->demand_permille || !build->charge_permille ||
        !build->planned_permille) {
        free(demand);
        return -ENOMEM;
    }
    vcpu_role_assign(settings, sample, tracks, build->roles);
    if (settings->sweep_crumbs)
        r = vcpu_role_sweep(sample, tracks, build->roles);
    build->repairs = floating_take_roles(tracks->course, sample, tracks, build->roles);
    vcpu_startup_judge(tracks, build->roles, demand, &build->startup);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        double reserve = tracks->track[i].reserve;

        build->planned_permille[i] = (int)lround(1000 * fmax(demand[i], reserve));
        if (build->roles[i] != VCPU_ABSENT) {
            build->demand_permille[i] = (int)lround(1000 * tracks->track[i].demand);
            build->charge_permille[i] = (int)lround(1000 * fmax(tracks->track[i].demand, reserve));
        }
        build->problem.n_items += vcpu_role_is_in_problem(build->roles[i]);
        build->must_act =
            build->must_act || build->roles[i] == VCPU_PLACED || build->roles[i] == VCPU_MUST;
    }
    free(demand);
    return r;
}

/* Puts a pCPU into the bin of its core, or into one of its own. */
static void add_pcpu(const struct vcpu_sample *sample, size_t p, struct vcpu_build *build)
{
    size_t sibling = build->by_core ? threads_sibling(sample, p) : SIZE_MAX;

    if (sibling != SIZE_MAX) {
        build->bin_of_pcpu[p] = build->bin_of_pcpu[sibling];
        build->next_pcpu[sibling] = p;
        return;
    }
    build->bin_of_pcpu[p] = (int)build->problem.n_bins;
    build->pcpu_of[build->problem.n_bins++] = p;
}

/* A further thread adds a part of what the first one does. */
static int add_capacities(struct vcpu_build *build)
{
    int *capacity = calloc(build->problem.n_bins + 1, sizeof(*capacity));

    build->problem.capacity_permille = capacity;
    for (size_t b = 0; capacity && b < build->problem.n_bins; b++) {
        capacity[b] = 1000;
        for (size_t p = build->next_pcpu[build->pcpu_of[b]]; p != SIZE_MAX; p = build->next_pcpu[p])
            capacity[b] += (int)(1000 * PLAN_SIBLING_SHARE);
    }
    return capacity ? 0 : -ENOMEM;
}

/* Bins and backgrounds. */
static int add_pcpus(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     struct vcpu_build *build)
{
    size_t m = sample->n_pcpus + 1;

    build->pcpu_of = calloc(m, sizeof(*build->pcpu_of));
    build->next_pcpu = calloc(m, sizeof(*build->next_pcpu));
    build->divides = calloc(m, sizeof(*build->divides));
    build->bin_of_pcpu = calloc(m, sizeof(*build->bin_of_pcpu));
    build->background_permille = calloc(m, sizeof(*build->background_permille));
    build->error_permille = calloc(m, sizeof(*build->error_permille));
    build->cost = calloc(m, sizeof(*build->cost));
    build->bin_background = calloc(m, sizeof(*build->bin_background));
    if (!build->pcpu_of || !build->next_pcpu || !build->divides || !build->bin_of_pcpu ||
        !build->background_permille || !build->error_permille || !build->cost ||
        !build->bin_background)
        return -ENOMEM;
    speed_costs(tracks->speed, sample, build->cost);
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        build->bin_of_pcpu[p] = -1;
        build->next_pcpu[p] = SIZE_MAX;
        if (sample->pcpus[p].use == PCPU_USABLE)
            add_pcpu(sample, p, build);
        build->background_permille[p] =
            (int)lround(1000 * background_share(&tracks->background[p], &sample->pcpus[p]));
        if (tracks->background[p].known)
            build->error_permille[p] = (int)lround(1000 * fmin(1, tracks->background[p].error));
    }
    helpers_add_left(sample, tracks, NULL, build->background_permille);
    return 0;
}

int vcpu_build_new(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                   const struct vcpu_tracks *tracks, struct vcpu_build *ret)
{
    struct vcpu_build build = {
        .problem = {.objective = settings->objective, .nu_milli = weight_nu_milli(settings)},
        .deadband_points = settings->deadband_points,
    };
    struct arrays arrays = {0};
    size_t n = 0;
    int r = judge(settings, sample, tracks, &build);

    build.by_core = settings->use_cores && threads_are_shared(sample);
    if (r == 0)
        r = add_pcpus(sample, tracks, &build);
    if (r == 0 && build.by_core)
        r = add_capacities(&build);
    if (r == 0)
        r = allocate(build.problem.n_items, build.problem.n_bins, &build, &arrays);
    if (r != 0)
        goto out;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (!vcpu_role_is_in_problem(build.roles[i]))
            continue;
        build.index[n] = i;
        arrays.group[n] = group_of(sample, &build, n);
        add_vcpu(sample, tracks, &build, i, n++, &arrays);
    }
    add_background(settings, sample, tracks, &build, arrays.background);
    add_noise(sample, tracks, &build);
    build.problem.kappa = weight_kappa(settings, build.problem.n_bins, 1, build.noise_points);
    if (settings->level_parts)
        r = level_apply(&build.problem, arrays.background, arrays.demand, arrays.price);
    if (r < 0)
        goto out;
    if (settings->keep_apart)
        build.problem.together_cost =
            (int)fmin(MOST_TOGETHER_COST, TOGETHER_POINTS * build.problem.kappa);
    if (settings->count_overload)
        build.problem.overload_cost =
            (int)fmin(MOST_OVERLOAD_COST, OVERLOAD_POINTS * build.problem.kappa / 10.0);
    r = settings->keep_lp ? vcpu_build_label(sample, &build) : 0;
    if (r == 0 && build.by_core)
        r = threads_look(sample, tracks, &build);
    if (r < 0)
        goto out;
    *ret = build;
    return 0;
out:
    vcpu_build_done(&build);
    return r;
}
