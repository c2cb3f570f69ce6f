/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/fleet/show.h"

enum { WIDTH = 80, NAME_WIDTH = 20, HOST_WIDTH = 14, BAR_WIDTH = 10, SHOWN_SIZE = 512 };
enum { SENTENCE_SIZE = 2000 }; /* a plan's note */

/* Sums of a placement. */
struct tally {
    int64_t *load_milli; /* [n_hosts] */
    int64_t *used;       /* [n_hosts * n_resources] */
    size_t *n_guests;    /* [n_hosts] */
};

void engine_says_done(struct engine_says *says)
{
    for (size_t k = 0; k < says->n_losses; k++)
        free(says->losses[k].stopped);
    free(says->losses);
    *says = (struct engine_says){0};
}

/* A name in so many columns, and in so many at most: the same where it is cut. */
static const char *fit(const char *name, size_t width, int pad, char ret[SHOWN_SIZE])
{
    char shown[SHOWN_SIZE];

    text_shown(name, shown, sizeof(shown));
    text_column(shown, width, pad, ret, SHOWN_SIZE);
    return ret;
}

static const char *column(const char *name, size_t width, char ret[SHOWN_SIZE])
{
    return fit(name, width, 1, ret);
}

static const char *brief(const char *name, size_t width, char ret[SHOWN_SIZE])
{
    return fit(name, width, 0, ret);
}

static const char *host_name(const struct fleet *fleet, int host)
{
    return host >= 0 ? fleet->hosts[host].name : "-";
}

static bool tally_make(const struct fleet *fleet, const int *host_of, struct tally *ret)
{
    size_t n = fleet->n_resources;

    *ret = (struct tally){.load_milli = calloc(fleet->n_hosts + 1, sizeof(int64_t)),
                          .used = calloc(fleet->n_hosts * n + 1, sizeof(int64_t)),
                          .n_guests = calloc(fleet->n_hosts + 1, sizeof(size_t))};
    if (!ret->load_milli || !ret->used || !ret->n_guests)
        return false;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i];
        int host = host_of ? host_of[i] : guest->home;

        if (host < 0)
            continue;
        ret->load_milli[host] += guest->load_milli;
        ret->n_guests[host]++;
        for (size_t d = 0; d < n; d++)
            ret->used[(size_t)host * n + d] += guest->size[d];
    }
    return true;
}

static void tally_done(struct tally *tally)
{
    free(tally->load_milli);
    free(tally->used);
    free(tally->n_guests);
}

/* A sentence in lines of 80 columns at most, all but the first a little to the right. Names in it are as they
 * were given. */
static void wrap(FILE *out, const char *head, const char *sentence)
{
    char shown[SENTENCE_SIZE];
    const char *text = text_shown(sentence, shown, sizeof(shown));
    size_t at = text_columns(head, strlen(head));

    fputs(head, out);
    while (*text) {
        size_t n = strcspn(text, " "), columns = text_columns(text, n);

        if (at + columns + 1 > WIDTH && at > 4) {
            fputs("\n    ", out);
            at = 4;
        }
        fprintf(out, "%s%.*s", at > 0 && at != 4 ? " " : "", (int)n, text);
        at += columns + 1;
        text += n + strspn(text + n, " ");
    }
    fputc('\n', out);
}

static void show_resource(const struct fleet *fleet, const struct tally *tally, size_t p, size_t d,
                          FILE *out)
{
    int64_t used = tally->used[p * fleet->n_resources + d], room = fleet->hosts[p].room[d];

    fprintf(out, " %9" PRId64 " of %-9" PRId64, used, room);
    fprintf(out, "%s", used > room ? "!" : " ");
}

