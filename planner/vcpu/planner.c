/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/planner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "planner/vcpu/decide.h"
#include "planner/vcpu/explain.h"
#include "planner/vcpu/helpers.h"
#include "planner/vcpu/plan_ran.h"
#include "planner/vcpu/track_copy.h"

struct vcpu_planner *vcpu_planner_new(const struct vcpu_settings *settings)
{
    struct vcpu_planner *planner = calloc(1, sizeof(*planner));

    if (planner)
        planner->settings = *settings;
    return planner;
}

void vcpu_planner_free(struct vcpu_planner *planner)
{
    if (!planner)
        return;
    vcpu_tracks_done(&planner->tracks);
    free(planner);
}

void vcpu_planner_refused(struct vcpu_planner *planner, const struct guest_id *guest, unsigned vcpu,
                          int pcpu)
{
    vcpu_tracks_refuse(&planner->settings, &planner->tracks, guest, vcpu, pcpu);
}

void vcpu_planner_refused_helpers(struct vcpu_planner *planner, const struct guest_id *guest)
{
    vcpu_tracks_refuse_helpers(&planner->tracks, guest);
}

void vcpu_planner_applied(struct vcpu_planner *planner)
{
    vcpu_tracks_applied(&planner->settings, &planner->tracks);
}

/* What a vCPU on a pCPU takes in the problem, the solver's copy of it and the tracks together. */
enum { PAIR_BYTES = 18 };

static int check_size(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                      struct err *err)
{
    const struct work *limits = &settings->limits;
    int64_t pairs = (int64_t)sample->n_vcpus * (int64_t)sample->n_pcpus;

    if (work_has_room(limits, pairs * PAIR_BYTES))
        return 0;
    return err_set(err, -E2BIG,
                   "%zu vCPUs on %zu pCPUs cannot be planned in %lld MiB: choose guests by --match",
                   sample->n_vcpus, sample->n_pcpus, (long long)(limits->max_bytes >> 20));
}

/* Looks at the levels that are finer than the one in force. Whether one was taken. */
static int look_finer(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                      enum topology_level finest, struct decision *d, bool *ret, struct err *err)
{
    struct vcpu_grain *grain = &d->grain;
    enum topology_level level = grain_from(grain, finest, sample->at_ns);
    bool passes = false;
    int r = 0;

    while (r == 0 && grain->is_chosen && level < grain->level && !passes) {
        r = decide_at(planner, sample, level, d, err);
        passes = r == 0 && grain_passes(&planner->settings, &d->plan);
        if (!passes) {
            decide_anew(d);
            level = grain_coarser(grain, level, sample->at_ns);
        }
    }
    *ret = r == 0 && grain_see_finer(grain, passes, d->tracks.elapsed_s);
    if (*ret)
        grain_take(grain, level);
    else if (passes)
        decide_anew(d);
    return r;
}

static int float_all(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                     enum topology_level finest, struct decision *d, struct err *err)
{
    int r = decide_to_hold(planner, sample, finest, d, err);

    if (r < 0 || d->plan.verdict == VERDICT_HOLD_OBSERVING)
        return r;
    d->plan.gate.course = GATE_FLOATS;
    return decide_nothing(sample, true, d);
}

/* Nothing is known that a level could be judged by. */
static bool is_too_early(const struct decision *d)
{
    return d->plan.verdict == VERDICT_HOLD_OBSERVING || d->build.waits;
}

/* The finest level whose plan passes, as the level in force allows (grain.h). */
static int decide_grain(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                        enum topology_level finest, struct decision *d, struct err *err)
{
    struct vcpu_grain *grain = &d->grain;
    bool is_taken = false, passes = false;
    enum topology_level level;
    int r = look_finer(planner, sample, finest, d, &is_taken, err);

    if (r < 0 || is_taken)
        return r;
    level = grain_from(grain, grain->is_chosen ? grain->level : finest, sample->at_ns);
    for (; r == 0 && level < TOPOLOGY_LEVEL_HOST;
         level = grain_coarser(grain, level, sample->at_ns)) {
        r = decide_at(planner, sample, level, d, err);
        passes = r == 0 && grain_passes(&planner->settings, &d->plan);
        if (r < 0 || is_too_early(d))
            return r;
        if (grain_see(grain, passes, d->tracks.elapsed_s)) {
            grain_take(grain, level);
            d->plan.gate.course = passes ? GATE_PASSED : GATE_WAITS;
            return passes ? 0 : decide_nothing(sample, false, d);
        }
        grain->is_chosen = false;
        decide_anew(d);
    }
    grain_take(grain, TOPOLOGY_LEVEL_HOST);
    return r < 0 ? r : float_all(planner, sample, finest, d, err);
}

/* A level that the host does not have. */
static int hold_without(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                        struct decision *d)
{
    const char *level = pin_level_text(planner->settings.level);
    int r = vcpu_build_new(&planner->settings, sample, &d->tracks, &d->build);

    if (r < 0)
        return r;
    d->plan.solver.model = certify_model_text(PLACEMENT_MODEL_NONE);
    snprintf(d->plan.note, sizeof(d->plan.note),
             sample->has_shape
                 ? "this host has fewer than two bins at level %s: nothing to choose from"
                 : "the host's shape is not known: no plan at level %s",
             level);
    r = decide_nothing(sample, false, d);
    d->plan.verdict = VERDICT_HOLD_INFEASIBLE;
    return r;
}

