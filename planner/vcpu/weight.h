/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_WEIGHT_H
#define EVENKEEL_PLANNER_VCPU_WEIGHT_H

#include <stddef.h>

#include "planner/vcpu/settings.h"

/* The weight of the deviation of so many bins of so many pCPUs each, whose noise moves the largest load
 * by this, in cost units per point; and of variance, in thousandths of a cost unit per point squared. */
int weight_kappa(const struct vcpu_settings *settings, size_t n_bins, double pcpus,
                 double noise_points);
int weight_nu_milli(const struct vcpu_settings *settings);
/* The largest of so many bins' deviations, where their sum has this variance. */
double weight_largest(double variance, size_t n_bins);

#endif
