/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario.h"
#include "agent/base/json_values.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/simulated/json_reader.h"
#include "agent/simulated/scenario_check.h"
#include "agent/simulated/scenario_event.h"
#include "agent/simulated/scenario_guest.h"
#include "agent/simulated/scenario_load.h"
#include "agent/simulated/scenario_topology.h"

static const double kib_per_mib = 1024, max_mib = 1e9;
static const double default_other_mib = 600, max_duration_s = 1e8;

static double mib(struct member *at, const char *key, double fallback_mib)
{
    return kib_per_mib * member_number(at, key, 0, max_mib, fallback_mib);
}

static int parse_events(struct scenario *scenario, json_t *array, struct err *err)
{
    size_t n = json_array_size(array);
    int r = 0;

    scenario->events = calloc(n ? n : 1, sizeof(*scenario->events));
    if (!scenario->events)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct scenario_event event;
        size_t at = i;

        r = scenario_event_parse(json_array_get(array, i), (int)i, &event, err);
        if (r == 0)
            r = scenario_check_event(scenario, &event, (int)i, err);
        if (r < 0)
            break;
        while (at > 0 && scenario->events[at - 1].at_ns > event.at_ns)
            at--;
        memmove(&scenario->events[at + 1], &scenario->events[at], (i - at) * sizeof(event));
        scenario->events[at] = event;
        scenario->n_events++;
    }
    return r;
}

/* A topology names them all. */
static void read_pcpus(struct scenario *scenario, struct member *at)
{
    static const struct cpuset four = {{0xf}};
    const struct topology_facts *topology = scenario->topology;

    if (topology && member_is(at, "pcpus"))
        member_fail(at, -EINVAL, "pcpus", "is told by \"topology\": leave it out");
    member_cpuset(at, "pcpus", &scenario->present, topology ? &topology->mentioned : &four);
    member_cpuset(at, "online", &scenario->online,
                  topology ? &topology->online : &scenario->present);
}

static int parse_host(struct scenario *scenario, json_t *json, struct err *err)
{
    json_t *none = json ? NULL : json_object();
    struct member at;
    int r;

    member_begin(&at, json ? json : none, err, "host", -1);
    read_pcpus(scenario, &at);
    member_cpuset(&at, "isolated", &scenario->isolated, NULL);
    member_cpuset(&at, "tickless", &scenario->tickless, NULL);
    member_cpuset(&at, "slice", &scenario->slice, &scenario->present);
    member_cpuset(&at, "slow", &scenario->slow, NULL);
    scenario->slow_pct = member_number(&at, "slow_pct", 10, 100, 80);
    scenario->sibling_pct = member_number(&at, "sibling_pct", 0, 100, 25);
    scenario->remote_pct = member_number(&at, "remote_pct", 0, 30, 15);
    scenario->is_told = member_bool(&at, "told", true);
    scenario->run_delay = member_bool(&at, "run_delay", true);
    scenario->busy_times = member_bool(&at, "busy_times", true);
    scenario->background_pct = member_number(&at, "background_pct", 0, 100, 0.5);
    scenario->background_noise_pct = member_number(&at, "background_noise_pct", 0, 50, 0.5);
    scenario->total_kib = mib(&at, "memory_mib", 0);
    scenario->other_kib = mib(&at, "other_mib", default_other_mib);
    scenario->host_cache_kib = mib(&at, "cache_mib", 0);
    scenario->arc_kib = mib(&at, "arc_mib", 0);
    if (!cpuset_is_subset(&scenario->online, &scenario->present))
        member_fail(&at, -EINVAL, "online", "names a pCPU that is not in \"pcpus\"");
    r = member_end(&at);
    json_decref(none);
    return r;
}

static void parse_head(struct scenario *scenario, struct member *at)
{
    static const char *const programs[] = {"both", "vcpu_scheduler", "memory_coordinator", NULL};
    char about[400];
    int program;

    member_text(at, "name", scenario->name, sizeof(scenario->name), "unnamed");
    member_text(at, "about", about, sizeof(about), "");
    program = member_word(at, "program", programs, 0);
    scenario->for_vcpu = program != 2;
    scenario->for_memory = program != 1;
    scenario->duration_ns =
        (uint64_t)(1e9 * member_number(at, "duration_s", 1, max_duration_s, 60));
    scenario->step_ns = (uint64_t)(1e6 * member_number(at, "step_ms", 1, 1000, 20));
    scenario->first_sample_ns = (uint64_t)(1e9 * member_number(at, "first_sample_s", 0, 3600, 0));
    scenario->burst_ns = 1e6 * member_number(at, "bursts_ms", 0, 10000, 0);
    if (scenario->burst_ns > 0 && scenario->burst_ns < 1e6)
        member_fail(at, -EINVAL, "bursts_ms", "must be 0, or from 1 to 10000");
    scenario->seed = (uint64_t)member_number(at, "seed", 0, 1e15, 1);
}

/* What a scenario consists of; references of its own. */
struct parts {
    json_t *host, *guests, *programs, *events, *trace, *generator;
    json_t *topology, *cpumap;
};

