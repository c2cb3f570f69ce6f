/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu_habits.h"

#include <math.h>

#define KEEP_PER_INTERVAL 0.97
#define KEEP_PER_JUMP 0.99
#define RETURNED_AT_FIRST 2.0
#define LASTING_SHARE (2.0 / 3.0)
#define FEWEST_PAIRS 4.0
#define LARGEST_PHI 0.95

void vcpu_habits_fade(struct vcpu_habits *habits)
{
    habits->together *= KEEP_PER_INTERVAL;
    habits->squares *= KEEP_PER_INTERVAL;
    habits->pairs *= KEEP_PER_INTERVAL;
}

void vcpu_habits_pair(struct vcpu_habits *habits, double earlier, double later, double noise)
{
    double variance = noise * noise;

    habits->together += earlier * later / variance;
    habits->squares += (earlier * earlier + later * later) / 2.0 / variance;
    habits->pairs += 1.0;
}

void vcpu_habits_jump(struct vcpu_habits *habits, bool lasted)
{
    habits->lasted = KEEP_PER_JUMP * habits->lasted + (lasted ? 1.0 : 0.0);
    habits->returned = KEEP_PER_JUMP * habits->returned + (lasted ? 0.0 : 1.0);
}

static double persistence(const struct vcpu_habits *habits)
{
    double phi;

    if (habits->pairs < FEWEST_PAIRS || habits->squares <= 0.0)
        return 0.0;
    phi = 1.0 + 2.0 * habits->together / habits->squares - 2.0 * 2.0 / sqrt(habits->pairs);
    return fmax(0.0, fmin(LARGEST_PHI, phi));
}

double vcpu_habits_follow(const struct vcpu_habits *habits)
{
    double phi = persistence(habits);

    return (phi + phi * phi) / 2.0;
}

double vcpu_habits_spread(const struct vcpu_habits *habits)
{
    return 1.0 / sqrt(1.0 - persistence(habits));
}

bool vcpu_habits_jumps_last(const struct vcpu_habits *habits)
{
    double seen = habits->lasted + habits->returned + RETURNED_AT_FIRST;

    return habits->lasted >= LASTING_SHARE * seen;
}
