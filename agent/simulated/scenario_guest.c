/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario_guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/simulated/scenario_nodes.h"

static const double kib_per_mib = 1024, max_mib = 1e9;

/* Guests as the exercise has them: 512 of 2048 MiB, 315 in use of which 145 are cache, starved ones
 * bottom out near 65 MiB unused. */
static const double default_maximum_mib = 2048;
static const double default_actual_mib = 512;
static const double default_used_mib = 170;
static const double default_cache_mib = 145;
static const double default_overhead_mib = 60;
static const double default_watermark_mib = 65;
static const double default_balloon_mib_per_s = 400;

static double mib(struct member *at, const char *key, double fallback_mib)
{
    return kib_per_mib * member_number(at, key, 0, max_mib, fallback_mib);
}

/* A stable identity from the name, so that a scenario need not spell out UUIDs: FNV-1a twice. */
static void uuid_from_name(const char *name, unsigned char uuid[16])
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (int half = 0; half < 2; half++) {
        for (const char *c = name; *c; c++)
            hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
        memcpy(uuid + 8 * half, &hash, 8);
        hash ^= UINT64_C(0x9e3779b97f4a7c15);
    }
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
}

static void parse_identity(struct member *at, struct guest_id *id)
{
    char text[GUEST_UUID_SIZE + 1] = "", name[GUEST_NAME_SIZE] = "";

    member_text(at, "name", name, sizeof(name), NULL);
    member_text(at, "uuid", text, sizeof(text), "");
    guest_name_set(id, name);
    if (!text[0])
        uuid_from_name(name, id->uuid);
    else if (guest_uuid_parse(text, id->uuid) < 0)
        member_fail(at, -EINVAL, "uuid", "is not a UUID");
}

static void parse_policy(struct member *at, struct memory_policy *policy)
{
    policy->excluded = member_bool(at, "excluded", false);
    policy->has_floor = member_is(at, "floor_mib");
    policy->floor_kib = (uint64_t)mib(at, "floor_mib", 0);
    policy->has_ceiling = member_is(at, "ceiling_mib");
    policy->ceiling_kib = (uint64_t)mib(at, "ceiling_mib", 0);
    policy->has_pin = member_is(at, "pin_mib");
    policy->pin_kib = (uint64_t)mib(at, "pin_mib", 0);
    policy->has_weight = member_is(at, "weight");
    policy->weight = (unsigned)member_number(at, "weight", 1, 10000, 100);
}

/* In the order of enum memory_lock. */
static const char *const lock_words[] = {
    "no", "locked", "huge-pages", "device", "disk", "encrypted", "uncounted", NULL,
};

static void parse_devices(struct member *at, struct scenario_guest *guest)
{
    bool is_locked = member_bool(at, "locked", false);

    guest->lock = (enum memory_lock)member_word(at, "lock", lock_words, is_locked);
    guest->is_told = member_bool(at, "told", true);
    guest->keeps_pages = member_bool(at, "keeps_pages", false);
    guest->nvdimm_kib = mib(at, "nvdimm_mib", 0);
    guest->virtio_mem_kib = mib(at, "virtio_mem_mib", 0);
    guest->plugged_kib = mib(at, "plugged_mib", 0);
    if (guest->plugged_kib > guest->virtio_mem_kib)
        member_fail(at, -EINVAL, "plugged_mib", "is above virtio_mem_mib");
}

static void parse_helpers(struct member *at, const struct scenario *scenario,
                          struct scenario_guest *guest)
{
    json_t *array = member_any(at, "iothreads_pct");
    size_t n = json_array_size(array);

    guest->helpers_pct = member_number(at, "helpers_pct", 0, 100, 0);
    member_cpuset(at, "helpers_affinity", &guest->helpers_affinity, &scenario->online);
    guest->has_owned_helpers = member_bool(at, "helpers_owned", false);
    for (size_t i = 0; i < n && i < SCENARIO_MAX_IOTHREADS; i++) {
        const json_t *pct = json_array_get(array, i);

        guest->iothread_pct[i] = json_is_number(pct) ? json_number_value(pct) : -1;
        if (!(guest->iothread_pct[i] >= 0 && guest->iothread_pct[i] <= 100))
            n = SIZE_MAX;
    }
    if ((array && !json_is_array(array)) || n > SCENARIO_MAX_IOTHREADS)
        member_fail(at, -EINVAL, "iothreads_pct",
                    "must be the loads of at most eight I/O threads, each from 0 to 100");
    else
        guest->n_iothreads = n;
    json_decref(array);
}

static void parse_memory(struct member *at, struct scenario_guest *guest)
{
    static const struct balloon_manner plain = {
        .kib_per_s = default_balloon_mib_per_s * kib_per_mib, .delay_s = 0.1, .driver = 1};

    guest->has_balloon = member_bool(at, "balloon_device", true);
    guest->maximum_kib = mib(at, "maximum_mib", default_maximum_mib);
    guest->actual_kib = mib(at, "actual_mib", default_actual_mib);
    guest->used_kib = mib(at, "used_mib", default_used_mib);
    guest->cache_kib = mib(at, "cache_mib", default_cache_mib);
    guest->overhead_kib = mib(at, "overhead_mib", default_overhead_mib);
    guest->touched_kib = mib(at, "touched_mib", guest->actual_kib / kib_per_mib);
    guest->swap_kib = mib(at, "swap_mib", 0);
    guest->hard_limit_kib = mib(at, "hard_limit_mib", 0);
    parse_devices(at, guest);
    guest->watermark_kib = mib(at, "watermark_mib", default_watermark_mib);
    scenario_balloon(at, &plain, &guest->balloon);
    if (guest->actual_kib > guest->maximum_kib + guest->plugged_kib)
        member_fail(at, -EINVAL, "actual_mib", "is above maximum_mib");
    else if (guest->used_kib + guest->cache_kib > guest->actual_kib)
        member_fail(at, -EINVAL, "used_mib", "and cache_mib do not fit into actual_mib");
}

