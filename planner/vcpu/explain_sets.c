/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/explain_sets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "planner/vcpu/helpers.h"
#include "planner/vcpu/note.h"
#include "planner/vcpu/remote.h"

/* Of a pCPU, from where a guest's other threads are named. */
static const double HEAVY_HELPERS = 0.5;
/* Of running, from where a loss is less than another: it is told in tenths of a percent. */
static const double LESS = 0.0005;

static int whole_pct(int permille)
{
    return (permille + 5) / 10;
}

/* Whether a vCPU loses less to far memory on a node than where it may run now. */
static bool is_nearer(const struct vcpu_sample *sample, const struct guest_memory *memory,
                      const struct cpuset *from, size_t to)
{
    double *loss = remote_losses_new(sample);
    bool is_less = false;

    if (loss) {
        remote_losses_of(sample, memory, loss);
        is_less = loss[to] + LESS < remote_loss_on(sample, loss, from);
    }
    free(loss);
    return is_less;
}

/* Whether the pin brings a guest nearer to its memory, to the node with most of it: how much of it is
 * there, and which node that is. */
static bool goes_to_its_memory(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                               size_t i, const struct vcpu_pin *pin, int *ret_pct, int *ret_node)
{
    const struct guest_memory *memory = remote_memory_of(sample, &pin->guest);
    size_t to = plan->sets[pin->to_place].node;
    const struct cpuset *from =
        pin->from_place >= 0 ? &plan->sets[pin->from_place].pcpus : &sample->vcpus[i].affinity;

    if (!memory || remote_home(sample, memory) != (int)to || !is_nearer(sample, memory, from, to))
        return false;
    *ret_pct = whole_pct(1000 - (int)remote_permille(sample, memory, to));
    *ret_node = sample->node_ids[to];
    return true;
}

/* Whether it comes from nodes to which its guest's memory is not bound. */
static bool goes_where_it_is_bound(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                   const struct vcpu_pin *pin)
{
    unsigned from;

    if (pin->from_place < 0)
        return false;
    from = cpuset_next(&plan->sets[pin->from_place].pcpus, 0);
    return remote_is_bound_elsewhere(sample, &pin->guest, (int)from) &&
           !remote_is_bound_elsewhere(sample, &pin->guest, (int)cpuset_next(&pin->to, 0));
}

void explain_set_pin(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                     struct vcpu_pin *pin)
{
    const char *guest = pin->guest.name;
    const struct plan_set *to = &plan->sets[pin->to_place];
    const char *level =
        topology_level_text(pin->to_place < plan->n_bins ? plan->grain : TOPOLOGY_LEVEL_NODE);
    int after = whole_pct(to->after_permille), share = 0, node = -1;
    bool goes_home = goes_to_its_memory(sample, plan, i, pin, &share, &node);

    if (goes_where_it_is_bound(sample, plan, pin))
        snprintf(pin->reason, sizeof(pin->reason),
                 "%s's memory is bound to other nodes: it goes to a %s that carries %d %% then",
                 guest, level, after);
    else if (goes_home)
        snprintf(
            pin->reason, sizeof(pin->reason),
            "%d %% of %s's memory is on node %d: it goes to a %s there that carries %d %% then",
            share, guest, node, level, after);
    else if (pin->from_place < 0)
        snprintf(pin->reason, sizeof(pin->reason),
                 "%s floats: it goes to a %s that carries %d %% then", guest, level, after);
    else if (pin->from_place == (int)pin->to_place)
        snprintf(pin->reason, sizeof(pin->reason),
                 "%s stays, and may use all of its %s that it is allowed to", guest, level);
    else if (pin->to_place >= plan->n_bins)
        snprintf(pin->reason, sizeof(pin->reason), "%s is too large for a %s: it goes to a node",
                 guest, topology_level_text(plan->grain));
    else
        snprintf(pin->reason, sizeof(pin->reason),
                 "%s leaves pCPUs that carry %d %%: it goes to a %s that carries %d %% then", guest,
                 whole_pct(plan->sets[pin->from_place].before_permille), level, after);
}

