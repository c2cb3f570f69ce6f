/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/run.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/event.h"
#include "agent/base/main_loop.h"
#include "agent/base/notify.h"
#include "agent/fleet/act.h"
#include "agent/fleet/child.h"
#include "agent/fleet/run_metrics.h"

static const char program[] = "evenkeel-fleet";

enum { MOST_ANSWER = 64 << 20, NUMBER_SIZE = 32, MS_PER_S = 1000 };
/* For reading, planning and sending, beside measuring and waiting; and how long a round that is told to
 * end may take for it. */
enum { ROUND_BEYOND_S = 900, GRACE_MS = 8000 };
static const double watchdog_intervals = 10; /* notify_interval() */

struct run {
    const struct request *request;
    struct log log;
    struct main_loop loop;
    struct run_metrics metrics;
};

static bool is_stopping(void *arg)
{
    return main_loop_is_stopping(arg);
}

/* The words of one round. */
struct words {
    const char *argv[24];
    char moves[NUMBER_SIZE], window[NUMBER_SIZE], wait[NUMBER_SIZE], hold[NUMBER_SIZE];
    char threshold[NUMBER_SIZE], margin[NUMBER_SIZE];
};

static size_t add_number(struct words *words, size_t n, const char *option, char *room,
                         double value)
{
    snprintf(room, NUMBER_SIZE, "%.17g", value);
    words->argv[n] = option;
    words->argv[n + 1] = room;
    return n + 2;
}

static void put_words(const struct request *request, struct words *ret)
{
    const struct request_act *act = &request->act;
    size_t n = 0;

    ret->argv[n++] = "/proc/self/exe";
    ret->argv[n++] = "apply";
    ret->argv[n++] = "--json";
    if (request->hosts) {
        ret->argv[n++] = "--hosts";
        ret->argv[n++] = request->hosts;
    }
    if (request->stats) {
        ret->argv[n++] = "--stats";
        ret->argv[n++] = request->stats;
    }
    if (act->is_dry)
        ret->argv[n++] = "--dry-run";
    if (request->max_moves > 0)
        n = add_number(ret, n, "--max-moves", ret->moves, (double)request->max_moves);
    if (request->hosts && !request->stats)
        n = add_number(ret, n, "--window", ret->window, request->window_s);
    n = add_number(ret, n, "--wait", ret->wait, act->wait_s);
    n = add_number(ret, n, "--hold", ret->hold, act->hold_s);
    n = add_number(ret, n, "--threshold", ret->threshold, act->threshold_pct);
    n = add_number(ret, n, "--margin", ret->margin, act->margin_pct);
    ret->argv[n] = NULL;
}

static double round_limit_s(const struct request *request)
{
    return request->act.wait_s + request->window_s + ROUND_BEYOND_S;
}

/* The round's own answer as JSON, or NULL with a sentence: it has none. */
static json_t *ask(struct run *run, struct err *err)
{
    const struct stop stop = {.is_asked = is_stopping, .arg = &run->loop};
    struct words words = {0};
    int status = 0;
    const struct child_job job = {.argv = words.argv,
                                  .most_output = MOST_ANSWER,
                                  .limit_ms = (unsigned)(round_limit_s(run->request) * MS_PER_S),
                                  .stop = &stop,
                                  .grace_ms = GRACE_MS,
                                  .status = &status};
    char *text = NULL;
    json_t *answer = NULL;
    size_t n = 0;
    int r;

    put_words(run->request, &words);
    r = child_run(&job, &text, &n, err);
    if (r == 0) {
        answer = json_loadb(text, n, 0, NULL);
        if (!answer && status == 0)
            err_set(err, -EIO, "the round gave no answer");
    }
    free(text);
    return answer;
}

static const char *text_of(const json_t *object, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : fallback;
}

