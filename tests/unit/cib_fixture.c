/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/cib_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

static void put_node(FILE *out, const char *name, int id, const char *more)
{
    fprintf(
        out,
        "<node id='%d' uname='%s'><utilization id='u-%s'><nvpair id='u-%s-c' name='cpu' "
        "value='8'/><nvpair id='u-%s-m' name='hv_memory' value='16384'/></utilization>%s</node>",
        id, name, name, name, name, more);
}

static void put_guest(FILE *out, const char *name, int cpus, int mib, const char *meta)
{
    fprintf(out,
            "<primitive id='%s' class='ocf' provider='heartbeat' type='VirtualDomain'>"
            "<meta_attributes id='m-%s'><nvpair id='m-%s-a' name='allow-migrate' value='true'/>%s"
            "</meta_attributes><utilization id='z-%s'><nvpair id='z-%s-c' name='cpu' value='%d'/>"
            "<nvpair id='z-%s-m' name='hv_memory' value='%d'/></utilization></primitive>",
            name, name, name, meta, name, name, cpus, name, mib);
}

static const char started[] =
    "<lrm_rsc_op id='s' operation='start' call-id='5' rc-code='0' op-status='0' interval='0'/>"
    "<lrm_rsc_op id='m' operation='monitor' call-id='6' rc-code='0' op-status='0' "
    "interval='10000'/>";

static void put_history(FILE *out, const char *name, const char *actions)
{
    if (actions)
        fprintf(out,
                "<lrm_resource id='%s' class='ocf' provider='heartbeat' type='VirtualDomain'>%s"
                "</lrm_resource>",
                name, actions);
}

static void put_state(FILE *out, const struct cib_gaps *gaps, char host)
{
    static const char member[] = "in_ccm='true' crmd='online' join='member' expected='member'";

    fprintf(out, "<node_state id='%d' uname='%c' %s><lrm id='1'><lrm_resources>", host - 'a' + 1,
            host, host == 'c' && gaps->state_c ? gaps->state_c : member);
    if (host == 'a') {
        put_history(out, "v1", gaps->v1_on_a ? gaps->v1_on_a : started);
        put_history(out, "v2", started);
    }
    if (host == 'b') {
        put_history(out, "v3", started);
        put_history(out, "v1", gaps->v1_on_b);
    }
    fprintf(out, "%s</lrm_resources></lrm>%s</node_state>",
            host == 'c' ? or_nothing(gaps->on_c) : "", host == 'c' ? or_nothing(gaps->c) : "");
}

char *cib_fixture(const struct cib_gaps *gaps)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    assert_non_null(out);
    fprintf(out,
            "<cib %s><configuration><crm_config><cluster_property_set id='o'>%s"
            "</cluster_property_set></crm_config><nodes>",
            gaps->cib ? gaps->cib : "have-quorum='1'",
            gaps->properties ? gaps->properties
                             : "<nvpair id='o-p' name='placement-strategy' value='balanced'/>");
    put_node(out, "b", 2, or_nothing(gaps->node_b));
    put_node(out, "a", 1, "");
    put_node(out, "c", 3, "");
    fprintf(out, "</nodes><resources>");
    put_guest(out, "v3", 4, 8192, "");
    put_guest(out, "v1", 2, 4096, or_nothing(gaps->meta));
    put_guest(out, "v4", 1, 1024, "");
    put_guest(out, "v2", 1, 2048, "");
    fprintf(out,
            "%s</resources><constraints>%s</constraints><rsc_defaults>%s</rsc_defaults>%s"
            "</configuration><status>",
            or_nothing(gaps->resources), or_nothing(gaps->constraints), or_nothing(gaps->defaults),
            or_nothing(gaps->tags));
    for (const char *host = "abc"; *host; host++)
        put_state(out, gaps, *host);
    fprintf(out, "</status></cib>");
    assert_int_equal(fclose(out), 0);
    return text;
}

void read_fixture(const struct cib_gaps *gaps, struct cluster *ret)
{
    char *text = cib_fixture(gaps);
    struct err err = {0};

    if (cib_read(text, strlen(text), CIB_FIXTURE_NOW_S, ret, &err) < 0)
        fail_msg("%s", err.text);
    free(text);
}

const struct fleet_guest *guest_of(const struct cluster *cluster, const char *name)
{
    int guest = cluster_guest(cluster, name);

    assert_true(guest >= 0);
    return &cluster->fleet.guests[guest];
}

static bool is_at(const struct fleet_guest *guest, size_t host, bool is_lost)
{
    const bool *row = is_lost && guest->restart ? guest->restart : guest->allowed;

    return !row || row[host];
}

static const char *hosts_of(const struct cluster *cluster, const char *name, bool is_lost)
{
    static char hosts[2][27];
    const struct fleet_guest *guest = guest_of(cluster, name);
    size_t n = 0;

    for (size_t p = 0; p < cluster->fleet.n_hosts; p++)
        if (is_at(guest, p, is_lost))
            hosts[is_lost][n++] = cluster->fleet.hosts[p].name[0];
    hosts[is_lost][n] = '\0';
    return hosts[is_lost];
}

const char *restart_of(const struct cluster *cluster, const char *name)
{
    return hosts_of(cluster, name, true);
}

const char *allowed_of(const struct cluster *cluster, const char *name)
{
    return hosts_of(cluster, name, false);
}

static bool has(const struct cluster_sentences *sentences, const char *words)
{
    for (size_t i = 0; i < sentences->n; i++)
        if (strstr(sentences->text[i], words))
            return true;
    return false;
}

void assert_refused(const struct cluster *cluster, const char *words)
{
    if (!words && cluster->refusals.n)
        fail_msg("refused: %s", cluster->refusals.text[0]);
    if (words && !has(&cluster->refusals, words))
        fail_msg("no refusal says '%s', but %s", words,
                 cluster->refusals.n ? cluster->refusals.text[0] : "there is none");
}

void assert_noted(const struct cluster *cluster, const char *words)
{
    if (!has(&cluster->notes, words))
        fail_msg("no note says '%s', but %s", words,
                 cluster->notes.n ? cluster->notes.text[0] : "there is none");
}
