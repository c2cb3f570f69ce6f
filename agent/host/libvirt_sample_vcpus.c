/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/libvirt_sample_vcpus.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/guest_name.h"
#include "agent/host/host_libvirt_events.h"
#include "agent/host/numa_stat.h"
#include "agent/host/sample_build.h"

struct vcpu_building {
    struct vcpu_sample sample;
    size_t vcpu_room, guest_room, helper_room;
    struct cpuset online;
    struct cpuset slices; /* of the guests so far */
    bool knows_slices;    /* every guest's is known */
    bool counts_others;   /* busy times are not told */
};

static int add_vcpu(struct vcpu_building *building, const struct active_guest *guest,
                    const struct guest_entry *entry, const struct vcpu_fact *fact)
{
    const struct guest_stats *stats = &guest->stats;
    const struct vcpu_stats *bulk = fact->vcpu < stats->n_vcpus ? &stats->vcpus[fact->vcpu] : NULL;
    struct vcpu_reading *reading = vcpu_sample_add(&building->sample, &building->vcpu_room);

    if (!reading)
        return -ENOMEM;
    reading->guest = guest->id;
    reading->vcpu = fact->vcpu;
    reading->running = guest_stats_run(stats) == GUEST_RUNNING && fact->online;
    reading->cpu_time_ns = bulk && bulk->has_time ? bulk->time_ns : fact->time_ns;
    reading->has_delay = bulk && bulk->has_delay;
    reading->delay_ns = reading->has_delay ? bulk->delay_ns : 0;
    reading->has_last = fact->last_pcpu >= 0;
    reading->last_pcpu = reading->has_last ? (unsigned)fact->last_pcpu : 0;
    reading->quota_permille = entry->vcpu_quota_permille;
    reading->reserve_permille = entry->definition.policy.vcpu.reserve_permille;
    reading->affinity = reading->mask = fact->affinity;
    cpuset_and(&reading->affinity, &building->online);
    reading->has_strange_limits = !guest_definition_allowed(&entry->definition, fact->vcpu,
                                                            &building->online, &reading->allowed);
    reading->has_strange_limits |= !entry->known;
    if (entry->local.has_pcpus)
        cpuset_and(&reading->allowed, &entry->local.pcpus);
    return 0;
}

/* CPU time of the guest's threads that are no vCPUs; *ret_ns is 0 where rounding says less. */
static bool helpers_time(const struct vcpu_sample *sample, size_t first,
                         const struct guest_stats *stats, uint64_t *ret_ns)
{
    uint64_t vcpus_ns = 0;

    for (size_t i = first; i < sample->n_vcpus; i++)
        vcpus_ns += sample->vcpus[i].cpu_time_ns;
    *ret_ns = stats->cpu_time_ns > vcpus_ns ? stats->cpu_time_ns - vcpus_ns : 0;
    return stats->has_cpu_time;
}

/* Where threads may run that nobody pins. */
static struct cpuset unpinned(const struct guest_entry *entry, const struct cpuset *all)
{
    const struct guest_definition *definition = &entry->definition;

    return definition->has_cpuset && !definition->has_strange_cpuset ? definition->cpuset : *all;
}

/* Where its other threads may run, as far as its definition is known. */
static int add_helpers(struct sampling *sampling, struct vcpu_building *building,
                       const struct active_guest *guest, const struct guest_entry *entry)
{
    const struct helper_definitions *helpers = &entry->definition.helpers;
    struct cpuset all = {0}, allowed;
    int n = sampling->libvirt->map_pcpus;

    for (int p = 0; p < n && p < CPUSET_SIZE; p++)
        cpuset_add(&all, (unsigned)p);
    allowed = unpinned(entry, &all);
    for (size_t h = 0; entry->known && h < helpers->n; h++) {
        const struct helper_definition *helper = &helpers->list[h];
        struct helper_reading *reading =
            vcpu_sample_add_helpers(&building->sample, &building->helper_room);

        if (!reading)
            return -ENOMEM;
        reading->guest = guest->id;
        reading->iothread = helper->iothread;
        reading->is_owners = helper->is_owners;
        reading->mask = reading->affinity = helper->is_pinned ? helper->pcpus : allowed;
        reading->allowed = allowed;
        cpuset_and(&reading->affinity, &building->online);
        cpuset_and(&reading->allowed, &building->online);
        if (entry->local.has_pcpus)
            cpuset_and(&reading->allowed, &entry->local.pcpus);
    }
    return 0;
}

/* A sixteenth of the guests is asked in each sample: memory moves slowly, and the kernel adds up what all
 * pCPUs count. */
static void see_memory(struct sampling *sampling, const struct active_guest *guest,
                       struct guest_entry *entry)
{
    if (guest_entry_is_memory_due(entry, &sampling->n_memory))
        local_host_memory(sampling->root, guest_name_true(&guest->id), guest->number,
                          &entry->definition, &entry->memory);
}

/* What the kernel counts says more than what the definition wants, which binds all the same. */
static struct guest_memory memory_of(const struct guest_entry *entry)
{
    struct guest_memory memory = entry->definition.numa.memory;