static void drop_parts(struct parts *parts)
{
    json_decref(parts->host);
    json_decref(parts->guests);
    json_decref(parts->programs);
    json_decref(parts->events);
    json_decref(parts->trace);
    json_decref(parts->generator);
    json_decref(parts->topology);
    json_decref(parts->cpumap);
}

/* A run lasts as long as what it plays, unless that is said. */
static void set_duration(struct scenario *scenario)
{
    const struct load *load = &scenario->load;
    double left_s = load_length_s(load) - (load->repeats ? 0 : load->offset_s);

    scenario->duration_ns = (uint64_t)(1e9 * fmin(fmax(left_s / load->speed, 1), max_duration_s));
}

/* What a recording tells of its host stands in for what the scenario does not. Its events are about
 * its guests. */
static int take_recorded(struct scenario *scenario, struct parts *parts,
                         const struct recorded *recorded)
{
    bool is_vcpu = recorded->program && strcmp(recorded->program, "vcpu_scheduler") == 0;

    if (!recorded->program)
        return 0;
    scenario->for_vcpu = is_vcpu;
    scenario->for_memory = !is_vcpu;
    if (!parts->host)
        parts->host = json_incref(recorded->host);
    if (parts->guests)
        return 0;
    parts->guests = json_incref(recorded->guests);
    if (parts->events && json_array_extend(recorded->events, parts->events) < 0)
        return -ENOMEM;
    json_decref(parts->events);
    parts->events = json_incref(recorded->events);
    return 0;
}

/* Its guests need not be told again. */
static int take_load(struct scenario *scenario, struct parts *parts,
                     const struct scenario_place *place, bool has_duration, struct err *err)
{
    struct recorded recorded = {0};
    int r = scenario_trace_parse(scenario, parts->trace, place, &recorded, err);

    if (r == 0 && scenario->load.n_guests > 0) {
        if (!has_duration)
            set_duration(scenario);
        if (take_recorded(scenario, parts, &recorded) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
        else if (!parts->guests)
            parts->guests = scenario_load_guests(scenario);
        if (r == 0 && !parts->guests)
            r = err_set(err, -ENOMEM, "out of memory");
    }
    recorded_done(&recorded);
    return r;
}

static int parse_parts(struct scenario *scenario, struct parts *parts,
                       const struct scenario_place *place, bool has_duration, struct err *err)
{
    json_t *made = NULL;
    int r = take_load(scenario, parts, place, has_duration, err);

    if (r == 0)
        r = scenario_topology_parse(scenario, parts->topology, parts->cpumap, place, err);
    if (r == 0)
        r = parse_host(scenario, parts->host, err);
    if (r == 0)
        r = scenario_generator_parse(scenario, parts->generator, &made, err);
    if (r == 0)
        r = scenario_guests_parse(scenario, parts->guests ? parts->guests : made, err);
    json_decref(made);
    if (r == 0)
        r = scenario_programs_parse(scenario, parts->programs, err);
    if (r == 0)
        r = scenario_load_resolve(scenario, err);
    if (r == 0)
        r = scenario_check_memory(scenario, err);
    if (r == 0)
        r = parse_events(scenario, parts->events, err);
    return r;
}

static int parse_all(struct scenario *scenario, const struct scenario_place *place, json_t *root,
                     struct err *err)
{
    struct parts parts;
    struct member at;
    bool has_duration;
    int r;

    member_begin(&at, root, err, "the file", -1);
    has_duration = member_is(&at, "duration_s");
    parse_head(scenario, &at);
    parts = (struct parts){
        .host = member_object(&at, "host"),
        .guests = member_array(&at, "guests"),
        .programs = member_array(&at, "programs"),
        .events = member_array(&at, "events"),
        .trace = member_any(&at, "trace"),
        .generator = member_object(&at, "generator"),
        .topology = member_any(&at, "topology"),
        .cpumap = member_any(&at, "cpumap"),
    };
    r = member_end(&at);
    if (r == 0)
        r = parse_parts(scenario, &parts, place, has_duration, err);
    drop_parts(&parts);
    return r;
}

int scenario_parse(const char *json, const struct scenario_place *place, struct scenario *ret,
                   struct err *err)
{
    struct scenario scenario = {0};
    json_error_t where;
    json_t *root;
    int r;

    errno = 0;
    root = json_loads(json, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return json_load_code(&where) == -ENOMEM
                   ? err_set(err, -ENOMEM, "out of memory")
                   : err_set(err, -EINVAL, "scenario: line %d: %s", where.line, where.text);
    r = parse_all(&scenario, place, root, err);
    json_decref(root);
    if (r < 0)
        scenario_done(&scenario);
    else
        *ret = scenario;
    return r;
}

void scenario_done(struct scenario *scenario)
{
    free(scenario->guests);
    free(scenario->events);
    load_done(&scenario->load);
    if (scenario->topology)
        topology_facts_done(scenario->topology);
    free(scenario->topology);
    *scenario = (struct scenario){0};
}
