/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "planner/vcpu/planner.h"

/* Where the figures come from is told in tests/README.md: each is held by a scenario that fails
 * without it. Deadband, half-lives, noise factor and kappa are the closed-loop study's
 * (models/README.md). */
void vcpu_settings_default(struct vcpu_settings *ret)
{
    *ret = (struct vcpu_settings){
        .objective = PLACEMENT_DEVIATION,
        .deadband_points = 6.0,
        .idle_pct = 20.0,
        .rise_half_life_s = 0.0,
        .fall_half_life_s = 2.0,
        .settle_s = 6.5,
        .confirm_s = 3.0,
        .noise_factor = 1.0,
        .use_delay = true,
        .learn_habits = true,
        /* a second of work; 512 vCPUs on 128 pCPUs take 120 000 kcells at the median */
        .limits = {.max_kcells = 400000, .max_pivots = 20000, .max_nodes = 5000},
    };
}

static int check_range(struct err *err, const char *name, double value, double most)
{
    if (isfinite(value) && value >= 0.0 && value <= most)
        return 0;
    return err_set(err, -EINVAL, "%s is %g: a number from 0 to %g is accepted", name, value, most);
}

int vcpu_settings_check(const struct vcpu_settings *settings, struct err *err)
{
    const struct {
        const char *name;
        double value, most;
    } rows[] = {
        {"penalty", settings->penalty_points, 100.0},
        {"deadband", settings->deadband_points, 100.0},
        {"idle guard", settings->idle_pct, 100.0},
        {"rise half-life", settings->rise_half_life_s, 3600.0},
        {"fall half-life", settings->fall_half_life_s, 3600.0},
        {"settling time", settings->settle_s, 3600.0},
        {"confirmation time", settings->confirm_s, 3600.0},
        {"noise factor", settings->noise_factor, 100.0},
    };

    if (settings->objective != PLACEMENT_DEVIATION && settings->objective != PLACEMENT_VARIANCE)
        return err_set(err, -EINVAL, "objective is %d: deviation or variance is accepted",
                       (int)settings->objective);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int r = check_range(err, rows[i].name, rows[i].value, rows[i].most);

        if (r < 0)
            return r;
    }
    return 0;
}
