/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_VCPU_SCENE_H
#define EVENKEEL_TESTS_SIM_VCPU_SCENE_H

#include "planner/vcpu/planner.h"
#include "tests/accept/cpu_monitor.h"

/* Plays a scenario (its JSON text, or a built-in's name) with the real planner; settings NULL: the
 * defaults. Fails the test where it cannot be played. Destroy with cpu_record_done(). */
void vcpu_scene(const char *scenario, double interval_s, const struct vcpu_settings *settings,
                struct cpu_record *ret);

/* Mean sigma of the last five seconds. */
double vcpu_scene_sigma(const struct cpu_record *record);
/* Pin calls from a second on, and what the scene costs in all. */
unsigned vcpu_scene_pins(const struct cpu_record *record, size_t from_s);
/* How many vCPUs are pinned to a pCPU at the end. */
size_t vcpu_scene_pinned_on(const struct cpu_record *record, unsigned pcpu);

/* The same scenario, a JSON text, with another seed; ret has room for that and 30 characters more. */
void vcpu_scene_seeded(const char *scenario, unsigned seed, char *ret);

#endif
