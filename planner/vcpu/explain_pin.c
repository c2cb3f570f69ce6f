/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "planner/vcpu/explain.h"
#include "planner/vcpu/explain_sets.h"
#include "planner/vcpu/note.h"
#include "planner/vcpu/remote.h"

/* A move that takes no more than this off the busier pCPU is for something else. */
enum { PARTED_PERMILLE = 10 };

static int whole_pct(int permille)
{
    return (permille + 5) / 10;
}

static const struct pcpu_load *load_of(const struct vcpu_plan *plan, int pcpu)
{
    for (size_t p = 0; p < plan->n_pcpus; p++)
        if ((int)plan->pcpus[p].id == pcpu)
            return &plan->pcpus[p];
    return NULL;
}

static void put(struct vcpu_pin *pin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct vcpu_pin *pin, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(pin->reason, sizeof(pin->reason), format, arguments);
    va_end(arguments);
}

/* The other busy vCPU of its guest that it is parted from, where nothing else gains by it; or NULL. */
static const struct vcpu_reading *parted_from(const struct vcpu_sample *sample,
                                              const struct vcpu_plan *plan,
                                              const struct vcpu_pin *pin,
                                              const struct pcpu_load *from,
                                              const struct pcpu_load *to)
{
    if (!to || to->after_permille + PARTED_PERMILLE < from->before_permille)
        return NULL;
    for (size_t i = 0; i < plan->n_places; i++)
        if (guest_compare(&sample->vcpus[i].guest, &pin->guest) == 0 &&
            sample->vcpus[i].vcpu != pin->vcpu && plan->places[i].from_place == pin->from_place &&
            plan->places[i].to_place == pin->from_place &&
            plan->places[i].demand_permille >= (int)(1000 * VCPU_IDLE))
            return &sample->vcpus[i];
    return NULL;
}

/* The vCPU for which the pCPU that the pin leaves keeps more than it uses; or NULL. */
static const struct vcpu_place *kept_for(const struct vcpu_plan *plan, const struct vcpu_pin *pin,
                                         size_t i)
{
    for (size_t k = 0; k < plan->n_places; k++) {
        const struct vcpu_place *place = &plan->places[k];

        if (k != i && pin->from_place >= 0 && place->to_place == pin->from_place &&
            place->reserve_permille > place->demand_permille)
            return place;
    }
    return NULL;
}

void vcpu_explain_pin(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                      struct vcpu_pin *pin)
{
    const struct vcpu_reading *reading = &sample->vcpus[i];
    const struct vcpu_reading *other;
    const struct vcpu_place *kept = kept_for(plan, pin, i);
    const struct pcpu_load *from, *to;
    struct note_label who = note_label(reading);
    int pct = whole_pct(pin->demand_permille);

    if (plan->grain != TOPOLOGY_LEVEL_PCPU) {
        explain_set_pin(sample, plan, i, pin);
        return;
    }
    from = load_of(plan, pin->from_place);
    to = load_of(plan, (int)pin->to_place);
    other = from ? parted_from(sample, plan, pin, from, to) : NULL;
    if (pin->from_place < 0)
        put(pin, "%s (%d %%) floats: pinned to pCPU %u, which carries %d %% then", who.text, pct,
            pin->to_place, to ? whole_pct(to->after_permille) : 0);
    else if (!from)
        put(pin, "pCPU %d is offline: %s (%d %%) moves to pCPU %u", pin->from_place, who.text, pct,
            pin->to_place);
    else if (from->use != PCPU_USABLE)
        put(pin, "pCPU %d is %s: %s (%d %%) moves to pCPU %u", pin->from_place,
            pcpu_use_text(from->use), who.text, pct, pin->to_place);
    else if (remote_is_bound_elsewhere(sample, &pin->guest, pin->from_place) &&
             !remote_is_bound_elsewhere(sample, &pin->guest, (int)pin->to_place))
        put(pin, "%s's memory is bound to other nodes than pCPU %d's: it (%d %%) moves to pCPU %u",
            who.text, pin->from_place, pct, pin->to_place);
    else if (!cpuset_has(&reading->allowed, (unsigned)pin->from_place))
        put(pin, "pCPU %d is not allowed for %s (%d %%): it moves to pCPU %u", pin->from_place,
            who.text, pct, pin->to_place);
    else if (kept)
        put(pin, "pCPU %d keeps %d %% for %s: %s (%d %%) moves to pCPU %u", pin->from_place,
            whole_pct(kept->reserve_permille), note_label(&sample->vcpus[kept->vcpu]).text,
            who.text, pct, pin->to_place);
    else if (plan->places[i].reserve_permille > pin->demand_permille)
        put(pin, "%s (%d %%) moves to pCPU %u, which keeps %d %% for it", who.text, pct,
            pin->to_place, whole_pct(plan->places[i].reserve_permille));
    else if (other)
        put(pin, "pCPU %d carries %s too: %s (%d %%) moves to pCPU %u", pin->from_place,
            note_label(other).text, who.text, pct, pin->to_place);
    else if (to && from->before_permille < to->before_permille)
        put(pin, "pCPU %d takes heavier vCPUs: %s (%d %%) makes room and moves to pCPU %u",
            pin->from_place, who.text, pct, pin->to_place);
    else
        put(pin, "pCPU %d carries %d %%: %s (%d %%) moves to pCPU %u", pin->from_place,
            whole_pct(from->before_permille), who.text, pct, pin->to_place);
}
