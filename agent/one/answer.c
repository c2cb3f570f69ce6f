/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "agent/base/text.h"

void one_answer_begin(FILE *out, int64_t plan)
{
    fprintf(out, "<PLAN><ID>%" PRId64 "</ID>", plan);
}

void one_answer_action(FILE *out, const struct one_action *action)
{
    fprintf(out,
            "<ACTION><VM_ID>%d</VM_ID><OPERATION>%s</OPERATION><HOST_ID>%d</HOST_ID>"
            "<DS_ID>%d</DS_ID>",
            action->vm, action->is_deploy ? "deploy" : "migrate", action->host, action->store);
    for (size_t k = 0; k < action->n_nics; k++)
        fprintf(out, "<NIC><NIC_ID>%d</NIC_ID><NETWORK_ID>%d</NETWORK_ID></NIC>", action->nic[k],
                action->net[k]);
    fputs("</ACTION>", out);
}

void one_answer_end(FILE *out)
{
    fputs("</PLAN>\n", out);
}

/* Strangers' words are in it; and a first digit would be taken for a VM's number. */
void one_say(FILE *log, enum one_level level, int vm, const char *format, ...)
{
    static const char *const words[] = {"INFO", "WARN", "ERROR"};
    char text[1200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text_trim_utf8(text);
    text_printable(text);
    if (vm >= 0)
        fprintf(log, "%s: %d %s\n", words[level], vm, text);
    else
        fprintf(log, "%s: %s%s\n", words[level],
                text[0] >= '0' && text[0] <= '9' ? "there are " : "", text);
}

static void say_moves(FILE *log, const struct one_decision *decision)
{
    const struct fleet_plan *plan = &decision->plan;

    if (plan->n_moves == 0 && decision->whole_moves == 0)
        one_say(log, ONE_INFO, ONE_NO_VM, "nothing is worth a migration");
    else if (decision->n_no_room > 0 || decision->n_limited > 0)
        one_say(log, ONE_INFO, ONE_NO_VM,
                "this round migrates %zu of the %zu VMs of the best plan: of others, %zu wait for "
                "room that is still taken, and %zu for the limits of actions",
                plan->n_moves, decision->whole_moves, decision->n_no_room, decision->n_limited);
    if (decision->rounds > 0)
        one_say(log, ONE_INFO, ONE_NO_VM, "it is the first of %zu rounds that end with all of them",
                decision->rounds);
}

static void say_value(FILE *log, const struct one_decision *decision)
{
    const struct fleet_plan *plan = &decision->plan;
    double last = decision->last_objective;
    double gap = last > 0 && last > decision->bound ? 100 * (last - decision->bound) / last : 0;

    one_say(log, ONE_INFO, ONE_NO_VM,
            "largest deviation of a host's share of CPU from the fair share: %.1f points, then "
            "%.1f; objective %.1f%s, no plan is below %.1f (gap %.2f %%)",
            plan->before.plain_pct, plan->after.plain_pct, last,
            decision->rounds > 0 ? " after the last round" : "", decision->bound, gap);
}

static void say_losses(FILE *log, const struct fleet *fleet, const struct fleet_plan *plan)
{
    size_t unsafe = 0, first = 0;

    for (size_t k = 0; k < plan->n_n1; k++) {
        if (plan->n1[k].answer != FLEET_UNPROTECTED)
            continue;
        if (unsafe++ == 0)
            first = k;
    }
    if (unsafe > 0)
        one_say(log, ONE_WARN, ONE_NO_VM,
                "after the loss of one of %zu hosts, '%s' among them, not all of its VMs could be "
                "started again on the others",
                unsafe, fleet->hosts[plan->n1[first].host].name);
    else if (plan->n_n1 > 0)
        one_say(log, ONE_INFO, ONE_NO_VM,
                "no host is known whose VMs would find no room on the others after its loss");
}

void one_say_decision(FILE *log, const struct one_picture *picture, enum one_job job,
                      const struct one_decision *decision)
{
    const struct cluster *cluster = &picture->cluster;

    for (size_t k = 0; k < cluster->notes.n; k++)
        one_say(log, ONE_INFO, ONE_NO_VM, "%s", cluster->notes.text[k]);
    if (decision->plan.note[0])
        one_say(log, ONE_INFO, ONE_NO_VM, "%s", decision->plan.note);
    if (job == ONE_PLACE) {
        one_say(log, ONE_INFO, ONE_NO_VM, "places VMs: %zu; left where they are: %zu, at least %zu",
                decision->plan.n_moves, decision->plan.n_stopped, decision->plan.least_stopped);
        if (decision->plan.certificate[0])
            one_say(log, ONE_INFO, ONE_NO_VM, "%s", decision->plan.certificate);
        return;
    }
    say_moves(log, decision);
    say_value(log, decision);
    say_losses(log, &cluster->fleet, &decision->plan);
}

void one_say_limits(FILE *log, const struct one_limits *limits, const char *path, size_t migrations)
{
    if (!limits->is_known)
        one_say(
            log, ONE_WARN, ONE_NO_VM,
            "'%.200s' cannot be read: its defaults count, %zu action at once for a host, %zu in "
            "all, and cold migration",
            path, limits->per_host, limits->per_cluster);
    if (migrations > 0 && !limits->is_live)
        one_say(
            log, ONE_WARN, ONE_NO_VM,
            "COLD MIGRATION: LIVE_RESCHEDS is 0%s%.200s, so oned saves each of these VMs (%zu), "
            "copies it and restores it: it stands still meanwhile; with LIVE_RESCHEDS = 1 it "
            "would not",
            limits->is_known ? " in " : " unless it says otherwise in ", path, migrations);
}
