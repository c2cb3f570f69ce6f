/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/engine.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/fleet/child.h"
#include "agent/fleet/cib_parts.h"
#include "agent/host/xml_text.h"

enum { LIMIT_MS = 60000, MOST_OUTPUT = 256 << 20 };

void engine_word_done(struct engine_word *word)
{
    free(word->host_of);
    free(word->is_other);
    *word = (struct engine_word){0};
}

static void take_action(const struct cluster *cluster, const xmlNode *action,
                        struct engine_word *word)
{
    const char *what = cib_attribute(action, "action"), *node = cib_attribute(action, "node");
    const char *dest = cib_attribute(action, "dest");
    int guest = cluster_guest(cluster, cib_attribute(action, "resource"));
    int host = cluster_host(cluster, dest[0] ? dest : node);
    bool is_blocked = false;

    cib_boolean(cib_attribute(action, "blocked"), &is_blocked);
    if (is_blocked) /* it would, and cannot */
        return;
    if (guest < 0) {
        if (!word->n_foreign++)
            snprintf(word->first_foreign, sizeof(word->first_foreign), "%.20s of '%.60s'", what,
                     cib_attribute(action, "resource"));
        text_printable(word->first_foreign);
        return;
    }
    if (strcmp(what, "stop") == 0)
        word->host_of[guest] = FLEET_NOWHERE;
    else if (host >= 0)
        word->host_of[guest] = host;
    if (strcmp(what, "start") == 0 || strcmp(what, "migrate") == 0)
        return;
    word->is_other[guest] = true;
    if (!word->n_other++)
        snprintf(word->first_other, sizeof(word->first_other), "%.20s of '%.60s'", what,
                 cluster->fleet.guests[guest].name);
    text_printable(word->first_other);
}

static int take(const char *text, size_t n, const struct cluster *cluster, struct engine_word *word)
{
    xmlDoc *document = xml_text_read(text, n, 0);
    const xmlNode *root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    const xmlNode *actions = root ? cib_child(root, "actions") : NULL;
    bool is_answer = root && cib_is(root, "pacemaker-result");

    for (const xmlNode *one = cib_child(actions, "rsc_action"); one;
         one = cib_next(actions, one, "rsc_action"))
        take_action(cluster, one, word);
    xmlFreeDoc(document);
    return is_answer ? 0 : -EIO;
}

int engine_ask(const char *text, size_t n, const struct cluster *cluster, int lost,
               struct engine_word *ret, struct err *err)
{
    const struct fleet *fleet = &cluster->fleet;
    const char *argv[] = {"crm_simulate", "--xml-pipe", "--run", "--output-as=xml", NULL, NULL};
    struct engine_word word = {.host_of = malloc((fleet->n_guests + 1) * sizeof(*word.host_of)),
                               .is_other = calloc(fleet->n_guests + 1, sizeof(bool))};
    const struct child_job job = {.argv = argv,
                                  .input = text,
                                  .n_input = n,
                                  .most_output = MOST_OUTPUT,
                                  .limit_ms = LIMIT_MS};
    char option[CLUSTER_NAME_SIZE + 16], *said = NULL;
    size_t n_said;
    int r;

    if (!word.host_of || !word.is_other) {
        engine_word_done(&word);
        return err_set(err, -ENOMEM, "out of memory");
    }
    if (lost >= 0) {
        snprintf(option, sizeof(option), "--node-down=%s", fleet->hosts[lost].name);
        argv[4] = option;
    }
    for (size_t i = 0; i < fleet->n_guests; i++)
        word.host_of[i] =
            lost >= 0 && fleet->guests[i].home == lost ? FLEET_NOWHERE : fleet->guests[i].home;
    r = child_run(&job, &said, &n_said, err);
    if (r == 0 && take(said, n_said, cluster, &word) < 0)
        r = err_set(err, -EIO, "crm_simulate answers with something else than its XML");
    free(said);
    if (r < 0)
        engine_word_done(&word);
    else
        *ret = word;
    return r;
}
