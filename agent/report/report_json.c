/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_json.h"

#include <math.h>

#include "agent/base/json_values.h"
#include "agent/report/report_moves.h"
#include "agent/report/report_nodes.h"
#include "agent/report/report_reserves.h"

/* json_array_append_new() takes a NULL value as a failure, so one check at the end is enough. */
static json_t *array_or_null(json_t *array, int failures)
{
    if (array && !failures)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *vcpu_name(const struct vcpu_reading *reading)
{
    char text[GUEST_SHOWN_SIZE + 16];

    snprintf(text, sizeof(text), "%s/%u", reading->guest.name, reading->vcpu);
    return json_from_text(text);
}

/* Who is at a place, before or after the plan. */
static json_t *vcpus_on(const struct vcpu_sample *sample, const struct vcpu_plan *plan, int at,
                        bool after)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];

        if (at == (after ? place->to_place : place->from_place))
            failures += json_array_append_new(array, vcpu_name(&sample->vcpus[place->vcpu])) < 0;
    }
    return array_or_null(array, failures);
}

static json_t *pcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    bool is_place = plan->grain == TOPOLOGY_LEVEL_PCPU;
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_pcpus; i++) {
        const struct pcpu_load *pcpu = &plan->pcpus[i];
        /* clang-format off */
        json_t *object = json_members(
            "id", json_integer(pcpu->id),
            "use", json_string(pcpu_use_text(pcpu->use)),
            "load_pct", json_from_number(pcpu->ran_permille / 10.0),
            "demand_pct", json_from_number(pcpu->before_permille / 10.0),
            "background_pct", json_from_number(pcpu->background_permille / 10.0),
            "background_error_pct", json_from_number(pcpu->error_permille / 10.0),
            "vcpus", vcpus_on(sample, plan, is_place ? (int)pcpu->id : -2, false),
            "load_after_pct", json_from_number(pcpu->ran_after_permille / 10.0),
            "demand_after_pct", json_from_number(pcpu->after_permille / 10.0),
            "vcpus_after", vcpus_on(sample, plan, is_place ? (int)pcpu->id : -2, true),
            NULL);
        /* clang-format on */
        failures += json_array_append_new(array, object) < 0;
    }
    return array_or_null(array, failures);
}

/* Members that both programs share. */
static json_t *common(enum verdict verdict, const char *note, enum solve_status status,
                      const struct work *work, const struct plan_solver *solver,
                      const struct interval *interval)
{
    /* clang-format off */
    return json_members(
        "interval", json_from_count(interval->number),
        "at", interval->at[0] ? json_string(interval->at) : json_null(),
        "t_s", json_from_number(interval->t_s),
        "verdict", json_string(verdict_text(verdict)),
        "note", json_from_text(note),
        "status", json_string(solve_status_text(status)),
        "solve_ms", json_from_number(interval->solve_ms),
        "solver", json_string(report_solver_name(solver)),
        "model", json_string(solver->model ? solver->model : "none"),
        "rows", json_integer(solver->rows),
        "columns", json_integer(solver->columns),
        "free", json_integer(solver->free),
        "pivots", json_integer((json_int_t)solver->pivots),
        "nodes", json_integer((json_int_t)solver->nodes),
        "glpk_ms", json_from_number(solver->ms),
        "search_pivots", json_integer((json_int_t)work->pivots),
        "search_nodes", json_integer((json_int_t)work->nodes),
        "stopped", json_boolean(work->stopped),
        "done", json_from_count(interval->tally.done),
        "failed", json_from_count(interval->tally.failed),
        "gone", json_from_count(interval->tally.gone),
        "overruns", json_from_count(interval->overruns),
        "dry_run", json_boolean(interval->dry_run),
        NULL);
    /* clang-format on */
}

/* Adds the members of more, dropping the reference; NULL when either is missing. */
static json_t *with(json_t *object, json_t *more)
{
    int failed = !object || !more || json_object_update(object, more) < 0;

    json_decref(more);
    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}

/* In percent of the time that vCPUs run. */
static json_t *waiting(const struct vcpu_waiting *waiting)
{
    /* clang-format off */
    return json_members(
        "measured_pct", waiting->is_measured ? json_real(100 * waiting->measured) : json_null(),
        "expected_pct", json_from_number(100 * waiting->now),
        "expected_after_pct", json_from_number(100 * waiting->after),
        "floating_pct", json_from_number(100 * waiting->floating),
        NULL);
    /* clang-format on */
}

