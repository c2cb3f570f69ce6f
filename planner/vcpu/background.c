/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/background.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/forecast.h"
#include "planner/vcpu/helpers.h"

/* Busy times are told in ticks of 10 ms and not quite together with the guests' counters: two
 * points on an interval of a second. */
static const double READING_NOISE = 0.02;
/* How fast backgrounds are expected to change by themselves, variance per second: beside the noise
 * above the level follows with a half-life of 4 s; twice the noise doubles that. */
static const double DRIFT_PER_S = 2.4e-5;
/* What is off by more standard deviations than this is news: believed when it was seen for news_s
 * and in so many intervals. Before, a pin may be taking effect, or a program come and go. */
static const double SURPRISE = 4;
static const unsigned NEWS_TIMES = 3;
/* Votes on whether backgrounds stay are halved in this time. One is given when backgrounds moved,
 * or when they did not for so long and so many intervals after a pin: two more than news needs to be
 * believed. Backgrounds below this are none. */
static const double VOTES_HALF_LIFE_S = 1800;
static const double STAY_S = 12;
static const double STAY_TIMES = 5;
static const double WORTH_A_VOTE = 0.1;
/* They are taken to stay until they moved this many times more often than they stayed, with
 * stay_votes for staying at first. */
static const double MOVED_TOO_OFTEN = 1.4;
/* A pin takes effect some time after the sample that it was made from: until then the vCPU ran
 * where it was before. As a share of the interval, at the most. */
static const double PIN_DELAY = 0.3;
/* Counters are read one after the other, so a full pCPU may look a little less than full. */
static const double FULL = 0.98;
/* Fair scheduling gives who is held back as much as anybody else: what got less than this part of
 * the largest share wanted no more. Below the least share small programs together look like one. */
static const double FAIR = 0.8;
static const double MIN_SHARE = 0.2;

/* A thread, or several, that may run on more than one pCPU. */
struct floater {
    const struct cpuset *mask; /* NULL: its only pCPU is offline, and it runs anywhere */
    size_t n_pcpus;            /* of the sample, in its mask */
    size_t number;             /* in the order in which they were found */
    double share;              /* of a pCPU, what it ran */
};

static bool may_run(const struct floater *floater, const struct background *background)
{
    return background->known && (!floater->mask || cpuset_has(floater->mask, background->id));
}

struct work_sheet {
    const struct vcpu_sample *sample;
    struct floater *floaters;
    size_t n_floaters;
    struct cpuset *masks; /* [n_guests] of helpers */
    double *left;         /* [n_pcpus] busy and not yet explained */
    double *given;        /* [n_pcpus] of it, explained by what floats */
    double *most;         /* [n_pcpus] what floats and may run there, in all */
    double *share;        /* [n_pcpus] the largest that a vCPU got which is pinned there */
};

static const struct background *find(const struct background *before, size_t n_before, size_t *at,
                                     unsigned id)
{
    while (*at < n_before && before[*at].id < id)
        ++*at;
    return *at < n_before && before[*at].id == id ? &before[*at] : NULL;
}

/* Carries over what is known, and finds what ran on each pCPU. */
static void read_busy(const struct background *before, size_t n_before,
                      const struct vcpu_sample *sample, double elapsed_s, struct background *ret)
{
    size_t at = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct pcpu_reading *pcpu = &sample->pcpus[p];
        const struct background *old = find(before, n_before, &at, pcpu->id);

        ret[p] = old ? *old : (struct background){.id = pcpu->id, .noise = READING_NOISE};
        ret[p].has_busy = pcpu->has_busy;
        ret[p].busy_ns = pcpu->busy_ns;
        ret[p].known = old && old->has_busy && pcpu->has_busy && elapsed_s > 0 &&
                       pcpu->busy_ns >= old->busy_ns;
        ret[p].error = 0;
        if (ret[p].known)
            ret[p].busy = fmin(1, (double)(pcpu->busy_ns - old->busy_ns) / 1e9 / elapsed_s);
    }
}

