/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/memory_monitor.h"

#include <inttypes.h>
#include <stdlib.h>

static void *room(size_t n, size_t size)
{
    void *ret = calloc(n ? n : 1, size);

    if (!ret)
        abort();
    return ret;
}

static void watch(void *arg, const struct simulated *world)
{
    struct memory_record *record = arg;

    if (record->n_samples == record->room)
        return;
    for (size_t g = 0; g < record->n_guests; g++) {
        struct simulated_guest *guest = &record->guests[record->n_samples * record->n_guests + g];

        simulated_guest(world, g, guest);
        guest->name = record->names[g]; /* the record outlives the world */
    }
    simulated_memory(world, &record->host[record->n_samples]);
    record->n_samples++;
}

void memory_monitor_attach(struct memory_record *record, struct simulated *world)
{
    *record = (struct memory_record){
        .n_guests = simulated_guests(world),
        .room = (size_t)(simulated_end_ns(world) / 1000000000 / MEMORY_SAMPLE_S) + 1,
    };
    record->names = room(record->n_guests, sizeof(*record->names));
    for (size_t g = 0; g < record->n_guests; g++) {
        struct simulated_guest guest;

        simulated_guest(world, g, &guest);
        snprintf(record->names[g], sizeof(record->names[g]), "%s", guest.name);
    }
    record->guests = room(record->room * record->n_guests, sizeof(*record->guests));
    record->host = room(record->room, sizeof(*record->host));
    simulated_watch(world, MEMORY_SAMPLE_S, watch, record);
}

void memory_record_done(struct memory_record *record)
{
    free(record->names);
    free(record->guests);
    free(record->host);
    *record = (struct memory_record){0};
}

const struct simulated_guest *memory_record_at(const struct memory_record *record, size_t sample,
                                               size_t guest)
{
    return &record->guests[sample * record->n_guests + guest];
}

void memory_record_print(const struct memory_record *record, FILE *out)
{
    fprintf(out, "  t_s   free  if all touched |");
    for (size_t g = 0; g < record->n_guests; g++)
        fprintf(out, " %10s unused", memory_record_at(record, 0, g)->name);
    fputc('\n', out);
    for (size_t s = 0; s < record->n_samples; s++) {
        const struct simulated_memory *host = &record->host[s];

        fprintf(out, "%5zu  %5" PRIu64 "  %14" PRId64 " |", (s + 1) * MEMORY_SAMPLE_S,
                host->free_kib / 1024, host->committed_free_kib / 1024);
        for (size_t g = 0; g < record->n_guests; g++) {
            const struct simulated_guest *guest = memory_record_at(record, s, g);

            fprintf(out, " %10.1f %6.1f", (double)guest->actual_kib / 1024,
                    (double)guest->reported_unused_kib / 1024);
        }
        fputc('\n', out);
    }
}
