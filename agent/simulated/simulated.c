/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/simulated.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/simulated/builtin.h"
#include "agent/simulated/cpu.h"
#include "agent/simulated/guest_life.h"
#include "agent/simulated/guest_report.h"
#include "agent/simulated/host_memory.h"
#include "agent/simulated/host_topology.h"
#include "agent/simulated/memory.h"
#include "agent/simulated/scenario.h"
#include "agent/simulated/text_file.h"
#include "agent/simulated/vcpu_report.h"
#include "agent/simulated/world.h"

/* A monotonic clock counts from some boot, never from the moment when somebody looks. */
static const uint64_t clock_origin_ns = 3600 * UINT64_C(1000000000);

/* ---- struct host ---- */

static int connected(const struct simulated *world, struct err *err)
{
    if (world->now_ns < world->outage_until_ns)
        return err_set(err, -ENOTCONN, "the simulated connection is down");
    return 0;
}

static int sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    struct simulated *world = self;
    int r = connected(world, err);

    if (r == 0)
        r = vcpu_report_read(world, clock_origin_ns + world->now_ns, ret);
    return r == -ENOMEM ? err_set(err, r, "out of memory") : r;
}

static int sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    const struct simulated *world = self;
    struct memory_sample sample = {.at_ns = clock_origin_ns + world->now_ns};
    double free_kib = host_memory_free_kib(world);
    int r = connected(world, err);

    if (r < 0)
        return r;
    sample.guests = calloc(world->n_true_guests + 1, sizeof(*sample.guests));
    if (!sample.guests)
        return err_set(err, -ENOMEM, "out of memory");
    sample.host_total_kib = (uint64_t)world->scenario.total_kib;
    sample.host_free_kib = free_kib > 0 ? (uint64_t)free_kib : 0;
    sample.host_available_kib = sample.host_free_kib + (uint64_t)world->host_cache_kib;
    if (!world->scenario.is_told)
        sample.host_available_kib += (uint64_t)world->scenario.arc_kib;
    sample.host_arc_kib = (uint64_t)world->scenario.arc_kib;
    for (size_t g = 0; g < world->n_true_guests; g++)
        if (world->guests[g].present)
            guest_report_read(world, &world->guests[g], &sample.guests[sample.n_guests++]);
    memory_sample_sort(&sample);
    *ret = sample;
    return 0;
}

/* The guest that a call is about, or why it fails. */
static int find_guest(struct simulated *world, const struct guest_id *id,
                      struct guest_state_now **ret, struct err *err)
{
    int r = connected(world, err);

    if (r < 0)
        return r;
    for (size_t g = 0; g < world->n_true_guests; g++) {
        struct guest_state_now *guest = &world->guests[g];

        if (guest_compare(&guest->spec->id, id) != 0)
            continue;
        if (guest->vanishes) {
            guest->vanishes = false;
            guest_life_end(guest);
        }
        if (!guest->present)
            break;
        *ret = guest;
        if (world->now_ns < guest->refuses_until_ns)
            return err_set(err, -EIO, "guest '%s': the simulated hypervisor refuses", id->name);
        return 0;
    }
    return err_set(err, -ENOENT, "guest '%s' is gone", id->name);
}

/* libvirt lets every change wait for the end of that. */
static bool is_moving(const struct simulated *world, struct guest_state_now *guest)
{
    bool is_moving = world->now_ns < guest->migrates_until_ns;

    guest->busy_calls += is_moving;
    return is_moving;
}

/* Where programs that follow will go. */
static void note_pin(struct simulated *world, const struct cpuset *affinity)
{
    for (size_t p = 0; p < world->n_pcpus; p++) {
        if (cpuset_has(affinity, world->pcpus[p].id))
            world->last_pin = p;
    }
    world->follow_ns = world->now_ns + 1000000000;
}

