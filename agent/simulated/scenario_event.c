/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario_event.h"

#include <errno.h>

static const double kib_per_mib = 1024, max_mib = 1e9;

/* In the order of enum scenario_do. */
static const char *const do_words[] = {
    "load",       "pin",    "resize",     "grow",       "free",   "use",    "balloon",
    "statistics", "start",  "stop",       "vanish",     "pause",  "resume", "migrate",
    "incoming",   "reboot", "plug",       "virtio-mem", "refuse", "outage", "other-memory",
    "offline",    "online", "background", "quota",      NULL,
};

/* In the order of enum statistics_kind. */
static const char *const statistics_words[] = {
    "ok", "missing", "frozen", "minus-one", "zero", "absurd", "future", NULL,
};

static double mib(struct member *at, const char *key, double fallback_kib)
{
    return kib_per_mib * member_number(at, key, 0, max_mib, fallback_kib / kib_per_mib);
}

void scenario_balloon(struct member *at, const struct balloon_manner *fallback,
                      struct balloon_manner *ret)
{
    ret->kib_per_s = mib(at, "balloon_mib_per_s", fallback->kib_per_s);
    ret->delay_s = member_number(at, "balloon_delay_s", 0, 3600, fallback->delay_s);
    ret->min_kib = mib(at, "balloon_least_mib", fallback->min_kib);
    ret->max_kib = mib(at, "balloon_most_mib", fallback->max_kib);
    ret->reverts_s = member_number(at, "balloon_reverts_s", 0, 3600, fallback->reverts_s);
    ret->autodeflate = fallback->autodeflate;
    ret->driver = fallback->driver;
    if (member_is(at, "autodeflate"))
        ret->autodeflate = member_bool(at, "autodeflate", false);
    if (member_is(at, "balloon_driver"))
        ret->driver = member_bool(at, "balloon_driver", true);
}

static double seconds_ns(struct member *at, const char *key, double fallback_s)
{
    return 1e9 * member_number(at, key, 0, 1e7, fallback_s);
}

static void parse_amounts(struct member *at, struct scenario_event *event)
{
    static const struct balloon_manner unchanged = {-1, -1, -1, -1, -1, -1, -1};

    switch (event->what) {
    case DO_LOAD:
    case DO_BACKGROUND:
        event->pct = member_number(at, "pct", 0, 100, 0);
        event->noise_pct = member_number(at, "noise_pct", 0, 50, -1);
        break;
    case DO_QUOTA:
        event->pct = member_number(at, "pct", 0, 100, 0);
        event->guest_pct = member_number(at, "guest_pct", 0, 1e6, 0);
        break;
    case DO_GROW:
        event->kib_per_s = mib(at, "mib_per_s", 16 * kib_per_mib);
        event->pct = member_number(at, "burst_pct", 0, 100, 0);
        event->kib = mib(at, "until_mib", 0);
        event->for_ns = (uint64_t)seconds_ns(at, "hold_s", 0);
        break;
    case DO_RESIZE:
    case DO_USE:
    case DO_PLUG:
    case DO_VIRTIO_MEM:
    case DO_OTHER_MEMORY:
        event->kib = mib(at, "mib", 0);
        break;
    case DO_BALLOON:
        scenario_balloon(at, &unchanged, &event->balloon);
        break;
    case DO_INCOMING:
        event->kib = mib(at, "mib", 0);
        event->for_ns = (uint64_t)seconds_ns(at, "for_s", 10);
        break;
    case DO_STATISTICS:
        event->statistics = (enum statistics_kind)member_word(at, "are", statistics_words, -1);
        break;
    default:
        event->for_ns = (uint64_t)seconds_ns(at, "for_s", 10);
        break;
    }
}

static void parse_pcpus(struct member *at, struct scenario_event *event)
{
    bool needed = event->what == DO_PIN || event->what == DO_OFFLINE || event->what == DO_ONLINE;

    if (needed && !member_is(at, "pcpus"))
        member_fail(at, -EINVAL, "pcpus", "is missing");
    if (needed || event->what == DO_BACKGROUND)
        member_cpuset(at, "pcpus", &event->pcpus, NULL);
}

int scenario_event_parse(json_t *json, int index, struct scenario_event *ret, struct err *err)
{
    struct scenario_event event = {.noise_pct = -1};
    struct member at;
    int r;

    member_begin(&at, json, err, "events", index);
    event.at_ns = (uint64_t)seconds_ns(&at, "at_s", 0);
    event.what = (enum scenario_do)member_word(&at, "do", do_words, -1);
    member_text(&at, "guest", event.guest, sizeof(event.guest), "*");
    event.vcpu = (int)member_number(&at, "vcpu", 0, 10000, -1);
    parse_amounts(&at, &event);
    parse_pcpus(&at, &event);
    r = member_end(&at);
    if (r == 0)
        *ret = event;
    return r;
}
