/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/synthetic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind { NODE, LLC, CORE, PU, KINDS };
static const char *const words[KINDS] = {"node:", "llc:", "core:", "pu:"};

/* The kind of the item at text, or KINDS. */
static int kind_of(const char *text)
{
    int kind = 0;

    while (kind < KINDS && strncmp(text, words[kind], strlen(words[kind])) != 0)
        kind++;
    return kind;
}

bool synthetic_is(const char *text)
{
    return kind_of(text) < KINDS;
}

/* How many of each kind are in one of the kind before; each kind at most once, in their order. */
static int read_counts(const char *text, unsigned counts[KINDS], bool *ret_has_llc)
{
    int next = 0;

    while (*text) {
        int kind = kind_of(text);
        char *end;
        unsigned long n;

        if (kind == KINDS || kind < next)
            return -EINVAL;
        text += strlen(words[kind]);
        n = strtoul(text, &end, 10);
        if (*text < '1' || *text > '9' || n > CPUSET_SIZE || (*end != ' ' && *end))
            return -EINVAL;
        counts[kind] = (unsigned)n;
        *ret_has_llc |= kind == LLC;
        next = kind + 1;
        text = end + (*end == ' ');
    }
    return 0;
}

static void add_run(struct cpuset *set, unsigned first, unsigned n)
{
    for (unsigned p = first; p < first + n; p++)
        cpuset_add(set, p);
}

static int make(struct topology_facts *facts, const unsigned counts[KINDS], bool has_llc)
{
    unsigned per_llc = counts[CORE] * counts[PU], per_node = counts[LLC] * per_llc;
    unsigned n = counts[NODE] * per_node;

    for (unsigned p = 0; p < n; p++) {
        struct topology_cell *cell = p % per_node == 0 ? topology_add_cell(facts) : NULL;
        struct topology_cache *bank =
            has_llc && p % per_llc == 0 ? topology_add_cache(&facts->banks) : NULL;
        struct topology_pcpu_fact *pcpu = topology_add_pcpu(facts);

        if (!pcpu || (!cell && p % per_node == 0) || (!bank && has_llc && p % per_llc == 0))
            return -ENOMEM;
        pcpu->id = p;
        pcpu->socket = (int)(p / per_node);
        pcpu->cluster = TOPOLOGY_UNTOLD;
        add_run(&pcpu->siblings, p / counts[PU] * counts[PU], counts[PU]);
        if (cell) {
            cell->id = pcpu->socket;
            add_run(&cell->pcpus, p, per_node);
        }
        if (bank) {
            bank->level = 3;
            add_run(&bank->pcpus, p, per_llc);
        }
    }
    add_run(&facts->mentioned, 0, n);
    return 0;
}

int synthetic_parse(const char *text, struct topology_facts *ret, struct err *err)
{
    unsigned counts[KINDS] = {1, 1, 1, 1};
    uint64_t n = 1;
    bool has_llc = false;
    int r = read_counts(text, counts, &has_llc);

    for (int kind = 0; kind < KINDS; kind++)
        n *= counts[kind];
    if (r < 0 || n > CPUSET_SIZE || counts[NODE] > TOPOLOGY_MAX_NODES)
        return err_set(
            err, -EINVAL,
            "scenario: \"topology\" '%.60s' is not like 'node:2 llc:8 core:8 pu:2', with at "
            "most %d nodes and %d pCPUs",
            text, TOPOLOGY_MAX_NODES, CPUSET_SIZE);
    r = make(ret, counts, has_llc);
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}