/* No level is in force. Some may not have been looked at. */
static void say_floats(struct vcpu_plan *plan)
{
    double floating = 100 * plan->waiting.floating, most = 100 * plan->gate.most;

    if (isnan(floating))
        note_say(plan, "what vCPUs would wait is not known at any level: guests get no pins");
    else if (plan->gate.counts_memory && plan->memory.n_unknown < plan->memory.n_guests)
        note_say(plan,
                 "no level that was looked at keeps what vCPUs wait within %.1f points of running "
                 "of floating (%.1f %%), and that and what far memory costs below floating (%.1f "
                 "%%): guests get no pins",
                 most, floating, floating + 100 * plan->memory.floating);
    else
        note_say(
            plan,
            "no level that was looked at keeps what vCPUs wait within %.1f points of running of "
            "floating (%.1f %%): guests get no pins",
            most, floating);
}

/* Under --level auto where the host has levels above pcpu: on what guests are pinned, and why. */
static void say_gate(struct vcpu_plan *plan)
{
    double after = 100 * plan->waiting.after, floating = 100 * plan->waiting.floating;

    if (!plan->gate.is_on || plan->verdict == VERDICT_HOLD_OBSERVING)
        return;
    switch (plan->gate.course) {
    case GATE_PASSED:
        note_say(
            plan,
            "level %s: vCPUs are expected to wait %.1f %% of running there, and %.1f %% floating",
            topology_level_text(plan->grain), after, floating);
        break;
    case GATE_WAITS:
        note_say(
            plan,
            "level %s would let vCPUs wait %.1f %% of running, and floating %.1f %%: they stay "
            "until it is clear whether that lasts",
            topology_level_text(plan->grain), after, floating);
        break;
    case GATE_FLOATS:
        say_floats(plan);
        break;
    }
    if (plan->gate.left[0])
        note_say(plan,
                 "at level %s vCPUs waited longer than was expected: it is left alone for a while",
                 plan->gate.left);
}

static void say_large(const struct vcpu_sample *sample, const struct vcpu_build *build,
                      struct vcpu_plan *plan)
{
    const char *first = build->n_large > 0 ? sample->vcpus[build->large].guest.name : "";

    if (build->n_large == 1)
        note_say(plan, "%s has room on no node that it may use: it is left as it is", first);
    else if (build->n_large > 1)
        note_say(
            plan,
            "%zu guests (%s) have room on no node that they may use: they are left as they are",
            build->n_large, first);
}

/* Threads that nobody has pinned on purpose, as far as that is told. */
static bool may_be_spread(const struct vcpu_sample *sample, size_t g)
{
    return helpers_are_free(sample, &sample->guests[g].guest);
}

/* The heaviest of those above half a pCPU: what they do shows nowhere else. */
static void say_heavy(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      struct vcpu_plan *plan)
{
    const struct vcpu_guest_track *track = tracks->guests.track;
    size_t n = 0, heaviest = 0;

    for (size_t g = 0; g < sample->n_guests; g++) {
        if (track[g].helpers <= HEAVY_HELPERS || !may_be_spread(sample, g))
            continue;
        if (n++ == 0 || track[g].helpers > track[heaviest].helpers)
            heaviest = g;
    }
    if (n == 0)
        return;
    note_say(
        plan,
        "%s keeps %.1f pCPUs busy beside its vCPUs: that is its emulator and I/O threads, which "
        "more of the latter may spread, or <emulatorpin> to pCPUs kept by --reserve",
        sample->guests[heaviest].guest.name, track[heaviest].helpers);
    if (n > 1)
        note_say(plan, "%zu more guest%s more than half a pCPU busy like that", n - 1,
                 n == 2 ? " keeps" : "s keep");
}

void explain_helpers(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     struct vcpu_plan *plan)
{
    size_t n_freed = 0, n_follow;

    for (size_t k = 0; k < plan->n_helper_pins; k++)
        n_freed += plan->helper_pins[k].to_node < 0;
    n_follow = plan->n_helper_pins - n_freed;
    if (plan->n_pins + plan->n_releases == 0 && n_follow > 0)
        note_say(plan, "vCPUs stay: emulators and I/O threads (%zu) follow them to their nodes",
                 n_follow);
    if (plan->n_pins + plan->n_releases == 0 && n_freed > 0)
        note_say(
            plan,
            "vCPUs stay: emulators and I/O threads (%zu) of guests on no single node are set free",
            n_freed);
    say_heavy(sample, tracks, plan);
}

void explain_sets(const struct vcpu_sample *sample, const struct vcpu_build *build,
                  struct vcpu_plan *plan)
{
    say_gate(plan);
    say_large(sample, build, plan);
}
