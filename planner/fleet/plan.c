/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "planner/fleet/by_name.h"
#include "planner/fleet/check.h"
#include "planner/fleet/explain.h"
#include "planner/fleet/n1.h"
#include "planner/fleet/present.h"
#include "planner/fleet/sound.h"
#include "planner/fleet/spread.h"

enum { MOST_KAPPA = 1000 * 1000 };

/* What a point of the largest deviation is worth in price units; 0: nothing. */
static int kappa_of(const struct fleet *fleet, const struct fleet_settings *settings)
{
    double prices = 0, hosts = 0;

    if (settings->point_prices <= 0 || fleet->n_guests == 0)
        return 0;
    for (size_t i = 0; i < fleet->n_guests; i++)
        prices += fleet->guests[i].price;
    for (size_t p = 0; p < fleet->n_hosts; p++)
        hosts += fleet->hosts[p].is_open;
    return (int)fmin(MOST_KAPPA, fmax(1, round(settings->point_prices * hosts * prices /
                                               (double)fleet->n_guests)));
}

/* Everybody where he is. */
static int take_places(const struct fleet *fleet, struct fleet_plan *plan)
{
    plan->n_guests = fleet->n_guests;
    plan->host_of = calloc(fleet->n_guests + 1, sizeof(*plan->host_of));
    plan->moves = calloc(fleet->n_guests + 1, sizeof(*plan->moves));
    plan->stopped = calloc(fleet->n_guests + 1, sizeof(*plan->stopped));
    plan->is_at_odds = calloc(fleet->n_guests + 1, sizeof(*plan->is_at_odds));
    if (!plan->host_of || !plan->moves || !plan->stopped || !plan->is_at_odds)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++)
        plan->host_of[i] = fleet->guests[i].home;
    return 0;
}

static void place(const struct start *start, const int *at, struct fleet_plan *plan)
{
    const struct items *items = &start->items;

    for (size_t g = 0; g < plan->n_guests; g++) {
        int i = items->item_of[g];

        if (i >= 0)
            plan->host_of[g] = at[i] < 0 ? FLEET_NOWHERE : items->host[at[i]];
        else if (start->left_out[g])
            plan->host_of[g] = FLEET_NOWHERE;
    }
}

/* Moves and stopped guests, by name. */
static int list_changes(const struct fleet *fleet, struct fleet_plan *plan)
{
    int *order = calloc(fleet->n_guests + 1, sizeof(*order));
    int r = order ? guests_by_name(fleet, order) : -ENOMEM;

    for (size_t k = 0; r == 0 && k < fleet->n_guests; k++) {
        const struct fleet_guest *guest = &fleet->guests[order[k]];
        int to = plan->host_of[order[k]];

        if (to < 0 && !guest->is_fixed)
            plan->stopped[plan->n_stopped++] =
                (struct fleet_stopped){.guest = (size_t)order[k], .must_leave = guest->home >= 0};
        if (to < 0 || to == guest->home)
            continue;
        plan->moves[plan->n_moves++] =
            (struct fleet_move){.guest = (size_t)order[k],
                                .from = guest->home,
                                .to = to,
                                .cost = guest->home < 0 ? 0 : guest->price};
        plan->n_starts += guest->home < 0;
        plan->price += guest->home < 0 ? 0 : guest->price;
    }
    free(order);
    return r;
}

/* A bound that is above the plan by more than rounding is left as it is: then one of the two is wrong. */
static double sane_bound(double bound, double objective)
{
    bool is_rounding = bound > objective && bound <= objective + 1e-6 * fmax(1, objective);

    return is_rounding ? objective : fmax(0, bound);
}

