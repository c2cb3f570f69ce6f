/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/fleet_families.h"

#include <stdlib.h>
#include <string.h>

#include "tests/model/fleet_packings.h"
#include "tests/model/random.h"

enum {
    MIB_PER_GIB = 1024,
    MEMORY_STEP = 512,  /* MiB: hosts have multiples of it */
    NO_LIMIT = 100000,  /* vCPUs of a host that may have any number */
    MOST_LOAD = 400,    /* permille: no guest wants more of a host */
    MEAN_LOAD_PCT = 60, /* of the fleet's capacity */
    ATTEMPTS = 400,     /* to place everybody; all hosts grow after every GROW_AFTER */
    GROW_AFTER = 20,
};

struct family {
    const char *name;
    int fill_pct;
    bool is_balanced; /* placed by load, else by memory */
    bool has_drifted; /* every load has since changed by up to 40 % */
};

static const struct family FAMILY[] = {
    {"ret", 72, true, false},   {"grow", 75, true, false}, {"drift", 80, false, true},
    {"tight", 95, false, true}, {"uneq", 80, false, true}, {"aff", 75, false, true},
    {"odd", 85, false, true},
};

static bool is_named(const struct family *family, const char *name)
{
    return strcmp(family->name, name) == 0;
}

static double between(struct random *random, double low, double high)
{
    return low + (high - low) * random_unit(random);
}

static void shuffle(struct random *random, int *values, size_t n)
{
    for (size_t k = n; k > 1; k--) {
        size_t l = (size_t)random_between(random, 0, (int)k - 1);
        int value = values[k - 1];

        values[k - 1] = values[l];
        values[l] = value;
    }
}

bool fleet_case_take(size_t n, size_t m, bool has_masks, struct fleet_case *ret)
{
    *ret = (struct fleet_case){
        .n_items = n,
        .n_bins = m,
        .load_permille = calloc(n, sizeof(int)),
        .share_permille = calloc(m, sizeof(int)),
        .size = calloc(n * FLEET_ROOMS, sizeof(int)),
        .room = calloc(m * FLEET_ROOMS, sizeof(int)),
        .home = calloc(n, sizeof(int)),
        .price = calloc(n, sizeof(int)),
        .allowed = has_masks ? calloc(n * m, sizeof(bool)) : NULL,
        .apart_first = calloc(n + 1, sizeof(int)),
        .apart_item = calloc(n, sizeof(int)),
    };
    if (!ret->load_permille || !ret->share_permille || !ret->size || !ret->room || !ret->home ||
        !ret->price || (has_masks && !ret->allowed) || !ret->apart_first || !ret->apart_item)
        return false;
    for (size_t i = 0; i < n; i++)
        ret->home[i] = -1;
    for (size_t p = 0; p < m; p++)
        ret->share_permille[p] = 1000;
    return true;
}

void fleet_case_done(struct fleet_case *fleet)
{
    free(fleet->load_permille);
    free(fleet->share_permille);
    free(fleet->size);
    free(fleet->room);
    free(fleet->home);
    free(fleet->price);
    free(fleet->allowed);
    free(fleet->apart_first);
    free(fleet->apart_item);
    *fleet = (struct fleet_case){0};
}

static int weighted(struct random *random, const int *values, const int *weights, int n)
{
    int sum = 0, drawn;

    for (int k = 0; k < n; k++)
        sum += weights[k];
    drawn = random_between(random, 0, sum - 1);
    for (int k = 0; k < n; k++) {
        if (drawn < weights[k])
            return values[k];
        drawn -= weights[k];
    }
    return values[n - 1];
}

void fleet_draw_sizes(struct random *random, struct fleet_case *fleet)
{
    bool is_coarse = fleet->n_items < 10 * fleet->n_bins;

    for (size_t i = 0; i < fleet->n_items; i++) {
        int *size = fleet->size + i * FLEET_ROOMS;

        if (is_coarse) {
            size[FLEET_VCPUS] =
                weighted(random, (int[]){1, 2, 4, 8, 16}, (int[]){2, 4, 4, 2, 1}, 5);
            size[FLEET_MEMORY] = MIB_PER_GIB * weighted(random, (int[]){1, 2, 4, 8, 16, 24},
                                                        (int[]){2, 3, 4, 3, 2, 1}, 6);
        } else {
            size[FLEET_VCPUS] = weighted(random, (int[]){1, 2, 4, 8}, (int[]){4, 4, 2, 1}, 4);
            size[FLEET_MEMORY] =
                MIB_PER_GIB / 2 *
                weighted(random, (int[]){1, 2, 4, 8, 16}, (int[]){3, 4, 4, 2, 1}, 5);
        }
        fleet->price[i] = 1 + size[FLEET_MEMORY] / MIB_PER_GIB;
    }
}

