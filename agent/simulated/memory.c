/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/memory.h"

#include <math.h>

#include "agent/simulated/guest_life.h"

/* One guest's memory: actual = used + cache + free. Under pressure the kernel keeps the watermark
 * free, drops page cache first, swaps next, and kills last. Host memory backs what was touched and
 * not yet given back: free pages keep their backing, a granted page has none until it is used. */

static const double kept_cache_kib = 8 * 1024;
/* A plain disk. */
static const double swap_kib_per_s = 40 * 1024;
/* Share of the swapped pages that somebody wants back each second. */
static const double swap_wanted_per_s = 0.02;

double memory_free_kib(const struct guest_state_now *guest)
{
    return fmax(guest->actual_kib - guest->used_kib - guest->cache_kib, 0);
}

static double above_watermark(const struct guest_state_now *guest)
{
    return fmax(memory_free_kib(guest) - guest->spec->watermark_kib, 0);
}

static double drop_cache(struct guest_state_now *guest, double kib)
{
    double dropped = fmin(kib, fmax(guest->cache_kib - kept_cache_kib, 0));

    guest->cache_kib -= dropped;
    return dropped;
}

static double swap_out(struct guest_state_now *guest, double kib, double step_s)
{
    double room = fmax(guest->spec->swap_kib - guest->swapped_kib, 0);
    double out = fmin(fmin(kib, room), fmin(swap_kib_per_s * step_s, guest->used_kib));

    guest->used_kib -= out;
    guest->swapped_kib += out;
    guest->swap_out_kib += out;
    return out;
}

/* Programs want pages back that were swapped out; while there is no room, others leave for them. */
static void swap_in(struct guest_state_now *guest, double step_s)
{
    double wanted = guest->swapped_kib * swap_wanted_per_s * step_s;
    double room = fmin(wanted, above_watermark(guest));

    guest->swap_in_kib += wanted;
    guest->swap_out_kib += wanted - room;
    guest->major_faults += wanted / 4;
    guest->swapped_kib -= room;
    guest->used_kib += room;
}

/* Memory for a program: free, then cache, then swap, then the balloon where it deflates by itself.
 * Returns what there was. */
static double allocate(struct guest_state_now *guest, double kib, double step_s)
{
    double got = fmin(kib, above_watermark(guest));

    if (got < kib)
        got += drop_cache(guest, kib - got);
    if (got < kib)
        got += swap_out(guest, kib - got, step_s);
    if (got < kib && guest->balloon.manner.autodeflate > 0) {
        double more = fmin(kib - got, guest->maximum_kib - guest->actual_kib);

        guest->actual_kib += more;
        got += more;
        /* The driver does not inflate again before it is asked again. */
        guest->balloon.target_kib = fmax(guest->balloon.target_kib, guest->actual_kib);
    }
    guest->used_kib += got;
    return got;
}

void memory_end_program(struct guest_state_now *guest)
{
    double swapped = fmin(guest->swapped_kib, guest->program.kib);

    guest->used_kib -= guest->program.kib - swapped;
    guest->swapped_kib -= swapped;
    guest->program.runs = false;
    guest->program.kib = 0;
}

static void out_of_memory(struct guest_state_now *guest)
{
    if (guest->actual_kib >= guest->maximum_kib - 1024)
        guest->oom_at_maximum++;
    else
        guest->oom_below++;
    memory_end_program(guest);
}

void memory_use(struct guest_state_now *guest, double used_kib)
{
    double more = used_kib - (guest->used_kib - guest->program.kib);

    if (more <= 0)
        guest->used_kib += more;
    else if (allocate(guest, more, 1) < more * 0.999)
        out_of_memory(guest);
}

/* Each second another pace: 75 to 125 % of the program's, or a burst of 2.2 to 3.2 times. */
static void choose_rate(const struct simulated *world, struct guest_state_now *guest)
{
    struct program_state *program = &guest->program;
    bool burst = random_uniform(&guest->random) < program->burst_share;
    double spread = random_uniform(&guest->random);

    program->rate = program->kib_per_s * (burst ? 2.2 + spread : 0.75 + 0.5 * spread);
    program->next_rate_ns = world->now_ns + 1000000000;
}

