/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load_play.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "agent/simulated/memory.h"

/* How often values between two of a series are worked out, and another noise is drawn. */
static const uint64_t between_ns = 250000000, noise_ns = 1000000000;
/* And another load made up. */
static const uint64_t made_ns = 1000000000;
/* Noise is that of a value near by, and stays for six seconds or so. */
enum { NEAR = 6 };
static const double kept = 0.84;
/* A value that scatters by s is off the middle of two others that scatter alike by 1.22 s. */
static const double from_middle = 0.816;

static int begin_generator(struct simulated *world)
{
    struct load_play *play = &world->play;
    struct generator_wish wish = {
        .n = (unsigned)world->n_guest_vcpus,
        .step_s = (double)made_ns / 1e9,
        .seed = world->scenario.seed,
    };

    if (world->scenario.made_up_pct <= 0 || wish.n == 0)
        return 0;
    wish.mean =
        world->scenario.made_up_pct / 100 * (double)cpuset_count(&world->scenario.online) / wish.n;
    play->generator = generator_new(&wish);
    play->made_up = calloc(wish.n, sizeof(*play->made_up));
    return play->generator && play->made_up ? 0 : -ENOMEM;
}

int load_play_begin(struct simulated *world)
{
    const struct load *load = &world->scenario.load;
    struct load_play *play = &world->play;
    size_t n = 0;

    for (size_t g = 0; g < load->n_guests; g++)
        n += load->guests[g].n_vcpus + 2;
    play->random = random_stream(world->scenario.seed, 77);
    play->cursors = calloc(n + 1, sizeof(*play->cursors));
    play->n_cursors = n;
    return play->cursors ? begin_generator(world) : -ENOMEM;
}

void load_play_end(struct simulated *world)
{
    free(world->play.cursors);
    free(world->play.made_up);
    generator_free(world->play.generator);
}

static void rewind_all(struct load_play *play)
{
    for (size_t k = 0; k < play->n_cursors; k++)
        play->cursors[k].next = 0;
}

static double draw_noise(struct load_play *play, const struct load_series *series, size_t next)
{
    double off = floor(random_uniform(&play->random) * (2 * NEAR + 1)) - NEAR;
    double k = fmin(fmax((double)next - 1 + off, 1), (double)series->n - 2);
    const struct load_point *point = &series->points[(size_t)k];

    return from_middle * (point->value - (point[-1].value + point[1].value) / 2);
}

/* The value now, where it may be another one than before. */
static bool is_news(struct load_play *play, const struct load *load,
                    const struct load_series *series, struct load_cursor *cursor, double *ret)
{
    size_t before = cursor->next;
    const struct load_point *point;

    while (cursor->next < series->n && series->points[cursor->next].at_s <= play->at_s)
        cursor->next++;
    if (play->draws_noise && load->has_noise && series->n >= 3 &&
        random_uniform(&play->random) >= kept)
        cursor->noise = draw_noise(play, series, cursor->next);
    if (cursor->next == 0 || (before == cursor->next && !play->is_between))
        return false;
    point = &series->points[cursor->next - 1];
    *ret = point->value;
    if (load->interpolates && cursor->next < series->n)
        *ret += (point[1].value - point->value) * (play->at_s - point->at_s) /
                (point[1].at_s - point->at_s);
    return true;
}

static void set_demand(struct simulated *world, const struct guest_state_now *guest, unsigned vcpu,
                       double demand)
{
    world->vcpus[guest->first_vcpu + vcpu].demand = fmin(fmax(demand, 0), 1);
}

static void play_cpu(struct simulated *world, const struct load_guest *one,
                     struct load_cursor *cursors)
{
    const struct load *load = &world->scenario.load;
    const struct guest_state_now *guest = &world->guests[one->guest];
    double value;

    if (is_news(&world->play, load, &one->all, cursors, &value)) {
        for (unsigned v = 0; v < guest->spec->vcpus; v++)
            set_demand(world, guest, v, value + cursors->noise);
    }
    for (unsigned v = 0; v < one->n_vcpus; v++) {
        struct load_cursor *cursor = cursors + 1 + v;

        if (is_news(&world->play, load, &one->vcpus[v], cursor, &value))
            set_demand(world, guest, v, value + cursor->noise);
    }
}

/* What it used when it was last up is forgotten by a guest that boots. */
static void play_memory(struct simulated *world, const struct load_guest *one,
                        struct load_cursor *cursor)
{
    struct guest_state_now *guest = &world->guests[one->guest];
    bool news = is_news(&world->play, &world->scenario.load, &one->used, cursor, &cursor->used_kib);

    if (cursor->next == 0 || !guest->present || guest->paused || world->now_ns < guest->up_ns)
        return;
    if (news || cursor->up_ns != guest->up_ns)
        memory_use(guest, cursor->used_kib);
    cursor->up_ns = guest->up_ns;
}

static void set_time(struct simulated *world)
{
    const struct load *load = &world->scenario.load;
    struct load_play *play = &world->play;
    double at_s = load->offset_s + (double)world->now_ns / 1e9 * load->speed;
    double length_s = load_length_s(load);

    if (load->repeats && length_s > 0)
        at_s = fmod(at_s, length_s);
    if (at_s < play->at_s)
        rewind_all(play);
    play->at_s = at_s;
    play->is_between = (load->interpolates || load->has_noise) && world->now_ns >= play->next_ns;
    play->draws_noise = load->has_noise && world->now_ns >= play->next_noise_ns;
    if (world->now_ns >= play->next_ns)
        play->next_ns = world->now_ns + between_ns;
    if (world->now_ns >= play->next_noise_ns)
        play->next_noise_ns = world->now_ns + noise_ns;
}

static void make_up(struct simulated *world)
{
    struct load_play *play = &world->play;

    if (!play->generator || world->now_ns < play->next_made_ns)
        return;
    play->next_made_ns = world->now_ns + made_ns;
    generator_step(play->generator, play->made_up);
    for (size_t v = 0; v < world->n_guest_vcpus; v++)
        world->vcpus[v].demand = play->made_up[v];
}

void load_play_step(struct simulated *world)
{
    const struct load *load = &world->scenario.load;
    struct load_cursor *cursors = world->play.cursors;

    make_up(world);
    if (load->n_guests == 0)
        return;
    set_time(world);
    for (size_t g = 0; g < load->n_guests; g++) {
        const struct load_guest *one = &load->guests[g];

        play_cpu(world, one, cursors);
        play_memory(world, one, cursors + 1 + one->n_vcpus);
        cursors += one->n_vcpus + 2;
    }
}
