/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* So many names are listed, then their number. */
enum { MOST_NAMES = 5 };

void explain_add(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;

    if (used > 0 && used + 2 < size) {
        text[used++] = ' ';
        text[used] = '\0';
    }
    va_start(args, format);
    if (used < size)
        vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

/* The resource of which a guest takes more than any open host has that it may use, or -1; -2: no open host
 * may be used. */
static int too_large_for_all(const struct items *items, const struct fleet_guest *guest)
{
    int lacking = -2;

    for (int p = 0; p < items->m; p++) {
        const struct fleet_host *host = &items->fleet->hosts[items->host[p]];
        bool fits = true;

        if (guest->allowed && !guest->allowed[items->host[p]])
            continue;
        for (size_t r = 0; fits && r < items->fleet->n_resources; r++)
            if (guest->size[r] > host->room[r]) {
                lacking = (int)r;
                fits = false;
            }
        if (fits)
            return -3;
    }
    return lacking;
}

static const char *short_resource(const struct start *start)
{
    const struct items *items = &start->items;

    if (start->is_packed && start->packing.certificate.is_short)
        for (int r = 0; r < items->n_rooms; r++)
            if (start->packing.certificate.is_short[r])
                return items->fleet->resource[items->resource[r]];
    return "room";
}

static void say_stopped(const struct start *start, struct fleet_stopped *stopped)
{
    const struct fleet *fleet = start->items.fleet;
    const struct fleet_guest *guest = &fleet->guests[stopped->guest];
    int i = start->items.item_of[stopped->guest];
    int lacking = too_large_for_all(&start->items, guest);
    char *text = stopped->reason;
    size_t size = sizeof(stopped->reason);

    text[0] = '\0';
    if (stopped->must_leave && !fleet->hosts[guest->home].is_open)
        explain_add(text, size, "'%s' is closed (%s);", fleet->hosts[guest->home].name,
                    fleet->hosts[guest->home].why_closed ? fleet->hosts[guest->home].why_closed
                                                         : "not open");
    else if (stopped->must_leave)
        explain_add(text, size, "it may not be on '%s';", fleet->hosts[guest->home].name);
    if (lacking == -2)
        explain_add(text, size, "no open host is one that it may use");
    else if (lacking >= 0)
        explain_add(text, size,
                    "it takes %" PRId64 " of %s, more than any host has that it may use",
                    guest->size[lacking], fleet->resource[lacking]);
    else if (start->settled->is_at_odds[stopped->guest])
        explain_add(text, size, "rules about it contradict each other");
    else if (start->left_out[stopped->guest])
        explain_add(text, size, "those that it is to be together with run where it does not fit");
    else if (i >= 0 && start->items.is_unplaceable[i])
        explain_add(text, size, "it is to be together with a guest that cannot be placed");
    else
        explain_add(text, size, "it competes with others for %s", short_resource(start));
}

void explain_stopped(const struct start *start, struct fleet_plan *plan)
{
    for (size_t k = 0; k < plan->n_stopped; k++)
        say_stopped(start, &plan->stopped[k]);
}

/* "'a', 'b' and 7 others" of the items with weight. */
static void list_rivals(const struct start *start, char *text, size_t size)
{
    const struct packing_certificate *certificate = &start->packing.certificate;
    size_t n = 0, listed = 0;

    for (int i = 0; i < start->items.n; i++)
        n += certificate->weight[i] > 0;
    for (int i = 0; i < start->items.n && listed < MOST_NAMES; i++)
        if (certificate->weight[i] > 0) {
            listed++;
            explain_add(text, size, "'%s'%s",
                        items_guest(&start->items, start->items.first[i])->name,
                        listed < n && listed < MOST_NAMES ? "," : "");
        }
    if (n > listed)
        explain_add(text, size, "and %zu other%s", n - listed, n - listed == 1 ? "" : "s");
}

/* "memory and cpu" */
static void list_short(const struct start *start, char *text, size_t size)
{
    const struct items *items = &start->items;
    bool any = false;

    for (int r = 0; r < items->n_rooms; r++)
        if (start->packing.certificate.is_short[r]) {
            explain_add(text, size, "%s%s", any ? "and " : "",
                        items->fleet->resource[items->resource[r]]);
            any = true;
        }
    if (!any)
        explain_add(text, size, "hosts");
}

void explain_certificate(const struct start *start, struct fleet_plan *plan)
{
    char *text = plan->certificate;
    size_t size = sizeof(plan->certificate);

    text[0] = '\0';
    if (plan->n_stopped == 0)
        return;
    if (plan->least_stopped == plan->n_stopped)
        explain_add(text, size, "No plan stops fewer than %zu.", plan->n_stopped);
    else if (plan->least_stopped == 0)
        explain_add(text, size, "That %zu is the least is not proven.", plan->n_stopped);
    else
        explain_add(text, size,
                    "No plan stops fewer than %zu; that %zu is the least is not proven.",
                    plan->least_stopped, plan->n_stopped);
    if (plan->least_stopped == 0 || !start->packing.certificate.weight ||
        !start->packing.certificate.is_short)
        return;
    explain_add(text, size, "In competition:");
    list_rivals(start, text, size);
    explain_add(text, size, "for");
    list_short(start, text, size);
    explain_add(text, size, "(%s).", packing_reason_text(start->packing.certificate.reason));
}

/* Whom the model cuts, the first by name. Loads in permille alone make the two deviations differ a little. */
static void note_heavy(const struct start *start, struct fleet_plan *plan)
{
    const struct items *items = &start->items;
    int64_t load = 0, capacity = 0;
    int heaviest = -1;

    if (plan->after.cut_pct + 0.05 >= plan->after.plain_pct)
        return;
    for (int p = 0; p < items->m; p++)
        capacity += items->capacity[p];
    for (int i = 0; i < items->n; i++)
        load += start->at[i] >= 0 ? items->load[i] : 0;
    for (int i = 0; i < items->n; i++)
        if (start->at[i] >= 0 && items->load[i] * capacity > load * items->capacity[start->at[i]] &&
            (heaviest < 0 || items->load[i] > items->load[heaviest]))
            heaviest = i;
    if (heaviest < 0)
        return;
    explain_add(plan->note, sizeof(plan->note),
                "'%s' alone wants more than a fair share, which no plan can even out: with such "
                "guests cut to it the largest deviation is %.1f points, as they are %.1f.",
                items_guest(items, items->first[heaviest])->name, plan->after.cut_pct,
                plan->after.plain_pct);
}

void explain_note(const struct start *start, const char *note, struct fleet_plan *plan)
{
    size_t left_out = 0;

    if (start->conflict >= 0)
        explain_add(plan->note, sizeof(plan->note),
                    "The rules cannot be kept for all guests that run: '%s' would have to be "
                    "stopped, so nothing is moved.",
                    start->items.fleet->guests[start->conflict].name);
    if (start->keeps_overfull)
        explain_add(plan->note, sizeof(plan->note),
                    "Guests that run take more than there is, and no plan has room for all: hosts "
                    "that are overfull stay so, and get no fuller.");
    for (size_t i = 0; i < start->items.fleet->n_guests; i++)
        left_out += start->left_out[i] && !start->settled->is_out[i];
    if (left_out > 0)
        explain_add(
            plan->note, sizeof(plan->note),
            "Left where they are, or stopped, because bringing them to those that they are to be "
            "together with would stop these: %zu.",
            left_out);
    note_heavy(start, plan);
    if (plan->n_groups > 1)
        explain_add(
            plan->note, sizeof(plan->note),
            "Planned in %zu groups of hosts, %zu of them proven by themselves; the bound is "
            "of the whole fleet and counts what hosts have to let go of.",
            plan->n_groups, plan->n_groups_proven);
    if (note[0])
        explain_add(plan->note, sizeof(plan->note), "%s.", note);
}