/* at: where the plan puts items. bound in price units, negative: none is known. */
static int judge(const struct start *start, const int *at, double bound, struct fleet_plan *plan)
{
    struct measure measure;
    int r = measure_new(&start->items, at, &measure);

    if (r < 0)
        return r;
    plan->after = measure_plain(start->items.fleet, plan->host_of);
    plan->after.cut_pct = measure_cut_pct(&measure, at, NULL, 0);
    plan->objective = plan->kappa * plan->after.cut_pct + (double)plan->price;
    plan->hold_objective =
        start->is_packed ? INFINITY
                         : plan->kappa * measure_cut_pct(&measure, start->items.current, NULL, 0);
    plan->bound = sane_bound(bound, plan->objective);
    plan->gap =
        plan->objective > plan->bound ? (plan->objective - plan->bound) / plan->objective : 0;
    if (plan->gap <= 1e-9)
        plan->gap = 0;
    plan->status = plan->gap > 0 ? SOLVE_FEASIBLE : SOLVE_OPTIMAL;
    measure_done(&measure);
    return 0;
}

/* Whose rules contradict each other. */
static int take_conflicts(const struct settled *settled, struct fleet_plan *plan)
{
    size_t n = settled->n_conflicts;

    memcpy(plan->is_at_odds, settled->is_at_odds, plan->n_guests * sizeof(bool));
    free(plan->conflicts);
    plan->conflicts = calloc(n + 1, sizeof(*plan->conflicts));
    if (!plan->conflicts)
        return -ENOMEM;
    if (n > 0)
        memcpy(plan->conflicts, settled->conflicts, n * sizeof(*plan->conflicts));
    plan->n_conflicts = n;
    return 0;
}

static void add_work(const struct work *step, struct work *work)
{
    work->evaluations += step->evaluations;
    work->kcells += step->kcells;
    work->pivots += step->pivots;
    work->nodes += step->nodes;
    work->stopped = work->stopped || step->stopped;
}

/* The packing takes guests that stay together all or none, while a plan may leave some of those stopped
 * that are to be started with the others: where there are such, it proves nothing. */
static size_t least_stopped(const struct start *start)
{
    const struct items *items = &start->items;

    if (!start->is_packed)
        return 0;
    for (int i = 0; i < items->n; i++)
        if (items->first[i + 1] - items->first[i] > 1 && items_starts(items, i) > 0)
            return 0;
    for (size_t k = 0; k < items->fleet->n_guests; k++)
        if (start->left_out[k])
            return 0;
    return start->packing.least_stopped;
}

static int tell(const struct start *start, const int *at, double bound, const char *note,
                const struct fleet_settings *settings, struct fleet_plan *plan)
{
    int r;

    place(start, at, plan);
    r = list_changes(start->items.fleet, plan);
    if (r == 0)
        r = take_conflicts(start->settled, plan);
    if (r == 0)
        r = judge(start, at, bound, plan);
    if (r == 0)
        r = n1_make(&start->items, at, settings->restart_moves, &settings->limits, &plan->n1);
    if (r == 0)
        r = explain_moves(start, plan);
    if (r < 0)
        return r;
    plan->verdict = plan->n_moves > 0 ? FLEET_PLAN_MOVES : FLEET_PLAN_NOTHING;
    plan->least_stopped = least_stopped(start);
    explain_stopped(start, plan);
    explain_certificate(start, plan);
    explain_note(start, note, plan);
    return 0;
}

/* A plan that changes nothing, and says why. */
static int hold(const struct fleet *fleet, const struct fleet_settings *settings,
                enum fleet_verdict verdict, const char *note, struct fleet_plan *plan)
{
    struct work work = plan->work;
    char text[sizeof(plan->note)];
    int r;

    snprintf(text, sizeof(text), "%s", note);
    fleet_plan_done(plan);
    r = fleet_look(fleet, settings, plan, NULL);
    if (r < 0)
        return r;
    plan->verdict = verdict;
    plan->status = SOLVE_NO_INCUMBENT;
    plan->work = work;
    explain_add(plan->note, sizeof(plan->note), "%s", text);
    return r;
}

