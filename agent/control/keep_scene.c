/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loops keep for questions. */
#include <stdlib.h>

#include "agent/control/state.h"
#include "planner/memory/what_if.h"
#include "planner/vcpu/what_if.h"

struct scene *control_take_scene(struct control *control)
{
    struct scene *scene;

    pthread_mutex_lock(&control->lock);
    scene = control->scene;
    if (scene)
        scene->refs++;
    pthread_mutex_unlock(&control->lock);
    return scene;
}

void control_drop_scene(struct control *control, struct scene *scene)
{
    bool is_last;

    if (!scene)
        return;
    pthread_mutex_lock(&control->lock);
    is_last = --scene->refs == 0;
    pthread_mutex_unlock(&control->lock);
    if (is_last)
        scene_free(scene);
}

bool control_has_scene(struct control *control)
{
    struct scene *scene = control_take_scene(control);

    control_drop_scene(control, scene);
    return scene != NULL;
}

bool control_find_guest(struct control *control, const char *name, struct guest_id *ret)
{
    struct scene *scene = control_take_scene(control);
    bool is_known = scene && scene_find_guest(scene, name, ret);

    control_drop_scene(control, scene);
    return is_known;
}

static struct scene *scene_new(const struct control *control, const struct interval *interval,
                               size_t n_changes)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    if (!scene)
        return NULL;
    scene->refs = 1;
    scene->program = control->program;
    scene->fate = interval->is_paused                 ? SCENE_PAUSED
                  : interval->dry_run                 ? SCENE_SHOWN
                  : interval->tally.done == n_changes ? SCENE_DONE
                                                      : SCENE_PART;
    scene->pauses = control->in_force;
    scene->interval = *interval;
    return scene;
}

/* Without memory the one before stays. */
static void replace(struct control *control, struct scene *scene)
{
    struct scene *before;

    pthread_mutex_lock(&control->lock);
    before = control->scene;
    control->scene = scene;
    pthread_mutex_unlock(&control->lock);
    control_drop_scene(control, before);
}

void control_keep_vcpus(struct control *control, const struct vcpu_planner *planner,
                        const struct vcpu_settings *settings, struct vcpu_sample *sample,
                        struct vcpu_plan *plan, const struct interval *interval)
{
    struct scene *scene =
        control_is_serving(control) ? scene_new(control, interval, vcpu_plan_actions(plan)) : NULL;

    if (!scene)
        return;
    scene->vcpu_planner = vcpu_planner_copy(planner);
    if (!scene->vcpu_planner) {
        scene_free(scene);
        return;
    }
    scene->vcpu_settings = *settings;
    scene->vcpu_sample = *sample;
    scene->vcpu_plan = *plan;
    *sample = (struct vcpu_sample){0};
    *plan = (struct vcpu_plan){0};
    replace(control, scene);
}

void control_keep_memory(struct control *control, const struct memory_planner *planner,
                         const struct memory_settings *settings, struct memory_sample *sample,
                         struct memory_plan *plan, const struct interval *interval)
{
    struct scene *scene = control_is_serving(control)
                              ? scene_new(control, interval, plan->n_reclaims + plan->n_grants)
                              : NULL;

    if (!scene)
        return;
    scene->memory_planner = memory_planner_copy(planner);
    if (!scene->memory_planner) {
        scene_free(scene);
        return;
    }
    scene->memory_settings = *settings;
    scene->memory_sample = *sample;
    scene->memory_plan = *plan;
    *sample = (struct memory_sample){0};
    *plan = (struct memory_plan){0};
    replace(control, scene);
}
