/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SETTINGS_H
#define EVENKEEL_PLANNER_VCPU_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "models/base/work.h"
#include "models/placement/problem.h"
#include "planner/base/err.h"
#include "planner/base/setting.h"

/* On what guests are pinned: the levels of topology_level up to nodes, or the finest of them that hardly
 * lets vCPUs wait longer than floating. */
enum pin_level { PIN_PCPU, PIN_CORE, PIN_LLC, PIN_NODE, PIN_AUTO };
const char *pin_level_text(enum pin_level level); /* "pcpu" */

/* Everything about a decision that may be chosen. Settings are data: they go into a recording. */
struct vcpu_settings {
    enum placement_objective objective;
    double penalty_points;  /* deviation that one average move must save; 0: grows with the pCPUs */
    double deadband_points; /* no plan while the largest deviation is within this */
    double idle_pct;        /* no plan while the busiest pCPU has less demand than this */
    double rise_half_life_s; /* forecast: quick to believe a rise ... */
    double fall_half_life_s; /* ... slow to believe a fall */
    double settle_s;         /* how long a vCPU out of idle or much busier is not believed */
    double confirm_s;        /* where a demand has just jumped, a plan has to be worth it twice in a
                                row, or over an interval this long; 0: at first sight */
    double noise_factor;     /* of what is not known of the loads, that a plan has to save */
    double left_out_s;       /* how long a pCPU is left out for a guest that was refused it */
    double wide_s;           /* how long a guest that has outgrown a set stays on a node */
    double corrections;      /* how often what others have changed is put back, before it is left to
                                them; many: always */
    double news_s;           /* how long another program has to stand before it is believed */
    double stay_votes;       /* other programs are taken to stay where they are until they followed
                                moves so often, or a little oftener; many: always */
    bool use_delay;          /* waiting counts as demand; off only to show why it is needed */
    bool use_busy;   /* what else runs on the pCPUs counts, and waiting only where they were full;
                        off only to show why it is needed */
    bool use_quotas; /* demand stays below quotas; off only to show why it is needed */
    bool
        use_reserves; /* a vCPU counts with no less than is reserved for it; off only to show why it
                          is needed */
    bool level_parts; /* a part to which guests are confined has a fair share of its own; off only
                         to show why it is needed */
    bool keep_masks;  /* live masks of two or more pCPUs bind; off only to show why it is needed */
    bool
        count_overload; /* what a heavy vCPU leaves no room for costs something; off only to show why
                            it is needed */
    bool keep_apart; /* busy vCPUs of one guest on one pCPU cost something; off only to show why it
                          is needed */
    bool
        price_memory; /* running on another node than one's memory costs something; off only to show
                          why it is needed */
    bool refuse_harm; /* no plan by which demands of now are worse served; off only to show why it
                          is needed */
    bool sweep_crumbs; /* nearly idle vCPUs leave what was full for long; off only to show why it is
                          needed */
    bool learn_habits; /* vCPUs that wander are planned by their own history, and where noise undoes
                          moves they cost more; off only to show what it is worth */
    bool learn_speeds; /* pCPUs may differ, and moves tell how; off only to show what it is worth */
    bool use_speeds;   /* above level pcpu, demands are counted in work where cores are of several
                        speeds; off only to show why it is needed */
    bool
        keep_settled; /* above level pcpu, guests that have a set keep it while others are placed, if that
                          is even enough; off only to show why it is needed */
    enum pin_level level;
    bool
        use_cores; /* siblings share a core, and cores are evened out first; off only to show why it is
                       needed */
    bool
        use_demands; /* above level pcpu, guests count with what they want, and else each vCPU alike;
                         off only to show why it is needed */
    bool place_wide; /* guests too large for a set get a node; off only to show why it is needed */
    bool
        count_helpers; /* what a guest's other threads want counts where its vCPUs are; off only to show why
                           it is needed */
    bool
        count_promises; /* above level core, guests that have just started count with what other vCPUs
                           want; off only to show why it is needed */
    bool move_helpers;  /* they follow its vCPUs to their node; off only to show why it is needed */
    double waiting_pct; /* of running: what pins may let vCPUs wait beyond floating */
    bool gate_waiting;  /* pins have to be worth it; off only to show why it is needed */
    bool gate_memory; /* where guests' memory is known, by what is near to it; off only to show why
                           it is needed */
    bool
        gate_owners; /* floating leaves vCPUs in others' masks; off only to show why it is needed */
    bool plain;      /* GLPK gets the compact model and nothing that a search knows */
    bool keep_lp;    /* leave the models in the plan */
    struct work limits;
};

void vcpu_settings_default(struct vcpu_settings *ret);
/* 0, or -EINVAL with the sentence. */
int vcpu_settings_check(const struct vcpu_settings *settings, struct err *err);
/* The settings that are numbers or switches, for a recording. */
const struct setting *vcpu_settings_table(size_t *n);

#endif
