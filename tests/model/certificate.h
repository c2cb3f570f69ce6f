/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_CERTIFICATE_H
#define EVENKEEL_TESTS_MODEL_CERTIFICATE_H

#include "models/placement/problem.h"

/* The price of a placement straight from the definition in models/placement/problem.h, in code that
 * shares nothing with the models: the water level as a minimum over all numbers of heavy vCPUs, the
 * loads summed up, the objective in points. INFINITY where some vCPU is nowhere or not allowed, or a hard rule is
 * broken. */
struct vcpu_reference {
    const struct placement_problem *problem;
    int cut;        /* permille: what a vCPU counts at most */
    double *target; /* [n_bins] permille */
    double *background;
    double *limit;  /* [n_bins] what a bin holds before it is overloaded */
    double *beside; /* [n_bins] what of that its background takes */
    double room;    /* in the roomiest bin */
    double most;    /* largest of the limits */
    bool any_heavy;
};
struct vcpu_reference reference_new(const struct placement_problem *problem);
void reference_done(struct vcpu_reference *reference);
double reference_objective(const struct vcpu_reference *reference, const int *bin_of);

/* Checks a solution and everything that it claims: every vCPU on one allowed bin, the objective,
 * what doing nothing would cost, bound and gap, and what the status says about them. NULL, or what
 * is wrong (static text). The price of a wrong claim is a failed test: every solve in the tests and
 * in the benchmark goes through here. */
const char *certificate_breach(const struct placement_problem *problem,
                               const struct placement_solution *solution);

/* The cheapest placement by trying all of them: at most some 10^6. Returns its objective, INFINITY
 * when there is none; ret_bin_of [n_vcpus] may be NULL. */
double enumerate_placements(const struct placement_problem *problem, int *ret_bin_of);

#endif