static void add_floater(struct work_sheet *sheet, const struct cpuset *mask, double share,
                        const struct background *backgrounds)
{
    struct floater floater = {.mask = mask, .number = sheet->n_floaters, .share = share};

    for (size_t p = 0; p < sheet->sample->n_pcpus; p++) {
        if (!may_run(&floater, &backgrounds[p]))
            continue;
        floater.n_pcpus++;
        sheet->most[p] += share;
    }
    if (floater.n_pcpus > 0 && share > 0)
        sheet->floaters[sheet->n_floaters++] = floater;
}

/* Whoever was moved after the last sample ran in its old place for a while. */
static void doubt_move(const struct vcpu_sample *sample, const struct vcpu_usage *usage, int at,
                       struct background *ret)
{
    int was_at = vcpu_sample_pcpu(sample, usage->was_pcpu);

    if (was_at >= 0)
        ret[was_at].error += PIN_DELAY * usage->ran;
    if (at >= 0)
        ret[at].error += PIN_DELAY * usage->ran;
}

static void take_off_pinned(struct work_sheet *sheet, const struct vcpu_usage *usage,
                            struct background *ret)
{
    for (size_t i = 0; i < sheet->sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sheet->sample->vcpus[i];

        if (reading->at < 0) {
            add_floater(sheet, reading->pcpu < 0 ? &reading->affinity : NULL, usage[i].ran, ret);
        } else {
            sheet->left[reading->at] -= usage[i].ran;
            sheet->share[reading->at] = fmax(sheet->share[reading->at], usage[i].ran);
        }
        if (usage[i].moved)
            doubt_move(sheet->sample, &usage[i], reading->at, ret);
    }
}

/* The other threads of guests float. */
static void take_off_helpers(struct work_sheet *sheet, const double *helpers,
                             const struct background *backgrounds)
{
    for (size_t g = 0; helpers && g < sheet->sample->n_guests; g++) {
        sheet->masks[g] = helpers_mask(sheet->sample, g);
        add_floater(sheet, &sheet->masks[g], helpers[g], backgrounds);
    }
}

static int narrower(const void *a, const void *b)
{
    const struct floater *left = a, *right = b;

    if (left->n_pcpus != right->n_pcpus)
        return left->n_pcpus < right->n_pcpus ? -1 : 1;
    return left->number < right->number ? -1 : 1;
}

/* In proportion to what is left busy; more than is left is shared alike, so that nothing is
 * lost. */
static void share_out(struct work_sheet *sheet, const struct floater *floater,
                      const struct background *ret)
{
    double left = 0;

    for (size_t p = 0; p < sheet->sample->n_pcpus; p++)
        if (may_run(floater, &ret[p]))
            left += fmax(0, sheet->left[p]);
    for (size_t p = 0; p < sheet->sample->n_pcpus; p++) {
        double part, beyond = fmax(0, floater->share - left) / (double)floater->n_pcpus;

        if (!may_run(floater, &ret[p]))
            continue;
        part = left > 0 ? fmax(0, sheet->left[p]) * fmin(1, floater->share / left) : 0;
        sheet->left[p] -= part + beyond;
        sheet->given[p] += part + beyond;
    }
}

/* What floats on a pCPU is at most all that may run there, at most what was left busy there, and at
 * least what the other pCPUs have no room for. */
static void bound_errors(const struct work_sheet *sheet, struct background *ret)
{
    double busy = 0;

    for (size_t p = 0; p < sheet->sample->n_pcpus; p++)
        busy += ret[p].known ? fmax(0, sheet->left[p] + sheet->given[p]) : 0;
    for (size_t p = 0; p < sheet->sample->n_pcpus; p++) {
        double here = fmax(0, sheet->left[p] + sheet->given[p]);
        double most = fmin(here, sheet->most[p]);
        double least = fmax(0, sheet->most[p] - (busy - here));

        ret[p].error += fmax(0, fmax(most - sheet->given[p], sheet->given[p] - least));
    }
}

