/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/fleet/act.h"

const char *act_result_text(enum act_result result)
{
    static const char *const texts[] = {[ACT_NOTHING] = "nothing",
                                        [ACT_DONE] = "done",
                                        [ACT_PARTLY] = "partly",
                                        [ACT_PLANNED] = "planned",
                                        [ACT_REFUSED] = "refused"};

    return texts[result];
}

const char *act_arrival_text(enum act_arrival arrival)
{
    static const char *const texts[] = {
        [ACT_UNDER_WAY] = "under-way", [ACT_ARRIVED] = "arrived", [ACT_FAILED] = "failed"};

    return texts[arrival];
}

static void show_move(const struct act_move *move, bool is_dry, FILE *out)
{
    char guest[512], from[512], to[512], reason[sizeof(move->reason)];

    fprintf(out, "%s: %s -> %s, ", text_shown(move->guest, guest, sizeof(guest)),
            move->from ? text_shown(move->from, from, sizeof(from)) : "start",
            text_shown(move->to, to, sizeof(to)));
    if (is_dry)
        fprintf(out, "not asked for: a dry run\n");
    else if (move->arrival == ACT_ARRIVED)
        fprintf(out, "arrived after %.0f s\n", move->after_s);
    else
        fprintf(out, "not arrived: %s\n", text_shown(move->reason, reason, sizeof(reason)));
}

void act_show_text(const struct act_report *report, FILE *out)
{
    char text[sizeof(report->why)];

    if (report->result == ACT_NOTHING)
        fprintf(out, "nothing to do: %s\n", text_shown(report->why, text, sizeof(text)));
    for (size_t k = 0; k < report->n_moves; k++)
        show_move(&report->moves[k], report->result == ACT_PLANNED, out);
    if (report->n_moves)
        fprintf(out, "largest deviation %.1f points before, %.1f after as planned\n",
                report->before_pct, report->after_pct);
    if (report->full[0])
        fprintf(out, "planned without: %s\n", text_shown(report->full, text, sizeof(text)));
    if (report->n_moves && report->unasked[0])
        fprintf(out, "%s\n", text_shown(report->unasked, text, sizeof(text)));
    if (report->n_again)
        fprintf(out, "the cluster's document changed %zu time%s meanwhile, and we began again\n",
                report->n_again, text_plural(report->n_again));
    if (report->left[0])
        fprintf(out, "our wishes stay in the document and end at %s: %s\n", report->until,
                text_shown(report->left, text, sizeof(text)));
}

static json_t *moves_json(const struct act_report *report)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t k = 0; k < report->n_moves; k++) {
        const struct act_move *move = &report->moves[k];
        bool is_there = move->arrival == ACT_ARRIVED;

        failures +=
            json_array_append_new(
                all,
                json_members("guest", json_from_text(move->guest), "from",
                             move->from ? json_from_text(move->from) : json_null(), "to",
                             json_from_text(move->to), "result",
                             json_string(act_arrival_text(move->arrival)), "seconds",
                             is_there ? json_from_number(move->after_s) : json_null(), "reason",
                             is_there ? json_null() : json_from_text(move->reason), NULL)) < 0;
    }
    return json_unless(all, failures);
}

static json_t *loads_json(const struct act_report *report)
{
    json_t *all = json_array();
    int failures = !all;

    for (size_t p = 0; p < report->n_loads; p++)
        failures += json_array_append_new(
                        all, json_members("host", json_from_text(report->loads[p].host), "cpu",
                                          json_from_number(report->loads[p].cpu), "memory",
                                          json_from_number(report->loads[p].memory), NULL)) < 0;
    return json_unless(all, failures);
}

json_t *act_show_json(const struct act_report *report)
{
    bool is_known = report->is_planned;

    return json_members(
        "result", json_string(act_result_text(report->result)), "why",
        report->why[0] ? json_from_text(report->why) : json_null(), "moves", moves_json(report),
        "deviation_before", is_known ? json_from_number(report->before_pct) : json_null(),
        "deviation_after", is_known ? json_from_number(report->after_pct) : json_null(), "hosts",
        loads_json(report), "unprotected",
        is_known ? json_from_count(report->n_unprotected) : json_null(), "changed_under_us",
        json_from_count(report->n_again), "not_asked",
        report->unasked[0] ? json_from_text(report->unasked) : json_null(), "full",
        report->full[0] ? json_from_text(report->full) : json_null(), "wishes_end",
        report->until[0] ? json_from_text(report->until) : json_null(), "wishes_left",
        report->left[0] ? json_from_text(report->left) : json_null(), NULL);
}

int act_run(const struct request *request)
{
    static const int statuses[] = {[ACT_NOTHING] = REQUEST_DONE,
                                   [ACT_DONE] = REQUEST_DONE,
                                   [ACT_PARTLY] = REQUEST_PARTLY,
                                   [ACT_PLANNED] = REQUEST_MOVES,
                                   [ACT_REFUSED] = REQUEST_REFUSED};
    struct act_report report;
    int status;

    act_round(request, &report);
    status = statuses[report.result];
    if (request->json) {
        char *line = json_line(act_show_json(&report), JSON_DIGITS_SHORT);

        if (line)
            fputs(line, stdout);
        free(line);
    } else {
        act_show_text(&report, stdout);
    }
    if (report.result == ACT_REFUSED) {
        char shown[sizeof(report.why)];

        fprintf(stderr, "evenkeel-fleet: %s\n", text_shown(report.why, shown, sizeof(shown)));
    }
    act_report_done(&report);
    return fflush(stdout) == 0 ? status : REQUEST_REFUSED;
}