/* Above level pcpu: what guests are placed on. */
static json_t *sets(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t s = 0; s < plan->n_sets; s++) {
        const struct plan_set *set = &plan->sets[s];
        /* clang-format off */
        json_t *object = json_members(
            "pcpus", json_from_cpuset(&set->pcpus),
            "level", json_string(topology_level_text(s < plan->n_bins ? plan->grain
                                                                      : TOPOLOGY_LEVEL_NODE)),
            "worth_pcpus", json_from_number(set->cores + PLAN_SIBLING_SHARE * set->siblings),
            "demand_pct", json_from_number(set->before_permille / 10.0),
            "demand_after_pct", json_from_number(set->after_permille / 10.0),
            "background_pct", json_from_number(set->background_permille / 10.0),
            "vcpus", vcpus_on(sample, plan, (int)s, false),
            "vcpus_after", vcpus_on(sample, plan, (int)s, true),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object) < 0;
    }
    return array_or_null(array, failures);
}

json_t *report_json_vcpu(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                         const struct interval *interval)
{
    /* clang-format off */
    json_t *own = json_members(
        "method", json_string(placement_method_text(plan->method)),
        "level", json_string(topology_level_text(plan->grain)),
        "pcpus", pcpus(sample, plan),
        "sigma_pct", json_from_number(plan->ran.sigma_pct),
        "sigma_after_pct", json_from_number(plan->ran.sigma_after_pct),
        "sigma_bound_pct", json_from_number(plan->ran.sigma_least_pct),
        "waiting", waiting(&plan->waiting),
        "moves", report_moves(plan),
        "reserves", report_reserves_json(sample, plan),
        "objective", json_from_number(plan->objective),
        "bound", json_from_number(plan->bound),
        "gap", json_from_number(plan->gap),
        "hold_objective", json_from_number(plan->hold_objective),
        NULL);
    /* clang-format on */
    if (plan->grain != TOPOLOGY_LEVEL_PCPU)
        own = with(own, json_members("sets", sets(sample, plan), NULL));
    if (plan->memory.n_guests > 0)
        own = with(own, json_members("memory", report_nodes_json(sample, plan), NULL));
    if (sample->n_helpers)
        own = with(own, json_members("helpers", report_helpers(sample, plan), "helper_moves",
                                     report_helper_moves(plan), NULL));
    return with(
        common(plan->verdict, plan->note, plan->status, &plan->work, &plan->solver, interval), own);
}

/* Means over the intervals that had any; null where none had. */
static json_t *mean_waiting(const struct vcpu_summary *summary)
{
    double n = (double)summary->n_waiting;
    /* clang-format off */
    return json_members(
        "measured_pct", json_from_number(100 * summary->waiting / n),
        "expected_pct", json_from_number(100 * summary->waiting_expected / n),
        "floating_pct", json_from_number(100 * summary->waiting_floating / n),
        NULL);
    /* clang-format on */
}

json_t *report_json_vcpu_summary(const struct vcpu_summary *summary)
{
    uint64_t moves = summary->dry_run ? 0 : summary->moves;
    bool knows = summary->is_served_known;
    /* clang-format off */
    json_t *members = json_members(
        "intervals", json_from_count(summary->intervals),
        "at", summary->at[0] ? json_string(summary->at) : json_null(),
        "t_s", json_from_number(summary->t_s),
        "sigma_first_pct", json_from_number(summary->sigma_first_pct),
        "sigma_last_pct", json_from_number(summary->sigma_last_pct),
        "sigma_mean_pct", json_from_number(sigma_mean_pct(&summary->sigmas)),
        "sigma_p95_pct", json_from_number(sigma_quantile_pct(&summary->sigmas, 0.95)),
        "waiting", mean_waiting(summary),
        "wanted_s", json_from_number(knows ? summary->wanted_s : NAN),
        "unserved_s", json_from_number(knows ? summary->unserved_s : NAN),
        "unserved_pct", json_from_number(vcpu_summary_unserved_pct(summary)),
        "moves", json_from_count(moves),
        "moves_per_interval", json_from_number((double)moves / (double)summary->intervals),
        "plans", json_from_count(summary->plans),
        "harmful", json_from_count(summary->harmful),
        "failed", json_from_count(summary->failed),
        "gone", json_from_count(summary->gone),
        "overruns", json_from_count(summary->overruns),
        "dry_run", json_boolean(summary->dry_run),
        NULL);
    /* clang-format on */
    return json_members("summary", members, NULL);
}

