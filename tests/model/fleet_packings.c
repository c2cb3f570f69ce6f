/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/fleet_packings.h"

#include <stdlib.h>
#include <string.h>

enum {
    HOST_VCPUS = 64,
    HOST_MIB = 65536,
    MEMORY_STEP = 512, /* MiB */
    MIB_PER_GIB = 1024,
    ATTEMPTS = 2000, /* to place everybody before a host is lost */
    GROW_AFTER = 100,
};

bool fleet_packing_is_named(const char *family)
{
    return !strncmp(family, "pack", 4) || !strncmp(family, "cut", 3) || !strncmp(family, "lost", 4);
}

/* Guests as they are made, before it is known how many. */
struct guests {
    int (*size)[FLEET_ROOMS];
    size_t n, most;
};

static void add(struct guests *guests, int mib, int vcpus)
{
    if (guests->n == guests->most)
        return;
    guests->size[guests->n][FLEET_MEMORY] = mib;
    guests->size[guests->n++][FLEET_VCPUS] = vcpus;
}

/* Guests as they come, until one does not fit; what is left is one guest more. */
static void fill_host(struct random *random, int fill_pct, bool is_coarse, struct guests *guests)
{
    int vcpus = HOST_VCPUS * fill_pct / 100;
    int mib = HOST_MIB / 100 * fill_pct / MEMORY_STEP * MEMORY_STEP;

    if (fill_pct == 100)
        mib = HOST_MIB;
    while (vcpus >= 1 && mib >= MEMORY_STEP) {
        int own = is_coarse ? 1 << random_between(random, 0, 4)
                            : (int[]){1, 2, 2, 4, 4, 8}[random_between(random, 0, 5)];
        int own_mib =
            MIB_PER_GIB * (is_coarse ? (int[]){1, 2, 4, 8, 16, 24}
                                     : (int[]){1, 2, 2, 4, 4, 8})[random_between(random, 0, 5)];

        if (own > vcpus || own_mib > mib)
            break;
        add(guests, own_mib, own);
        vcpus -= own;
        mib -= own_mib;
    }
    if (vcpus >= 1 && mib >= MEMORY_STEP)
        add(guests, mib, vcpus);
}

/* Cuts total into n parts of at least one. */
static void cut(struct random *random, int total, int n, int *parts)
{
    bool is_cut[HOST_VCPUS * 2 + 1] = {false};
    int left = n - 1, part = 0, k = 0;

    while (left > 0) {
        int at = random_between(random, 1, total - 1);

        left -= !is_cut[at];
        is_cut[at] = true;
    }
    for (int at = 1; at <= total; at++) {
        part++;
        if (is_cut[at] || at == total) {
            parts[k++] = part;
            part = 0;
        }
    }
}

static void cut_host(struct random *random, int fill_pct, int mean, struct guests *guests)
{
    int n = mean + (int[]){-1, 0, 0, 1}[random_between(random, 0, 3)];
    int vcpus[HOST_VCPUS], steps[HOST_VCPUS];

    n = n < 2 ? 2 : n > 32 ? 32 : n;
    cut(random, HOST_VCPUS * fill_pct / 100, n, vcpus);
    cut(random, HOST_MIB / MEMORY_STEP * fill_pct / 100, n, steps);
    for (int k = 0; k < n; k++)
        add(guests, steps[k] * MEMORY_STEP, vcpus[k]);
}

static bool take_guests(struct random *random, const struct guests *guests, size_t hosts,
                        struct fleet_case *ret)
{
    if (!fleet_case_take(guests->n, hosts, false, ret))
        return false;
    for (size_t k = guests->n; k > 1; k--) {
        size_t l = (size_t)random_between(random, 0, (int)k - 1);
        int size[FLEET_ROOMS];

        memcpy(size, guests->size[k - 1], sizeof(size));
        memcpy(guests->size[k - 1], guests->size[l], sizeof(size));
        memcpy(guests->size[l], size, sizeof(size));
    }
    for (size_t i = 0; i < guests->n; i++) {
        memcpy(ret->size + i * FLEET_ROOMS, guests->size[i], sizeof(guests->size[i]));
        ret->load_permille[i] = guests->size[i][FLEET_VCPUS] * 1000 / HOST_VCPUS;
        ret->price[i] = 1 + guests->size[i][FLEET_MEMORY] / MIB_PER_GIB;
    }
    for (size_t p = 0; p < hosts; p++) {
        ret->room[p * FLEET_ROOMS + FLEET_MEMORY] = HOST_MIB;
        ret->room[p * FLEET_ROOMS + FLEET_VCPUS] = HOST_VCPUS;
    }
    return true;
}

static bool make_packing(struct random *random, const char *family, size_t hosts, size_t n,
                         struct fleet_case *ret)
{
    struct guests guests = {.most = hosts * (HOST_VCPUS + 2)};
    bool is_cut = family[0] == 'c', is_over = !strcmp(family, "cutovr"), is_made;
    int fill_pct = is_over ? 100 : atoi(family + (is_cut ? 3 : 4));

