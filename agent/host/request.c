/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/capabilities_xml.h"
#include "agent/host/libvirt_sample_memory.h"
#include "agent/host/libvirt_sample_vcpus.h"
#include "agent/host/local_topology.h"
#include "agent/host/root_file.h"

/* machine-id(5); while a machine is booted first it is another word. */
enum { MACHINE_ID_CHARS = 32 };

void request_free(void *arg)
{
    struct request *request = arg;

    originals_done(&request->originals);
    vcpu_sample_done(&request->vcpus);
    memory_sample_done(&request->memory);
    if (request->topology)
        topology_facts_done(request->topology);
    free(request->topology);
    free(request);
}

void request_free_sampling(void *arg)
{
    sampling_done(arg);
    free(arg);
}

int request_connect(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_connect(sampling->libvirt, sampling->uri, sampling->read_only, &request->err);
}

int request_identity(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    /* On this machine its own name: where the firmware has no UUID, libvirt makes up another one at each
     * start, and what was written down before it would not be found again. */
    if (sampling->root &&
        root_file_text(sampling->root, "/etc/machine-id", request->identity,
                       sizeof(request->identity)) == 0 &&
        strlen(request->identity) == MACHINE_ID_CHARS)
        return 0;
    request->identity[0] = '\0';
    return libvirt_identity(sampling->libvirt, sampling->uri, request->identity, &request->err);
}

/* A driver that has no CPU map leaves it to the cells. */
static int read_cpu_map(struct sampling *sampling, struct topology_facts *facts, struct err *err)
{
    int r = libvirt_online_pcpus(sampling->libvirt, &facts->online, err), pcpus;

    if (r == -ENOTCONN || r == -ENOMEM)
        return r;
    facts->has_map = r >= 0;
    pcpus = sampling->libvirt->map_pcpus;
    for (int p = 0; r >= 0 && p < pcpus && p < CPUSET_SIZE; p++)
        cpuset_add(&facts->mentioned, (unsigned)p);
    return 0;
}

int request_topology(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    struct topology_facts *facts = request->topology = calloc(1, sizeof(*facts));
    char *xml = NULL;
    int r = facts ? libvirt_capabilities(sampling->libvirt, &xml, &request->err) : -ENOMEM;

    if (r == 0)
        r = capabilities_xml_parse(xml, facts, &request->err);
    free(xml);
    if (r == 0)
        r = read_cpu_map(sampling, facts, &request->err);
    if (r == 0 && sampling->root)
        r = local_topology_read(sampling->root, facts);
    return r == -ENOMEM ? err_set(&request->err, r, "out of memory") : r;
}

int request_sample_vcpus(void *state, void *arg)
{
    struct request *request = arg;

    return sampling_vcpus(state, &request->vcpus, &request->err);
}

int request_sample_memory(void *state, void *arg)
{
    struct request *request = arg;

    return sampling_memory(state, &request->memory, &request->err);
}

/* The run that the last sample showed: what is changed was planned for that one. A guest that is in no
 * sample may be put back. */
static int run_seen(const struct sampling *sampling, const struct guest_id *guest)
{
    const struct guest_entry *entry = guest_table_find(&sampling->guests, guest->uuid);

    return entry ? entry->id : LIBVIRT_ANY_RUN;
}

int request_pin(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    guest_table_ask_vcpus(&sampling->guests, request->guest.uuid);
    return libvirt_pin(sampling->libvirt, &request->guest, run_seen(sampling, &request->guest),
                       request->vcpu, &request->affinity, &request->err);
}

/* With those that --match leaves out. */
int request_sample_all_memory(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    size_t n_match = sampling->n_match;
    int r;

    sampling->n_match = 0;
    r = sampling_memory(sampling, &request->memory, &request->err);
    sampling->n_match = n_match;
    return r;
}

/* Whoever works after this one knows it, too. */
static void store(const struct sampling *sampling, const struct guest_id *guest)
{
    const struct guest_entry *entry = guest_table_find(&sampling->guests, guest->uuid);

    if (entry)
        guest_store_put(sampling->store, sampling->worker, entry);
}

/* The guest table has the mask until the next reading of the definition, which is due where the call
 * does not return or fails: nobody knows what came of it. */
int request_pin_helpers(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    struct guest_entry *entry = guest_table_find(&sampling->guests, request->guest.uuid);
    bool was_due = entry && entry->is_due;
    int r;

    guest_table_reread(&sampling->guests, request->guest.uuid);
    store(sampling, &request->guest);
    r = libvirt_pin_helpers(sampling->libvirt, &request->guest, run_seen(sampling, &request->guest),
                            request->vcpu, &request->affinity, &request->err);
    if (r >= 0 && entry) {
        helpers_note(&entry->definition.helpers, request->vcpu, &request->affinity);
        entry->is_due = was_due;
        entry->mark = 0;
        store(sampling, &request->guest);
    }
    return r;
}

int request_set_memory(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    uint64_t plugged_kib = guest_table_plugged_kib(&sampling->guests, request->guest.uuid);
    uint64_t target_kib = request->target_kib > plugged_kib ? request->target_kib - plugged_kib : 0;
    int r = libvirt_set_memory(sampling->libvirt, &request->guest,
                               run_seen(sampling, &request->guest), target_kib, &request->err);

    if (r == -EBUSY)
        guest_table_mark_busy(&sampling->guests, request->guest.uuid);
    return r;
}

/* The guest table has the period until the next reading of the definition. */
int request_set_period(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    int r = libvirt_set_stats_period(sampling->libvirt, &request->guest,
                                     run_seen(sampling, &request->guest), request->period_s,
                                     &request->err);

    guest_table_note_period(&sampling->guests, request->guest.uuid, request->period_s);
    store(sampling, &request->guest);
    return r;
}

int request_bind(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    originals_done(&sampling->originals);
    sampling->originals = request->originals;
    request->originals = (struct originals){0};
    return sampling_bind(sampling, &request->err);
}

int request_run_of(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_run_of(sampling->libvirt, &request->guest, &request->run, &request->err);
}

int request_origin_of(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_origin_of(sampling->libvirt, &request->guest, &request->origin, &request->err);
}
