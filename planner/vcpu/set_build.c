/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/set_build.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/consult.h"
#include "planner/vcpu/helpers.h"
#include "planner/vcpu/set_demands.h"
#include "planner/vcpu/set_memory.h"
#include "planner/vcpu/set_problem.h"
#include "planner/vcpu/weight.h"

/* A pCPU's deadband; the load of a set of n is steadier by the root of n. Half lets noise move guests,
 * double leaves a set of 16 three pCPUs fuller than another. */
static const double LEAST_DEADBAND_POINTS = 2;

struct builder {
    const struct vcpu_settings *settings;
    const struct vcpu_sample *sample;
    const struct vcpu_tracks *tracks;
    struct set_items items;
    const struct set_item **chosen; /* [items.n] those of the problem under way */
    double *background;             /* [sets.n_all] pCPUs' worth */
    struct vcpu_build build;
};

static int allocate(struct builder *b)
{
    size_t n = b->sample->n_vcpus + 1, m = b->sample->n_pcpus + 1;
    struct vcpu_build *build = &b->build;

    build->roles = calloc(n, sizeof(*build->roles));
    build->demand_permille = calloc(n, sizeof(int));
    build->charge_permille = calloc(n, sizeof(int));
    build->now_permille = calloc(n, sizeof(int));
    build->if_back_permille = calloc(n, sizeof(int));
    build->item_of = calloc(n, sizeof(int));
    build->wide_of = calloc(n, sizeof(int));
    build->index = calloc(n, sizeof(*build->index));
    build->background_permille = calloc(m, sizeof(int));
    build->helpers_permille = calloc(b->sample->n_guests + 1, sizeof(int));
    build->error_permille = calloc(m, sizeof(int));
    build->cost = calloc(m, sizeof(*build->cost));
    build->bin_background = calloc(build->sets.n + 1, sizeof(int));
    b->chosen = calloc(n, sizeof(*b->chosen));
    b->background = calloc(build->sets.n_all + 1, sizeof(*b->background));
    return build->roles && build->demand_permille && build->charge_permille &&
                   build->now_permille && build->if_back_permille && build->helpers_permille &&
                   build->item_of && build->wide_of && build->index && build->background_permille &&
                   build->error_permille && build->cost && build->bin_background && b->chosen &&
                   b->background
               ? 0
               : -ENOMEM;
}

/* What counts with a guest that is placed as a whole; the others' is background. */
static void count_helpers(struct builder *b)
{
    for (size_t k = 0; k < b->items.n; k++) {
        const struct set_item *item = &b->items.item[k];
        const struct guest_id *guest = &b->sample->vcpus[item->first].guest;
        const struct vcpu_guest_track *track = guest_track_find(&b->tracks->guests, guest);

        if (item->helpers_permille > 0 && track)
            b->build.helpers_permille[track - b->tracks->guests.track] = item->helpers_permille;
    }
    helpers_add_left(b->sample, b->tracks, b->build.helpers_permille, b->build.background_permille);
}

/* Adds work to each set that holds the pCPU. */
static void add_work(struct builder *b, size_t p, double worth)
{
    const struct vcpu_sets *sets = &b->build.sets;

    for (size_t s = 0; s < sets->n_all; s++)
        if (cpuset_has(&sets->set[s].pcpus, b->sample->pcpus[p].id))
            b->background[s] += worth;
}

static double background_work(const struct builder *b, size_t p)
{
    return b->build.background_permille[p] / 1000.0 / b->build.cost[p];
}

/* Other programs. Those that go where there is room count alike everywhere. */
static void add_programs(struct builder *b)
{
    bool stay =
        background_habits_are_staying(&b->tracks->background_habits, b->settings->stay_votes);
    double sum = 0, n = 0;

    for (size_t p = 0; p < b->sample->n_pcpus; p++)
        if (b->build.sets.of_pcpu[p] >= 0) {
            sum += background_work(b, p);
            n++;
        }
    for (size_t p = 0; p < b->sample->n_pcpus; p++)
        if (b->build.sets.of_pcpu[p] >= 0)
            add_work(b, p, stay ? background_work(b, p) : sum / n);
}

/* A vCPU that is no item runs evenly where it may. */
static void add_left(struct builder *b, size_t i)
{
    const struct cpuset *mask = &b->sample->vcpus[i].affinity;
    double n = 0;

    for (size_t p = 0; p < b->sample->n_pcpus; p++)
        n += cpuset_has(mask, b->sample->pcpus[p].id);
    for (size_t p = 0; p < b->sample->n_pcpus; p++)
        if (cpuset_has(mask, b->sample->pcpus[p].id))
            add_work(b, p, b->build.charge_permille[i] / 1000.0 / n);
}

