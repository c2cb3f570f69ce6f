/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_FORECAST_H
#define EVENKEEL_PLANNER_VCPU_FORECAST_H

/* Exponential smoothing that believes a rise sooner than a fall: too little room is worse than too
 * much. In half-lives, so that the interval may change without retuning: after one half-life half
 * of a difference is gone. A half-life of 0 believes at once. */
struct forecast_settings {
    double rise_half_life_s, fall_half_life_s; /* >= 0 */
};

double forecast_next(const struct forecast_settings *settings, double previous, double observed,
                     double elapsed_s);

/* The standard deviation of observations after one more, from how far it lies from the one before:
 * half the squared difference of two successive ones estimates their variance without knowing the
 * level. */
double forecast_noise_next(double noise, double difference);

#endif
