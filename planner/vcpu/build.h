/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_BUILD_H
#define EVENKEEL_PLANNER_VCPU_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "models/placement/problem.h"
#include "planner/base/sample.h"
#include "planner/vcpu/role.h"
#include "planner/vcpu/settings.h"
#include "planner/vcpu/startup.h"
#include "planner/vcpu/track.h"

/* The question of one interval, as indices and numbers: bins are the pCPUs that guests may use, in the
 * sample's order, items are the vCPUs of the sample that take part, in the sample's order. What an item
 * wants beyond what it would want on the fastest pCPU stays behind when it moves: it is counted as
 * something that its pCPU carries in any case. For swaps that is exact. */
struct vcpu_build {
    struct placement_problem problem; /* its arrays belong to this struct */
    size_t *index;                    /* [problem.n_items] -> vCPU of the sample */
    size_t *pcpu_of;                  /* [problem.n_bins] -> pCPU of the sample */
    int *bin_of_pcpu;                 /* [sample's pCPUs] -> bin, or -1 */
    int *background_permille;         /* [sample's pCPUs] */
    double *cost;                     /* [sample's pCPUs] of the same work, 1 on the fastest */
    int *error_permille;              /* [sample's pCPUs] by which it may be wrong */
    int *bin_background;              /* [problem.n_bins] with what stays there whatever moves */
    enum vcpu_role *roles;            /* [sample's vCPUs] */
    int *demand_permille;             /* [sample's vCPUs] what each wants, as far as is known */
    int *planned_permille; /* [sample's vCPUs] what each is planned with: differs while they
                                    settle */
    int *now_permille;     /* [problem.n_items] what each wants, on a pCPU of cost 1 */
    struct vcpu_startup startup;
    bool must_act;       /* a vCPU has to be placed or has to move */
    double noise_points; /* the largest deviation that noise alone makes */
    double doubt_points; /* and that comes of demands being known from few observations */
    char *label_text;
};
/* 0 or -ENOMEM. */
int vcpu_build_new(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                   const struct vcpu_tracks *tracks, struct vcpu_build *ret);
void vcpu_build_done(struct vcpu_build *ret);

#endif