static bool is_any_on_set(const struct vcpu_sample *sample)
{
    for (size_t i = 0; i < sample->n_vcpus; i++)
        if (sample->vcpus[i].is_ours && cpuset_count(&sample->vcpus[i].affinity) > 1)
            return true;
    return false;
}

/* The finest level above pcpu that is worth a look; TOPOLOGY_LEVEL_HOST: none. The one in force stays so
 * while it has several sets, and guests that we pinned to sets are set free by the same way. */
static enum topology_level finest_level(const struct vcpu_sample *sample,
                                        const struct topology_levels *levels,
                                        const struct vcpu_grain *grain)
{
    bool is_in_force = grain->is_chosen && grain->level != TOPOLOGY_LEVEL_HOST;

    if (levels->level == TOPOLOGY_LEVEL_LLC ||
        (levels->level == TOPOLOGY_LEVEL_NODE && !grain->is_one[TOPOLOGY_LEVEL_NODE]))
        return levels->level;
    if (sample->has_shape && (is_in_force || is_any_on_set(sample)))
        return is_in_force && !grain->is_one[grain->level] ? grain->level : TOPOLOGY_LEVEL_NODE;
    return TOPOLOGY_LEVEL_HOST;
}

static int decide_auto(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                       const struct topology_levels *levels, struct decision *d, struct err *err)
{
    const struct vcpu_settings *settings = &planner->settings;
    enum topology_level finest;
    int r;

    for (int level = 0; level < TOPOLOGY_LEVELS; level++)
        d->grain.is_one[level] = levels->n_bins[level] < 2;
    finest = finest_level(sample, levels, &d->grain);
    if (finest == TOPOLOGY_LEVEL_HOST)
        return decide_at(planner, sample, TOPOLOGY_LEVEL_PCPU, d, err);
    r = decide_grain(planner, sample, finest, d, err);
    d->plan.gate.is_on = settings->gate_waiting;
    d->plan.gate.most = settings->waiting_pct / 100;
    d->plan.gate.counts_memory = settings->gate_memory;
    d->plan.gate.heeds_owners = settings->gate_owners;
    grain_left_text(&d->grain, sample->at_ns, d->plan.gate.left, sizeof(d->plan.gate.left));
    if (r == 0)
        grain_measure(settings, &d->tracks, &d->plan, &d->grain);
    return r;
}

static int decide_level(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                        struct decision *d, struct err *err)
{
    enum pin_level level = planner->settings.level;
    struct topology_levels levels;
    int r;

    d->grain = planner->grain;
    if (level == PIN_PCPU)
        return decide_at(planner, sample, TOPOLOGY_LEVEL_PCPU, d, err);
    r = vcpu_sets_levels(sample, &levels);
    if (r < 0)
        return r;
    if (level == PIN_AUTO)
        return decide_auto(planner, sample, &levels, d, err);
    return levels.n_bins[level] > 1 ? decide_at(planner, sample, (enum topology_level)level, d, err)
                                    : hold_without(planner, sample, d);
}

static int decide(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                  struct decision *d, struct err *err)
{
    int r = decide_level(planner, sample, d, err);

    if (r == 0)
        r = helpers_follow(&planner->settings, sample, &d->tracks, &d->plan);
    if (r < 0)
        return r;
    d->plan.counts_reserves = planner->settings.use_reserves;
    plan_ran(sample, &d->tracks, &d->plan);
    vcpu_explain_note(sample, &d->tracks, &d->build, d->limit_points, &d->plan);
    return 0;
}

int vcpu_planner_answer(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                        struct vcpu_plan *ret, struct err *err)
{
    struct decision d = {0};
    int r = vcpu_tracks_copy(&planner->tracks, &d.tracks);

    if (r == 0)
        r = decide(planner, sample, &d, err);
    if (r == -ENOMEM)
        err_set(err, r, "out of memory for %zu vCPUs on %zu pCPUs", sample->n_vcpus,
                sample->n_pcpus);
    if (r == 0) {
        *ret = d.plan;
        d.plan = (struct vcpu_plan){0};
    }
    decision_done(&d);
    return r;
}

static void remember(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                     struct decision *d)
{
    vcpu_tracks_done(&planner->tracks);
    planner->tracks = d->tracks;
    d->tracks = (struct vcpu_tracks){0};
    for (size_t i = 0; i < d->plan.n_places; i++)
        d->plan.places[i].is_yielded = vcpu_track_is_yielded(&planner->tracks, i);
    d->plan.is_yielded = vcpu_tracks_are_yielded(&planner->tracks);
    vcpu_tracks_plan(sample, &d->plan, &planner->tracks);
    planner->floating = d->floating;
    planner->grain = d->grain;
    planner->plan_seen = d->plan_found && d->plan.verdict == VERDICT_HOLD_SETTLING;
}

int vcpu_planner_step(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                      struct vcpu_plan *ret, struct err *err)
{
    struct decision d = {0};
    int r;

    if (sample->n_pcpus == 0)
        return err_set(err, -EINVAL, "no pCPU is online in the sample");
    r = check_size(&planner->settings, sample, err);
    if (r == 0)
        r = vcpu_tracks_next(&planner->settings, &planner->tracks, sample, &d.tracks, err);
    if (r == 0)
        r = decide(planner, sample, &d, err);
    if (r == -ENOMEM)
        err_set(err, r, "out of memory for %zu vCPUs on %zu pCPUs", sample->n_vcpus,
                sample->n_pcpus);
    if (r == 0) {
        remember(planner, sample, &d);
        *ret = d.plan;
        d.plan = (struct vcpu_plan){0};
    }
    decision_done(&d);
    return r;
}