    if (!entry->memory.is_known)
        return memory;
    memory = entry->memory;
    memory.is_bound = entry->definition.numa.memory.is_bound;
    memory.bound = entry->definition.numa.memory.bound;
    return memory;
}

/* The guest as a whole, once its vCPUs are there from first on. */
static int add_whole(struct vcpu_building *building, const struct active_guest *guest,
                     const struct guest_entry *entry, size_t first)
{
    const struct helper_definitions *helpers = &entry->definition.helpers;
    struct guest_reading *reading = vcpu_sample_add_guest(&building->sample, &building->guest_room);

    if (!reading)
        return -ENOMEM;
    reading->guest = guest->id;
    reading->run = guest->number;
    reading->quota_permille = quota_least(entry->guest_quota_permille, entry->local.quota_permille);
    reading->memory = memory_of(entry);
    reading->has_helpers =
        helpers_time(&building->sample, first, &guest->stats, &reading->helpers_ns);
    reading->helpers_mask = unpinned(entry, &building->online);
    if (helpers->n && helpers->list[0].is_pinned)
        reading->helpers_mask = helpers->list[0].pcpus;
    cpuset_and(&reading->helpers_mask, &building->online);
    if (entry->local.has_pcpus)
        cpuset_and(&reading->helpers_mask, &entry->local.pcpus);
    if (entry->local.has_pcpus)
        reading->slice = entry->local.pcpus;
    return 0;
}

static void add_slice(struct vcpu_building *building, const struct local_guest *local)
{
    building->knows_slices &= local->has_pcpus;
    cpuset_or(&building->slices, &local->pcpus);
}

/* A mask is told together with the slice that narrows it. */
static void read_slice(const struct sampling *sampling, const struct active_guest *guest,
                       struct guest_entry *entry)
{
    if (sampling->root && entry->known)
        local_host_guest(sampling->root, guest_name_true(&guest->id), guest->number,
                         entry->definition.partition, &entry->local);
}

static int see_facts(struct sampling *sampling, const struct vcpu_building *building,
                     const struct active_guest *guest, struct guest_entry *entry, struct err *err)
{
    struct vcpu_fact *list = NULL;
    size_t n = 0;
    int r = 0;

    if (!vcpu_facts_are_due(&entry->facts, entry->uuid, sampling->turn, building->sample.at_ns,
                            &guest->stats) &&
        libvirt_tells(sampling->libvirt))
        return 0;
    r = libvirt_vcpus(sampling->libvirt, guest, &list, &n, err);
    if (r < 0)
        return r;
    vcpu_facts_set(&entry->facts, list, n);
    read_slice(sampling, guest, entry);
    return 0;
}

static int add_ours(struct sampling *sampling, struct vcpu_building *building,
                    const struct active_guest *guest, struct guest_entry *entry, struct err *err)
{
    size_t first = building->sample.n_vcpus;
    int r = see_facts(sampling, building, guest, entry, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < entry->facts.n && r >= 0; i++)
        r = add_vcpu(building, guest, entry, &entry->facts.list[i]);
    see_memory(sampling, guest, entry);
    if (r >= 0)
        r = add_whole(building, guest, entry, first);
    if (r >= 0)
        r = add_helpers(sampling, building, guest, entry);
    if (r < 0)
        return err_set(err, r, "out of memory");
    add_slice(building, &entry->local);
    entry->left_out = false;
    return 0;
}

/* A guest that --match or its own definition leaves out is work that is not ours. Where busy times
 * are known it is part of them; elsewhere its own figures are all there is. A failure costs no more
 * than knowing it. */
static void add_other(struct sampling *sampling, struct vcpu_building *building,
                      const struct active_guest *guest)
{
    struct vcpu_fact *facts = NULL;
    struct err err = {0};
    size_t n = 0;

    if (guest_stats_run(&guest->stats) != GUEST_RUNNING ||
        libvirt_vcpus(sampling->libvirt, guest, &facts, &n, &err) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct vcpu_fact *fact = &facts[i];
        const struct vcpu_stats *bulk =
            fact->vcpu < guest->stats.n_vcpus ? &guest->stats.vcpus[fact->vcpu] : NULL;

        others_add(&sampling->others, &building->sample, guest->id.uuid, fact->vcpu,
                   bulk && bulk->has_time ? bulk->time_ns : fact->time_ns, &fact->affinity);
    }
    free(facts);
}

static int add_guest(struct sampling *sampling, struct vcpu_building *building,
                     const struct active_guest *guest, struct err *err)
{
    struct guest_entry *entry = NULL;
    int r = 0;

    /* libvirt refuses to tell of vCPUs that have no threads yet, as while a guest arrives by migration. */
    if (guest_stats_run(&guest->stats) == GUEST_STARTING)
        return 0;
    if (sampling_is_ours(sampling, &guest->id)) {
        r = sampling_see(sampling, guest, building->sample.at_ns, LIBVIRT_VCPUS, &entry, err);
        if (r < 0)
            return r;
        assert(entry);
    }
    if (entry && !entry->definition.policy.vcpu.excluded)
        return add_ours(sampling, building, guest, entry, err);
    if (entry)
        vcpu_facts_done(&entry->facts); /* they grow old */
    if (building->counts_others)
        add_other(sampling, building, guest);
    return 0;
}

