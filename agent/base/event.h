/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_EVENT_H
#define EVENKEEL_AGENT_BASE_EVENT_H

#include <stdint.h>

#include "agent/base/log.h"
#include "planner/base/cpuset.h"
#include "planner/base/guest.h"

/* What the journal gets under systemd beside lines of text: entries with fields, as sd_journal_send(3)
 * has them. Each kind has a MESSAGE_ID of its own, which agent/install/evenkeel.catalog explains.
 * Without a journal these write what log_line() would, or nothing. */
enum event {
    EVENT_PLAN,          /* a plan was carried out */
    EVENT_PIN,           /* a vCPU was pinned or freed */
    EVENT_HELPER,        /* another thread of a guest was */
    EVENT_SIZE,          /* a guest's balloon was set */
    EVENT_SUMMARY,       /* what became of an hour */
    EVENT_FAILED,        /* libvirt refused a change */
    EVENT_OUTAGE,        /* an interval failed, or libvirt is not there */
    EVENT_RECOVERED,     /* intervals work again */
    EVENT_RELOADED,      /* the configuration was read again */
    EVENT_NOT_RELOADED,  /* it was wrong */
    EVENT_FOREIGN,       /* somebody else changed a pin or a size, or is left to it from now on */
    EVENT_UNSAFE,        /* the checker refused a plan */
    EVENT_MOVED,         /* a guest has come to another host, or was started */
    EVENT_NOT_MOVED,     /* it has not */
    EVENT_ROUND_REFUSED, /* nothing was done about a cluster */
    N_EVENTS,
};

/* One entry under way. */
enum { MAX_ENTRY_BYTES = 8192 };
struct entry {
    char text[MAX_ENTRY_BYTES]; /* NAME=value, a line each */
    size_t n;
};
void entry_begin(struct entry *ret, const struct log *log, enum event event, int priority);
/* The value is made printable. What is too long is left out. */
void entry_add(struct entry *entry, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Hands it to the log's journal; where there is none, nothing happens. */
void entry_send(const struct entry *entry, const struct log *log);

/* A message of one kind; a line as log_line() writes it where no journal listens. The journal gets
 * notices also where the log is quiet. guest may be NULL. */
void event_line(const struct log *log, enum event event, int priority, const struct guest_id *guest,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Changes that were made; for a journal only. NULL or an empty set: floating. gap is that of the plan,
 * NAN: it is of none. */
void event_pin(const struct log *log, const struct guest_id *guest, unsigned vcpu,
               const struct cpuset *from, const struct cpuset *to, const char *reason, double gap);
/* iothread 0: the emulator. */
void event_helper(const struct log *log, const struct guest_id *guest, unsigned iothread,
                  const struct cpuset *from, const struct cpuset *to, const char *reason,
                  double gap);
void event_size(const struct log *log, const struct guest_id *guest, uint64_t from_kib,
                uint64_t to_kib, const char *reason, double gap);
/* The plan that they are of, as a whole. */
void event_plan(const struct log *log, const char *verdict, size_t changes, double objective,
                double bound, double gap);

/* What is gathered for an hour's entry. */
struct event_hour {
    uint64_t until_ns; /* 0: none was sent yet */
    uint64_t intervals, changes, planned, failed;
};
/* One interval: how many changes it planned, made and failed at. The first one has an entry at once,
 * and then each hour. */
void event_hour_add(struct event_hour *hour, const struct log *log, uint64_t at_ns,
                    const char *verdict, size_t planned, uint64_t made, uint64_t failed);

#endif
