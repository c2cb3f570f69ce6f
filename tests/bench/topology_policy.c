/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* mkstemps */
#include "tests/bench/topology_policy.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/accept/drive.h"
#include "tests/bench/vsched_rule.h"

static const double interval_s = 2;
enum { INTERVALS_TO_COMPACT = 15 }; /* VSched's timer */

const struct topology_policy topology_policies[] = {
    {"floating", .kind = POLICY_FLOATING},
    {"best single pins", .kind = POLICY_PRODUCT, .level = PIN_PCPU},
    {"`--level llc`", .kind = POLICY_PRODUCT, .level = PIN_LLC},
    {"`--level node`", .kind = POLICY_PRODUCT, .level = PIN_NODE},
    {"`--level auto`", .kind = POLICY_PRODUCT, .level = PIN_AUTO},
    {"VSched, static", .kind = POLICY_VSCHED, .layers = 1},
    {"VSched, dynamic", .kind = POLICY_VSCHED, .layers = VSCHED_MOST_LAYERS},
};
const size_t n_topology_policies = sizeof(topology_policies) / sizeof(topology_policies[0]);

static void give_up(const char *scene, const char *why)
{
    fprintf(stderr, "%s: %s\n", scene, why);
    exit(1);
}

/* ---- What a hypervisor's user can see and do ---- */

struct desk {
    const struct host *host;
    struct simulated *world;
    struct vcpu_sample sample;
};

/* The first reading of a guest, or n_vcpus: it is not there. */
static size_t find_guest(const struct desk *desk, const char *name)
{
    size_t v = 0;

    while (v < desk->sample.n_vcpus && strcmp(desk->sample.vcpus[v].guest.name, name) != 0)
        v++;
    return v;
}

static void set(const struct desk *desk, const struct vcpu_reading *reading,
                const struct cpuset *affinity)
{
    if (!cpuset_is_equal(affinity, &reading->affinity))
        desk->host->set_affinity(desk->host->self, &reading->guest, reading->vcpu, affinity, NULL);
}

/* ---- Floating ---- */

/* Whoever pinned it: where its owner and the kernel let it run. */
static void release_all(const struct desk *desk)
{
    const struct vcpu_sample *sample = &desk->sample;

    for (size_t v = 0; v < sample->n_vcpus; v++)
        set(desk, &sample->vcpus[v], &sample->vcpus[v].allowed);
}

/* ---- VSched ---- */

struct deal {
    struct vsched rule;
    unsigned *pcpu_ids; /* in the order of the rule */
    const char **names; /* of guests, in the order of the scenario */
    size_t *n_vcpus;
    bool *is_there, *is_placed;
    size_t n_guests, interval;
};

static void *zeroed(size_t n, size_t size)
{
    void *array = calloc(n + 1, size);

    if (!array)
        abort();
    return array;
}

static struct deal deal_new(const struct desk *desk, size_t layers)
{
    size_t n_pcpus = simulated_pcpus(desk->world), n_vcpus = simulated_vcpus(desk->world);
    struct simulated_pcpu last;
    struct deal deal = {0};

    simulated_pcpu(desk->world, n_pcpus - 1, &last);
    deal.rule = vsched_new(last.node + 1, (last.llc + 1) / (last.node + 1),
                           n_pcpus / (last.llc + 1), layers);
    deal.pcpu_ids = zeroed(n_pcpus, sizeof(*deal.pcpu_ids));
    deal.names = zeroed(n_vcpus, sizeof(*deal.names));
    deal.n_vcpus = zeroed(n_vcpus, sizeof(*deal.n_vcpus));
    deal.is_there = zeroed(n_vcpus, sizeof(*deal.is_there));
    deal.is_placed = zeroed(n_vcpus, sizeof(*deal.is_placed));
    for (size_t p = 0; p < n_pcpus; p++) {
        struct simulated_pcpu pcpu;

        simulated_pcpu(desk->world, p, &pcpu);
        deal.pcpu_ids[p] = pcpu.id;
        if (desk->sample.pcpus[p].use != PCPU_USABLE)
            vsched_leave_out(&deal.rule, p);
    }
    for (size_t v = 0; v < n_vcpus; v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(desk->world, v, &vcpu);
        if (vcpu.vcpu == 0)
            deal.names[deal.n_guests++] = vcpu.guest;
        deal.n_vcpus[deal.n_guests - 1]++;
    }
    return deal;
}

static void deal_done(struct deal *deal)
{
    vsched_done(&deal->rule);
    free(deal->pcpu_ids);
    free(deal->names);
    free(deal->n_vcpus);
    free(deal->is_there);
    free(deal->is_placed);
}

/* The one cluster that a guest is confined to already, or as many as there are. */
static size_t cluster_of(const struct deal *deal, const struct cpuset *affinity)
{
    size_t n = deal->rule.n_nodes * deal->rule.n_clusters, cluster = 0;

    for (; cluster < n && n > 1; cluster++) {
        struct cpuset rest = *affinity, pcpus = {0};

        for (size_t p = 0; p < deal->rule.size; p++)
            cpuset_add(&pcpus, deal->pcpu_ids[cluster * deal->rule.size + p]);
        cpuset_subtract(&rest, &pcpus);
        if (cpuset_count(&rest) == 0)
            return cluster;
    }
    return n;
}

