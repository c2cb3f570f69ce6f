/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_SHAPE_SCENE_H
#define EVENKEEL_TESTS_SIM_SHAPE_SCENE_H

#include "planner/vcpu/settings.h"
#include "tests/sim/shape_record.h"

/* Opens a scene of tests/sim/shapes, by its file's name without .json. Fails the test where it cannot
 * be read. */
void shape_scene_open(const char *scene, struct host *host, struct ticker *ticker);

/* Plays it with the real planner, which looks every 2 s; settings NULL: nobody plans. What happens
 * before that share of the time counts only as pins and moves. */
struct shape_result shape_scene(const char *scene, const struct vcpu_settings *settings,
                                double from_share);

/* The same with another seed than the scene's; those that name files cannot be played so. */
struct shape_result shape_scene_seeded(const char *scene, unsigned seed,
                                       const struct vcpu_settings *settings, double from_share);

#endif
