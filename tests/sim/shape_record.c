/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/shape_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner/topology/partition.h"
#include "planner/vcpu/waiting.h"

/* Often enough to meet a floating vCPU on most caches that it runs on in a second. */
static const double look_s = 0.1;
enum { MOST_CACHES = 64 };

struct totals {
    double ran_ns, waited_ns, worked_ns, remote_ns;
    double helpers_ns, helpers_remote_ns;
};

struct shape_record {
    struct simulated *world;
    uint64_t from_ns, began_ns; /* began: 0 until then */
    size_t n_vcpus, n_pcpus;
    struct cpuset *affinity; /* [n_vcpus] when it was last looked at */
    uint64_t *caches;        /* [n_vcpus] a bit for each that it was seen on */
    struct totals at_start;
    uint64_t *busy_ns;              /* [n_pcpus] then */
    unsigned char llc[CPUSET_SIZE]; /* of pCPUs, by id */
    unsigned moves;
    uint64_t pins, last_pin_ns;
};

static struct simulated_pcpu pcpu_of(const struct shape_record *record, size_t p)
{
    struct simulated_pcpu pcpu;

    simulated_pcpu(record->world, p, &pcpu);
    return pcpu;
}

static struct cpuset online(const struct shape_record *record)
{
    struct cpuset set = {0};

    for (size_t p = 0; p < record->n_pcpus; p++) {
        if (pcpu_of(record, p).online)
            cpuset_add(&set, pcpu_of(record, p).id);
    }
    return set;
}

static struct totals totals_now(const struct shape_record *record)
{
    struct totals sum = {0};

    for (size_t v = 0; v < record->n_vcpus; v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(record->world, v, &vcpu);
        sum.ran_ns += (double)vcpu.time_ns;
        sum.waited_ns += (double)vcpu.delay_ns;
        sum.worked_ns += (double)vcpu.work_ns;
        sum.remote_ns += (double)vcpu.remote_ns;
    }
    for (size_t v = record->n_vcpus; v < simulated_threads(record->world); v++) {
        struct simulated_vcpu thread;

        simulated_vcpu(record->world, v, &thread);
        sum.helpers_ns += (double)thread.time_ns;
        sum.helpers_remote_ns += (double)thread.remote_ns;
    }
    return sum;
}

static void begin(struct shape_record *record)
{
    record->began_ns = simulated_now_ns(record->world);
    record->at_start = totals_now(record);
    for (size_t p = 0; p < record->n_pcpus; p++)
        record->busy_ns[p] = pcpu_of(record, p).busy_ns;
}

/* Leaving a set is a move; floating is none, nor is a part of it. */
static void look_at(struct shape_record *record, size_t v, const struct cpuset *all)
{
    struct cpuset *before = &record->affinity[v];
    struct simulated_vcpu vcpu;

    simulated_vcpu(record->world, v, &vcpu);
    record->moves += cpuset_count(before) > 0 && !cpuset_is_subset(all, before) &&
                     !cpuset_is_subset(before, &vcpu.affinity) &&
                     !cpuset_is_subset(&vcpu.affinity, before);
    *before = vcpu.affinity;
    if (!vcpu.running)
        *before = (struct cpuset){0};
    else if (record->began_ns)
        record->caches[v] |= (uint64_t)1 << record->llc[vcpu.last_pcpu];
}

static void look(void *arg, const struct simulated *world)
{
    struct shape_record *record = arg;
    struct cpuset all = online(record);

    if (!record->began_ns && simulated_now_ns(world) >= record->from_ns)
        begin(record);
    if (simulated_pin_calls(world) != record->pins) {
        record->pins = simulated_pin_calls(world);
        record->last_pin_ns = simulated_now_ns(world);
    }
    for (size_t v = 0; v < record->n_vcpus; v++)
        look_at(record, v, &all);
}

struct shape_record *shape_record_new(struct simulated *world, double from_s)
{
    struct shape_record *record = calloc(1, sizeof(*record));

