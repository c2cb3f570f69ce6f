/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/event.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/text.h"
#include "planner/base/plan.h"

static const char *const message_ids[N_EVENTS] = {
    [EVENT_PLAN] = "94638667667847e1bfc93442885d87a8",
    [EVENT_PIN] = "56ab7afeb2424a92a3db1782a0616fdc",
    [EVENT_HELPER] = "c242fbe6b1ca4bf694cd5469aeaa6c76",
    [EVENT_SIZE] = "0b8e39ec89df4579b6aa80608e3cae0e",
    [EVENT_SUMMARY] = "52f549cc02ca4fe9a4dd3100295e9315",
    [EVENT_FAILED] = "fd7f1ff552a3431ea8f41000a108dfb6",
    [EVENT_OUTAGE] = "b22418ab105a4fdaba5d60a812edb8c4",
    [EVENT_RECOVERED] = "ce517969993c416596e4bd1ce2e630b5",
    [EVENT_RELOADED] = "fe51c8d08f6a4df79f4f4891b4700926",
    [EVENT_NOT_RELOADED] = "1c5c90dfc4e845a89ecfba8d3f4f7325",
    [EVENT_FOREIGN] = "f0437d3f0c874015bbae90deae01a5a6",
    [EVENT_UNSAFE] = "b2549614a8394ad2b66cc7123aed0ced",
    [EVENT_MOVED] = "0e1e38e908074f04971e89f6d63f5f2f",
    [EVENT_NOT_MOVED] = "f9d1cc8b72ad4679941fe0871d0e2073",
    [EVENT_ROUND_REFUSED] = "19051aa4c98a42c6a2bb15cd95e521b1",
};
static const uint64_t hour_ns = UINT64_C(3600000000000);
static const double pct = 100;

static void add(struct entry *entry, const char *name, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void add(struct entry *entry, const char *name, const char *format, va_list args)
{
    char value[2048];
    size_t room = sizeof(entry->text) - entry->n;
    int n;

    vsnprintf(value, sizeof(value), format, args);
    text_trim_utf8(value);
    text_printable(value);
    n = snprintf(entry->text + entry->n, room, "%s=%s\n", name, value);
    if (n > 0 && (size_t)n < room)
        entry->n += (size_t)n;
}

void entry_add(struct entry *entry, const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(entry, name, format, args);
    va_end(args);
}

void entry_begin(struct entry *ret, const struct log *log, enum event event, int priority)
{
    ret->n = 0;
    entry_add(ret, "MESSAGE_ID", "%s", message_ids[event]);
    entry_add(ret, "PRIORITY", "%d", priority);
    entry_add(ret, "SYSLOG_IDENTIFIER", "%s", log->identifier);
}

void entry_send(const struct entry *entry, const struct log *log)
{
    if (log->entries)
        outlet_put(log->entries, entry->text, entry->n, NULL);
}

static void add_guest(struct entry *entry, const struct guest_id *guest)
{
    char uuid[GUEST_UUID_SIZE];

    guest_uuid_text(guest, uuid);
    entry_add(entry, "EVENKEEL_DOMAIN", "%s", guest_name_true(guest));
    entry_add(entry, "EVENKEEL_DOMAIN_UUID", "%s", uuid);
}

void event_line(const struct log *log, enum event event, int priority, const struct guest_id *guest,
                const char *format, ...)
{
    struct entry entry;
    char text[1024];
    va_list args;

    if (!log || (priority > log->level && (!log->entries || priority > LOG_NOTICE)))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!log->entries) {
        log_line(log, priority, "%s", text);
        return;
    }
    entry_begin(&entry, log, event, priority);
    entry_add(&entry, "MESSAGE", "%s", text);
    if (guest)
        add_guest(&entry, guest);
    entry_send(&entry, log);
}

static void add_change(struct entry *entry, const char *reason, double gap)
{
    entry_add(entry, "EVENKEEL_REASON", "%s", reason);
    if (isfinite(gap))
        entry_add(entry, "EVENKEEL_GAP", "%.4f", gap);
}

static void pcpus_text(const struct cpuset *pcpus, char *ret, size_t size)
{
    if (pcpus && cpuset_count(pcpus))
        cpuset_format(pcpus, ret, size);
    else
        snprintf(ret, size, "floating");
}

/* A thread of a guest: what it is called, and the field that has its number. */
struct thread {
    enum event event;
    char name[HELPER_NAME_SIZE];
    const char *field;
    unsigned number;
};

