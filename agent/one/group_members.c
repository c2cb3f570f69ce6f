/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/group_members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_roles(const struct one_vm *vm, int64_t group, const char *role, size_t n_role)
{
    int r;

    if (vm->group != group)
        return vm->group < group ? -1 : 1;
    r = strncmp(vm->role, role, n_role);
    return r ? r : vm->role[n_role] != '\0';
}

static int by_role(const struct one_vm *a, const struct one_vm *b)
{
    int r;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    r = strcmp(a->role, b->role);
    return r ? r : (a->id > b->id) - (a->id < b->id);
}

static int by_role_indirect(const void *a, const void *b)
{
    return by_role(*(const struct one_vm *const *)a, *(const struct one_vm *const *)b);
}

int one_roles_new(const struct one_document *document, struct one_roles *ret)
{
    const struct one_vm **list = calloc(document->n_vms + 1, sizeof(*list));

    *ret = (struct one_roles){.document = document};
    ret->order = calloc(document->n_vms + 1, sizeof(*ret->order));
    if (!list || !ret->order) {
        free(list);
        return -ENOMEM;
    }
    for (size_t k = 0; k < document->n_vms; k++)
        if (document->vms[k].group >= 0)
            list[ret->n_order++] = &document->vms[k];
    qsort(list, ret->n_order, sizeof(*list), by_role_indirect);
    for (size_t k = 0; k < ret->n_order; k++)
        ret->order[k] = (int)(list[k] - document->vms);
    free(list);
    return 0;
}

struct one_members one_members(const struct one_roles *roles, int64_t group, const char *role,
                               size_t n_role)
{
    struct one_members members = {0};
    size_t low = 0, high = roles->n_order;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct one_vm *vm = &roles->document->vms[roles->order[middle]];

        if (compare_roles(vm, group, role, n_role) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    members.first = low;
    while (low < roles->n_order &&
           compare_roles(&roles->document->vms[roles->order[low]], group, role, n_role) == 0)
        low++;
    members.n = low - members.first;
    return members;
}

void one_roles_done(struct one_roles *roles)
{
    free(roles->order);
    *roles = (struct one_roles){0};
}

bool one_next_word(const char **text, const char **word, size_t *n)
{
    *text += strspn(*text, ", ");
    *word = *text;
    *n = strcspn(*text, ",");
    *text += *n;
    while (*n > 0 && (*word)[*n - 1] == ' ')
        (*n)--;
    return *n > 0;
}

bool one_names_host(const char *list, int id)
{
    const char *word;
    size_t n;

    while (one_next_word(&list, &word, &n))
        if (strtol(word, NULL, 10) == id)
            return true;
    return false;
}
