/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/guest_life.h"

void guest_life_end(struct guest_state_now *guest)
{
    guest->present = false;
    guest->program.runs = false;
    guest->program.kib = 0;
}

void guest_life_arrive(const struct simulated *world, struct guest_state_now *guest)
{
    if (!guest->arrives_ns || world->now_ns < guest->arrives_ns)
        return;
    guest->arrives_ns = 0;
    guest->paused = false;
    guest->actual_kib = guest->balloon.target_kib = guest->arrives_kib;
}

/* After a reset the guest has all its memory until the driver is back and serves the target. */
void guest_life_boot(struct simulated *world, struct guest_state_now *guest, double seconds)
{
    const struct scenario_guest *spec = guest->spec;

    guest->present = true;
    guest->paused = false;
    guest->migrates_until_ns = guest->arrives_ns = 0;
    guest->program = (struct program_state){0};
    guest->up_ns = world->now_ns + (uint64_t)(1e9 * seconds);
    guest->report.told = false;
    guest->used_kib = spec->used_kib;
    guest->cache_kib = spec->cache_kib;
    guest->swapped_kib = guest->swap_in_kib = guest->swap_out_kib = guest->major_faults = 0;
    if (seconds > 0)
        guest->actual_kib = guest->maximum_kib;
}