static void tell_thread(const struct log *log, const struct guest_id *guest,
                        const struct thread *thread, const struct cpuset *from,
                        const struct cpuset *to, const char *reason, double gap)
{
    struct entry entry;
    char from_text[1024], to_text[1024];

    if (!log || !log->entries)
        return;
    pcpus_text(from, from_text, sizeof(from_text));
    pcpus_text(to, to_text, sizeof(to_text));
    entry_begin(&entry, log, thread->event, LOG_INFO);
    entry_add(&entry, "MESSAGE", "%s %s: %s to %s: %s", guest->name, thread->name, from_text,
              to_text, reason);
    add_guest(&entry, guest);
    entry_add(&entry, thread->field, "%u", thread->number);
    entry_add(&entry, "EVENKEEL_FROM", "%s", from_text);
    entry_add(&entry, "EVENKEEL_TO", "%s", to_text);
    add_change(&entry, reason, gap);
    entry_send(&entry, log);
}

void event_pin(const struct log *log, const struct guest_id *guest, unsigned vcpu,
               const struct cpuset *from, const struct cpuset *to, const char *reason, double gap)
{
    struct thread thread = {.event = EVENT_PIN, .field = "EVENKEEL_VCPU", .number = vcpu};

    snprintf(thread.name, sizeof(thread.name), "vCPU %u", vcpu);
    tell_thread(log, guest, &thread, from, to, reason, gap);
}

void event_helper(const struct log *log, const struct guest_id *guest, unsigned iothread,
                  const struct cpuset *from, const struct cpuset *to, const char *reason,
                  double gap)
{
    struct thread thread = {
        .event = EVENT_HELPER, .field = "EVENKEEL_IOTHREAD", .number = iothread};

    plan_helper_name(iothread, thread.name);
    tell_thread(log, guest, &thread, from, to, reason, gap);
}

void event_size(const struct log *log, const struct guest_id *guest, uint64_t from_kib,
                uint64_t to_kib, const char *reason, double gap)
{
    struct entry entry;

    if (!log || !log->entries)
        return;
    entry_begin(&entry, log, EVENT_SIZE, LOG_INFO);
    entry_add(&entry, "MESSAGE", "%s: %" PRIu64 " to %" PRIu64 " MiB: %s", guest->name,
              from_kib / 1024, to_kib / 1024, reason);
    add_guest(&entry, guest);
    entry_add(&entry, "EVENKEEL_FROM", "%" PRIu64 " KiB", from_kib);
    entry_add(&entry, "EVENKEEL_TO", "%" PRIu64 " KiB", to_kib);
    add_change(&entry, reason, gap);
    entry_send(&entry, log);
}

void event_plan(const struct log *log, const char *verdict, size_t changes, double objective,
                double bound, double gap)
{
    struct entry entry;

    if (!log->entries)
        return;
    entry_begin(&entry, log, EVENT_PLAN, LOG_INFO);
    entry_add(&entry, "MESSAGE", "%zu changes: objective %.3f, bound %.3f, gap %.2f %%", changes,
              objective, bound, pct * gap);
    entry_add(&entry, "EVENKEEL_VERDICT", "%s", verdict);
    entry_add(&entry, "EVENKEEL_CHANGES", "%zu", changes);
    entry_add(&entry, "EVENKEEL_OBJECTIVE", "%.6g", objective);
    entry_add(&entry, "EVENKEEL_BOUND", "%.6g", bound);
    entry_add(&entry, "EVENKEEL_GAP", "%.4f", gap);
    entry_send(&entry, log);
}

static void send_hour(const struct event_hour *hour, const struct log *log, const char *verdict)
{
    struct entry entry;

    entry_begin(&entry, log, EVENT_SUMMARY, LOG_INFO);
    entry_add(&entry, "MESSAGE",
              "%" PRIu64 " intervals, %" PRIu64 " changes planned, %" PRIu64 " made, %" PRIu64
              " failed; now %s",
              hour->intervals, hour->planned, hour->changes, hour->failed, verdict);
    entry_add(&entry, "EVENKEEL_INTERVALS", "%" PRIu64, hour->intervals);
    entry_add(&entry, "EVENKEEL_PLANNED", "%" PRIu64, hour->planned);
    entry_add(&entry, "EVENKEEL_CHANGES", "%" PRIu64, hour->changes);
    entry_add(&entry, "EVENKEEL_FAILED", "%" PRIu64, hour->failed);
    entry_add(&entry, "EVENKEEL_VERDICT", "%s", verdict);
    entry_send(&entry, log);
}

void event_hour_add(struct event_hour *hour, const struct log *log, uint64_t at_ns,
                    const char *verdict, size_t planned, uint64_t made, uint64_t failed)
{
    if (!log->entries)
        return;
    hour->intervals++;
    hour->planned += planned;
    hour->changes += made;
    hour->failed += failed;
    if (at_ns < hour->until_ns)
        return;
    send_hour(hour, log, verdict);
    *hour = (struct event_hour){.until_ns = at_ns + hour_ns};
}
