/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/entry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Who is new or gone shifts the others in the list by no more. */
enum { MAX_SHIFT = 1024, MAX_VCPUS = 1 << 20 };

/* ---- pCPUs ---- */

/* [number, background, use, busy_ns or null, place] */
static void take_pcpu(struct recording *recording, struct skim *skim, double elapsed_ns)
{
    struct pcpu_now read = {.is_usable = true}, *pcpu;
    uint64_t number = CPUSET_SIZE;
    struct skim_part use;

    if (!skim_array(skim))
        return;
    for (int i = 0; skim_element(skim); i++) {
        if (i == 0)
            skim_count(skim, &number);
        else if (i == 2 && skim_string(skim, &use))
            read.is_usable = skim_is(&use, "usable");
        else if (i == 3)
            read.is_told = skim_count(skim, &read.busy_ns);
        else if (i != 2)
            skim_pass(skim);
    }
    if (number >= CPUSET_SIZE)
        return;
    pcpu = &recording->pcpus[number];
    pcpu->load = NAN;
    if (read.is_told && pcpu->is_told && read.busy_ns >= pcpu->busy_ns && elapsed_ns > 0)
        pcpu->load = fmin(100, 100 * (double)(read.busy_ns - pcpu->busy_ns) / elapsed_ns);
    pcpu->is_there = true;
    pcpu->is_usable = read.is_usable;
    pcpu->is_told = read.is_told;
    pcpu->busy_ns = read.busy_ns;
    pcpu->guests = 0;
    if (recording->n_pcpus <= number)
        recording->n_pcpus = (size_t)number + 1;
}

static void take_pcpus(struct recording *recording, struct skim *skim, double elapsed_ns)
{
    for (size_t p = 0; p < recording->n_pcpus; p++)
        recording->pcpus[p].is_there = false;
    if (!skim_array(skim))
        return;
    while (skim_element(skim))
        take_pcpu(recording, skim, elapsed_ns);
}

/* ---- vCPUs ---- */

/* A list of one pCPU, or CPUSET_SIZE. */
static unsigned only_one(const struct skim_part *list)
{
    char *end;
    unsigned long number = strtoul(list->at, &end, 10);

    return list->n > 0 && end == list->at + list->n && number < CPUSET_SIZE ? (unsigned)number
                                                                            : CPUSET_SIZE;
}

struct vcpu_read {
    struct skim_part guest, uuid, affinity;
    uint64_t vcpu, ran_ns, waited_ns, last;
    bool has_ran, has_waited, has_last;
};

static struct vcpu_read read_vcpu(struct skim *skim)
{
    struct vcpu_read read = {{"", 0}, {"", 0}, {"", 0}, 0, 0, 0, 0, false, false, false};
    struct skim_part name;

    while (skim_member(skim, &name)) {
        if (skim_is(&name, "uuid"))
            skim_string(skim, &read.uuid);
        else if (skim_is(&name, "guest"))
            skim_string(skim, &read.guest);
        else if (skim_is(&name, "affinity"))
            skim_string(skim, &read.affinity);
        else if (skim_is(&name, "vcpu"))
            skim_count(skim, &read.vcpu);
        else if (skim_is(&name, "cpu_time_ns"))
            read.has_ran = skim_count(skim, &read.ran_ns);
        else if (skim_is(&name, "delay_ns"))
            read.has_waited = skim_count(skim, &read.waited_ns);
        else if (skim_is(&name, "last_pcpu"))
            read.has_last = skim_count(skim, &read.last);
        else
            skim_pass(skim);
    }
    return read;
}

/* The readings before of the same vCPU, from *at on; NULL: there are none. */
static const struct vcpu_counter *find_before(const struct recording *recording,
                                              const struct vcpu_counter *now, size_t *at)
{
    const struct counters_of *before = &recording->before;

    for (size_t i = *at; i < before->n && i < *at + MAX_SHIFT; i++) {
        if (before->list[i].guest != now->guest || before->list[i].vcpu != now->vcpu)
            continue;
        *at = i + 1;
        return &before->list[i];
    }
    return NULL;
}

