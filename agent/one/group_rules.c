/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/one/group_members.h"
#include "agent/one/picture.h"
#include "agent/one/xml.h"

enum { MOST_APART = 1 << 20 };

struct rules {
    const struct one_document *document;
    struct one_picture *picture;
    struct one_roles roles;
    int *set; /* [n_guests] union-find: who is together */
    int *apart_first, *apart_guest;
    size_t n_apart, n_apart_guests, most_sets, most_guests;
    int r;
};

static const struct one_vm *member(const struct rules *rules, size_t k)
{
    return &rules->document->vms[rules->roles.order[k]];
}

static int guest(const struct rules *rules, size_t k)
{
    return rules->picture->guest_of[rules->roles.order[k]];
}

static int root_of(const struct rules *rules, int i)
{
    while (rules->set[i] != i)
        i = rules->set[i] = rules->set[rules->set[i]];
    return i;
}

/* One that runs and is no guest of the picture holds the others to its host, wherever that is. */
static void hold_to(struct rules *rules, int i, int host)
{
    struct cluster *cluster = &rules->picture->cluster;
    bool *allowed;

    if (cluster->fleet.guests[i].home >= 0) {
        cluster_fix(cluster, (size_t)i, "a VM of its group is on a host that is not open");
        return;
    }
    allowed = cluster_allowed(cluster, (size_t)i);
    for (size_t p = 0; allowed && p < cluster->fleet.n_hosts; p++)
        allowed[p] = allowed[p] && (int)p == host;
}

static bool runs(const struct one_vm *vm)
{
    return vm->host >= 0 &&
           (vm->state == ONE_ACTIVE || vm->state == ONE_POWEROFF || vm->state == ONE_SUSPENDED);
}

static void join(struct rules *rules, const struct one_members *members, int *anchor)
{
    for (size_t k = members->first; k < members->first + members->n; k++) {
        int i = guest(rules, k);

        if (i < 0)
            continue;
        if (*anchor < 0)
            *anchor = i;
        rules->set[root_of(rules, i)] = root_of(rules, *anchor);
    }
}

static void hold_together(struct rules *rules, const struct one_members *members,
                          const struct one_members *with)
{
    for (size_t k = with->first; k < with->first + with->n; k++) {
        if (guest(rules, k) >= 0 || !runs(member(rules, k)))
            continue;
        for (size_t j = members->first; j < members->first + members->n; j++)
            if (guest(rules, j) >= 0)
                hold_to(rules, guest(rules, j),
                        one_find_host(rules->document, member(rules, k)->host));
    }
}

static bool add_apart(struct rules *rules, int i)
{
    if (rules->n_apart_guests == rules->most_guests) {
        size_t most = rules->most_guests ? 2 * rules->most_guests : 256;
        int *larger =
            most > MOST_APART ? NULL : realloc(rules->apart_guest, most * sizeof(*larger));

        if (!larger) {
            rules->r = -ENOMEM;
            return false;
        }
        rules->apart_guest = larger;
        rules->most_guests = most;
    }
    rules->apart_guest[rules->n_apart_guests++] = i;
    return true;
}

/* Ends the set that add_apart() has filled. */
static void end_apart(struct rules *rules, size_t begun_at)
{
    if (rules->r < 0 || rules->n_apart_guests - begun_at < 2) {
        rules->n_apart_guests = begun_at;
        return;
    }
    if (rules->n_apart + 1 >= rules->most_sets) {
        size_t most = rules->most_sets ? 2 * rules->most_sets : 64;
        int *larger = realloc(rules->apart_first, most * sizeof(*larger));

        if (!larger) {
            rules->r = -ENOMEM;
            return;
        }
        rules->apart_first = larger;
        rules->most_sets = most;
    }
    rules->apart_first[rules->n_apart++] = (int)begun_at;
}

static void forbid(struct rules *rules, int i, int host)
{
    bool *allowed;

    if (host < 0 || rules->picture->cluster.fleet.guests[i].is_fixed)
        return;
    allowed = cluster_allowed(&rules->picture->cluster, (size_t)i);
    if (allowed)
        allowed[host] = false;
}

/* Whoever runs and is no guest keeps guests off its host. */
static void keep_off(struct rules *rules, const struct one_members *members,
                     const struct one_members *from)
{
    for (size_t k = from->first; k < from->first + from->n; k++) {
        int host = one_find_host(rules->document, member(rules, k)->host);

        if (guest(rules, k) >= 0 || !runs(member(rules, k)))
            continue;
        for (size_t j = members->first; j < members->first + members->n; j++)
            if (guest(rules, j) >= 0)
                forbid(rules, guest(rules, j), host);
    }
}

static void part(struct rules *rules, const struct one_members *members)
{
    size_t begun_at = rules->n_apart_guests;

    for (size_t k = members->first; k < members->first + members->n; k++)
        if (guest(rules, k) >= 0 && !add_apart(rules, guest(rules, k)))
            return;
    end_apart(rules, begun_at);
    keep_off(rules, members, members);
}

/* Nobody of one role with anybody of the other. */
static void part_roles(struct rules *rules, const struct one_members *a,
                       const struct one_members *b)
{
    for (size_t k = a->first; k < a->first + a->n; k++) {
        for (size_t j = b->first; j < b->first + b->n && rules->r == 0; j++) {
            size_t begun_at = rules->n_apart_guests;

            if (guest(rules, k) < 0 || guest(rules, j) < 0)
                continue;
            if (add_apart(rules, guest(rules, k)) && add_apart(rules, guest(rules, j)))
                end_apart(rules, begun_at);
        }
    }
    keep_off(rules, a, b);
    keep_off(rules, b, a);
}