/* Work for the moves: what the packing has left of it, a third of all at least. */
static struct work rest_of(const struct work *limits, const struct work *spent)
{
    struct work rest = *limits;

    if (limits->max_kcells > 0)
        rest.max_kcells = max64(limits->max_kcells - spent->kcells, (limits->max_kcells + 2) / 3);
    return rest;
}

static int spread_out(const struct start *start, const struct fleet_settings *settings,
                      struct fleet_plan *plan)
{
    struct work rest = rest_of(&settings->limits, &plan->work);
    struct spread spread;
    int r = spread_make(start, settings, plan->kappa, &rest, &spread);

    if (r < 0)
        return r;
    plan->method = spread.method;
    plan->n_groups = spread.n_groups;
    plan->n_groups_proven = spread.n_groups_proven;
    plan->lp = spread.lp;
    spread.lp = NULL;
    if (plan->lp)
        r = lp_rename(plan->lp, "fleet");
    add_work(&spread.work, &plan->work);
    if (r == 0)
        r = tell(start, spread.at, spread.bound, spread.note, settings, plan);
    spread_done(&spread);
    return r;
}

static int plan_from(const struct fleet *fleet, const struct start *start,
                     const struct fleet_settings *settings, struct fleet_plan *plan)
{
    struct err refusal = {0};
    int r;

    add_work(&start->work, &plan->work);
    if (start->conflict >= 0) {
        explain_note(start, "", plan);
        return hold(fleet, settings, FLEET_PLAN_CONFLICT, plan->note, plan);
    }
    if (start->items.m == 0)
        r = tell(start, start->at, 0, "no host is open", settings, plan);
    else
        r = spread_out(start, settings, plan);
    if (r == 0)
        r = fleet_check(fleet, settings, plan, &refusal);
    if (r != -EINVAL)
        return r;
    return hold(fleet, settings, FLEET_PLAN_UNSAFE, refusal.text, plan);
}

int fleet_plan_make(const struct fleet *fleet, const struct fleet_settings *settings,
                    struct fleet_plan *ret, struct err *err)
{
    struct fleet_plan plan = {.n_groups = 1};
    struct start start;
    int r = fleet_sound(fleet, err);

    if (r < 0)
        return r;
    plan.kappa = kappa_of(fleet, settings);
    r = take_places(fleet, &plan);
    if (r == 0)
        r = present_look(fleet, settings, &plan);
    if (r == 0)
        r = start_make(fleet, &settings->limits, &start);
    if (r == 0) {
        r = plan_from(fleet, &start, settings, &plan);
        start_done(&start);
    }
    if (r < 0) {
        fleet_plan_done(&plan);
        return r;
    }
    *ret = plan;
    return 0;
}

static int look(const struct fleet *fleet, const struct fleet_settings *settings,
                struct fleet_plan *plan)
{
    struct settled *settled = NULL;
    int r = list_changes(fleet, plan);

    if (r == 0)
        r = present_look(fleet, settings, plan);
    if (r == 0)
        r = settled_new(fleet, &settled);
    if (r == 0)
        r = take_conflicts(settled, plan);
    plan->after = plan->before;
    plan->objective = plan->hold_objective = plan->kappa * plan->before.cut_pct;
    settled_free(settled);
    return r;
}

int fleet_look(const struct fleet *fleet, const struct fleet_settings *settings,
               struct fleet_plan *ret, struct err *err)
{
    struct fleet_plan plan = {.n_groups = 1, .verdict = FLEET_PLAN_NOTHING};
    int r = fleet_sound(fleet, err);

    if (r < 0)
        return r;
    plan.kappa = kappa_of(fleet, settings);
    plan.status = SOLVE_FEASIBLE;
    r = take_places(fleet, &plan);
    if (r == 0)
        r = look(fleet, settings, &plan);
    if (r < 0) {
        fleet_plan_done(&plan);
        return r;
    }
    *ret = plan;
    return 0;
}
