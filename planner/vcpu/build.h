/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_BUILD_H
#define EVENKEEL_PLANNER_VCPU_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "models/placement/problem.h"
#include "planner/base/sample.h"
#include "planner/vcpu/role.h"
#include "planner/vcpu/sets.h"
#include "planner/vcpu/settings.h"
#include "planner/vcpu/startup.h"
#include "planner/vcpu/track.h"

/* Builds the problem of one interval from the sample and what is remembered. At level pcpu bins are
 * the pCPUs that guests may use, and items are the vCPUs that take part. Both keep the sample's
 * order. Where cores have siblings, they are the bins: two busy threads of a core get less done than
 * on two cores, so cores are evened out first, and the threads within each of them then. Above level
 * pcpu bins are the level's sets, and items are guests (set_build.h).
 *
 * A vCPU wants more on a slow pCPU than on the fastest one. The model moves only what it would want
 * on the fastest. The rest counts as a load that its pCPU carries whatever moves. That is exact for
 * a swap, where another vCPU takes its place. */
struct vcpu_build {
    struct placement_problem problem; /* its arrays belong to this struct */
    enum topology_level level;
    struct vcpu_sets sets; /* above level pcpu */
    size_t *index;         /* [problem.n_items] -> vCPU of the sample, the first of a guest's */
    /* Above level pcpu, [sample's vCPUs] -> item, or -1; and the set that was chosen beside the problem
     * for a guest that is too large for a set of the level, or -1. */
    int *item_of, *wide_of;
    size_t *pcpu_of;   /* [problem.n_bins] -> pCPU of the sample, the first of a core's */
    size_t *next_pcpu; /* [sample's pCPUs] -> the next of its core, or SIZE_MAX */
    int *bin_of_pcpu;  /* [sample's pCPUs] -> bin, or -1 */
    bool
        by_core; /* cores have siblings: at level pcpu they are the bins, and threads.h divides them */
    bool *divides;      /* [problem.n_bins] by_core: this core's vCPUs are to be divided anew ... */
    bool keeps_threads; /* set by the planner: who stays on its core stays on its thread */
    bool any_divides;   /* ... or another's */
    int *background_permille; /* [sample's pCPUs] */
    double *cost;             /* [sample's pCPUs] of the same work, 1 on the fastest */
    int *error_permille;      /* [sample's pCPUs] by which the background may be wrong */
    int *bin_background;      /* [problem.n_bins] background, with what stays whatever moves */
    int *helpers_permille; /* [sample's guests] above level core: of other threads, what counts with
                                 the guest and not as background */
    enum vcpu_role *roles; /* [sample's vCPUs] */
    int *demand_permille;  /* [sample's vCPUs] what each wants, as far as is known */
    int *charge_permille;  /* [sample's vCPUs] that, or what is reserved for it if that is more */
    /* [sample's vCPUs] what each is planned with. It differs from its charge while vCPUs settle. */
    int *planned_permille;
    int *now_permille; /* [problem.n_items] what each wants, on a pCPU of cost 1 */
    /* [problem.n_items] charges where those that have just jumped go half the way back */
    int *if_back_permille;
    struct vcpu_startup startup;
    bool repairs;           /* pinned vCPUs may move; see floating.h */
    bool releases;          /* set by the planner: our own pins are taken back */
    bool must_act;          /* a vCPU has to be placed or has to move */
    bool waits;             /* above level pcpu: first pins wait until demands are known better */
    size_t n_large, large;  /* guests larger than a node, and the first vCPU of one */
    bool heeds_owners;      /* above level pcpu: floating leaves vCPUs in others' masks */
    bool resets;            /* a mask is another one than its set's */
    double deadband_points; /* no plan while the largest deviation is within this */
    double noise_points;    /* the largest deviation that noise alone makes */
    double error_points;    /* the same of what is not known about the means */
    char *label_text;       /* what problem.labels point to */
};
/* 0 or -ENOMEM. In both cases vcpu_build_done() frees what *ret holds. */
int vcpu_build_new(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                   const struct vcpu_tracks *tracks, struct vcpu_build *ret);
/* Names of the items for people. 0 or -ENOMEM. */
int vcpu_build_label(const struct vcpu_sample *sample, struct vcpu_build *build);
void vcpu_build_done(struct vcpu_build *ret);

#endif