static int ask_pcpu(struct sampling *sampling, int pcpu, uint64_t *ret_ns)
{
    struct err err = {0};
    int r = libvirt_busy(sampling->libvirt, pcpu, ret_ns, &err);

    if (r < 0)
        log_line(&sampling->log, LOG_DEBUG, "%s", err.text);
    sampling->is_busy_unknown = r < 0 && r != -ENOTCONN;
    return r;
}

/* What some drivers tell stands still for ever. It is believed once the whole host's was seen to
 * grow. */
static bool is_busy_moving(struct sampling *sampling)
{
    uint64_t all_ns;

    if (sampling->has_busy_moved)
        return true;
    if (ask_pcpu(sampling, LIBVIRT_ALL_PCPUS, &all_ns) < 0)
        return false;
    sampling->has_busy_moved = sampling->busy_before_ns && all_ns > sampling->busy_before_ns;
    sampling->busy_before_ns = all_ns;
    return sampling->has_busy_moved;
}

/* libvirt is asked pCPU by pCPU, from where it was left the last time. */
static void ask_busy(struct sampling *sampling, struct vcpu_sample *sample)
{
    size_t n = sample->n_pcpus;

    if (sampling->is_busy_unknown || !is_busy_moving(sampling))
        return;
    for (size_t i = 0; i < n && i < SAMPLING_MAX_BUSY_CALLS; i++) {
        struct pcpu_reading *pcpu = &sample->pcpus[sampling->next_pcpu++ % n];

        pcpu->has_busy = ask_pcpu(sampling, (int)pcpu->id, &pcpu->busy_ns) >= 0;
        if (!pcpu->has_busy)
            return;
    }
}

/* What ran on the pCPUs, right before the guests' own times are read. */
static void read_pcpus(struct sampling *sampling, struct vcpu_sample *sample)
{
    if (sampling->root)
        local_host_pcpus(sampling->root, sample);
    else
        ask_busy(sampling, sample);
}

static bool is_busy_known(const struct vcpu_sample *sample)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (sample->pcpus[p].has_busy)
            return true;
    }
    return false;
}

static void begin_turn(struct sampling *sampling, const struct cpuset *online)
{
    if (!cpuset_is_equal(&sampling->online, online))
        guest_table_ask_vcpus(&sampling->guests, NULL);
    sampling->online = *online;
    sampling->turn++;
}

/* Readings are large: they are not to be moved while they become more. */
static int make_room(struct vcpu_building *building, const struct active_guests *active)
{
    size_t n = 0;

    for (size_t i = 0; i < active->n; i++)
        n += active->guests[i].stats.n_vcpus;
    return vcpu_sample_make_room(&building->sample, &building->vcpu_room, n);
}

static int fill_vcpus(struct sampling *sampling, struct vcpu_building *building, struct err *err)
{
    struct active_guests active = {0};
    size_t first;
    int r;

    if (vcpu_sample_set_pcpus(&building->sample, &building->online) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    building->sample.at_ns = clock_monotonic_ns();
    read_pcpus(sampling, &building->sample);
    building->counts_others = !is_busy_known(&building->sample);
    r = libvirt_guests(sampling->libvirt, LIBVIRT_VCPUS, &active, err);
    if (r >= 0 && make_room(building, &active) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    begin_turn(sampling, &building->online);
    sampling_begin(sampling);
    sampling->n_memory = sampling->root && numa_stat_has_nodes(sampling->root)
                             ? (active.n + guest_memory_turns - 1) / guest_memory_turns
                             : 0;
    first = sampling->next_guest;
    for (size_t k = 0; k < active.n && r >= 0; k++) {
        const struct active_guest *guest = &active.guests[(first + k) % active.n];

        sampling_begin_guest(sampling, guest, (first + k) % active.n);
        r = add_guest(sampling, building, guest, err);
        r = r < 0 && sampling_is_bearable(sampling, guest, r, err) ? 0 : r;
    }
    libvirt_guests_done(&active);
    sampling_end(sampling, r >= 0);
    if (r >= 0 && others_end(&sampling->others, &building->sample) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    return r;
}

int sampling_vcpus(struct sampling *sampling, struct vcpu_sample *ret, struct err *err)
{
    struct vcpu_building building = {.knows_slices = true};
    int r;

    r = libvirt_connect(sampling->libvirt, sampling->uri, sampling->read_only, err);
    if (r >= 0)
        r = libvirt_online_pcpus(sampling->libvirt, &building.online, err);
    if (r >= 0)
        r = fill_vcpus(sampling, &building, err);
    if (r < 0) {
        vcpu_sample_done(&building.sample);
        return r;
    }
    if (building.knows_slices && building.sample.n_guests)
        local_host_mark_outside(&building.sample, &building.slices);
    vcpu_sample_sort(&building.sample);
    *ret = building.sample;
    return 0;
}
