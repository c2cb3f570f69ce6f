/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/helpers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct helper_range helpers_of(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    struct helper_range range = {.first = vcpu_sample_first_helper(sample, guest)};

    while (range.first + range.n < sample->n_helpers &&
           guest_compare(&sample->helpers[range.first + range.n].guest, guest) == 0)
        range.n++;
    return range;
}

/* Whether nobody else decided where it runs. */
static bool may_be_moved(const struct helper_reading *helper)
{
    return !helper->is_owners &&
           (helper->is_ours || cpuset_is_equal(&helper->affinity, &helper->allowed));
}

bool helpers_are_free(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    struct helper_range range = helpers_of(sample, guest);

    for (size_t h = range.first; h < range.first + range.n; h++)
        if (!may_be_moved(&sample->helpers[h]))
            return false;
    return true;
}

struct cpuset helpers_mask(const struct vcpu_sample *sample, size_t g)
{
    const struct guest_reading *guest = &sample->guests[g];
    struct helper_range range = helpers_of(sample, &guest->guest);
    struct cpuset mask = {{0}};

    for (size_t h = range.first; h < range.first + range.n; h++)
        cpuset_or(&mask, &sample->helpers[h].affinity);
    return range.n > 0 ? mask : guest->helpers_mask;
}

/* Where they are, as backgrounds are told. */
static int forecast_permille(const struct vcpu_tracks *tracks, size_t g)
{
    const struct vcpu_guest_track *track = &tracks->guests.track[g];

    return (int)lround(1000 * track->helpers / track->helpers_speed);
}

static void add_left(const struct vcpu_sample *sample, const struct cpuset *mask, int permille,
                     int *background_permille)
{
    int n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        n += cpuset_has(mask, sample->pcpus[p].id);
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(mask, sample->pcpus[p].id))
            background_permille[p] += permille / n;
}

void helpers_add_left(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      const int *counted, int *background_permille)
{
    for (size_t g = 0; g < sample->n_guests; g++) {
        int permille = forecast_permille(tracks, g);
        struct cpuset mask;

        if (permille == 0 || (counted && counted[g] > 0))
            continue;
        mask = helpers_mask(sample, g);
        add_left(sample, &mask, permille, background_permille);
    }
}

static int compare(const void *a, const void *b)
{
    const struct plan_helpers *left = a, *right = b;

    return (left->vcpu > right->vcpu) - (left->vcpu < right->vcpu);
}

static bool is_of(const struct vcpu_reading *reading, const struct guest_id *guest)
{
    return guest_compare(&reading->guest, guest) == 0;
}

/* The first running vCPU of the guest; n_vcpus: none runs. */
static size_t first_running(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    size_t first = vcpu_sample_first_vcpu(sample, guest), n = 0, i;

    if (first < sample->n_vcpus && is_of(&sample->vcpus[first], guest))
        n = vcpu_sample_guest_size(sample, first);
    i = vcpu_sample_first_running(sample, first, n);
    return i < first + n ? i : sample->n_vcpus;
}

int helpers_fill(const struct vcpu_sample *sample, const int *counted, struct vcpu_plan *plan)
{
    plan->helpers = calloc(sample->n_guests + 1, sizeof(*plan->helpers));
    if (!plan->helpers)
        return -ENOMEM;
    for (size_t g = 0; counted && g < sample->n_guests; g++) {
        size_t vcpu =
            counted[g] > 0 ? first_running(sample, &sample->guests[g].guest) : sample->n_vcpus;

        if (vcpu < sample->n_vcpus)
            plan->helpers[plan->n_helpers++] =
                (struct plan_helpers){.vcpu = vcpu, .demand_permille = counted[g]};
    }
    if (plan->n_helpers)
        qsort(plan->helpers, plan->n_helpers, sizeof(*plan->helpers), compare);
    return 0;
}

/* ---- where they go ---- */

enum { NO_NODE = -1, SEVERAL_NODES = -2 };

/* Adds the nodes of a mask to what is known of where a guest is. It may be nowhere in particular: no
 * pCPU of the mask is online. Others that are offline do not matter. */
static int add_nodes(const struct vcpu_sample *sample, const struct cpuset *mask, int node)
{
    size_t n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (!cpuset_has(mask, sample->pcpus[p].id))
            continue;
        n++;
        if (node == NO_NODE)
            node = sample->pcpus[p].place.node;
        else if (node != sample->pcpus[p].place.node)
            node = SEVERAL_NODES;
    }
    return n > 0 ? node : SEVERAL_NODES;
}