static void program_step(const struct simulated *world, struct guest_state_now *guest,
                         double step_s)
{
    struct program_state *program = &guest->program;
    double wanted;

    if (!program->runs)
        return;
    if (program->until_ns > 0) {
        if (world->now_ns >= program->until_ns)
            memory_end_program(guest);
        return;
    }
    if (world->now_ns >= program->next_rate_ns)
        choose_rate(world, guest);
    wanted = program->rate * step_s;
    if (program->until_kib > 0)
        wanted = fmin(wanted, program->until_kib - program->kib);
    double got = allocate(guest, wanted, step_s);
    program->kib += got;
    program->peak_kib = fmax(program->peak_kib, program->kib);
    if (got < wanted * 0.999)
        out_of_memory(guest);
    else if (program->until_kib > 0 && program->kib >= program->until_kib - 1)
        program->until_ns = world->now_ns + program->hold_ns;
}

/* Inflating takes free pages, backed or not, as they come. */
static void inflate(struct guest_state_now *guest, double kib, double step_s)
{
    double free_before = memory_free_kib(guest);
    double free_touched = fmax(guest->touched_kib - guest->used_kib - guest->cache_kib, 0);
    double from_free = fmin(kib, above_watermark(guest));
    double from_others = 0;

    if (from_free < kib)
        from_others = drop_cache(guest, kib - from_free);
    if (from_free + from_others < kib)
        from_others += swap_out(guest, kib - from_free - from_others, step_s);
    if (free_before > 0 && !guest->spec->keeps_pages)
        guest->touched_kib -= from_free * fmin(free_touched / free_before, 1);
    if (!guest->spec->keeps_pages)
        guest->touched_kib -= from_others;
    guest->actual_kib -= from_free + from_others;
}

static void revert(const struct simulated *world, struct guest_state_now *guest)
{
    struct balloon_state *balloon = &guest->balloon;
    uint64_t after_ns = (uint64_t)(1e9 * fmax(balloon->manner.reverts_s, 0));

    if (fabs(guest->actual_kib - balloon->target_kib) > 1) {
        balloon->obeyed_ns = 0;
        return;
    }
    if (balloon->obeyed_ns == 0)
        balloon->obeyed_ns = world->now_ns;
    if (after_ns > 0 && world->now_ns - balloon->obeyed_ns >= after_ns)
        balloon->target_kib = balloon->reverts_to_kib;
}

static void balloon_step(const struct simulated *world, struct guest_state_now *guest,
                         double step_s)
{
    const struct balloon_manner *manner = &guest->balloon.manner;
    double target = fmax(guest->balloon.target_kib, manner->min_kib);
    double step = manner->kib_per_s * step_s;

    if (!guest->spec->has_balloon || manner->driver == 0 ||
        world->now_ns < guest->balloon.starts_ns)
        return;
    if (manner->max_kib > 0)
        target = fmin(target, fmax(manner->max_kib, guest->actual_kib));
    target = fmin(target, guest->maximum_kib);
    if (target > guest->actual_kib)
        guest->actual_kib += fmin(step, target - guest->actual_kib);
    else if (target < guest->actual_kib)
        inflate(guest, fmin(step, guest->actual_kib - target), step_s);
    revert(world, guest);
}

void memory_request_balloon(struct simulated *world, struct guest_state_now *guest,
                            double target_kib)
{
    struct balloon_state *balloon = &guest->balloon;

    balloon->target_kib = fmin(target_kib, guest->maximum_kib);
    balloon->obeyed_ns = 0;
    if (balloon->starts_ns <= world->now_ns)
        balloon->starts_ns = world->now_ns + (uint64_t)(1e9 * balloon->manner.delay_s);
}

void memory_step(struct simulated *world, struct guest_state_now *guest, double step_s)
{
    if (!guest->present)
        return;
    guest_life_arrive(world, guest);
    if (!guest->paused && world->now_ns >= guest->up_ns) {
        program_step(world, guest, step_s);
        balloon_step(world, guest, step_s);
        swap_in(guest, step_s);
    }
    guest->touched_kib = fmax(guest->touched_kib, guest->used_kib + guest->cache_kib);
    guest->touched_kib = guest->spec->lock ? guest->maximum_kib : guest->touched_kib;
    guest->lowest_actual_kib = fmin(guest->lowest_actual_kib, guest->actual_kib);
    guest->lowest_unused_kib = fmin(guest->lowest_unused_kib, memory_free_kib(guest));
}