/* Memory and, where there is one, no more: the others stand in JSON. */
static void show_hosts(const struct answer *answer, const struct tally *now,
                       const struct tally *then, FILE *out)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    bool has_memory = fleet->n_resources > 0;
    char name[SHOWN_SIZE], bar[BAR_WIDTH + 1];

    fprintf(out, "%-*s  CPUs  load%s%s guests\n", HOST_WIDTH, "host",
            then ? "            then   " : "                   ",
            has_memory ? "   memory, MiB         " : "");
    for (size_t p = 0; p < fleet->n_hosts; p++) {
        const struct fleet_host *host = &fleet->hosts[p];
        double share = (double)now->load_milli[p] / (double)host->cpu_milli;
        double after = then ? (double)then->load_milli[p] / (double)host->cpu_milli : 0;

        text_bar(share, share, BAR_WIDTH, bar);
        fprintf(out, "%s %5.4g %5.1f %% %s", column(host->name, HOST_WIDTH, name),
                (double)host->cpu_milli / 1000, 100 * share, bar);
        if (then)
            fprintf(out, " %5.1f %%", 100 * after);
        else
            fprintf(out, "   ");
        if (has_memory)
            show_resource(fleet, then ? then : now, p, 0, out);
        fprintf(out, " %3zu", then ? then->n_guests[p] : now->n_guests[p]);
        if (!host->is_open)
            fprintf(out, " %s", host->why_closed);
        fputc('\n', out);
    }
}

static void show_guest(const struct answer *answer, size_t i, FILE *out)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    const struct fleet_guest *guest = &fleet->guests[i];
    char name[SHOWN_SIZE], host[SHOWN_SIZE];

    fprintf(out, "%s %s %6.2f %6.2f", column(guest->name, NAME_WIDTH, name),
            column(guest->home >= 0 ? host_name(fleet, guest->home) : "stopped", HOST_WIDTH, host),
            (double)guest->load_milli / 1000, (double)guest->peak_milli / 1000);
    if (fleet->n_resources)
        fprintf(out, " %8" PRId64, guest->size[0]);
    if (!answer->cluster->about[i].is_sampled && guest->load_milli)
        fprintf(out, " *");
    fputc('\n', out);
    if (guest->is_fixed)
        wrap(out, "    stays:", guest->why_fixed);
    else if (answer->plan->is_at_odds[i])
        wrap(out, "    stays:", "rules about it contradict each other");
}

static void show_guests(const struct answer *answer, FILE *out)
{
    const struct cluster *cluster = answer->cluster;
    bool is_configured = false;

    fprintf(out, "\n%-*s %-*s   CPUs   95 %%%s\n", NAME_WIDTH, "guest", HOST_WIDTH, "host",
            cluster->fleet.n_resources ? "      MiB" : "");
    for (size_t i = 0; i < cluster->fleet.n_guests; i++) {
        show_guest(answer, i, out);
        is_configured |= !cluster->about[i].is_sampled && cluster->fleet.guests[i].load_milli;
    }
    if (is_configured)
        fprintf(out, "* configured, not measured\n");
}

static void show_moves(const struct answer *answer, FILE *out)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    const struct fleet_plan *plan = answer->plan;
    char name[SHOWN_SIZE], from[SHOWN_SIZE], to[SHOWN_SIZE];

    if (plan->n_moves)
        fprintf(out, "\n%-*s %-*s    %-*s  cost\n", NAME_WIDTH, "guest", HOST_WIDTH, "from",
                HOST_WIDTH, "to");
    for (size_t k = 0; k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[k];

        fprintf(out, "%s %s -> %s %5d\n", column(fleet->guests[move->guest].name, NAME_WIDTH, name),
                column(move->from >= 0 ? host_name(fleet, move->from) : "start", HOST_WIDTH, from),
                column(host_name(fleet, move->to), HOST_WIDTH, to), move->cost);
        if (move->reason[0])
            wrap(out, "   ", move->reason);
    }
}

static void show_stopped(const struct answer *answer, FILE *out)
{
    const struct fleet_plan *plan = answer->plan;
    char head[SHOWN_SIZE], name[SHOWN_SIZE];

    for (size_t k = 0; k < plan->n_stopped; k++) {
        text_shown(answer->cluster->fleet.guests[plan->stopped[k].guest].name, name, sizeof(name));
        snprintf(head, sizeof(head), "%.60s:", name);
        wrap(out, head,
             plan->stopped[k].must_leave ? "it has to leave its host, and cannot be placed:"
                                         : "it stays stopped:");
        wrap(out, "   ", plan->stopped[k].reason);
    }
    if (plan->n_stopped && plan->certificate[0])
        wrap(out, plan->n_stopped == plan->least_stopped ? "Fewer cannot be:" : "At best:",
             plan->certificate);
}

