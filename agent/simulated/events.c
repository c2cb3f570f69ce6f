/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/events.h"
#include "agent/base/guest_name.h"

#include <fnmatch.h>
#include <math.h>

#include "agent/simulated/guest_life.h"
#include "agent/simulated/memory.h"

/* What happens to the host from outside. */

static const double boot_s = 5, starting_s = 1;

/* Another amount of virtio-mem; only what is free can be unplugged. */
static void plug_virtio_mem(struct guest_state_now *guest, double kib)
{
    double more = fmin(kib, guest->spec->virtio_mem_kib) - guest->plugged_kib;

    more = fmax(more, -memory_free_kib(guest));
    guest->plugged_kib += more;
    guest->maximum_kib += more;
    guest->actual_kib += more;
    guest->balloon.target_kib += more;
    guest->touched_kib = fmin(guest->touched_kib, guest->actual_kib);
}

static void start(struct simulated *world, struct guest_state_now *guest, double until_up_s)
{
    const struct scenario_guest *spec = guest->spec;

    guest->run++;
    guest->plugged_kib = spec->plugged_kib;
    guest->maximum_kib = spec->maximum_kib + spec->plugged_kib;
    guest->balloon.target_kib = spec->actual_kib;
    guest->touched_kib = 0;
    guest_life_boot(world, guest, until_up_s);
    for (unsigned v = 0; v < spec->vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[guest->first_vcpu + v];

        vcpu->time_ns = vcpu->delay_ns = 0;
        vcpu->affinity = spec->affinity;
    }
}

static void boot(struct simulated *world, struct guest_state_now *guest)
{
    if (guest->present)
        return;
    start(world, guest, boot_s);
    guest->starts_ns = world->now_ns + (uint64_t)(1e9 * starting_s);
}

/* Its memory comes before it runs, and so does the size that it had when it set out. */
static void come_in(struct simulated *world, struct guest_state_now *guest,
                    const struct scenario_event *event)
{
    if (guest->present)
        return;
    start(world, guest, 0);
    guest->actual_kib = guest->spec->actual_kib;
    guest->arrives_kib = fmin(event->kib > 0 ? event->kib : guest->actual_kib, guest->maximum_kib);
    guest->paused = true;
    guest->starts_ns = guest->arrives_ns = guest->migrates_until_ns = world->now_ns + event->for_ns;
}

static void begin_program(struct guest_state_now *guest, const struct scenario_event *event)
{
    struct program_state *program = &guest->program;

    program->runs = true;
    program->until_ns = program->next_rate_ns = 0;
    program->kib_per_s = event->kib_per_s;
    program->burst_share = event->pct / 100;
    program->until_kib = event->kib;
    program->hold_ns = event->for_ns;
}

static double changed(double now, double event)
{
    return event < 0 ? now : event;
}

static void change_balloon(struct guest_state_now *guest, const struct balloon_manner *to)
{
    struct balloon_manner *manner = &guest->balloon.manner;

    manner->kib_per_s = changed(manner->kib_per_s, to->kib_per_s);
    manner->delay_s = changed(manner->delay_s, to->delay_s);
    manner->min_kib = changed(manner->min_kib, to->min_kib);
    manner->max_kib = changed(manner->max_kib, to->max_kib);
    manner->autodeflate = to->autodeflate < 0 ? manner->autodeflate : to->autodeflate;
    manner->driver = to->driver < 0 ? manner->driver : to->driver;
    manner->reverts_s = changed(manner->reverts_s, to->reverts_s);
    if (to->reverts_s > 0)
        guest->balloon.reverts_to_kib = guest->actual_kib;
}

static void load_or_pin(struct simulated *world, struct guest_state_now *guest,
                        const struct scenario_event *event)
{
    for (unsigned v = 0; v < guest->spec->vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[guest->first_vcpu + v];

        if (event->vcpu >= 0 && event->vcpu != (int)v)
            continue;
        if (event->what == DO_PIN) {
            vcpu->affinity = event->pcpus;
        } else {
            vcpu->demand = event->pct / 100;
            vcpu->noise = event->noise_pct < 0 ? vcpu->noise : event->noise_pct / 100;
        }
    }
}

static void guest_event(struct simulated *world, struct guest_state_now *guest,
                        const struct scenario_event *event)
{
    switch (event->what) {
    case DO_LOAD:
    case DO_PIN:
        load_or_pin(world, guest, event);
        break;
    case DO_QUOTA:
        guest->quota = event->pct / 100;
        guest->guest_quota = event->guest_pct / 100;
        break;
    case DO_RESIZE:
        memory_request_balloon(world, guest, event->kib);
        break;
    case DO_GROW:
        begin_program(guest, event);
        break;
    case DO_FREE:
        memory_end_program(guest);
        break;
    case DO_USE:
        memory_use(guest, event->kib);
        break;
    case DO_BALLOON:
        change_balloon(guest, &event->balloon);
        break;
    case DO_STATISTICS:
        guest->statistics = event->statistics;
        break;
    case DO_START:
        boot(world, guest);
        break;
    case DO_STOP:
        guest_life_end(guest);
        break;
    case DO_VANISH:
        guest->vanishes = true;
        break;
    case DO_PAUSE:
    case DO_RESUME:
        guest->paused = event->what == DO_PAUSE;
        break;
    case DO_MIGRATE:
        guest->migrates_until_ns = world->now_ns + event->for_ns;
        break;
    case DO_INCOMING:
        come_in(world, guest, event);
        break;
    case DO_REBOOT:
        guest_life_boot(world, guest, boot_s);
        break;
    case DO_PLUG:
        guest->maximum_kib += event->kib;
        guest->actual_kib += event->kib;
        guest->balloon.target_kib += event->kib;
        break;
    case DO_VIRTIO_MEM:
        plug_virtio_mem(guest, event->kib);
        break;
    case DO_REFUSE:
        guest->refuses_until_ns = world->now_ns + event->for_ns;
        break;
    default:
        break;
    }
}

static void host_event(struct simulated *world, const struct scenario_event *event)
{
    for (size_t p = 0; p < world->n_pcpus; p++) {
        struct pcpu_state *pcpu = &world->pcpus[p];

        if (!cpuset_has(&event->pcpus, pcpu->id))
            continue;
        if (event->what == DO_BACKGROUND) {
            pcpu->background = event->pct / 100;
            if (event->noise_pct >= 0)
                pcpu->background_noise = event->noise_pct / 100;
        } else {
            pcpu->online = event->what == DO_ONLINE;
        }
    }
}

/* "*" stands for all guests; another program is named. */
static size_t matched(const struct simulated *world, const struct scenario_event *event)
{
    return event->guest[0] == '*' && !event->guest[1] ? world->n_true_guests : world->n_guests;
}

void events_happen(struct simulated *world, const struct scenario_event *event)
{
    switch (event->what) {
    case DO_OUTAGE:
        world->outage_until_ns = world->now_ns + event->for_ns;
        break;
    case DO_OTHER_MEMORY:
        world->other_kib = event->kib;
        break;
    case DO_BACKGROUND:
    case DO_OFFLINE:
    case DO_ONLINE:
        host_event(world, event);
        break;
    default:
        for (size_t g = 0; g < matched(world, event); g++)
            if (fnmatch(event->guest, guest_name_true(&world->guests[g].spec->id), 0) == 0)
                guest_event(world, &world->guests[g], event);
        break;
    }
}
