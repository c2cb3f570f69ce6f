/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/fleet/show.h"

#include <stdlib.h>
#include <string.h>

/* True names: escaped where a reader could not see them. */
static json_t *name_json(const char *name)
{
    char *copy = strdup(name);
    json_t *value;

    if (!copy)
        return NULL;
    text_valid(copy);
    value = json_string(copy);
    free(copy);
    return value;
}

static json_t *host_json(const struct fleet *fleet, int host)
{
    return host >= 0 ? name_json(fleet->hosts[host].name) : json_null();
}

static json_t *cpus_json(int64_t milli)
{
    return json_real((double)milli / 1000);
}

/* Takes the value over; counts a failure. */
static void append(json_t *array, json_t *value, int *failures)
{
    *failures += json_array_append_new(array, value) < 0;
}

static json_t *names_json(const struct fleet *fleet, const size_t *guests, size_t n)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < n; k++)
        append(all, name_json(fleet->guests[guests[k]].name), &failures);
    return json_unless(all, failures);
}

static json_t *unjudged_json(const struct fleet *fleet, const struct fleet_n1 *n1)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < n1->n_unjudged; k++) {
        const struct fleet_guest *guest = &fleet->guests[n1->unjudged[k]];

        append(all,
               json_members("guest", name_json(guest->name), "why",
                            guest->why_unjudged ? json_string(guest->why_unjudged) : json_null(),
                            NULL),
               &failures);
    }
    return json_unless(all, failures);
}

static json_t *n1_json(const struct fleet *fleet, const struct fleet_n1 *n1, size_t n)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < n; k++)
        append(all,
               json_members(
                   "host", host_json(fleet, (int)n1[k].host), "safe",
                   json_boolean(n1[k].answer == FLEET_SAFE || n1[k].answer == FLEET_WITH_MOVES),
                   "answer", json_string(fleet_n1_text(n1[k].answer)), "moves",
                   json_from_count(n1[k].n_moves), "unprotected",
                   names_json(fleet, n1[k].unprotected, n1[k].n_unprotected), "unjudged",
                   unjudged_json(fleet, &n1[k]), NULL),
               &failures);
    return json_unless(all, failures);
}

static json_t *losses_json(const struct answer *answer)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    const struct engine_says *engine = answer->engine;
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < engine->n_losses; k++)
        append(all,
               json_members(
                   "host", host_json(fleet, (int)engine->losses[k].host), "stopped",
                   names_json(fleet, engine->losses[k].stopped, engine->losses[k].n_stopped), NULL),
               &failures);
    return json_unless(all, failures);
}

static json_t *sentences_json(const struct cluster_sentences *sentences)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < sentences->n; k++)
        append(all, json_from_text(sentences->text[k]), &failures);
    return json_unless(all, failures);
}

static json_t *conflicts_json(const struct fleet_plan *plan)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < plan->n_conflicts; k++)
        append(all, json_from_text(plan->conflicts[k].text), &failures);
    return json_unless(all, failures);
}

static json_t *moves_json(const struct answer *answer)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < answer->plan->n_moves; k++) {
        const struct fleet_move *move = &answer->plan->moves[k];

        append(all,
               json_members("guest", name_json(fleet->guests[move->guest].name), "from",
                            host_json(fleet, move->from), "to", host_json(fleet, move->to), "cost",
                            json_integer(move->cost), "reason", json_from_text(move->reason), NULL),
               &failures);
    }
    return json_unless(all, failures);
}

static json_t *stopped_json(const struct answer *answer)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < answer->plan->n_stopped; k++)
        append(all, name_json(answer->cluster->fleet.guests[answer->plan->stopped[k].guest].name),
               &failures);
    return json_unless(all, failures);
}

static json_t *placements_json(const struct answer *answer)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    json_t *all = json_array();
    int failures = !all;

    for (size_t i = 0; i < fleet->n_guests; i++)
        append(all,
               json_members("guest", name_json(fleet->guests[i].name), "host",
                            host_json(fleet, answer->plan->host_of[i]), NULL),
               &failures);
    return json_unless(all, failures);
}