static bool is_held_back(const struct background *background, double share)
{
    return background->known && background->error <= READING_NOISE && background->busy >= FULL &&
           background->seen >= fmax(MIN_SHARE, FAIR * share);
}

static int explain_busy(const struct vcpu_sample *sample, const struct vcpu_usage *usage,
                        const double *helpers, struct background *ret)
{
    size_t m = sample->n_pcpus + 1, n = sample->n_vcpus + (helpers ? sample->n_guests : 0) + 1;
    struct work_sheet sheet = {.sample = sample};
    int r = -ENOMEM;

    sheet.floaters = calloc(n, sizeof(*sheet.floaters));
    sheet.masks = calloc(helpers ? sample->n_guests + 1 : 1, sizeof(*sheet.masks));
    sheet.left = calloc(4 * m, sizeof(*sheet.left));
    if (!sheet.floaters || !sheet.masks || !sheet.left)
        goto out;
    sheet.given = sheet.left + m;
    sheet.most = sheet.given + m;
    sheet.share = sheet.most + m;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        sheet.left[p] = ret[p].known ? ret[p].busy : 0;
    take_off_pinned(&sheet, usage, ret);
    take_off_helpers(&sheet, helpers, ret);
    if (sheet.n_floaters)
        qsort(sheet.floaters, sheet.n_floaters, sizeof(*sheet.floaters), narrower);
    for (size_t f = 0; f < sheet.n_floaters; f++)
        share_out(&sheet, &sheet.floaters[f], ret);
    bound_errors(&sheet, ret);
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        ret[p].seen = sheet.left[p];
        ret[p].held_back = is_held_back(&ret[p], sheet.share[p]);
    }
    r = 0;
out:
    free(sheet.floaters);
    free(sheet.masks);
    free(sheet.left);
    return r;
}

/* What stood all the while: of several readings the one nearest to what was believed before. */
static double nearest(double a, double b, int side)
{
    return side > 0 ? fmin(a, b) : fmax(a, b);
}

/* The first reading holds but a part of what began within its interval. */
static void be_surprised(const struct background *old, double wanted, int side, double elapsed_s,
                         struct background *now)
{
    bool is_again = old->surprised == side;

    now->surprised = side;
    now->surprised_s = is_again ? old->surprised_s + elapsed_s : 0;
    now->surprises = is_again ? old->surprises + 1 : 1;
    now->surprising = now->surprises <= 2 ? wanted : nearest(old->surprising, wanted, side);
}

static bool is_confirmed(const struct background *background, double news_s)
{
    return background->surprised_s >= news_s &&
           (background->surprises >= NEWS_TIMES || news_s <= 0);
}

/* A scalar Kalman filter: a reading counts the less the larger its possible error, and the more the
 * less is known. News in a reading that may be wrong by as much is neither believed nor
 * forgotten. */
static void learn(const struct background *old, double wanted, double elapsed_s, double news_s,
                  struct background *now)
{
    double exact = now->noise * now->noise, reading = exact + now->error * now->error;
    double variance = old->variance + DRIFT_PER_S * elapsed_s;
    double off = wanted - old->level;
    int side = off > 0 ? 1 : -1;
    double gain = variance / (variance + reading);

    now->variance = variance;
    now->jump = 0;
    if (fabs(off) > SURPRISE * sqrt(variance + reading)) {
        be_surprised(old, wanted, side, elapsed_s, now);
    } else if (old->surprised != side || fabs(off) <= SURPRISE * sqrt(variance + exact)) {
        now->level = old->level + gain * off;
        now->variance = (1 - gain) * variance;
        now->surprised = 0;
    }
    if (now->surprised && is_confirmed(now, news_s)) {
        now->jump = now->surprising - old->level;
        now->level = now->surprising;
        now->variance = reading;
        now->surprised = 0;
    }
}

/* At first nothing is believed, and then the least that was seen. */
static void begin(const struct background *old, double wanted, double elapsed_s, double news_s,
                  struct background *now)
{
    bool is_first = !old || old->surprises == 0;

