/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/engine_state.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/fleet/child.h"
#include "agent/fleet/cib_parts.h"
#include "agent/host/xml_text.h"

enum { LIMIT_MS = 30000, MOST_OUTPUT = 64 << 20 };

static bool is_yes(const xmlNode *of, const char *name)
{
    bool value = false;

    return cib_boolean(cib_attribute(of, name), &value) == 0 && value;
}

/* The first of its kind is named. */
static void note(const char **ret, char *room, size_t size, const char *name)
{
    if (*ret)
        return;
    snprintf(room, size, "%s", name);
    text_trim_utf8(room);
    text_printable(room);
    *ret = room;
}

static void read_nodes(const xmlNode *root, struct engine_state *state)
{
    const xmlNode *nodes = cib_child(root, "nodes");

    for (const xmlNode *node = cib_child(nodes, "node"); node;
         node = cib_next(nodes, node, "node")) {
        if (is_yes(node, "unclean"))
            note(&state->told.unclean, state->unclean, sizeof(state->unclean),
                 cib_attribute(node, "name"));
        if (is_yes(node, "pending"))
            note(&state->told.joining, state->joining, sizeof(state->joining),
                 cib_attribute(node, "name"));
    }
}

/* crm_mon shows the newest event of each kind; a later success makes good an earlier failure. Events
 * come with the newest first. */
static bool is_made_good(const xmlNode *history, const xmlNode *failure)
{
    for (const xmlNode *event = cib_child(history, "fence_event"); event && event != failure;
         event = cib_next(history, event, "fence_event"))
        if (strcmp(cib_attribute(event, "status"), "success") == 0 &&
            strcmp(cib_attribute(event, "target"), cib_attribute(failure, "target")) == 0)
            return true;
    return false;
}

static int read_fencing(const xmlNode *root, struct engine_state *state, struct err *err)
{
    const xmlNode *history = cib_child(root, "fence_history");
    const char *status = cib_attribute(history, "status");

    if (status[0] && strcmp(status, "0") != 0)
        return err_set(err, -EIO, "crm_mon cannot tell the history of fencing");
    for (const xmlNode *event = cib_child(history, "fence_event"); event;
         event = cib_next(history, event, "fence_event")) {
        const char *how = cib_attribute(event, "status");
        const char *target = cib_attribute(event, "target");

        if (strcmp(how, "success") == 0)
            continue;
        if (strcmp(how, "failed") != 0)
            note(&state->told.fencing_pending, state->pending, sizeof(state->pending), target);
        else if (!is_made_good(history, event))
            note(&state->told.fencing_failed, state->failed, sizeof(state->failed), target);
    }
    return 0;
}

static int read_all(const xmlNode *root, struct engine_state *state, struct err *err)
{
    const xmlNode *summary = cib_child(root, "summary");
    const xmlNode *dc = cib_child(summary, "current_dc");
    const xmlNode *options = cib_child(summary, "cluster_options");

    if (!dc || !options)
        return err_set(err, -EIO, "crm_mon answers with something else than its XML");
    state->told.has_quorum = is_yes(dc, "present") && is_yes(dc, "with_quorum");
    state->told.is_maintained = is_yes(options, "maintenance-mode");
    state->told.is_stopped = is_yes(options, "stop-all-resources");
    read_nodes(root, state);
    return read_fencing(root, state, err);
}

int engine_state_read(const char *text, size_t n, struct engine_state *ret, struct err *err)
{
    xmlDoc *document = xml_text_read(text, n, 0);
    const xmlNode *root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    int r;

    *ret = (struct engine_state){0};
    if (root && (cib_is(root, "pacemaker-result") || cib_is(root, "crm_mon")))
        r = read_all(root, ret, err);
    else
        r = err_set(err, -EIO, "crm_mon answers with something else than its XML");
    xmlFreeDoc(document);
    ret->told.is_told = r == 0;
    return r;
}

int engine_state_ask(struct engine_state *ret, struct err *err)
{
    static const char *const argv[] = {"crm_mon", "--one-shot", "--output-as=xml",
                                       "--fence-history=2", NULL};
    const struct child_job job = {.argv = argv, .most_output = MOST_OUTPUT, .limit_ms = LIMIT_MS};
    char *text = NULL;
    size_t n = 0;
    int r = child_run(&job, &text, &n, err);

    *ret = (struct engine_state){0};
    if (r == 0)
        r = engine_state_read(text, n, ret, err);
    free(text);
    return r;
}

/* A probe that finds nothing has not failed. */
static bool is_failure(const xmlNode *op)
{
    const char *rc = cib_attribute(op, "rc-code"), *status = cib_attribute(op, "op-status");
    bool is_probe = strcmp(cib_attribute(op, "operation"), "monitor") == 0;

    if (strcmp(status, "-1") == 0 || strcmp(rc, "0") == 0 || (is_probe && strcmp(rc, "7") == 0))
        return false;
    return rc[0] != '\0';
}

static void take_failures(const xmlNode *of, const char *host, long *newest_s, char *ret,
                          size_t size)
{
    for (const xmlNode *op = cib_child(of, "lrm_rsc_op"); op; op = cib_next(of, op, "lrm_rsc_op")) {
        long at_s = strtol(cib_attribute(op, "last-rc-change"), NULL, 10);
        const char *reason = cib_attribute(op, "exit-reason");

        if (!is_failure(op) || at_s < *newest_s)
            continue;
        *newest_s = at_s;
        snprintf(ret, size, "%.30s on %.60s failed with status %.10s%s%.150s",
                 cib_attribute(op, "operation"), host, cib_attribute(op, "rc-code"),
                 reason[0] ? ": " : "", reason);
    }
}

void engine_failure(const char *text, size_t n, const char *guest, char *ret, size_t size)
{
    xmlDoc *document = xml_text_read(text, n, 0);
    const xmlNode *root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    const xmlNode *status = cib_child(root, "status");
    long newest_s = 0;

    ret[0] = '\0';
    for (const xmlNode *state = cib_child(status, "node_state"); state;
         state = cib_next(status, state, "node_state")) {
        const xmlNode *all = cib_child(cib_child(state, "lrm"), "lrm_resources");

        for (const xmlNode *one = cib_child(all, "lrm_resource"); one;
             one = cib_next(all, one, "lrm_resource"))
            if (strcmp(cib_attribute(one, "id"), guest) == 0)
                take_failures(one, cib_attribute(state, "uname"), &newest_s, ret, size);
    }
    xmlFreeDoc(document);
    text_trim_utf8(ret);
    text_printable(ret);
}
