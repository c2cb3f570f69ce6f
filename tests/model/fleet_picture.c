/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/fleet_picture.h"

#include <stdio.h>
#include <stdlib.h>

enum { PCPUS = 64 };

static void fill_hosts(const struct fleet_case *drawn, struct fleet_picture *picture)
{
    for (size_t p = 0; p < drawn->n_bins; p++) {
        snprintf(picture->names[p], sizeof(picture->names[p]), "h%04zu", p % 10000);
        for (int r = 0; r < FLEET_ROOMS; r++)
            picture->room[p * FLEET_ROOMS + (size_t)r] = drawn->room[p * FLEET_ROOMS + (size_t)r];
        picture->hosts[p] = (struct fleet_host){.name = picture->names[p],
                                                .is_open = true,
                                                .cpu_milli = PCPUS * drawn->share_permille[p],
                                                .room = picture->room + p * FLEET_ROOMS};
    }
}

static void fill_guests(const struct fleet_case *drawn, struct fleet_picture *picture)
{
    for (size_t i = 0; i < drawn->n_items; i++) {
        char *name = picture->names[drawn->n_bins + i];

        snprintf(name, sizeof(picture->names[0]), "g%05zu", i % 100000);
        for (int r = 0; r < FLEET_ROOMS; r++)
            picture->size[i * FLEET_ROOMS + (size_t)r] = drawn->size[i * FLEET_ROOMS + (size_t)r];
        picture->guests[i] = (struct fleet_guest){
            .name = name,
            .home = drawn->home[i],
            .load_milli = PCPUS * drawn->load_permille[i],
            .peak_milli = PCPUS * drawn->load_permille[i],
            .size = picture->size + i * FLEET_ROOMS,
            .allowed = drawn->allowed ? drawn->allowed + i * drawn->n_bins : NULL,
            .together = FLEET_NOWHERE,
            .price = drawn->price[i]};
    }
}

bool fleet_picture_new(const struct fleet_case *drawn, struct fleet_picture *ret)
{
    static const char *const resource[] = {[FLEET_MEMORY] = "memory", [FLEET_VCPUS] = "vCPUs"};
    size_t n = drawn->n_items, m = drawn->n_bins;
    struct fleet_picture picture = {.hosts = calloc(m, sizeof(*picture.hosts)),
                                    .guests = calloc(n, sizeof(*picture.guests)),
                                    .room = calloc(m * FLEET_ROOMS, sizeof(*picture.room)),
                                    .size = calloc(n * FLEET_ROOMS, sizeof(*picture.size)),
                                    .names = calloc(n + m, sizeof(*picture.names))};

    if (!picture.hosts || !picture.guests || !picture.room || !picture.size || !picture.names) {
        fleet_picture_done(&picture);
        return false;
    }
    fill_hosts(drawn, &picture);
    fill_guests(drawn, &picture);
    picture.fleet = (struct fleet){.n_hosts = m,
                                   .n_guests = n,
                                   .n_resources = FLEET_ROOMS,
                                   .resource = resource,
                                   .hosts = picture.hosts,
                                   .guests = picture.guests,
                                   .n_apart = drawn->n_apart,
                                   .apart_first = drawn->apart_first,
                                   .apart_guest = drawn->apart_item};
    *ret = picture;
    return true;
}

void fleet_picture_done(struct fleet_picture *picture)
{
    free(picture->hosts);
    free(picture->guests);
    free(picture->room);
    free(picture->size);
    free(picture->names);
}