static int set_affinity(void *self, const struct guest_id *id, unsigned number,
                        const struct cpuset *affinity, struct err *err)
{
    struct simulated *world = self;
    struct guest_state_now *guest = NULL;
    struct vcpu_state *vcpu;
    int r = find_guest(world, id, &guest, err);

    if (r < 0)
        return r;
    if (is_moving(world, guest))
        return err_set(err, -EBUSY, "guest '%s' is migrating", id->name);
    if (number >= guest->spec->vcpus || cpuset_count(affinity) == 0)
        return err_set(err, -EINVAL, "guest '%s' has no vCPU %u, or the affinity is empty",
                       id->name, number);
    if (!cpuset_is_subset(affinity, &guest->spec->may_run))
        return err_set(err, -EIO, "guest '%s': cannot pin a vCPU: Invalid argument", id->name);
    vcpu = &world->vcpus[guest->first_vcpu + number];
    vcpu->affinity = *affinity;
    vcpu->pin_calls++;
    world->pin_calls++;
    note_pin(world, affinity);
    return 0;
}

static struct vcpu_state *find_helper(struct simulated *world, size_t g, unsigned iothread)
{
    for (size_t v = world->n_guest_vcpus; v < world->n_vcpus; v++) {
        struct vcpu_state *helper = &world->vcpus[v];

        if (helper->is_helper && helper->guest == g && helper->number == iothread)
            return helper;
    }
    return NULL;
}

static int set_helpers(void *self, const struct guest_id *id, unsigned iothread,
                       const struct cpuset *affinity, struct err *err)
{
    struct simulated *world = self;
    struct guest_state_now *guest = NULL;
    struct vcpu_state *helper;
    int r = find_guest(world, id, &guest, err);

    if (r < 0)
        return r;
    helper = find_helper(world, (size_t)(guest - world->guests), iothread);
    if (!helper || cpuset_count(affinity) == 0)
        return err_set(err, -EINVAL, "guest '%s' has no I/O thread %u, or the affinity is empty",
                       id->name, iothread);
    if (!cpuset_is_subset(affinity, &guest->spec->may_run))
        return err_set(err, -EIO, "guest '%s': cannot pin its helpers: Invalid argument", id->name);
    helper->affinity = *affinity;
    helper->pin_calls++;
    world->helper_calls++;
    return 0;
}

static int set_balloon(void *self, const struct guest_id *id, uint64_t target_kib, struct err *err)
{
    struct simulated *world = self;
    struct guest_state_now *guest = NULL;
    int r = find_guest(world, id, &guest, err);
    double balloon_kib, max_kib;

    if (r == -EIO && guest)
        guest->refused_calls++;
    if (r < 0)
        return r;
    assert(guest);
    balloon_kib = (double)target_kib - (guest->spec->is_told ? guest->plugged_kib : 0);
    max_kib = guest->maximum_kib - guest->plugged_kib + guest->spec->nvdimm_kib;
    guest->balloon_calls++;
    world->balloon_calls++;
    if (guest->spec->lock || !guest->spec->has_balloon)
        guest->forbidden_calls++;
    if (!guest->spec->has_balloon)
        return err_set(err, -ENOTSUP, "guest '%s' has no balloon device", id->name);
    if (is_moving(world, guest)) {
        guest->forbidden_calls++;
        return err_set(err, -EBUSY, "guest '%s' is migrating", id->name);
    }
    if (guest->spec->virtio_mem_kib > 0 && balloon_kib > max_kib) {
        guest->refused_calls++;
        return err_set(err, -EINVAL, "guest '%s': cannot set memory higher than max memory",
                       id->name);
    }
    memory_request_balloon(world, guest, balloon_kib + guest->plugged_kib);
    return 0;
}

static void close_host(void *self)
{
    world_free(self);
}

/* Nobody else is there but the scenario. */
static unsigned no_hands(void *self)
{
    (void)self;
    return 0;
}

/* ---- struct ticker ---- */

static int wait_tick(void *self, struct err *err)
{
    struct simulated *world = self;

    (void)err;
    if (world->next_tick_ns > world->scenario.duration_ns) {
        world_advance(world, world->scenario.duration_ns);
        return 0;
    }
    world_advance(world, world->next_tick_ns);
    world->next_tick_ns += world->interval_ns;
    return !stop_is_asked(world->stop);
}

static uint64_t no_overruns(void *self)
{
    (void)self;
    return 0;
}

