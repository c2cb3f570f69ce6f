/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_GUEST_TABLE_H
#define EVENKEEL_AGENT_HOST_GUEST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/host/guest_xml.h"
#include "agent/host/local_host.h"
#include "agent/host/vcpu_facts.h"

/* What is remembered about each guest between samples, so that its definition is not read every
 * time. A definition is read again when the guest is new or was restarted (another id), where libvirt
 * tells that it was changed (host_libvirt_events.h), and once in guest_checked_ns, because libvirt does
 * not tell everything; where it tells nothing, once in guest_reread_ns. That bounds how late an edited
 * <vcpupin> or policy is seen. With virtio-mem, which guests plug and unplug by themselves, the
 * definition is read each time. Each guest has its turn at another moment. */
static const uint64_t guest_reread_ns = UINT64_C(10000000000);
static const uint64_t guest_checked_ns = UINT64_C(60000000000);

struct guest_entry {
    unsigned char uuid[16];
    int id;                  /* the hypervisor's number of this run */
    bool known;              /* definition is valid */
    bool is_unreadable;      /* it was read, and nobody can make sense of it */
    bool has_failed;         /* its last reading, and that was said */
    bool seen;               /* in the sample under way */
    bool tells;              /* its unused memory, when asked alone; assumed with each definition */
    bool has_run;            /* in this run, and not only to where it is migrated from */
    bool busy;               /* refused a change because of a migration or the like */
    bool is_due;             /* its definition, whenever it was read */
    bool left_out;           /* of the last sample, because of a failure */
    bool is_silent;          /* its balloon has not reported for long: nobody tells why */
    uint64_t hangs_until_ns; /* its calls do not return: left out until then */
    uint64_t read_at_ns;
    uint64_t mark; /* of the text that the definition was made of and shows still; 0: of none */
    struct guest_definition definition;
    unsigned vcpu_quota_permille, guest_quota_permille; /* read with the definition */
    struct local_guest local;                           /* likewise; all zero elsewhere */
    struct vcpu_facts facts;    /* of a guest whose vCPUs are ours; not kept for another worker */
    struct guest_memory memory; /* as the kernel told last; unknown elsewhere ... */
    unsigned memory_wait;       /* ... and after how many samples it is asked again */
    int64_t last_update_s;      /* balloon statistics: the guest's last report ... */
    uint64_t update_age_ns;     /* ... its age when it was first seen ... */
    uint64_t update_at_ns;      /* ... and when that was */
};

struct guest_table {
    struct guest_entry *entries; /* owned, sorted by UUID */
    size_t n, room;
};
void guest_table_done(struct guest_table *table);

/* The guest's entry, made where it is missing and emptied where the guest was restarted; valid
 * until the next call. NULL: out of memory. */
struct guest_entry *guest_table_see(struct guest_table *table, const unsigned char uuid[16],
                                    int id);
/* NULL: it is not there. */
struct guest_entry *guest_table_find(const struct guest_table *table, const unsigned char uuid[16]);
/* Whether the definition has to be read now, where that is done once in a period. */
bool guest_entry_is_due(const struct guest_entry *entry, uint64_t now_ns, uint64_t period_ns);
/* Whether the kernel is to be asked in this sample where the guest's memory is, and so has its turn: one
 * in so many samples, and while others that may be asked in it are left (*left, which becomes less). */
static const unsigned guest_memory_turns = 16;
bool guest_entry_is_memory_due(struct guest_entry *entry, size_t *left);
/* Takes a definition over, at the end of a reading; mark is of its text, 0: not to be confirmed. */
void guest_entry_set(struct guest_entry *entry, uint64_t now_ns, uint64_t mark,
                     struct guest_definition *definition);
/* Whether a reading gave the very text that the definition was made of, so that it stays. */
bool guest_entry_confirm(struct guest_entry *entry, uint64_t now_ns, uint64_t mark);
/* How often the guest was asked to report. */
void guest_table_note_period(struct guest_table *table, const unsigned char uuid[16],
                             unsigned period_s);
/* Its vCPUs are asked in the next sample, NULL: all guests'; or its definition is read, with its limits
 * and its helpers' pins. */
void guest_table_ask_vcpus(struct guest_table *table, const unsigned char uuid[16]);
void guest_table_reread(struct guest_table *table, const unsigned char uuid[16]);
/* The definition cannot be made sense of: none is known until the next reading. */
void guest_entry_set_unreadable(struct guest_entry *entry, uint64_t now_ns);
/* The guest refused a change for something that takes a while. */
void guest_table_mark_busy(struct guest_table *table, const unsigned char uuid[16]);
/* Memory of the guest that is no balloon's, or 0; see memory_xml.h. */
uint64_t guest_table_plugged_kib(const struct guest_table *table, const unsigned char uuid[16]);
/* Drops the guests that were not seen since the last sweep. */
void guest_table_sweep(struct guest_table *table);

/* How old the guest's statistics are. The hypervisor dates them with its real time in seconds,
 * which says little across machines and after clock steps; so the age counts on our monotonic clock
 * from the moment a report was first seen, plus the age it had then where hypervisor and we share a
 * clock (real_now_s, 0: they do not). INT64_MAX: the guest never reported. */
uint64_t guest_entry_stats_age_ns(struct guest_entry *entry, int64_t last_update_s,
                                  int64_t real_now_s, uint64_t now_ns);

#endif