static json_t *units_json(const struct fleet *fleet, const int64_t *units)
{
    json_t *all = json_object();
    int failures = !all;

    for (size_t d = 0; d < fleet->n_resources; d++)
        failures += json_object_set_new(all, fleet->resource[d], json_integer(units[d])) < 0;
    return json_unless(all, failures);
}

static json_t *hosts_json(const struct fleet *fleet)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t p = 0; p < fleet->n_hosts; p++) {
        const struct fleet_host *host = &fleet->hosts[p];

        append(all,
               json_members(
                   "host", name_json(host->name), "open", json_boolean(host->is_open), "why_closed",
                   host->is_open ? json_null() : json_from_text(host->why_closed), "cpus",
                   cpus_json(host->cpu_milli), "room", units_json(fleet, host->room), NULL),
               &failures);
    }
    return json_unless(all, failures);
}

static json_t *guests_json(const struct cluster *cluster)
{
    const struct fleet *fleet = &cluster->fleet;
    json_t *all = json_array();
    int failures = !all;

    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i];

        append(all,
               json_members("guest", name_json(guest->name), "host", host_json(fleet, guest->home),
                            "mean_cpus", cpus_json(guest->load_milli), "p95_cpus",
                            cpus_json(guest->peak_milli), "measured",
                            json_boolean(cluster->about[i].is_sampled), "size",
                            units_json(fleet, guest->size), "stays",
                            guest->is_fixed ? json_from_text(guest->why_fixed) : json_null(), NULL),
               &failures);
    }
    return json_unless(all, failures);
}

/* null: there was nobody to ask. */
static json_t *confirmed_json(const struct engine_says *engine)
{
    if (engine->is_unconfirmed)
        return json_false();
    return engine->why_not ? json_null() : json_boolean(engine->is_as_planned);
}

static json_t *engine_json(const struct answer *answer)
{
    const struct engine_says *engine = answer->engine;

    if (engine->why_not)
        return json_members("asked", json_false(), "why_not", json_from_text(engine->why_not),
                            NULL);
    if (!answer->is_plan)
        return json_members("asked", json_true(), "n1", losses_json(answer), NULL);
    return json_members("asked", json_true(), "as_planned", json_boolean(engine->is_as_planned),
                        "otherwise", json_from_text(engine->otherwise), NULL);
}

static json_t *commands_json(const struct virsh_commands *commands)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; commands && k < commands->n; k++)
        append(all, name_json(commands->lines[k]), &failures);
    return json_unless(all, failures);
}

static json_t *check_json(const struct answer *answer)
{
    const struct fleet_plan *plan = answer->plan;
    const struct cluster *cluster = answer->cluster;

    return json_members("hosts", hosts_json(&cluster->fleet), "guests", guests_json(cluster),
                        "deviation", json_from_number(plan->before.plain_pct), "n1",
                        n1_json(&cluster->fleet, plan->n1_before, plan->n_n1), "engine",
                        engine_json(answer), "conflicts", conflicts_json(plan), "note",
                        json_from_text(plan->note), "notes", sentences_json(&cluster->notes),
                        "refusals", sentences_json(&cluster->refusals), NULL);
}

json_t *show_json(const struct answer *answer)
{
    const struct fleet_plan *plan = answer->plan;
    const struct cluster *cluster = answer->cluster;

    if (!answer->is_plan)
        return check_json(answer);
    return json_members(
        "stopped", stopped_json(answer), "placements", placements_json(answer), "moves",
        moves_json(answer), "deviation_before", json_from_number(plan->before.plain_pct),
        "deviation_after", json_from_number(plan->after.plain_pct), "objective",
        json_from_number(plan->objective), "bound", json_from_number(plan->bound), "gap",
        json_from_number(plan->gap), "status", json_string(solve_status_text(plan->status)), "n1",
        n1_json(&cluster->fleet, plan->n1, plan->n_n1), "verdict",
        json_string(fleet_verdict_text(plan->verdict)), "least_stopped",
        json_from_count(plan->least_stopped), "certificate", json_from_text(plan->certificate),
        "conflicts", conflicts_json(plan), "confirmed", confirmed_json(answer->engine), "engine",
        engine_json(answer), "commands", commands_json(answer->commands), "note",
        json_from_text(plan->note), "notes", sentences_json(&cluster->notes), NULL);
}
