/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/memory_loop.h"
#include "agent/simulated/events.h"
#include "agent/simulated/simulated.h"
#include "agent/vcpu_loop.h"
#include "tests/soak/soak.h"

/* Between a program and the simulated host: struct host and struct ticker once more, which let
 * things go wrong and show the judge all that passes. */

enum { PLANT_EVERY = 50, QUARTERS = 4 };
static const double interval_s = 2, chance_in_a_plan = 0.02;
/* What is kept between intervals differs with who is there; one quarter may see more than another. */
static const size_t may_grow = 64 * 1024;

struct guest_state_now *soak_guest(const struct soak *soak, const struct guest_id *id)
{
    for (size_t g = 0; g < soak->world->n_true_guests; g++)
        if (guest_compare(&soak->world->guests[g].spec->id, id) == 0)
            return &soak->world->guests[g];
    return NULL;
}

void soak_refuse(struct soak *soak, const char *format, ...)
{
    va_list arguments;

    if (soak->refusal[0])
        return;
    va_start(arguments, format);
    vsnprintf(soak->refusal, sizeof(soak->refusal), format, arguments);
    va_end(arguments);
}

static bool is_planted(const struct soak *soak, enum plant plant)
{
    return soak->plant == plant && soak->interval > PLANT_EVERY;
}

/* ---- struct host ---- */

static int sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    struct soak *soak = self;
    int r = soak->inner.sample_vcpus(soak->inner.self, ret, err);

    soak->figures.lost += r < 0;
    if (r < 0)
        return r;
    soak_disturb_vcpus(soak, ret);
    soak->vcpus_now = *ret;
    soak->vcpus = &soak->vcpus_now;
    soak_judge_seen(soak);
    return 0;
}

/* A request is over once somebody else has set the balloon, or the guest was started again. */
static void forget_requests(struct soak *soak)
{
    for (size_t g = 0; g < soak->world->n_true_guests; g++) {
        const struct guest_state_now *guest = &soak->world->guests[g];
        double apart_kib = fabs(guest->balloon.target_kib - (double)soak->asked_kib[g]);

        if (soak->asked_run[g] != guest->run || apart_kib >= 1)
            soak->asked_kib[g] = 0;
    }
}

static int sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    struct soak *soak = self;
    int r = soak->inner.sample_memory(soak->inner.self, ret, err);

    soak->figures.lost += r < 0;
    if (r < 0)
        return r;
    forget_requests(soak);
    soak_disturb_memory(soak, ret);
    soak->memory_now = *ret;
    soak->memory = &soak->memory_now;
    return 0;
}

/* In the middle of a plan the guest may end, or the connection. */
static void disturb_plan(struct soak *soak, const struct guest_id *id)
{
    struct guest_state_now *guest = soak_guest(soak, id);
    struct scenario_event outage = {.what = DO_OUTAGE, .for_ns = 1000000000};

    if (!guest || !happens(&soak->random, chance_in_a_plan))
        return;
    soak->figures.faults++;
    if (happens(&soak->random, 0.5))
        guest->vanishes = true;
    else
        events_happen(soak->world, &outage);
}

static int set_affinity(void *self, const struct guest_id *id, unsigned vcpu,
                        const struct cpuset *affinity, struct err *err)
{
    struct soak *soak = self;
    struct cpuset to = *affinity;
    int r;

    if (is_planted(soak, PLANT_PIN)) {
        to = (struct cpuset){0};
        cpuset_add(&to, cpuset_next(affinity, 0) + 1);
    }
    soak_judge_pin(soak, id, vcpu, &to);
    disturb_plan(soak, id);
    r = soak->inner.set_affinity(soak->inner.self, id, vcpu, &to, err);
    soak->figures.calls++;
    soak->figures.refused += r < 0;
    return r;
}

static uint64_t planted_kib(const struct soak *soak, uint64_t target_kib,
                            const struct guest_state_now *guest)
{
    const struct memory_policy *policy = &guest->spec->policy;

    if (is_planted(soak, PLANT_RECLAIM))
        return (uint64_t)(guest->used_kib + guest->cache_kib);
    if (is_planted(soak, PLANT_GRANT) && (double)target_kib > guest->actual_kib)
        return policy->has_ceiling ? policy->ceiling_kib : (uint64_t)guest->maximum_kib;
    return target_kib;
}

static int set_balloon(void *self, const struct guest_id *id, uint64_t target_kib, struct err *err)
{
    struct soak *soak = self;
    const struct guest_state_now *guest = soak_guest(soak, id);
    int r;

    if (guest)
        target_kib = planted_kib(soak, target_kib, guest);
    soak_judge_balloon(soak, id, target_kib);
    disturb_plan(soak, id);
    r = soak->inner.set_balloon(soak->inner.self, id, target_kib, err);
    soak->figures.calls++;
    soak->figures.refused += r < 0;
    if (guest && target_kib < (uint64_t)guest->actual_kib)
        soak->figures.down++;
    else
        soak->figures.up++;
    if (r >= 0 && guest) {
        soak->asked_kib[guest - soak->world->guests] = target_kib;
        soak->asked_run[guest - soak->world->guests] = guest->run;
    }
    return r;
}

static void close_nothing(void *self)
{
    (void)self;
}

/* ---- what is judged between intervals ---- */

