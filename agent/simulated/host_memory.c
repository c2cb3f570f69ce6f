/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/host_memory.h"

#include <math.h>

#include "agent/simulated/guest_life.h"

/* The host's side: what guests touched, what their processes need beside, and everyone else. */

static double held_kib(const struct guest_state_now *guest)
{
    return guest->present ? guest->touched_kib + guest->spec->overhead_kib : 0;
}

/* What the guest may come to hold without anyone asking again. */
static double committed_kib(const struct guest_state_now *guest)
{
    double most = fmin(fmax(guest->actual_kib, guest->balloon.target_kib), guest->maximum_kib);

    if (guest->arrives_ns)
        most = fmax(most, guest->arrives_kib);

    return guest->present ? fmax(most, guest->touched_kib) + guest->spec->overhead_kib : 0;
}

double host_memory_free_kib(const struct simulated *world)
{
    double free_kib = world->scenario.total_kib - world->other_kib - world->host_cache_kib -
                      world->scenario.arc_kib;

    for (size_t g = 0; g < world->n_guests; g++)
        free_kib -= held_kib(&world->guests[g]);
    return free_kib;
}

double host_memory_committed_free_kib(const struct simulated *world)
{
    double free_kib = world->scenario.total_kib - world->other_kib - world->scenario.arc_kib;

    for (size_t g = 0; g < world->n_guests; g++)
        free_kib -= committed_kib(&world->guests[g]);
    return free_kib;
}

static void kill_largest(struct simulated *world)
{
    struct guest_state_now *largest = NULL;

    for (size_t g = 0; g < world->n_guests; g++)
        if (!largest || held_kib(&world->guests[g]) > held_kib(largest))
            largest = &world->guests[g];
    if (!largest || !largest->present)
        return;
    guest_life_end(largest);
    if (world->host_oom_kills++ == 0) {
        world->first_killed = largest;
        world->first_kill_ns = world->now_ns;
    }
}

/* The kernel kills a process that holds more than its group may. */
static void hold_to_limits(struct simulated *world)
{
    for (size_t g = 0; g < world->n_guests; g++) {
        struct guest_state_now *guest = &world->guests[g];
        double limit_kib = guest->spec->hard_limit_kib;

        if (limit_kib > 0 && held_kib(guest) > limit_kib) {
            guest_life_end(guest);
            guest->limit_kills++;
        }
    }
}

void host_memory_step(struct simulated *world)
{
    double free_kib = host_memory_free_kib(world);

    if (free_kib < 0) {
        double dropped = fmin(world->host_cache_kib, -free_kib);

        world->host_cache_kib -= dropped;
        free_kib += dropped;
    }
    if (free_kib < 0)
        kill_largest(world);
    hold_to_limits(world);
    world->lowest_free_kib = fmin(world->lowest_free_kib, free_kib + world->host_cache_kib);
    world->lowest_committed_kib =
        fmin(world->lowest_committed_kib, host_memory_committed_free_kib(world));
}