static void count_vcpu(struct recording *recording, const struct vcpu_counter *now,
                       const struct vcpu_counter *before, double elapsed_ns)
{
    struct guest_now *guest = &recording->guests[now->guest];
    double used, waited, load;

    guest->is_seen = true;
    if (!before || before->ran_ns > now->ran_ns || !(elapsed_ns > 0)) {
        guest->is_new = true;
        return;
    }
    used = 100 * (double)(now->ran_ns - before->ran_ns) / elapsed_ns;
    guest->used += used;
    if (now->has_waited && before->has_waited && now->waited_ns >= before->waited_ns) {
        waited = 100 * (double)(now->waited_ns - before->waited_ns) / elapsed_ns;
        guest->waited += waited;
    } else {
        guest->has_waited = false;
        waited = 0;
    }
    if (now->pcpu >= CPUSET_SIZE || !recording->pcpus[now->pcpu].is_there)
        return;
    recording->pcpus[now->pcpu].guests += used;
    load = recording->pcpus[now->pcpu].load;
    if (waited > guest->most) {
        guest->most = waited;
        guest->pcpu = now->pcpu;
    }
    if (!isnan(load)) {
        guest->around += load * (used + waited + 0.001);
        guest->weight += used + waited + 0.001;
    }
}

static bool add_counter(struct recording *recording, const struct vcpu_counter *counter)
{
    struct counters_of *now = &recording->now;

    if (now->n == now->room) {
        size_t room = now->room ? 2 * now->room : 256;
        struct vcpu_counter *more =
            room <= MAX_VCPUS ? realloc(now->list, room * sizeof(*more)) : NULL;

        if (!more) {
            recording->run->no_memory = true;
            return false;
        }
        now->list = more;
        now->room = room;
    }
    now->list[now->n++] = *counter;
    return true;
}

static void take_vcpus(struct recording *recording, struct skim *skim, double elapsed_ns)
{
    size_t at = 0;

    if (!skim_array(skim))
        return;
    recording->now.n = 0;
    while (skim_element(skim)) {
        struct vcpu_counter counter = {.pcpu = CPUSET_SIZE};
        struct vcpu_read read;

        if (!skim_object(skim))
            continue;
        read = read_vcpu(skim);
        counter.guest = read.has_ran ? entry_guest(recording, &read.uuid, &read.guest) : -1;
        if (counter.guest < 0)
            continue;
        counter.vcpu = (unsigned)read.vcpu;
        counter.ran_ns = read.ran_ns;
        counter.waited_ns = read.waited_ns;
        counter.has_waited = read.has_waited;
        counter.pcpu = only_one(&read.affinity);
        if (counter.pcpu == CPUSET_SIZE && read.has_last && read.last < CPUSET_SIZE)
            counter.pcpu = (unsigned)read.last;
        count_vcpu(recording, &counter, find_before(recording, &counter, &at), elapsed_ns);
        if (!add_counter(recording, &counter))
            break;
    }
}

static void set_guests(struct recording *recording)
{
    double used = 0, waited = 0;

    for (size_t g = 0; g < recording->run->n_guests; g++) {
        const struct guest_now *guest = &recording->guests[g];

        if (!guest->is_seen || guest->is_new)
            continue;
        if (guest->most > 0)
            run_set_where(recording->run, (int)g, guest->pcpu, guest->waited);
        run_set_guest(recording->run, (int)g, RUN_USED, guest->used);
        if (guest->has_waited) {
            run_set_guest(recording->run, (int)g, RUN_WAITED, guest->waited);
            used += guest->used;
            waited += guest->waited;
        }
        if (guest->weight > 0)
            run_set_guest(recording->run, (int)g, RUN_AROUND, guest->around / guest->weight);
    }
    if (used > 0)
        run_set_host(recording->run, RUN_WAITING, 100 * waited / used);
}

void entry_vcpu_sample(struct recording *recording, struct skim *skim)
{
    double elapsed_ns = recording->at_ns > recording->last_ns && recording->has_first
                            ? (double)(recording->at_ns - recording->last_ns)
                            : 0;
    struct counters_of swap = recording->before;
    struct skim_part name;

    for (size_t g = 0; g < RUN_MAX_GUESTS; g++)
        recording->guests[g] = (struct guest_now){.has_waited = true};
    recording->before = recording->now;
    recording->now = swap;
    recording->now.n = 0;
    while (skim_member(skim, &name)) {
        if (skim_is(&name, "pcpus"))
            take_pcpus(recording, skim, elapsed_ns);
        else if (skim_is(&name, "vcpus"))
            take_vcpus(recording, skim, elapsed_ns);
        else
            skim_pass(skim);
    }
    if (recording->is_inside)
        set_guests(recording);
}