double simulated_share(const struct simulated *world)
{
    return fmin(1, (double)world->next_tick_ns / (double)world->scenario.duration_ns);
}

static void close_ticker(void *self)
{
    (void)self;
}

/* ---- opening ---- */

static int check_purpose(const struct scenario *scenario, enum simulated_kind kind, struct err *err)
{
    if (kind == SIMULATED_VCPU && !scenario->for_vcpu)
        return err_set(err, -EINVAL, "scenario '%s' is for memory_coordinator", scenario->name);
    if (kind == SIMULATED_MEMORY && !scenario->for_memory)
        return err_set(err, -EINVAL, "scenario '%s' is for vcpu_scheduler", scenario->name);
    return 0;
}

static int open_scenario(const char *json, const struct scenario_place *place,
                         enum simulated_kind kind, double interval_s, struct host *ret_host,
                         struct ticker *ret_ticker, struct err *err)
{
    struct scenario scenario = {0};
    struct simulated *world;
    int r = scenario_parse(json, place, &scenario, err);

    if (r < 0)
        return r;
    r = check_purpose(&scenario, kind, err);
    if (r < 0) {
        scenario_done(&scenario);
        return r;
    }
    world = world_new(&scenario);
    if (!world)
        return err_set(err, -ENOMEM, "out of memory");
    world->interval_ns = (uint64_t)(1e9 * interval_s);
    world->next_tick_ns = world->scenario.first_sample_ns;
    *ret_host = (struct host){.self = world,
                              .sample_vcpus = sample_vcpus,
                              .set_affinity = set_affinity,
                              .set_helpers = set_helpers,
                              .sample_memory = sample_memory,
                              .set_balloon = set_balloon,
                              .topology = host_topology,
                              .hands = no_hands,
                              .close = close_host};
    *ret_ticker = (struct ticker){world, wait_tick, no_overruns, close_ticker};
    return 0;
}

int simulated_open_text(const char *json, enum simulated_kind kind, double interval_s,
                        struct host *ret_host, struct ticker *ret_ticker, struct err *err)
{
    return open_scenario(json, NULL, kind, interval_s, ret_host, ret_ticker, err);
}

/* A recording is a scenario that plays it, and nothing else. */
static char *text_of_recording(const char *path)
{
    const char *name = strrchr(path, '/');
    json_t *json = json_members("name", json_string("recording"), "trace",
                                json_string(name ? name + 1 : path), NULL);
    char *text = json ? json_text(json, JSON_COMPACT) : NULL;

    json_decref(json);
    return text;
}

static int open_file(const char *path, enum simulated_kind kind, double interval_s,
                     const struct stop *stop, struct host *ret_host, struct ticker *ret_ticker,
                     struct err *err)
{
    char *folder = strdup(path), *text = NULL;
    struct scenario_place place = {.folder = folder ? dirname(folder) : NULL, .stop = stop};
    int r =
        folder ? text_file_read(path, stop, &text, err) : err_set(err, -ENOMEM, "out of memory");

    if (r > 0) {
        text = text_is_valid(path) ? text_of_recording(path) : NULL;
        r = 0;
        if (!text_is_valid(path))
            r = err_set(err, -EINVAL, "the name of '%s' is not UTF-8: rename it", path);
        else if (!text)
            r = err_set(err, -ENOMEM, "out of memory");
    }
    if (r == 0)
        r = open_scenario(text, &place, kind, interval_s, ret_host, ret_ticker, err);
    free(text);
    free(folder);
    return r;
}

int simulated_open(const char *name_or_file, enum simulated_kind kind, double interval_s,
                   const struct stop *stop, struct host *ret_host, struct ticker *ret_ticker,
                   struct err *err)
{
    char *text = NULL;
    int r = builtin_text(name_or_file, &text, err);

    if (r == 0)
        r = simulated_open_text(text, kind, interval_s, ret_host, ret_ticker, err);
    else if (r == -ENOENT)
        r = open_file(name_or_file, kind, interval_s, stop, ret_host, ret_ticker, err);
    if (r == 0)
        simulated_of(ret_host)->stop = stop;
    free(text);
    return r;
}

struct simulated *simulated_of(const struct host *host)
{
    return host->self;
}