static bool place(struct deal *deal, size_t g, const struct cpuset *affinity)
{
    size_t cluster = cluster_of(deal, affinity), per_node = deal->rule.n_clusters;

    if (cluster < deal->rule.n_nodes * per_node && deal->interval == 0)
        return vsched_place_in(&deal->rule, (int)g, deal->n_vcpus[g], cluster / per_node,
                               cluster % per_node);
    return vsched_place(&deal->rule, (int)g, deal->n_vcpus[g]);
}

static void come_and_go(struct deal *deal, const struct desk *desk)
{
    bool is_time = deal->interval % INTERVALS_TO_COMPACT == INTERVALS_TO_COMPACT - 1;

    if (is_time)
        vsched_compact(&deal->rule);
    for (size_t g = 0; g < deal->n_guests; g++) {
        size_t v = find_guest(desk, deal->names[g]);
        bool was_there = deal->is_there[g];

        deal->is_there[g] = v < desk->sample.n_vcpus;
        if (was_there && !deal->is_there[g]) {
            vsched_remove(&deal->rule, (int)g);
            vsched_compact(&deal->rule);
            deal->is_placed[g] = false;
        } else if (deal->is_there[g] && !deal->is_placed[g] && (!was_there || is_time)) {
            deal->is_placed[g] = place(deal, g, &desk->sample.vcpus[v].affinity);
        }
    }
}

static void deal_step(struct deal *deal, const struct desk *desk)
{
    size_t *pcpus = zeroed(simulated_vcpus(desk->world), sizeof(*pcpus));

    come_and_go(deal, desk);
    for (size_t g = 0; g < deal->n_guests; g++) {
        size_t first = find_guest(desk, deal->names[g]);

        if (!deal->is_placed[g] || !vsched_pins(&deal->rule, (int)g, deal->n_vcpus[g], pcpus))
            continue;
        for (size_t v = 0; v < deal->n_vcpus[g]; v++) {
            struct cpuset one = {0};

            cpuset_add(&one, deal->pcpu_ids[pcpus[v]]);
            set(desk, &desk->sample.vcpus[first + v], &one);
        }
    }
    deal->interval++;
    free(pcpus);
}

/* ---- A scene ---- */

/* Plays to the end what needs no plan. */
static void drive_rule(const struct topology_policy *policy, const struct host *host,
                       const struct ticker *ticker)
{
    struct desk desk = {.host = host, .world = simulated_of(host)};
    struct deal deal = {0};

    while (ticker->wait(ticker->self, NULL) == 1) {
        if (host->sample_vcpus(host->self, &desk.sample, NULL) < 0)
            continue;
        if (policy->kind == POLICY_FLOATING) {
            release_all(&desk);
        } else {
            if (!deal.names)
                deal = deal_new(&desk, policy->layers);
            deal_step(&deal, &desk);
        }
        vcpu_sample_done(&desk.sample);
    }
    if (deal.names)
        deal_done(&deal);
}

static void drive(const struct topology_policy *policy, const struct host *host,
                  const struct ticker *ticker, const char *scene)
{
    struct vcpu_settings settings;
    struct err err = {0, ""};

    if (policy->kind != POLICY_PRODUCT) {
        drive_rule(policy, host, ticker);
        return;
    }
    vcpu_settings_default(&settings);
    settings.level = policy->level;
    if (drive_vcpus(host, ticker, &settings, NULL, &err) < 0)
        give_up(scene, err.text);
}

/* The scene with another seed, as a file of its own that still finds what it names. */
static void write_scene(const char *scene, int seed, char path[40])
{
    const char *folder = SOURCE_DIR "/tests/sim/shapes";
    char from[400], topology[400];
    json_t *json;
    int fd;

    snprintf(from, sizeof(from), "%s/%s.json", folder, scene);
    json = json_load_file(from, 0, NULL);
    if (!json)
        give_up(scene, "no such scene");
    json_object_set_new(json, "seed", json_integer(seed));
    if (strstr(json_string_value(json_object_get(json, "topology")), ".xml")) {
        snprintf(topology, sizeof(topology), "%s/%s", folder,
                 json_string_value(json_object_get(json, "topology")));
        json_object_set_new(json, "topology", json_string(topology));
    }
    strcpy(path, "/tmp/bench_topology.XXXXXX.json");
    fd = mkstemps(path, (int)strlen(".json"));
    if (fd < 0 || json_dumpfd(json, fd, 0) < 0)
        give_up(path, "cannot be written");
    close(fd);
    json_decref(json);
}

struct shape_result topology_policy_play(const struct topology_policy *policy, const char *scene,
                                         int seed)
{
    struct shape_record *record;
    struct shape_result result;
    struct err err = {0, ""};
    struct ticker ticker;
    struct host host;
    char path[40];

    write_scene(scene, seed, path);
    if (simulated_open(path, SIMULATED_VCPU, interval_s, NULL, &host, &ticker, &err) < 0)
        give_up(scene, err.text);
    unlink(path);
    record = shape_record_new(simulated_of(&host),
                              0.75 * (double)simulated_end_ns(simulated_of(&host)) / 1e9);
    drive(policy, &host, &ticker, scene);
    result = shape_record_end(record);
    ticker.close(ticker.self);
    host.close(host.self);
    return result;
}