static json_t *guests(const struct memory_plan *plan, const struct interval *interval, bool explain)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];
        /* clang-format off */
        json_t *object = json_members(
            "name", json_from_text(place->guest.name),
            "guest", json_from_guest(&place->guest),
            "uuid", json_from_uuid(&place->guest),
            "state", json_string(guest_state_text(place->state)),
            "actual_kib", json_from_count(place->actual_kib),
            "unused_kib", json_from_count(place->unused_kib),
            "demand_kib", json_from_count(place->demand_kib),
            "wish_kib", json_from_count(place->wish_kib),
            "target_kib", json_from_count(place->target_kib),
            "floor_kib", json_from_count(place->floor_kib),
            "ceiling_kib", json_from_count(place->ceiling_kib),
            "asked_kib", json_from_count(place->asked_kib),
            "state_since_s", json_from_number(interval_time_s(interval, place->state_since_ns)),
            NULL);
        /* clang-format on */

        if (explain && object)
            failures += json_object_set_new(object, "explain", json_from_text(place->explain)) < 0;
        failures += json_array_append_new(array, object) < 0;
    }
    return array_or_null(array, failures);
}

static int append_steps(json_t *array, const char *kind, const struct balloon_step *steps, size_t n)
{
    int failures = 0;

    for (size_t i = 0; i < n; i++) {
        /* clang-format off */
        json_t *object = json_members(
            "kind", json_string(kind),
            "guest", json_from_guest(&steps[i].guest),
            "uuid", json_from_uuid(&steps[i].guest),
            "from_kib", json_from_count(steps[i].from_kib),
            "to_kib", json_from_count(steps[i].to_kib),
            "reason", json_from_text(steps[i].reason),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object) < 0;
    }
    return failures;
}

static json_t *steps(const struct memory_plan *plan)
{
    json_t *array = json_array();
    int failures = append_steps(array, "reclaim", plan->reclaims, plan->n_reclaims);

    failures += append_steps(array, "grant", plan->grants, plan->n_grants);
    return array_or_null(array, failures);
}

static json_t *host_json(const struct memory_plan *plan)
{
    /* clang-format off */
    return json_members(
        "total_kib", json_from_count(plan->host_total_kib),
        "free_kib", json_from_count(plan->host_free_kib),
        "droppable_kib", json_from_count(plan->host_droppable_kib),
        "arc_kib", json_from_count(plan->host_arc_kib),
        "reserve_kib", json_from_count(plan->host_reserve_kib),
        "promised_kib", json_from_count(plan->host_promised_kib),
        "missing_kib", json_from_count(plan->missing_kib),
        NULL);
    /* clang-format on */
}

json_t *report_json_memory(const struct memory_plan *plan, const struct interval *interval,
                           bool explain)
{
    /* clang-format off */
    json_t *own = json_members(
        "host", host_json(plan),
        "guests", guests(plan, interval, explain),
        "reclaims", json_from_count(plan->n_reclaims),
        "grants", json_from_count(plan->n_grants),
        "steps", steps(plan),
        "objective", json_from_number(plan->objective),
        "bound", json_from_number(plan->bound),
        "gap", json_from_number(plan->gap),
        "hold_objective", json_from_number(plan->hold_objective),
        NULL);
    /* clang-format on */

    return with(
        common(plan->verdict, plan->note, plan->status, &plan->work, &plan->solver, interval), own);
}

json_t *report_json_memory_summary(const struct memory_summary *summary)
{
    double n = (double)summary->intervals;
    double refused = summary->is_refused_known ? (double)summary->refused : NAN;
    /* clang-format off */
    json_t *members = json_members(
        "intervals", json_from_count(summary->intervals),
        "at", summary->at[0] ? json_string(summary->at) : json_null(),
        "t_s", json_from_number(summary->t_s),
        "guest_intervals", json_from_count(summary->guest_intervals),
        "under_floor_pct", json_from_number(memory_summary_under_pct(summary)),
        "failed_allocations", json_from_number(refused),
        "moved_mib_per_interval", json_from_number((double)summary->moved_kib / 1024 / n),
        "calls_per_interval", json_from_number((double)summary->calls / n),
        "reclaims", json_from_count(summary->dry_run ? 0 : summary->reclaims),
        "grants", json_from_count(summary->dry_run ? 0 : summary->grants),
        "lowest_free_kib", json_from_count(summary->lowest_free_kib),
        "reserve_kib", json_from_count(summary->reserve_kib),
        "failed", json_from_count(summary->failed),
        "gone", json_from_count(summary->gone),
        "overruns", json_from_count(summary->overruns),
        "dry_run", json_boolean(summary->dry_run),
        NULL);
    /* clang-format on */
    return json_members("summary", members, NULL);
}