/* One guest's entry. */
static void tell_move(const struct log *log, const json_t *move)
{
    bool is_there = strcmp(text_of(move, "result", ""), "arrived") == 0;
    const char *guest = text_of(move, "guest", "?"), *to = text_of(move, "to", "?");
    const char *from = text_of(move, "from", "stopped");
    struct entry entry;

    if (!log->entries) {
        log_line(
            log, is_there ? LOG_INFO : LOG_WARNING, "%s: %s -> %s %s%s", guest, from, to,
            is_there ? "arrived" : "not arrived: ", is_there ? "" : text_of(move, "reason", ""));
        return;
    }
    entry_begin(&entry, log, is_there ? EVENT_MOVED : EVENT_NOT_MOVED,
                is_there ? LOG_INFO : LOG_WARNING);
    entry_add(&entry, "MESSAGE", "%s: %s -> %s %s%s", guest, from, to,
              is_there ? "arrived" : "not arrived: ", is_there ? "" : text_of(move, "reason", ""));
    entry_add(&entry, "EVENKEEL_DOMAIN", "%s", guest);
    entry_add(&entry, "EVENKEEL_FROM", "%s", from);
    entry_add(&entry, "EVENKEEL_TO", "%s", to);
    entry_add(&entry, "EVENKEEL_REASON", "%s", text_of(move, "reason", ""));
    entry_send(&entry, log);
}

static void tell_moves(const struct log *log, const json_t *moves)
{
    size_t i;
    json_t *move;

    json_array_foreach(moves, i, move)
    {
        tell_move(log, move);
    }
}

static void tell(struct run *run, const json_t *answer)
{
    const char *result = text_of(answer, "result", "failed"), *why = text_of(answer, "why", "");
    const json_t *moves = json_object_get(answer, "moves");
    const char *left = text_of(answer, "wishes_left", NULL);

    if (strcmp(result, "refused") == 0)
        event_line(&run->log, EVENT_ROUND_REFUSED, LOG_NOTICE, NULL, "nothing was done: %s", why);
    if (strcmp(result, "planned") == 0)
        log_line(&run->log, LOG_INFO, "a dry run: %zu guests would be moved",
                 json_array_size(moves));
    else
        tell_moves(&run->log, moves);
    if (left)
        log_line(&run->log, LOG_WARNING, "wishes are left until %s: %s",
                 text_of(answer, "wishes_end", "?"), left);
    notify_status("last round: %s%s%s", result, why[0] ? ": " : "", why);
}

static void one_round(struct run *run)
{
    struct err err = {0};
    json_t *answer;

    notify_status("a round is under way");
    answer = ask(run, &err);
    if (answer) {
        tell(run, answer);
    } else if (!main_loop_is_stopping(&run->loop)) {
        event_line(&run->log, EVENT_ROUND_REFUSED, LOG_WARNING, NULL, "a round failed: %s",
                   err.text);
        notify_status("last round failed: %s", err.text);
    }
    run_metrics_take(&run->metrics, answer, clock_real_s());
    if (run->request->act.metrics_file &&
        run_metrics_write(&run->metrics, run->request->act.metrics_file, &err) < 0)
        log_line(&run->log, LOG_WARNING, "%s; going on without", err.text);
    json_decref(answer);
    notify_turn();
}

static int loop(struct run *run, struct ticker *ticker, struct err *err)
{
    double turn_s = round_limit_s(run->request) / watchdog_intervals;
    int r;

    notify_interval(turn_s > run->request->act.every_s ? turn_s : run->request->act.every_s);
    notify_ready();
    while ((r = ticker->wait(ticker->self, err)) == 1 && !main_loop_is_stopping(&run->loop))
        one_round(run);
    notify_stopping();
    return r < 0 ? r : 0;
}

int run_rounds(const struct request *request)
{
    struct run run = {.request = request};
    struct ticker ticker;
    struct err err = {0};
    int r;

    log_init(&run.log, stderr, program, LOG_INFO);
    log_open_entries(&run.log, program);
    r = main_loop_open(&run.loop, false, &err);
    if (r == 0) {
        r = main_loop_ticker(&run.loop, request->act.every_s, &ticker, &err);
        if (r == 0) {
            r = loop(&run, &ticker, &err);
            ticker.close(ticker.self);
        }
        main_loop_close(&run.loop);
    }
    if (r < 0)
        log_line(&run.log, LOG_ERR, "%s", err.text);
    if (request->act.metrics_file)
        run_metrics_remove(request->act.metrics_file);
    run_metrics_done(&run.metrics);
    log_done(&run.log);
    return r < 0 ? REQUEST_REFUSED : REQUEST_DONE;
}