/* Hosts, and room for all guests at this part of it. */
static void draw_hosts(struct random *random, const struct family *family, struct fleet_case *fleet)
{
    double parts[4096], sum = 0, total = 0;

    for (size_t p = 0; p < fleet->n_bins; p++) {
        parts[p] = 1;
        if (is_named(family, "uneq")) {
            fleet->share_permille[p] = (int[]){500, 1000, 2000}[random_between(random, 0, 2)];
            parts[p] = fleet->share_permille[p] / 1000.0 *
                       (double[]){0.75, 1, 1.5}[random_between(random, 0, 2)];
        }
        sum += parts[p];
    }
    for (size_t i = 0; i < fleet->n_items; i++)
        total += fleet->size[i * FLEET_ROOMS + FLEET_MEMORY];
    for (size_t p = 0; p < fleet->n_bins; p++) {
        int room = (int)(total * 100 / family->fill_pct * parts[p] / sum);

        fleet->room[p * FLEET_ROOMS + FLEET_MEMORY] =
            room / MEMORY_STEP * MEMORY_STEP + MEMORY_STEP;
        fleet->room[p * FLEET_ROOMS + FLEET_VCPUS] = NO_LIMIT;
    }
}

/* vCPUs are busy to very different degrees; all together are so many percent of the capacity. */
static bool draw_loads(struct random *random, struct fleet_case *fleet)
{
    double *load = calloc(fleet->n_items, sizeof(*load)), sum = 0, capacity = 0;

    if (!load)
        return false;
    for (size_t i = 0; i < fleet->n_items; i++) {
        double busy = (double[]){0.1, 0.2, 0.3, 0.5, 0.8, 1}[random_between(random, 0, 5)];

        load[i] = fleet->size[i * FLEET_ROOMS + FLEET_VCPUS] * busy * between(random, 0.7, 1.3);
        sum += load[i];
    }
    for (size_t p = 0; p < fleet->n_bins; p++)
        capacity += fleet->share_permille[p];
    for (size_t i = 0; i < fleet->n_items; i++) {
        int permille = (int)(load[i] * capacity * MEAN_LOAD_PCT / 100 / sum + 0.5);

        fleet->load_permille[i] = permille < 1 ? 1 : permille > MOST_LOAD ? MOST_LOAD : permille;
    }
    free(load);
    return true;
}

/* 40 % of the guests in sets of two or three, 30 % on the hosts with even or with odd numbers. */
static bool draw_rules(struct random *random, struct fleet_case *fleet)
{
    size_t n = fleet->n_items, m = fleet->n_bins, taken = 0;
    int *order = calloc(n, sizeof(*order));

    if (!order)
        return false;
    for (size_t i = 0; i < n; i++)
        order[i] = (int)i;
    shuffle(random, order, n);
    while (taken + 3 < n * 4 / 10) {
        size_t members = (size_t)(int[]){2, 2, 3}[random_between(random, 0, 2)];

        memcpy(fleet->apart_item + taken, order + taken, members * sizeof(*order));
        taken += members;
        fleet->apart_first[++fleet->n_apart] = (int)taken;
    }
    memset(fleet->allowed, true, n * m * sizeof(bool));
    for (size_t k = n * 6 / 10; k < n * 9 / 10; k++) {
        size_t half = (size_t)random_between(random, 0, 1);

        for (size_t p = 0; p < m; p++)
            fleet->allowed[(size_t)order[k] * m + p] = p % 2 == half;
    }
    free(order);
    return true;
}

struct start {
    struct random *random;
    const struct family *family;
    struct fleet_case *fleet;
    int64_t *memory, *load; /* [n_bins] in use */
    int *order;             /* [n_items] */
    int *set_of;            /* [n_items] its apart set, -1: none */
    double *key;            /* [n_items] */
};

static bool keeps_apart(const struct start *start, int item, size_t bin)
{
    const struct fleet_case *fleet = start->fleet;
    int set = start->set_of[item];

    for (int k = set < 0 ? 0 : fleet->apart_first[set]; set >= 0 && k < fleet->apart_first[set + 1];
         k++)
        if (fleet->home[fleet->apart_item[k]] == (int)bin)
            return false;
    return true;
}

static bool fits(const struct start *start, int item, size_t bin)
{
    const struct fleet_case *fleet = start->fleet;

    if (is_named(start->family, "ret") && bin + 1 == fleet->n_bins)
        return false;
    if (fleet->allowed && !fleet->allowed[(size_t)item * fleet->n_bins + bin])
        return false;
    return start->memory[bin] + fleet->size[item * FLEET_ROOMS + FLEET_MEMORY] <=
               fleet->room[bin * FLEET_ROOMS + FLEET_MEMORY] &&
           keeps_apart(start, item, bin);
}

/* By load, or by the room that is left; with more or less chance in it. The largest wins. */
static double suits(const struct start *start, size_t bin)
{
    double room = start->fleet->room[bin * FLEET_ROOMS + FLEET_MEMORY];
    double left = (room - (double)start->memory[bin]) / room;

    if (start->family->is_balanced)
        return -(double)start->load[bin] / start->fleet->share_permille[bin] -
               between(start->random, 0, 0.02);
    if (is_named(start->family, "tight"))
        return left + between(start->random, 0, 0.15);
    return left + random_unit(start->random);
}

