/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/guest_table.h"

#include <stdlib.h>
#include <string.h>

enum { SPREADS = 64 }; /* moments at which guests have their turn */

static void entry_done(struct guest_entry *entry)
{
    guest_definition_done(&entry->definition);
    vcpu_facts_done(&entry->facts);
}

void guest_table_done(struct guest_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        entry_done(&table->entries[i]);
    free(table->entries);
    *table = (struct guest_table){0};
}

/* The first entry that is not below the UUID. */
static size_t find_place(const struct guest_table *table, const unsigned char uuid[16])
{
    size_t low = 0, high = table->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(table->entries[middle].uuid, uuid, 16) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct guest_entry *insert(struct guest_table *table, size_t at)
{
    if (table->n == table->room) {
        size_t room = table->room ? table->room * 2 : 16;
        struct guest_entry *grown = realloc(table->entries, room * sizeof(*grown));

        if (!grown)
            return NULL;
        table->entries = grown;
        table->room = room;
    }
    memmove(&table->entries[at + 1], &table->entries[at],
            (table->n - at) * sizeof(*table->entries));
    table->n++;
    return &table->entries[at];
}

struct guest_entry *guest_table_see(struct guest_table *table, const unsigned char uuid[16], int id)
{
    size_t at = find_place(table, uuid);
    struct guest_entry *entry;

    if (at < table->n && memcmp(table->entries[at].uuid, uuid, 16) == 0) {
        entry = &table->entries[at];
        if (entry->id == id) {
            entry->seen = true;
            return entry;
        }
        entry_done(entry);
    } else {
        entry = insert(table, at);
        if (!entry)
            return NULL;
    }
    *entry = (struct guest_entry){.id = id, .seen = true};
    memcpy(entry->uuid, uuid, 16);
    return entry;
}

struct guest_entry *guest_table_find(const struct guest_table *table, const unsigned char uuid[16])
{
    size_t at = find_place(table, uuid);

    return at < table->n && memcmp(table->entries[at].uuid, uuid, 16) == 0 ? &table->entries[at]
                                                                           : NULL;
}

void guest_table_ask_vcpus(struct guest_table *table, const unsigned char uuid[16])
{
    struct guest_entry *entry = uuid ? guest_table_find(table, uuid) : NULL;

    if (entry)
        entry->facts.is_due = true;
    for (size_t i = 0; i < table->n && !uuid; i++)
        table->entries[i].facts.is_due = true;
}

void guest_table_reread(struct guest_table *table, const unsigned char uuid[16])
{
    struct guest_entry *entry = uuid ? guest_table_find(table, uuid) : NULL;

    if (entry)
        entry->is_due = true;
    for (size_t i = 0; i < table->n && !uuid; i++)
        table->entries[i].is_due = true;
}

/* The turn of the guest in which a moment falls; each guest's begins at another moment. */
static uint64_t turn_at(const struct guest_entry *entry, uint64_t at_ns, uint64_t period_ns)
{
    return (at_ns + entry->uuid[15] % SPREADS * (period_ns / SPREADS)) / period_ns;
}

bool guest_entry_is_due(const struct guest_entry *entry, uint64_t now_ns, uint64_t period_ns)
{
    return (!entry->known && !entry->is_unreadable) || entry->is_due ||
           entry->definition.memory.has_virtio_mem ||
           turn_at(entry, now_ns, period_ns) != turn_at(entry, entry->read_at_ns, period_ns);
}

bool guest_entry_is_memory_due(struct guest_entry *entry, size_t *left)
{
    if (entry->memory_wait > 0)
        entry->memory_wait--;
    if (entry->memory_wait > 0 || *left == 0)
        return false;
    --*left;
    entry->memory_wait = guest_memory_turns;
    return true;
}

void guest_entry_set(struct guest_entry *entry, uint64_t now_ns, uint64_t mark,
                     struct guest_definition *definition)
{
    /* What was plugged a moment ago may not yet be part of the sizes that were read with it. */
    bool is_plugging =
        entry->known && entry->definition.memory.plugged_kib != definition->memory.plugged_kib;

    if (entry->known && entry->definition.is_transient && definition->is_transient)
        guest_definition_keep_limits(definition, &entry->definition);
    guest_definition_done(&entry->definition);
    entry->definition = *definition;
    if (is_plugging && !entry->definition.memory.lock)
        entry->definition.memory.lock = MEMORY_LOCK_UNCOUNTED;
    *definition = (struct guest_definition){0};
    entry->read_at_ns = now_ns;
    entry->mark = mark;
    entry->known = entry->tells = true;
    entry->is_unreadable = entry->is_due = false;
}

bool guest_entry_confirm(struct guest_entry *entry, uint64_t now_ns, uint64_t mark)
{
    if (!entry->known || entry->is_due || !mark || entry->mark != mark ||
        entry->definition.memory.has_virtio_mem)
        return false;
    entry->read_at_ns = now_ns;
    entry->tells = true;
    return true;
}

void guest_entry_set_unreadable(struct guest_entry *entry, uint64_t now_ns)
{
    guest_definition_done(&entry->definition);
    entry->known = false;
    entry->is_unreadable = true;
    entry->is_due = false;
    entry->read_at_ns = now_ns;
}

void guest_table_note_period(struct guest_table *table, const unsigned char uuid[16],
                             unsigned period_s)
{
    struct guest_entry *entry = guest_table_find(table, uuid);

    if (!entry)
        return;
    entry->definition.stats_period_s = period_s;
    entry->mark = 0; /* whether it was set, the next reading tells */
}

void guest_table_mark_busy(struct guest_table *table, const unsigned char uuid[16])
{
    struct guest_entry *entry = guest_table_find(table, uuid);

    if (entry)
        entry->busy = true;
}

uint64_t guest_table_plugged_kib(const struct guest_table *table, const unsigned char uuid[16])
{
    const struct guest_entry *entry = guest_table_find(table, uuid);

    return entry ? entry->definition.memory.plugged_kib : 0;
}

void guest_table_sweep(struct guest_table *table)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->n; i++) {
        if (!table->entries[i].seen) {
            entry_done(&table->entries[i]);
            continue;
        }
        if (kept < i) /* they are large */
            table->entries[kept] = table->entries[i];
        table->entries[kept++].seen = false;
    }
    table->n = kept;
}

uint64_t guest_entry_stats_age_ns(struct guest_entry *entry, int64_t last_update_s,
                                  int64_t real_now_s, uint64_t now_ns)
{
    if (last_update_s <= 0)
        return INT64_MAX;
    if (last_update_s != entry->last_update_s) {
        bool dated = real_now_s > last_update_s;

        entry->last_update_s = last_update_s;
        entry->update_at_ns = now_ns;
        entry->update_age_ns = dated ? (uint64_t)(real_now_s - last_update_s) * 1000000000u : 0;
    }
    return entry->update_age_ns + (now_ns - entry->update_at_ns);
}
