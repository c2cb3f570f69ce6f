/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/settings.h"

#include <errno.h>

/* tests/README.md tells where the figures come from; each is held by a scenario that fails without
 * it. Deadband, half-lives, noise factor and kappa are the closed-loop study's
 * (models/README.md). */
/* What the search may take. The unit allows the process 1 GiB (agent/install/), and beside this are
 * the sample, the tracks, the report and GLPK's model of 64 MiB. */
static const int64_t MOST_BYTES = INT64_C(256) * 1024 * 1024;

#define MEMBER(member) .name = #member, .offset = offsetof(struct vcpu_settings, member)
static const struct setting SETTINGS[] = {
    /* name, kind, default, least, most */
    {MEMBER(penalty_points), SETTING_NUMBER, 0, 0, 100},
    {MEMBER(deadband_points), SETTING_NUMBER, 6, 0, 100},
    {MEMBER(idle_pct), SETTING_NUMBER, 20, 0, 100},
    {MEMBER(rise_half_life_s), SETTING_NUMBER, 0, 0, 3600},
    {MEMBER(fall_half_life_s), SETTING_NUMBER, 2, 0, 3600},
    {MEMBER(settle_s), SETTING_NUMBER, 6.5, 0, 3600},
    {MEMBER(confirm_s), SETTING_NUMBER, 3, 0, 3600},
    {MEMBER(noise_factor), SETTING_NUMBER, 1, 0, 100},
    {MEMBER(left_out_s), SETTING_NUMBER, 60, 0, 86400, .is_optional = true},
    {MEMBER(wide_s), SETTING_NUMBER, 300, 0, 86400, .is_optional = true},
    {MEMBER(corrections), SETTING_NUMBER, 1, 0, 1e9, .is_optional = true},
    {MEMBER(news_s), SETTING_NUMBER, 4, 0, 3600, .is_optional = true},
    {MEMBER(stay_votes), SETTING_NUMBER, 2, 0, 1e9, .is_optional = true},
    {MEMBER(use_delay), SETTING_SWITCH, 1, 0, 1},
    {MEMBER(use_busy), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_quotas), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_reserves), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(level_parts), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(keep_masks), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(count_overload), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(keep_apart), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(price_memory), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(refuse_harm), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(sweep_crumbs), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(learn_habits), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(learn_speeds), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_speeds), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(keep_settled), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_cores), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_demands), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(place_wide), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(count_helpers), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(count_promises), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(move_helpers), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(waiting_pct), SETTING_NUMBER, 5, 0, 1000, .is_optional = true},
    {MEMBER(gate_waiting), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(gate_memory), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(gate_owners), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(plain), SETTING_SWITCH, 0, 0, 1, .is_optional = true},
};
enum { N_SETTINGS = sizeof(SETTINGS) / sizeof(SETTINGS[0]) };

const char *pin_level_text(enum pin_level level)
{
    static const char *const texts[] = {"pcpu", "core", "llc", "node", "auto"};

    return texts[level];
}

const struct setting *vcpu_settings_table(size_t *n)
{
    *n = N_SETTINGS;
    return SETTINGS;
}

void vcpu_settings_default(struct vcpu_settings *ret)
{
    /* a second of work; 512 vCPUs on 128 pCPUs take 120 000 kcells at the median */
    *ret = (struct vcpu_settings){
        .objective = PLACEMENT_DEVIATION,
        .limits = {.max_kcells = 400000,
                   .max_pivots = 20000,
                   .max_nodes = 5000,
                   .max_bytes = MOST_BYTES},
    };
    setting_defaults(SETTINGS, N_SETTINGS, ret);
}

int vcpu_settings_check(const struct vcpu_settings *settings, struct err *err)
{
    if (settings->objective != PLACEMENT_DEVIATION && settings->objective != PLACEMENT_VARIANCE)
        return err_set(err, -EINVAL, "objective is %d: deviation or variance is accepted",
                       (int)settings->objective);
    if (settings->level < PIN_PCPU || settings->level > PIN_AUTO)
        return err_set(err, -EINVAL, "level is %d: pcpu, core, llc, node or auto is accepted",
                       (int)settings->level);
    return setting_check(SETTINGS, N_SETTINGS, settings, err);
}