    if (!record)
        abort();
    *record = (struct shape_record){.world = world,
                                    .from_ns = (uint64_t)(1e9 * from_s),
                                    .n_vcpus = simulated_vcpus(world),
                                    .n_pcpus = simulated_pcpus(world)};
    record->affinity = calloc(record->n_vcpus + 1, sizeof(*record->affinity));
    record->caches = calloc(record->n_vcpus + 1, sizeof(*record->caches));
    record->busy_ns = calloc(record->n_pcpus + 1, sizeof(*record->busy_ns));
    if (!record->affinity || !record->caches || !record->busy_ns)
        abort();
    for (size_t p = 0; p < record->n_pcpus; p++)
        record->llc[pcpu_of(record, p).id] = (unsigned char)(pcpu_of(record, p).llc % MOST_CACHES);
    simulated_watch(world, look_s, look, record);
    return record;
}

/* ---- At the end ---- */

static double caches_of_a_guest(const struct shape_record *record)
{
    const char *guest = NULL;
    uint64_t seen = 0;
    size_t sum = 0, n = 0;

    for (size_t v = 0; v <= record->n_vcpus; v++) {
        struct simulated_vcpu vcpu = {0};

        if (v < record->n_vcpus)
            simulated_vcpu(record->world, v, &vcpu);
        if (guest && guest != vcpu.guest) {
            sum += (size_t)__builtin_popcountll(seen);
            n += seen != 0;
            seen = 0;
        }
        guest = vcpu.guest;
        seen |= v < record->n_vcpus ? record->caches[v] : 0;
    }
    return n > 0 ? (double)sum / (double)n : 0;
}

static double deviation_of_caches(const struct shape_record *record, double window_ns)
{
    double busy[MOST_CACHES] = {0}, n[MOST_CACHES] = {0}, all_busy = 0, all = 0, most = 0;

    for (size_t p = 0; p < record->n_pcpus; p++) {
        struct simulated_pcpu pcpu = pcpu_of(record, p);
        double share = (double)(pcpu.busy_ns - record->busy_ns[p]) / window_ns;

        if (!pcpu.online)
            continue;
        busy[pcpu.llc % MOST_CACHES] += share;
        n[pcpu.llc % MOST_CACHES]++;
        all_busy += share;
        all++;
    }
    for (size_t c = 0; c < MOST_CACHES; c++) {
        if (n[c] > 0)
            most = fmax(most, fabs(busy[c] / n[c] - all_busy / all));
    }
    return 100 * most;
}

static size_t floating_guests(const struct shape_record *record)
{
    struct cpuset all = online(record);
    const char *last = NULL;
    size_t n = 0;

    for (size_t v = 0; v < record->n_vcpus; v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(record->world, v, &vcpu);
        if (!vcpu.running || vcpu.guest == last || !cpuset_is_subset(&all, &vcpu.affinity))
            continue;
        last = vcpu.guest;
        n++;
    }
    return n;
}

/* pCPUs that share a pool, as the formula has it. */
static struct waiting_pool pool_of(const struct shape_record *record, struct partition *pools,
                                   unsigned group)
{
    struct waiting_pool pool = {.sibling_share = 0.25};

    for (size_t p = 0; p < record->n_pcpus; p++) {
        struct simulated_pcpu pcpu = pcpu_of(record, p);
        bool is_first = true;

        if (!pcpu.online || partition_group(pools, pcpu.id) != group)
            continue;
        for (size_t q = 0; q < p; q++) {
            struct simulated_pcpu other = pcpu_of(record, q);

            is_first &= !other.online || other.core != pcpu.core ||
                        partition_group(pools, other.id) != group;
        }
        pool.pcpus += is_first;
        pool.siblings += !is_first;
    }
    return pool;
}

/* A set of pCPUs, and whether it is all of its pool. */
static bool is_whole(const struct cpuset *set, struct partition *pools)
{
    unsigned first = cpuset_next(set, 0);

    for (unsigned p = cpuset_next(&pools->members, 0); p < CPUSET_SIZE;
         p = cpuset_next(&pools->members, p + 1)) {
        if (partition_group(pools, p) == partition_group(pools, first) && !cpuset_has(set, p))
            return false;
    }
    return true;
}