/* Where vCPU i may run after the plan: who stays keeps all of its mask. Nowhere: anywhere. */
static struct cpuset mask_after(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                size_t i)
{
    return vcpu_plan_changes(plan, i) ? vcpu_plan_pcpus(plan, plan->places[i].to_place)
                                      : sample->vcpus[i].affinity;
}

/* The node on which all running vCPUs of a guest are after the plan. *ret_unknown: it is to be left
 * alone. */
static int node_after(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      const struct vcpu_plan *plan, const struct guest_id *guest, bool *ret_unknown)
{
    size_t i = vcpu_sample_first_vcpu(sample, guest);
    int node = NO_NODE;

    *ret_unknown = true;
    for (; i < sample->n_vcpus && is_of(&sample->vcpus[i], guest); i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        struct cpuset mask = mask_after(sample, plan, i);

        if (reading->has_strange_limits || vcpu_track_is_yielded(tracks, i)) {
            *ret_unknown = true;
            return NO_NODE;
        }
        if (!reading->running)
            continue;
        *ret_unknown = false;
        node = add_nodes(sample, &mask, node);
    }
    return node;
}

/* Of a node, what guests may use and the helper as well. */
static struct cpuset pcpus_for(const struct vcpu_sample *sample,
                               const struct helper_reading *helper, int node)
{
    struct cpuset pcpus = {{0}};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (sample->pcpus[p].place.node == node && sample->pcpus[p].use == PCPU_USABLE)
            cpuset_add(&pcpus, sample->pcpus[p].id);
    cpuset_and(&pcpus, &helper->allowed);
    return pcpus;
}

static void explain(struct helper_pin *pin)
{
    char name[HELPER_NAME_SIZE];
    const char *what = plan_helper_name(pin->iothread, name);

    if (pin->to_node < 0)
        snprintf(pin->reason, sizeof(pin->reason),
                 "%s is on no single node any more: its %s is set free", pin->guest.name, what);
    else
        snprintf(pin->reason, sizeof(pin->reason), "%s is on node %d: its %s follows",
                 pin->guest.name, pin->to_node, what);
}

static void follow_one(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                       const struct helper_reading *helper, int node, struct vcpu_plan *plan)
{
    const struct vcpu_guest_track *track = guest_track_find(&tracks->guests, &helper->guest);
    struct helper_pin *pin = &plan->helper_pins[plan->n_helper_pins];

    if (!may_be_moved(helper) || (track && backoff_is_waiting(&track->refusal, tracks->at_ns)))
        return;
    *pin = (struct helper_pin){.guest = helper->guest,
                               .iothread = helper->iothread,
                               .to_node = node < 0 ? -1 : node,
                               .from = helper->affinity,
                               .to = helper->allowed};
    if (node >= 0)
        pin->to = pcpus_for(sample, helper, node);
    if (cpuset_count(&pin->to) == 0 || cpuset_is_equal(&pin->to, &pin->from))
        return;
    pin->demand_permille = track ? (int)lround(1000 * track->helpers) : 0;
    explain(pin);
    plan->n_helper_pins++;
}

/* Whether the plan says where guests are for a while. */
static bool is_settled(const struct vcpu_plan *plan)
{
    return plan->verdict == VERDICT_APPLY || plan->verdict == VERDICT_HOLD_BALANCED ||
           plan->verdict == VERDICT_HOLD_OPTIMAL || plan->verdict == VERDICT_HOLD_IDLE ||
           plan->verdict == VERDICT_HOLD_FLOATING;
}

int helpers_follow(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                   const struct vcpu_tracks *tracks, struct vcpu_plan *plan)
{
    struct helper_range range;

    plan->helper_pins = calloc(sample->n_helpers + 1, sizeof(*plan->helper_pins));
    if (!plan->helper_pins)
        return -ENOMEM;
    if (!settings->move_helpers || !is_settled(plan) || !sample->has_shape ||
        vcpu_tracks_are_yielded(tracks))
        return 0;
    for (size_t first = 0; first < sample->n_helpers; first += range.n) {
        bool is_unknown;
        int node = node_after(sample, tracks, plan, &sample->helpers[first].guest, &is_unknown);

        range = helpers_of(sample, &sample->helpers[first].guest);
        for (size_t h = first; !is_unknown && h < first + range.n; h++)
            follow_one(sample, tracks, &sample->helpers[h], node, plan);
    }
    if (plan->n_helper_pins > 0)
        plan->verdict = VERDICT_APPLY;
    return 0;
}