static void add_backgrounds(struct builder *b)
{
    add_programs(b);
    for (size_t i = 0; i < b->sample->n_vcpus; i++)
        if (b->build.charge_permille[i] > 0 && !vcpu_role_is_in_problem(b->build.roles[i]))
            add_left(b, i);
}

/* Which items a problem is about. */
enum which { EVERYBODY, SMALL };

static struct set_question ask(struct builder *b, enum which which, size_t first, size_t n)
{
    struct set_question question = {.sample = b->sample,
                                    .tracks = b->tracks,
                                    .sets = &b->build.sets,
                                    .first = first,
                                    .n = n,
                                    .items = b->chosen,
                                    .background = b->background,
                                    .counts_promises = b->settings->count_promises};

    for (size_t k = 0; k < b->items.n; k++)
        if (which == EVERYBODY || !b->items.item[k].is_wide)
            b->chosen[question.n_items++] = &b->items.item[k];
    return question;
}

static void spread(struct builder *b, const struct set_item *item, size_t node)
{
    const struct vcpu_sets *sets = &b->build.sets;
    double whole = plan_set_worth(&sets->set[node]);

    for (size_t s = 0; s < sets->n; s++)
        if (cpuset_is_subset(&sets->set[s].pcpus, &sets->set[node].pcpus))
            b->background[s] +=
                item->demand_permille / 1000.0 * plan_set_worth(&sets->set[s]) / whole;
    for (size_t i = item->first; i < item->first + item->n; i++)
        if (b->sample->vcpus[i].running)
            b->build.wide_of[i] = (int)node;
}

/* pCPUs' worth of a set of the question, on average. */
static double mean_worth(const struct set_question *question)
{
    double worth = 0;

    for (size_t s = question->first; s < question->first + question->n; s++)
        worth += plan_set_worth(&question->sets->set[s]) / (double)question->n;
    return worth;
}

static void weigh(const struct vcpu_settings *settings, const struct set_question *question,
                  double noise_points, struct placement_problem *problem)
{
    double worth = mean_worth(question);

    problem->objective = settings->objective;
    problem->kappa = weight_kappa(settings, problem->n_bins, worth, noise_points);
    problem->nu_milli = weight_nu_milli(settings);
}

/* Nodes for the guests that fit into no set of the level. */
static int choose_nodes(struct builder *b)
{
    const struct vcpu_sets *sets = &b->build.sets;
    struct set_question question = ask(b, EVERYBODY, sets->n, sets->n_all - sets->n);
    struct placement_problem problem;
    struct placement_answer answer = {0};
    int r = set_problem_new(&question, &problem);

    weigh(b->settings, &question, 0, &problem);
    if (r == 0)
        r = set_memory_price(b->settings, &question, &problem);
    if (r == 0)
        r = consult_aside(b->settings, &problem, &answer);
    for (size_t k = 0; r == 0 && k < question.n_items; k++) {
        const struct set_item *item = question.items[k];
        int bin = answer.bin_of ? answer.bin_of[k] : problem.current[k];

        if (item->is_wide && bin >= 0)
            spread(b, item, sets->n + (size_t)bin);
    }
    certify_answer_done(&answer);
    set_problem_done(&problem);
    return r;
}

static bool has_wide(const struct set_items *items)
{
    for (size_t k = 0; k < items->n; k++)
        if (items->item[k].is_wide)
            return true;
    return false;
}

static bool needs_reset(const struct builder *b, size_t i, size_t set)
{
    const struct vcpu_sets *sets = &b->build.sets;
    struct cpuset mask = set_item_mask(b->sample, b->tracks, sets, i, set);
    struct cpuset usable = {{0}};

    for (size_t s = 0; s < sets->n; s++)
        cpuset_or(&usable, &sets->set[s].pcpus);
    cpuset_and(&usable, &b->sample->vcpus[i].affinity);
    return !cpuset_is_equal(&mask, &usable);
}

/* Whether something has to be done about an item that may stay at this place. */
static void note_acts(struct builder *b, const struct set_item *item, int place)
{
    if (item->role == VCPU_PLACED)
        b->build.must_act = true;
    for (size_t i = item->first; item->role == VCPU_MOVES && i < item->first + item->n; i++)
        if (b->sample->vcpus[i].running && place >= 0 && needs_reset(b, i, (size_t)place))
            b->build.resets = true;
}