static bool place(struct start *start, int item)
{
    struct fleet_case *fleet = start->fleet;
    double most = -1e9;
    int best = -1;

    for (size_t p = 0; p < fleet->n_bins; p++) {
        double suit;

        if (!fits(start, item, p))
            continue;
        suit = suits(start, p);
        if (suit > most) {
            most = suit;
            best = (int)p;
        }
    }
    if (best < 0)
        return false;
    fleet->home[item] = best;
    start->memory[best] += fleet->size[item * FLEET_ROOMS + FLEET_MEMORY];
    start->load[best] += fleet->load_permille[item];
    return true;
}

/* Largest first, more or less. */
static bool place_all(struct start *start)
{
    struct fleet_case *fleet = start->fleet;

    memset(start->memory, 0, fleet->n_bins * sizeof(*start->memory));
    memset(start->load, 0, fleet->n_bins * sizeof(*start->load));
    for (size_t i = 0; i < fleet->n_items; i++) {
        size_t k = i;

        start->key[i] =
            fleet->size[i * FLEET_ROOMS + FLEET_MEMORY] * between(start->random, 0.8, 1.2);
        fleet->home[i] = -1;
        for (; k > 0 && start->key[start->order[k - 1]] < start->key[i]; k--)
            start->order[k] = start->order[k - 1];
        start->order[k] = (int)i;
    }
    for (size_t k = 0; k < fleet->n_items; k++)
        if (!place(start, start->order[k]))
            return false;
    return true;
}

static void list_sets(struct start *start)
{
    const struct fleet_case *fleet = start->fleet;

    for (size_t i = 0; i < fleet->n_items; i++)
        start->set_of[i] = -1;
    for (size_t s = 0; s < fleet->n_apart; s++)
        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++)
            start->set_of[fleet->apart_item[k]] = (int)s;
}

static bool find_start(struct random *random, const struct family *family, struct fleet_case *fleet)
{
    struct start start = {.random = random, .family = family, .fleet = fleet};
    bool is_found = false, has_memory;

    start.memory = calloc(fleet->n_bins, sizeof(*start.memory));
    start.load = calloc(fleet->n_bins, sizeof(*start.load));
    start.order = calloc(fleet->n_items, sizeof(*start.order));
    start.key = calloc(fleet->n_items, sizeof(*start.key));
    start.set_of = calloc(fleet->n_items, sizeof(*start.set_of));
    has_memory = start.memory && start.load && start.order && start.key && start.set_of;
    if (has_memory)
        list_sets(&start);
    for (int k = 1; has_memory && k <= ATTEMPTS && !is_found; k++) {
        is_found = place_all(&start);
        for (size_t p = 0; !is_found && k % GROW_AFTER == 0 && p < fleet->n_bins; p++)
            fleet->room[p * FLEET_ROOMS + FLEET_MEMORY] += MEMORY_STEP;
    }
    free(start.memory);
    free(start.load);
    free(start.order);
    free(start.key);
    free(start.set_of);
    return is_found;
}

static int changed(struct random *random, int load, double low, double high)
{
    int permille = (int)(load * between(random, low, high));

    return permille < 1 ? 1 : permille > MOST_LOAD ? MOST_LOAD : permille;
}

/* What has happened since everybody was placed. */
static void pass_time(struct random *random, const struct family *family, struct fleet_case *fleet)
{
    for (size_t i = 0; i < fleet->n_items; i++) {
        int *load = &fleet->load_permille[i];

        if (family->has_drifted)
            *load = changed(random, *load, 0.6, 1.4);
        if (is_named(family, "grow") && random_between(random, 0, 9) == 0)
            *load = changed(random, *load, 1.5, 3);
    }
}

static bool make(struct random *random, const struct family *family, size_t hosts, size_t guests,
                 struct fleet_case *ret)
{
    bool has_rules = is_named(family, "aff");

    if (hosts > 4096 || !fleet_case_take(guests, hosts, has_rules, ret))
        return false;
    fleet_draw_sizes(random, ret);
    for (size_t i = 0; i < guests && is_named(family, "odd"); i++)
        ret->size[i * FLEET_ROOMS + FLEET_MEMORY] += random_between(random, 17, 399);
    draw_hosts(random, family, ret);
    if (!draw_loads(random, ret) || (has_rules && !draw_rules(random, ret)) ||
        !find_start(random, family, ret))
        return false;
    pass_time(random, family, ret);
    return true;
}

bool fleet_case_new(const char *family, size_t hosts, size_t guests, unsigned seed,
                    struct fleet_case *ret)
{
    struct random random = {seed * UINT64_C(1000003) + hosts * 4099 + guests};
    bool is_made = false;

    *ret = (struct fleet_case){0};
    for (const char *c = family; *c; c++)
        random.state = random.state * 131 + (unsigned char)*c;
    if (fleet_packing_is_named(family))
        is_made = fleet_packing_new(&random, family, hosts, guests, ret);
    for (size_t k = 0; k < sizeof(FAMILY) / sizeof(*FAMILY); k++)
        if (is_named(&FAMILY[k], family))
            is_made = make(&random, &FAMILY[k], hosts, guests, ret);
    if (!is_made)
        fleet_case_done(ret);
    return is_made;
}