static void parse_limits(struct member *at, const struct scenario *scenario,
                         struct scenario_guest *guest)
{
    guest->quota_pct = member_number(at, "quota_pct", 0, 100, 0);
    guest->guest_quota_pct = member_number(at, "guest_quota_pct", 0, 1e6, 0);
    guest->reserve_pct = member_number(at, "reserve_pct", 0, 100, 0);
    guest->has_strange_limits = member_bool(at, "strange_limits", false);
    member_cpuset(at, "may_run", &guest->may_run, &scenario->slice);
}

/* One element of "programs", which is to the physics what a guest without memory is. */
static int parse_program(const struct scenario *scenario, json_t *json, int index,
                         struct scenario_guest *ret, int *ret_count, struct err *err)
{
    struct member at;

    member_begin(&at, json, err, "programs", index);
    ret->is_program = true;
    parse_identity(&at, &ret->id);
    *ret_count = (int)member_number(&at, "count", 1, SCENARIO_MAX_GUESTS, 1);
    ret->present = member_bool(&at, "present", true);
    ret->vcpus = ret->vcpus_online =
        (unsigned)member_number(&at, "threads", 1, SCENARIO_MAX_VCPUS, 1);
    member_cpuset(&at, "affinity", &ret->affinity, &scenario->online);
    ret->may_run = scenario->present;
    ret->pct = member_number(&at, "pct", 0, 100, 100);
    ret->noise_pct = member_number(&at, "noise_pct", 0, 50, 0);
    ret->follows = member_bool(&at, "follows", false);
    return member_end(&at);
}

/* One element of "guests"; "count" says how many of them. */
static int parse_guest(const struct scenario *scenario, json_t *json, int index,
                       struct scenario_guest *ret, int *ret_count, struct err *err)
{
    bool is_played = scenario->load.n_guests > 0 || scenario->made_up_pct > 0;
    struct member at;

    member_begin(&at, json, err, "guests", index);
    parse_identity(&at, &ret->id);
    *ret_count = (int)member_number(&at, "count", 1, SCENARIO_MAX_GUESTS, 1);
    ret->present = member_bool(&at, "present", true);
    ret->vcpus = (unsigned)member_number(&at, "vcpus", 1, SCENARIO_MAX_VCPUS, 1);
    ret->vcpus_online = (unsigned)member_number(&at, "vcpus_online", 1, ret->vcpus, ret->vcpus);
    member_cpuset(&at, "affinity", &ret->affinity, &scenario->online);
    member_cpuset(&at, "allowed", &ret->allowed, &scenario->present);
    parse_limits(&at, scenario, ret);
    ret->pct = member_number(&at, "pct", 0, 100, 1);
    ret->noise_pct = member_number(&at, "noise_pct", 0, 50, is_played ? 0 : 0.7);
    parse_helpers(&at, scenario, ret);
    parse_memory(&at, ret);
    parse_policy(&at, &ret->policy);
    scenario_nodes_parse(&at, scenario, ret);
    return member_end(&at);
}

static int add_guests(struct scenario *scenario, const struct scenario_guest *guest, int count,
                      struct err *err)
{
    size_t n = scenario->n_guests + (size_t)count;
    struct scenario_guest *grown = realloc(scenario->guests, n * sizeof(*grown));

    if (!grown)
        return err_set(err, -ENOMEM, "out of memory");
    scenario->guests = grown;
    for (int i = 1; i <= count; i++) {
        struct scenario_guest *one = &grown[scenario->n_guests++];

        *one = *guest;
        if (count > 1) {
            char name[GUEST_NAME_SIZE];

            snprintf(name, sizeof(name), "%.200s-%d", guest_name_true(&guest->id), i);
            guest_name_set(&one->id, name);
            uuid_from_name(name, one->id.uuid);
        }
    }
    return 0;
}

/* The UUID decides who a guest is, so no two may share one. */
static int check_unique(const struct scenario *scenario, size_t from, int index, struct err *err)
{
    for (size_t i = from; i < scenario->n_guests; i++)
        for (size_t j = 0; j < i; j++)
            if (guest_compare(&scenario->guests[i].id, &scenario->guests[j].id) == 0)
                return err_set(err, -EINVAL, "scenario: guests[%d]: '%s' is already there", index,
                               scenario->guests[i].id.name);
    return 0;
}

typedef int parse_one(const struct scenario *scenario, json_t *json, int index,
                      struct scenario_guest *ret, int *ret_count, struct err *err);

static int parse_guests(struct scenario *scenario, json_t *array, parse_one *parse, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < json_array_size(array); i++) {
        struct scenario_guest guest = {0};
        int count = 1;

        size_t before = scenario->n_guests;

        r = parse(scenario, json_array_get(array, i), (int)i, &guest, &count, err);
        if (r == 0)
            r = add_guests(scenario, &guest, count, err);
        if (r == 0)
            r = check_unique(scenario, before, (int)i, err);
    }
    return r;
}

int scenario_guests_parse(struct scenario *scenario, json_t *array, struct err *err)
{
    return parse_guests(scenario, array, parse_guest, err);
}

int scenario_programs_parse(struct scenario *scenario, json_t *array, struct err *err)
{
    return parse_guests(scenario, array, parse_program, err);
}