static void keep_to_hosts(struct rules *rules, const struct one_members *members, const char *list,
                          bool is_affined)
{
    for (size_t k = members->first; list[0] && k < members->first + members->n; k++)
        for (size_t p = 0; guest(rules, k) >= 0 && p < rules->document->n_hosts; p++)
            if (one_names_host(list, rules->document->hosts[p].id) != is_affined)
                forbid(rules, guest(rules, k), (int)p);
}

static void take_role(struct rules *rules, int64_t group, const xmlNode *role)
{
    const char *name = one_text(role, "NAME"), *policy = one_text(role, "POLICY");
    struct one_members members = one_members(&rules->roles, group, name, strlen(name));
    int anchor = -1;

    keep_to_hosts(rules, &members, one_text(role, "HOST_AFFINED"), true);
    keep_to_hosts(rules, &members, one_text(role, "HOST_ANTI_AFFINED"), false);
    if (strcasecmp(policy, "AFFINED") == 0) {
        join(rules, &members, &anchor);
        hold_together(rules, &members, &members);
    } else if (strcasecmp(policy, "ANTI_AFFINED") == 0) {
        part(rules, &members);
    }
}

/* A rule between roles: each with each further one. */
static void take_rule(struct rules *rules, int64_t group, const char *list, bool is_affined)
{
    const char *word, *other;
    size_t n, n_other;
    int anchor = -1;

    while (rules->r == 0 && one_next_word(&list, &word, &n)) {
        struct one_members a = one_members(&rules->roles, group, word, n);
        const char *rest = list;

        if (is_affined)
            join(rules, &a, &anchor);
        while (one_next_word(&rest, &other, &n_other)) {
            struct one_members b = one_members(&rules->roles, group, other, n_other);

            if (!is_affined) {
                part_roles(rules, &a, &b);
                continue;
            }
            hold_together(rules, &a, &b);
            hold_together(rules, &b, &a);
        }
    }
}

static void take_group(struct rules *rules, const xmlNode *group)
{
    const xmlNode *roles = one_child(group, "ROLES"), *template = one_child(group, "TEMPLATE");
    int64_t id = -1;

    if (one_integer(one_text(group, "ID"), 0, INT_MAX, &id) < 0)
        return;
    for (const xmlNode *role = one_child(roles, "ROLE"); role; role = one_next(roles, role, "ROLE"))
        take_role(rules, id, role);
    for (const xmlNode *rule = one_child(template, "AFFINED"); rule;
         rule = one_next(template, rule, "AFFINED"))
        take_rule(rules, id, one_content(rule), true);
    for (const xmlNode *rule = one_child(template, "ANTI_AFFINED"); rule;
         rule = one_next(template, rule, "ANTI_AFFINED"))
        take_rule(rules, id, one_content(rule), false);
}

/* A set whose fixed members are on several hosts is parted for good: the others of it stay, too. */
static void number_sets(struct rules *rules)
{
    struct cluster *cluster = &rules->picture->cluster;
    struct fleet *fleet = &cluster->fleet;
    int *at =
        cluster_room(cluster, fleet->n_guests, sizeof(*at)); /* -1: nobody fixed; -2: parted */
    int *size = cluster_room(cluster, fleet->n_guests, sizeof(*size));

    if (cluster->is_short)
        return;
    for (size_t i = 0; i < fleet->n_guests; i++)
        at[i] = -1;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        int root = root_of(rules, (int)i), home = fleet->guests[i].home;

        size[root]++;
        if (fleet->guests[i].is_fixed && home >= 0)
            at[root] = at[root] == -1 || at[root] == home ? home : -2;
    }
    for (size_t i = 0; i < fleet->n_guests; i++) {
        int root = root_of(rules, (int)i);

        if (size[root] < 2)
            continue;
        if (at[root] == -2)
            cluster_fix(cluster, i, "VMs of its group are held on several hosts");
        else
            fleet->guests[i].together = root;
    }
}

static void hand_over(struct rules *rules)
{
    struct cluster *cluster = &rules->picture->cluster;
    int *first = cluster_room(cluster, rules->n_apart + 1, sizeof(*first));
    int *guests = cluster_room(cluster, rules->n_apart_guests, sizeof(*guests));

    if (!first || !guests)
        return;
    if (rules->n_apart > 0) {
        memcpy(first, rules->apart_first, rules->n_apart * sizeof(*first));
        memcpy(guests, rules->apart_guest, rules->n_apart_guests * sizeof(*guests));
    }
    first[rules->n_apart] = (int)rules->n_apart_guests;
    cluster->fleet.n_apart = rules->n_apart;
    cluster->fleet.apart_first = first;
    cluster->fleet.apart_guest = guests;
}

int one_group_rules(const struct one_document *document, struct one_picture *picture,
                    struct err *err)
{
    struct rules rules = {.document = document, .picture = picture};
    size_t n = picture->cluster.fleet.n_guests;
    int r = one_roles_new(document, &rules.roles);

    rules.set = calloc(n + 1, sizeof(*rules.set));
    if (!rules.set)
        r = -ENOMEM;
    for (size_t i = 0; r == 0 && i < n; i++)
        rules.set[i] = (int)i;
    for (const xmlNode *group = one_child(document->groups, "VM_GROUP"); group && r == 0;
         group = one_next(document->groups, group, "VM_GROUP")) {
        take_group(&rules, group);
        r = rules.r;
    }
    if (r == 0) {
        number_sets(&rules);
        hand_over(&rules);
    } else if (rules.n_apart_guests >= MOST_APART / 2) {
        r = err_set(err, -EINVAL, "VM groups hold more than %d pairs of VMs apart", MOST_APART / 4);
    }
    one_roles_done(&rules.roles);
    free(rules.set);
    free(rules.apart_first);
    free(rules.apart_guest);
    return r;
}
