/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *verdict_text(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_APPLY:
        return "apply";
    case VERDICT_HOLD_OBSERVING:
        return "hold-observing";
    case VERDICT_HOLD_IDLE:
        return "hold-idle";
    case VERDICT_HOLD_BALANCED:
        return "hold-balanced";
    case VERDICT_HOLD_SETTLING:
        return "hold-settling";
    case VERDICT_HOLD_OPTIMAL:
        return "hold-optimal";
    case VERDICT_HOLD_STOPPED:
        return "hold-stopped";
    case VERDICT_HOLD_INFEASIBLE:
        return "hold-infeasible";
    case VERDICT_HOLD_FLOATING:
        return "hold-floating";
    case VERDICT_HOLD_HARMFUL:
        return "hold-harmful";
    case VERDICT_HOLD_UNSAFE:
        return "hold-unsafe";
    }
    return "unknown";
}

void vcpu_plan_forget_places(struct vcpu_plan *plan)
{
    free(plan->pcpus);
    free(plan->places);
    free(plan->pins);
    free(plan->releases);
    free(plan->helpers);
    free(plan->helper_pins);
    plan->helpers = NULL;
    plan->helper_pins = NULL;
    plan->n_helpers = plan->n_helper_pins = 0;
    plan->pcpus = NULL;
    plan->places = NULL;
    plan->pins = NULL;
    plan->releases = NULL;
    plan->n_pcpus = plan->n_places = plan->n_pins = plan->n_releases = 0;
}

void vcpu_plan_done(struct vcpu_plan *plan)
{
    if (!plan)
        return;
    vcpu_plan_forget_places(plan);
    free(plan->sets);
    lp_free(plan->lp);
    lp_free(plan->lp_given);
    memset(plan, 0, sizeof(*plan));
}

struct cpuset vcpu_plan_pcpus(const struct vcpu_plan *plan, int place)
{
    struct cpuset set = {{0}};

    if (plan->grain == TOPOLOGY_LEVEL_PCPU && place >= 0)
        cpuset_add(&set, (unsigned)place);
    else if (place >= 0 && (size_t)place < plan->n_sets)
        set = plan->sets[place].pcpus;
    return set;
}

static double cost_on(const struct vcpu_plan *plan, int pcpu)
{
    for (size_t p = 0; p < plan->n_pcpus; p++)
        if ((int)plan->pcpus[p].id == pcpu)
            return plan->pcpus[p].cost > 0 ? plan->pcpus[p].cost : 1;
    return 0;
}

int vcpu_plan_demand_on(const struct vcpu_plan *plan, size_t i, int pcpu)
{
    const struct vcpu_place *place = &plan->places[i];
    double from, to;

    if (pcpu == place->from_place || place->demand_permille >= PLAN_CUT_OFF_PERMILLE)
        return place->demand_permille;
    from = cost_on(plan, place->from_place);
    to = cost_on(plan, pcpu);
    if (from <= 0 || to <= 0)
        return place->demand_permille;
    return (int)fmin(1000, round(place->demand_permille * to / from));
}

int vcpu_plan_charge_on(const struct vcpu_plan *plan, size_t i, int pcpu)
{
    int demand = vcpu_plan_demand_on(plan, i, pcpu), reserve = plan->places[i].reserve_permille;

    return demand > reserve ? demand : reserve;
}

const char *plan_helper_name(unsigned iothread, char ret[HELPER_NAME_SIZE])
{
    if (iothread)
        snprintf(ret, HELPER_NAME_SIZE, "I/O thread %u", iothread);
    else
        snprintf(ret, HELPER_NAME_SIZE, "emulator");
    return ret;
}

const char *helper_pin_verb(const struct helper_pin *pin)
{
    return pin->to_node < 0 ? "free" : "pin";
}

const char *guest_state_text(enum guest_state state)
{
    switch (state) {
    case GUEST_OK:
        return "ok";
    case GUEST_LEARNING:
        return "learning";
    case GUEST_SLOW:
        return "slow";
    case GUEST_STUCK:
        return "stuck";
    case GUEST_SILENT:
        return "silent";
    case GUEST_REFUSED:
        return "refused";
    case GUEST_KEEPING:
        return "keeping";
    case GUEST_LEFT:
        return "left";
    case GUEST_FIXED:
        return "fixed";
    }
    return "unknown";
}

double plan_gap(double objective, double bound)
{
    return objective > 0 ? fmax(0, 1 - bound / objective) : 0;
}

void memory_plan_hold(struct memory_plan *plan, enum verdict verdict, const char *note)
{
    plan->verdict = verdict;
    plan->n_reclaims = plan->n_grants = 0;
    plan->objective = plan->hold_objective;
    plan->gap = plan_gap(plan->objective, plan->bound);
    for (size_t i = 0; i < plan->n_places; i++) {
        struct memory_place *place = &plan->places[i];

        place->target_kib = place->asked_kib ? place->asked_kib : place->actual_kib;
    }
    if (note)
        snprintf(plan->note, sizeof(plan->note), "%.199s", note);
}

void memory_plan_done(struct memory_plan *plan)
{
    if (!plan)
        return;
    free(plan->places);
    free(plan->reclaims);
    free(plan->grants);
    lp_free(plan->lp);
    lp_free(plan->lp_now);
    memset(plan, 0, sizeof(*plan));
}

void vcpu_plan_hold(struct vcpu_plan *plan, enum verdict verdict, const char *note)
{
    plan->verdict = verdict;
    plan->n_pins = plan->n_releases = plan->n_helper_pins = 0;
    snprintf(plan->note, sizeof(plan->note), "%s", note);
    for (size_t i = 0; i < plan->n_places; i++) {
        plan->places[i].to_place = plan->places[i].from_place;
        plan->places[i].is_reset = false;
    }
    for (size_t s = 0; s < plan->n_sets; s++)
        plan->sets[s].after_permille = plan->sets[s].before_permille;
    for (size_t i = 0; i < plan->n_pcpus; i++) {
        plan->pcpus[i].after_permille = plan->pcpus[i].before_permille;
        plan->pcpus[i].ran_after_permille = plan->pcpus[i].ran_permille;
    }
    plan->sigma_after_pct = plan->sigma_pct;
    plan->ran.sigma_after_pct = plan->ran.sigma_pct;
    plan->waiting.after = plan->waiting.now;
    plan->memory.after = plan->memory.now;
    plan->objective = plan->hold_objective;
    plan->gap = plan_gap(plan->objective, plan->bound);
}