/* Threads of a core are always in one pool. */
static void join_cores(const struct shape_record *record, struct partition *pools)
{
    for (size_t p = 0; p < record->n_pcpus; p++)
        for (size_t q = 0; q < p; q++) {
            struct simulated_pcpu a = pcpu_of(record, p), b = pcpu_of(record, q);

            if (a.online && b.online && a.core == b.core)
                partition_join(pools, a.id, b.id);
        }
}

/* Threads that run at the end, with what they may run on; n of them. */
struct threads {
    size_t n;
    double *demand;
    struct cpuset *set;
};

static struct threads threads_now(const struct shape_record *record)
{
    size_t most = simulated_threads(record->world) + 1;
    struct threads threads = {0, calloc(most, sizeof(double)), calloc(most, sizeof(struct cpuset))};
    struct cpuset all = online(record);

    if (!threads.demand || !threads.set)
        abort();
    for (size_t v = 0; v + 1 < most; v++) {
        struct cpuset *set = &threads.set[threads.n];
        struct simulated_vcpu vcpu;

        simulated_vcpu(record->world, v, &vcpu);
        if (!vcpu.running)
            continue;
        *set = vcpu.affinity;
        cpuset_and(set, &all);
        if (cpuset_count(set) == 0)
            *set = all;
        threads.demand[threads.n++] = vcpu.demand_permille / 1000.0;
    }
    return threads;
}

static void apply_formula(const struct shape_record *record, struct shape_result *ret)
{
    struct threads threads = threads_now(record);
    double *demand = calloc(threads.n + 1, sizeof(*demand));
    struct cpuset all = online(record);
    struct partition pools;
    struct waiting sum = {0};

    if (!demand)
        abort();
    partition_begin(&pools, &all);
    join_cores(record, &pools);
    for (size_t k = 0; k < threads.n; k++)
        partition_join_all(&pools, &threads.set[k]);
    ret->formula_is_exact = true;
    for (size_t k = 0; k < threads.n; k++)
        ret->formula_is_exact &= is_whole(&threads.set[k], &pools);
    for (unsigned p = cpuset_next(&all, 0); p < CPUSET_SIZE; p = cpuset_next(&all, p + 1)) {
        struct waiting_pool pool = pool_of(record, &pools, p);
        size_t n = 0;

        for (size_t k = 0; k < threads.n; k++) {
            if (partition_group(&pools, cpuset_next(&threads.set[k], 0)) == p)
                demand[n++] = threads.demand[k];
        }
        if (n > 0 && waiting_add(&sum, &pool, demand, n) < 0)
            abort();
    }
    ret->formula_lost = sum.waiting;
    ret->formula_worked = sum.running;
    free(demand);
    free(threads.demand);
    free(threads.set);
}

struct shape_result shape_record_end(struct shape_record *record)
{
    double window_ns = (double)(simulated_now_ns(record->world) - record->began_ns);
    struct totals now = totals_now(record), then = record->at_start;
    double ran_ns = now.ran_ns - then.ran_ns;
    struct shape_result result = {
        .ran = ran_ns / window_ns,
        .waited = (now.waited_ns - then.waited_ns) / window_ns,
        .worked = (now.worked_ns - then.worked_ns) / window_ns,
        .remote_pct = ran_ns > 0 ? 100 * (now.remote_ns - then.remote_ns) / ran_ns : 0,
        .helpers_ran = (now.helpers_ns - then.helpers_ns) / window_ns,
        .helpers_remote_pct = 100 * (now.helpers_remote_ns - then.helpers_remote_ns) /
                              fmax(1, now.helpers_ns - then.helpers_ns),
        .caches = caches_of_a_guest(record),
        .deviation = deviation_of_caches(record, window_ns),
        .pins = (unsigned)simulated_pin_calls(record->world),
        .moves = record->moves,
        .last_pin_s = (double)record->last_pin_ns / 1e9,
        .floating = floating_guests(record),
    };

    result.lost = result.ran + result.waited - result.worked;
    apply_formula(record, &result);
    simulated_watch(record->world, look_s, NULL, NULL);
    free(record->affinity);
    free(record->caches);
    free(record->busy_ns);
    free(record);
    return result;
}