static void list_names(const struct fleet *fleet, const size_t *guests, size_t n, FILE *out)
{
    enum { MOST = 8 };
    char name[SHOWN_SIZE];

    for (size_t k = 0; k < n && k < MOST; k++)
        fprintf(out, "%s%s", k ? ", " : " ",
                brief(fleet->guests[guests[k]].name, NAME_WIDTH, name));
    if (n > MOST)
        fprintf(out, " and %zu more", n - MOST);
    fputc('\n', out);
}

/* The first with its reason; the document for machines has all of them. */
static void show_unjudged(const struct fleet *fleet, const struct fleet_n1 *n1, FILE *out)
{
    if (n1->n_unjudged == 0)
        return;
    fputs("    not judged:", out);
    list_names(fleet, n1->unjudged, n1->n_unjudged, out);
    for (size_t k = 0; k < n1->n_unjudged; k++)
        if (fleet->guests[n1->unjudged[k]].why_unjudged) {
            wrap(out, "     ", fleet->guests[n1->unjudged[k]].why_unjudged);
            return;
        }
}

static void show_n1(const struct fleet *fleet, const struct fleet_n1 *n1, size_t n,
                    const char *when, FILE *out)
{
    size_t n_safe = 0;
    char name[SHOWN_SIZE];

    for (size_t k = 0; k < n; k++)
        n_safe += n1[k].answer == FLEET_SAFE || n1[k].answer == FLEET_WITH_MOVES;
    fprintf(out, "\n%s, a host is lost: all guests can be restarted after %zu of %zu loss%s\n",
            when, n_safe, n, n == 1 ? "" : "es");
    for (size_t k = 0; k < n; k++) {
        if (n1[k].answer == FLEET_SAFE)
            continue;
        fprintf(out, "  %s", brief(fleet->hosts[n1[k].host].name, HOST_WIDTH, name));
        if (n1[k].answer == FLEET_WITH_MOVES) {
            fprintf(out, ": after %zu move%s of others\n", n1[k].n_moves,
                    text_plural(n1[k].n_moves));
            continue;
        }
        if (n1[k].n_unprotected) {
            fprintf(out, ": %s",
                    n1[k].answer == FLEET_UNKNOWN ? "at most these stay stopped:"
                                                  : "these stay stopped:");
            list_names(fleet, n1[k].unprotected, n1[k].n_unprotected, out);
        } else {
            fputs(": all but these can be restarted\n", out);
        }
        show_unjudged(fleet, &n1[k], out);
    }
}

static void show_engine_losses(const struct answer *answer, FILE *out)
{
    const struct fleet *fleet = &answer->cluster->fleet;
    const struct engine_says *engine = answer->engine;
    size_t n_good = 0;
    char name[SHOWN_SIZE];

    if (!answer->cluster->engine)
        return;
    if (engine->why_not) {
        wrap(out, "What the engine would do is not known:", engine->why_not);
        return;
    }
    for (size_t k = 0; k < engine->n_losses; k++)
        n_good += engine->losses[k].n_stopped == 0;
    fprintf(out, "%s itself would restart all of them after %zu of %zu loss%s\n",
            answer->cluster->engine, n_good, engine->n_losses, engine->n_losses == 1 ? "" : "es");
    for (size_t k = 0; k < engine->n_losses; k++) {
        if (!engine->losses[k].n_stopped)
            continue;
        fprintf(out, "  %s: it leaves stopped",
                brief(fleet->hosts[engine->losses[k].host].name, HOST_WIDTH, name));
        list_names(fleet, engine->losses[k].stopped, engine->losses[k].n_stopped, out);
    }
}

static void show_sentences(const char *head, const struct cluster_sentences *sentences, FILE *out)
{
    for (size_t k = 0; k < sentences->n; k++)
        wrap(out, head, sentences->text[k]);
    if (sentences->n_more)
        fprintf(out, "%s %zu more of these\n", head, sentences->n_more);
}