static int make_problem(struct builder *b)
{
    struct vcpu_build *build = &b->build;
    struct set_question question = ask(b, SMALL, 0, build->sets.n);
    double unit = set_question_unit(&question);
    int r = set_problem_new(&question, &build->problem);

    if (r < 0)
        return r;
    for (size_t k = 0; k < question.n_items; k++) {
        const struct set_item *item = question.items[k];

        build->index[k] = item->first;
        build->now_permille[k] = (int)fmin(1000, round(item->wanted_permille / unit));
        build->if_back_permille[k] = build->problem.demand_permille[k];
        for (size_t i = item->first; i < item->first + item->n; i++)
            if (b->sample->vcpus[i].running)
                build->item_of[i] = (int)k;
        note_acts(b, item, build->problem.current[k]);
    }
    for (size_t k = 0; k < b->items.n; k++)
        if (b->items.item[k].is_wide)
            note_acts(b, &b->items.item[k], b->items.item[k].current);
    memcpy(build->bin_background, build->problem.background_permille,
           build->problem.n_bins * sizeof(int));
    build->must_act = build->must_act || build->resets;
    return 0;
}

/* Adds the variances of one observation of a guest's items, and of what they are planned with. A guest's
 * mean of a minute has one of its own. */
static void add_guest_noise(const struct builder *b, size_t first, size_t n, double usual,
                            double *noise, double *error)
{
    const struct guest_load *load = &b->tracks->track[first].guest;
    double own_noise = 0, own_error = 0;

    for (size_t i = first; i < first + n; i++) {
        if (b->build.item_of[i] < 0)
            continue;
        own_noise += pow(b->tracks->track[i].noise * b->tracks->track[i].speed, 2);
        own_error += pow(b->tracks->track[i].error * b->tracks->track[i].speed, 2);
    }
    if (own_noise > 0 && set_demands_are_guests(b->settings, b->build.level) && load->n > 0)
        own_noise = own_error = guest_load_variance(load, usual);
    *noise += own_noise;
    *error += own_error;
}

/* The noise of all items together, in points of a set. */
static void add_noise(struct builder *b)
{
    struct vcpu_build *build = &b->build;
    double noise = 0, error = 0, worth = 0;
    double usual = guest_load_usual_variance(b->sample, b->tracks->track);
    size_t n;

    for (size_t i = 0; i < b->sample->n_vcpus; i += n) {
        n = vcpu_sample_guest_size(b->sample, i);
        add_guest_noise(b, i, n, usual, &noise, &error);
    }
    for (size_t p = 0; p < b->sample->n_pcpus; p++)
        noise += pow(background_noise(&b->tracks->background[p]), 2);
    for (size_t s = 0; s < build->sets.n; s++)
        worth += plan_set_worth(&build->sets.set[s]) / (double)build->sets.n;
    build->noise_points = weight_largest(noise, build->sets.n) / worth;
    build->error_points = weight_largest(error, build->sets.n) / worth;
    build->deadband_points =
        fmax(LEAST_DEADBAND_POINTS, b->settings->deadband_points / sqrt(fmax(1, worth)));
}

/* Whether first pins are worth a wait: nobody has a set, floating costs nothing, and so far what guests
 * are seen to want is off by more than the deadband. */
static bool must_wait(const struct builder *b)
{
    const struct vcpu_build *build = &b->build;

    if (b->tracks->watched_s >= b->settings->settle_s ||
        build->error_points <= b->settings->deadband_points || build->resets)
        return false;
    for (size_t k = 0; k < b->items.n; k++)
        if (b->items.item[k].current >= 0)
            return false;
    return build->must_act;
}

int set_build_new(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                  const struct vcpu_tracks *tracks, enum topology_level level,
                  struct vcpu_build *ret)
{
    struct builder b = {.settings = settings, .sample = sample, .tracks = tracks};
    struct set_question question;
    int r;

    b.build.level = level;
    b.build.repairs = true;
    b.build.heeds_owners = settings->gate_owners;
    r = vcpu_sets_new(sample, level, &b.build.sets);
    if (r == 0)
        r = allocate(&b);
    if (r == 0) {
        struct set_wants wants = {b.build.demand_permille, b.build.charge_permille,
                                  settings->place_wide};

        set_demands_fill(settings, sample, tracks, &b.build);
        r = set_items_new(sample, tracks, &b.build.sets, &wants, b.build.roles, &b.items);
    }
    b.build.n_large = b.items.n_large;
    b.build.large = b.items.large;
    if (r == 0) {
        count_helpers(&b);
        add_backgrounds(&b);
    }
    if (r == 0 && has_wide(&b.items))
        r = choose_nodes(&b);
    if (r == 0)
        r = make_problem(&b);
    if (r == 0) {
        add_noise(&b);
        b.build.waits = must_wait(&b);
        b.build.must_act = b.build.must_act && !b.build.waits;
        question = ask(&b, SMALL, 0, b.build.sets.n);
        weigh(settings, &question, b.build.noise_points, &b.build.problem);
        r = set_memory_price(settings, &question, &b.build.problem);
    }
    if (r == 0)
        r = settings->keep_lp ? vcpu_build_label(sample, &b.build) : 0;
    free(b.items.item);
    free(b.chosen);
    free(b.background);
    *ret = b.build;
    return r;
}
