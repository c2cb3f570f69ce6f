/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_MEMORY_SCENE_H
#define EVENKEEL_TESTS_SIM_MEMORY_SCENE_H

#include "planner/memory/planner.h"
#include "tests/accept/memory_monitor.h"

/* Plays a scenario (its JSON text, or a built-in's name) with the coordinator's own loop; settings
 * NULL: the defaults. Fails the test where it cannot be played. Destroy with
 * memory_record_done(). */
void memory_scene(const char *scenario, double interval_s, const struct memory_settings *settings,
                  struct memory_record *ret);

/* The guest as it was at a second (0: at the end), by name. */
const struct simulated_guest *memory_scene_guest(const struct memory_record *record,
                                                 const char *name, size_t at_s);
uint64_t memory_scene_actual_mib(const struct memory_record *record, const char *name, size_t at_s);
/* Balloon calls for the guest from a second to the end. */
uint64_t memory_scene_calls(const struct memory_record *record, const char *name, size_t from_s);
/* Whatever happens: the host kept its reserve even if everyone touched all they hold, no guest
 * under 200 MiB, nobody killed, no call where none was allowed. */
void memory_scene_safe(const struct memory_record *record);

#endif