static void judge_words(struct soak *soak)
{
    fflush(soak->log);
    for (char *line = soak->said, *end;
         (end = memchr(line, '\n', soak->said_size - (size_t)(line - soak->said)));
         line = end + 1) {
        *end = '\0';
        if (!strstr(line, "the simulated connection is down"))
            soak_refuse(soak, "the program says: %s", line);
    }
    if (fseek(soak->log, 0, SEEK_SET) < 0)
        soak_refuse(soak, "what the program says cannot be read from the start");
}

static size_t held_bytes(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* What is forgotten in a program is here kept in a chain that nobody reads. */
static bool keep_more(struct soak *soak)
{
    void **more = malloc(1000);

    if (!more)
        return false;
    *more = soak->leaked;
    soak->leaked = more;
    return true;
}

void soak_judge_interval(struct soak *soak)
{
    size_t quarter = (size_t)(QUARTERS * (soak->interval - 1) / soak->wanted), held = held_bytes();

    judge_words(soak);
    if (held > soak->most_held[quarter])
        soak->most_held[quarter] = held;
    if (soak->refusal[0])
        return;
    if (is_planted(soak, PLANT_LEAK) && !keep_more(soak))
        soak_refuse(soak, "no memory for a leak");
    if (is_planted(soak, PLANT_PLAN))
        soak->options.memory.host_reserve_kib = UINT64_C(1) << 40;
}

/* The sanitizers have an allocator of their own, and find leaks by themselves. */
void soak_judge_end(struct soak *soak)
{
    size_t before = soak->most_held[1], after = soak->most_held[3];

    if (after > before + may_grow)
        soak_refuse(soak, "%zu bytes are held in the last quarter and %zu in the second", after,
                    before);
}

/* ---- struct ticker ---- */

static int wait_tick(void *self, struct err *err)
{
    struct soak *soak = self;

    if (soak->interval)
        soak_judge_interval(soak);
    if (soak->interval == soak->wanted || soak->refusal[0])
        return 0;
    if (soak->interval) /* the first one is the rehearsal */
        soak_disturb(soak);
    soak->interval++;
    soak->figures.intervals++;
    return soak->time.wait(soak->time.self, err);
}

static uint64_t no_overruns(void *self)
{
    (void)self;
    return 0;
}

/* ---- one world ---- */

static int run(struct soak *soak, struct err *err)
{
    struct session session = {.options = &soak->options};
    FILE *nowhere = fopen("/dev/null", "w");
    int r;

    if (!nowhere)
        return err_set(err, -errno, "cannot open /dev/null");
    session.host = (struct host){.self = soak,
                                 .sample_vcpus = sample_vcpus,
                                 .set_affinity = set_affinity,
                                 .sample_memory = sample_memory,
                                 .set_balloon = set_balloon,
                                 .close = close_nothing};
    session.ticker = (struct ticker){soak, wait_tick, no_overruns, close_nothing};
    session.text = session.summary = nowhere;
    log_init(&session.log, soak->log, program_name(soak->program), LOG_ERR);
    r = soak->program == PROGRAM_VCPU ? vcpu_loop_run(&session, err)
                                      : memory_loop_run(&session, err);
    fclose(nowhere);
    return r;
}

static void set_options(struct soak *soak)
{
    soak->options =
        (struct options){.program = soak->program, .interval_s = interval_s, .explain = true};
    vcpu_settings_default(&soak->options.vcpu);
    memory_settings_default(&soak->options.memory);
    soak->options.memory.interval_s = interval_s;
    soak->options.memory.explain = true;
    if (soak->program == PROGRAM_VCPU && soak->world->n_pcpus > 2 && happens(&soak->random, 0.3))
        cpuset_add(&soak->options.reserve, soak->world->pcpus[0].id);
}

static int open_world(struct soak *soak, uint64_t seed, struct err *err)
{
    char *text;
    int r;

    soak->random = random_stream(seed, 0);
    text = soak_world(soak->program, &soak->random, seed);
    if (!text)
        return err_set(err, -ENOMEM, "out of memory");
    r = simulated_open_text(text, soak->program == PROGRAM_VCPU ? SIMULATED_VCPU : SIMULATED_MEMORY,
                            interval_s, &soak->inner, &soak->time, err);
    free(text);
    if (r >= 0)
        soak->world = simulated_of(&soak->inner);
    return r;
}

int soak_play(struct soak *soak, uint64_t seed, struct err *err)
{
    int r = open_world(soak, seed, err);

    if (r < 0)
        return r;
    soak->masks = calloc(soak->world->n_vcpus + 1, sizeof(*soak->masks));
    soak->asked_kib = calloc(soak->world->n_guests + 1, sizeof(*soak->asked_kib));
    soak->asked_run = calloc(soak->world->n_guests + 1, sizeof(*soak->asked_run));
    soak->log = open_memstream(&soak->said, &soak->said_size);
    r = -ENOMEM;
    if (soak->masks && soak->asked_kib && soak->asked_run && soak->log) {
        set_options(soak);
        r = run(soak, err);
    }
    if (r >= 0 && !soak->refusal[0])
        soak_judge_end(soak);
    if (soak->log)
        fclose(soak->log);
    free(soak->said);
    free(soak->masks);
    free(soak->asked_kib);
    free(soak->asked_run);
    soak->inner.close(soak->inner.self);
    return r;
}
