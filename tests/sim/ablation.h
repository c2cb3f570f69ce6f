/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_ABLATION_H
#define EVENKEEL_TESTS_SIM_ABLATION_H

#include "planner/memory/settings.h"

/* Defences of the coordinator, each switched off by the extreme value of a setting, so that a test
 * can show what it prevents. */
typedef void ablation(struct memory_settings *settings);

ablation without_promises;   /* memory granted but not yet touched counts as free */
ablation without_overhead;   /* a guest's process is taken to need nothing beside its memory */
ablation without_phases;     /* grants out of what this plan's reclaims will free */
ablation without_patience;   /* releases again what was regretted the last time */
ablation without_stuck;      /* a guest that does not move is believed to move soon */
ablation without_progress;   /* a slow guest is as good as a stuck one */
ablation without_disbelief;  /* statistics are true, however old or strange */
ablation without_pairing;    /* unused belongs to actual, even while the balloon moves */
ablation without_backoff;    /* a refused call is made again in the next interval */
ablation without_yield;      /* what a balloon took is believed to be the host's */
ablation without_step_limit; /* releases everything at once */
ablation without_deadband;   /* moves balloons for a page */
ablation without_idle_band;  /* takes the last idle MiB */
ablation without_forecast;   /* no headroom for growth */
ablation without_margin;     /* a floor is the aim */
ablation without_dips;       /* the least rise is growth */
ablation without_jumps;      /* under pressure nobody keeps room to grow */
ablation without_pressure;   /* idle memory is taken although nobody wants it */
ablation without_slow_fall;  /* believes a fall at once */
ablation without_direction;  /* releases while a guest still grows, or just did */
ablation without_floors;     /* takes from any guest what another one needs */
ablation without_learning;   /* releases from guests that were only just seen */

#endif