static void show_conflicts(const struct fleet_plan *plan, FILE *out)
{
    enum { MOST = 16 };

    for (size_t k = 0; k < plan->n_conflicts && k < MOST; k++)
        wrap(out, "Conflict:", plan->conflicts[k].text);
    if (plan->n_conflicts > MOST)
        fprintf(out, "Conflict: %zu more of these\n", plan->n_conflicts - MOST);
    if (plan->n_conflicts)
        wrap(out, "   ", "Guests in conflict are left where they are, and stopped ones stopped.");
}

/* Ready for a shell: lines that cannot be run at once are comments. */
static void show_commands(const struct virsh_commands *commands, FILE *out)
{
    if (commands->n)
        fprintf(out, "\nto be run by hand, one after another:\n");
    for (size_t k = 0; k < commands->n; k++) {
        if (k == commands->n - commands->n_stuck)
            fprintf(out, "# the following wait for each other's memory: make room first\n");
        fprintf(out, "%s%s\n", k >= commands->n - commands->n_stuck ? "# " : "",
                commands->lines[k]);
    }
}

static void show_proof(const struct answer *answer, FILE *out)
{
    const struct fleet_plan *plan = answer->plan;
    size_t n_moves = plan->n_moves - plan->n_starts;

    fprintf(
        out, "\nlargest deviation %.1f points before, %.1f after; %zu move%s, price %" PRId64 "\n",
        plan->before.plain_pct, plan->after.plain_pct, n_moves, text_plural(n_moves), plan->price);
    fprintf(out, "objective %.4g, bound %.4g, gap %.2f %%: %s\n", plan->objective, plan->bound,
            100 * plan->gap, plan->gap <= 0 ? "no plan is better" : "a better one may exist");
    if (!answer->cluster->engine)
        return;
    if (answer->engine->is_unconfirmed)
        wrap(out, "NOT CONFIRMED: what the engine makes of it could not be found out:",
             answer->engine->why_not);
    else if (answer->engine->why_not)
        wrap(out, "Not asked what the engine makes of it:", answer->engine->why_not);
    else if (answer->engine->is_as_planned)
        fprintf(out, "%s, asked by crm_simulate, would do exactly this%s\n",
                answer->cluster->engine,
                plan->n_conflicts ? ", and decides itself about guests in conflict" : "");
    else
        wrap(out, "The engine would do otherwise:", answer->engine->otherwise);
}

void show_text(const struct answer *answer, FILE *out)
{
    const struct fleet_plan *plan = answer->plan;
    const struct fleet *fleet = &answer->cluster->fleet;
    bool has_then = answer->is_plan && plan->n_moves > 0;
    struct tally now, then = {0};

    if (!tally_make(fleet, NULL, &now) || (has_then && !tally_make(fleet, plan->host_of, &then))) {
        fprintf(out, "out of memory\n");
    } else {
        show_hosts(answer, &now, has_then ? &then : NULL, out);
        if (answer->is_plan)
            show_moves(answer, out);
        else
            show_guests(answer, out);
        if (answer->is_plan && !plan->n_moves)
            fprintf(out, "\nnothing to do\n");
        if (answer->is_plan)
            show_stopped(answer, out);
        if (answer->commands)
            show_commands(answer->commands, out);
        if (answer->is_plan)
            show_proof(answer, out);
        else
            fprintf(out, "\nlargest deviation from the fair share: %.1f points\n",
                    plan->before.plain_pct);
        show_n1(fleet, plan->n1_before, plan->n_n1, "Now", out);
        if (answer->is_plan)
            show_n1(fleet, plan->n1, plan->n_n1, "Then", out);
        else
            show_engine_losses(answer, out);
        show_conflicts(plan, out);
        if (plan->note[0])
            wrap(out, "Note:", plan->note);
        show_sentences("Note:", &answer->cluster->notes, out);
        show_sentences("A plan is refused:", &answer->cluster->refusals, out);
    }
    tally_done(&now);
    tally_done(&then);
}