    guests.size = calloc(guests.most, sizeof(*guests.size));
    if (!guests.size || fill_pct < 10 || fill_pct > 100) {
        free(guests.size);
        return false;
    }
    for (size_t p = 0; p < hosts; p++) {
        if (is_cut)
            cut_host(random, fill_pct, (int)(n / hosts), &guests);
        else
            fill_host(random, fill_pct, n < 10 * hosts, &guests);
    }
    if (is_over) {
        add(&guests, 9 * MEMORY_STEP, 5);
        add(&guests, 17 * MEMORY_STEP, 3);
    }
    is_made = take_guests(random, &guests, hosts, ret);
    free(guests.size);
    return is_made;
}

/* What a host has, one after another, while everybody is placed: the roomiest of three. */
static bool place_all(struct random *random, const struct fleet_case *fleet, size_t hosts,
                      const int *order, int mib, int vcpus)
{
    int used[512][FLEET_ROOMS] = {{0}};

    for (size_t k = 0; k < fleet->n_items; k++) {
        const int *size = fleet->size + order[k] * FLEET_ROOMS;
        double most = -1;
        int best = -1, fitting[512], n = 0;

        for (int p = 0; p < (int)hosts; p++)
            if (used[p][FLEET_MEMORY] + size[FLEET_MEMORY] <= mib &&
                used[p][FLEET_VCPUS] + size[FLEET_VCPUS] <= vcpus)
                fitting[n++] = p;
        for (int draw = 0; draw < 3 && n > 0; draw++) {
            int p = fitting[random_between(random, 0, n - 1)];
            double left = (double)(mib - used[p][FLEET_MEMORY]) / mib +
                          (double)(vcpus - used[p][FLEET_VCPUS]) / vcpus;

            if (left > most) {
                most = left;
                best = p;
            }
        }
        if (best < 0)
            return false;
        fleet->home[order[k]] = best;
        used[best][FLEET_MEMORY] += size[FLEET_MEMORY];
        used[best][FLEET_VCPUS] += size[FLEET_VCPUS];
    }
    return true;
}

static void order_by_memory(struct random *random, const struct fleet_case *fleet, int *order,
                            double *key)
{
    for (size_t i = 0; i < fleet->n_items; i++) {
        size_t k = i;

        key[i] = fleet->size[i * FLEET_ROOMS + FLEET_MEMORY] * (0.8 + 0.4 * random_unit(random));
        for (; k > 0 && key[order[k - 1]] < key[i]; k--)
            order[k] = order[k - 1];
        order[k] = (int)i;
    }
}

/* Everybody runs on hosts that would be so full with one of them less. Returns a host's vCPUs, 0: it
 * was not to be. */
static int run_all(struct random *random, const struct fleet_case *fleet, int mib, int vcpus)
{
    int *order = calloc(fleet->n_items, sizeof(*order));
    double *key = calloc(fleet->n_items, sizeof(*key));
    bool is_done = false;

    for (int k = 1; k <= ATTEMPTS && order && key; k++) {
        order_by_memory(random, fleet, order, key);
        is_done = place_all(random, fleet, fleet->n_bins + 1, order, mib, vcpus);
        if (is_done)
            break;
        vcpus += k % GROW_AFTER == 0;
    }
    free(order);
    free(key);
    return is_done ? vcpus : 0;
}

static bool make_lost(struct random *random, const char *family, size_t hosts, size_t n,
                      struct fleet_case *ret)
{
    int fill_pct = atoi(family + 4), mib, vcpus;
    int64_t total[FLEET_ROOMS] = {0};

    if (fill_pct < 10 || hosts < 3 || hosts > 512 || !fleet_case_take(n, hosts - 1, false, ret))
        return false;
    fleet_draw_sizes(random, ret);
    for (size_t k = 0; k < n * FLEET_ROOMS; k++)
        total[k % FLEET_ROOMS] += ret->size[k];
    mib = (int)(total[FLEET_MEMORY] * 100 / fill_pct / (int64_t)(hosts - 1)) / MEMORY_STEP *
              MEMORY_STEP +
          MEMORY_STEP;
    vcpus = (int)(total[FLEET_VCPUS] * 100 / fill_pct / (int64_t)(hosts - 1)) + 1;
    vcpus = run_all(random, ret, mib, vcpus);
    for (size_t p = 0; p < hosts - 1; p++) {
        ret->room[p * FLEET_ROOMS + FLEET_MEMORY] = mib;
        ret->room[p * FLEET_ROOMS + FLEET_VCPUS] = vcpus;
    }
    for (size_t i = 0; i < n && vcpus; i++) {
        ret->load_permille[i] = ret->size[i * FLEET_ROOMS + FLEET_VCPUS] * 1000 / vcpus;
        ret->home[i] = ret->home[i] < (int)hosts - 1 ? ret->home[i] : -1;
    }
    return vcpus > 0;
}

bool fleet_packing_new(struct random *random, const char *family, size_t hosts, size_t guests,
                       struct fleet_case *ret)
{
    if (family[0] == 'l')
        return make_lost(random, family, hosts, guests, ret);
    return make_packing(random, family, hosts, guests, ret);
}