    now->surprises = is_first ? 1 : old->surprises + 1;
    now->surprised_s = is_first ? 0 : old->surprised_s + elapsed_s;
    now->level = is_first ? wanted : fmin(old->level, wanted);
    now->variance = now->noise * now->noise + now->error * now->error;
    now->learnt = is_confirmed(now, news_s);
}

/* What it would have run with room: where it was held back, at least what it is known to want, and
 * where that is not known the middle between what it got and all of the pCPU. */
static double wanted_of(const struct background *now)
{
    if (!now->held_back)
        return now->seen;
    if (now->learnt && now->seen <= now->level + SURPRISE * now->noise)
        return fmax(now->seen, now->level);
    return (now->seen + 1) / 2;
}

static void smooth(const struct background *old, double elapsed_s, double news_s,
                   struct background *now)
{
    const double exact = READING_NOISE;
    double wanted = wanted_of(now);

    if (!now->known)
        return;
    if (now->learnt)
        learn(old, wanted, elapsed_s, news_s, now);
    else
        begin(old, wanted, elapsed_s, news_s, now);
    if (old && old->known && old->error <= exact && now->error <= exact && !now->held_back)
        now->noise = fmax(READING_NOISE, forecast_noise_next(old->noise, now->seen - old->seen));
}

int background_next(const struct vcpu_settings *settings, const struct background *before,
                    size_t n_before, const struct vcpu_sample *sample,
                    const struct vcpu_usage *usage, const double *helpers, double elapsed_s,
                    struct background *ret)
{
    const double *apart = guest_track_counts_helpers(settings, sample) ? helpers : NULL;
    size_t at = 0;
    int r = 0;

    read_busy(before, n_before, sample, elapsed_s, ret);
    if (elapsed_s > 0)
        r = explain_busy(sample, usage, apart, ret);
    if (r < 0)
        return r;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        smooth(find(before, n_before, &at, ret[p].id), elapsed_s, settings->news_s, &ret[p]);
    return 0;
}

double background_share(const struct background *background, const struct pcpu_reading *pcpu)
{
    if (!background->learnt)
        return pcpu->has_busy ? 0 : pcpu->background_permille / 1000.0;
    return fmin(1, fmax(0, background->level));
}

double background_noise(const struct background *background)
{
    double beyond = background->noise * background->noise - READING_NOISE * READING_NOISE;

    return background->learnt ? sqrt(fmax(0, beyond)) : 0;
}

struct background_habits background_habits_next(const struct background_habits *before,
                                                const struct background *backgrounds, size_t n,
                                                bool any_moved, double elapsed_s)
{
    struct background_habits habits = *before;
    double fade = exp2(-elapsed_s / VOTES_HALF_LIFE_S), largest = 0;

    habits.stayed *= fade;
    habits.moved *= fade;
    for (size_t p = 0; p < n && habits.waits; p++) {
        habits.fell = habits.fell || backgrounds[p].jump <= -WORTH_A_VOTE;
        habits.rose = habits.rose || backgrounds[p].jump >= WORTH_A_VOTE;
        largest = fmax(largest, backgrounds[p].level);
    }
    habits.waits_s += elapsed_s;
    if (habits.waits &&
        (habits.waits_s >= fmax(STAY_S, STAY_TIMES * elapsed_s) || (habits.fell && habits.rose))) {
        habits.moved += (habits.fell + habits.rose) / 2.0; /* one alone may have been chance */
        habits.stayed += !habits.fell && !habits.rose && largest >= WORTH_A_VOTE;
        habits.waits = false;
    }
    if (any_moved && !habits.waits) {
        habits.waits = true;
        habits.fell = habits.rose = false;
        habits.waits_s = 0;
    }
    return habits;
}

bool background_habits_are_staying(const struct background_habits *habits, double stay_votes)
{
    return habits->moved <= 0 || habits->stayed + stay_votes >= MOVED_TOO_OFTEN * habits->moved;
}
