/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_HASH_H
#define EVENKEEL_AGENT_BASE_HASH_H

#include <stdint.h>
#include <string.h>

#include "planner/base/guest.h"

/* FNV-1a, of 64 bits: whether something is what it was before. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

static inline void hash_bytes(uint64_t *hash, const void *bytes, size_t n)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < n; i++)
        *hash = (*hash ^ byte[i]) * UINT64_C(0x100000001b3);
}

static inline void hash_guest(uint64_t *hash, const struct guest_id *guest)
{
    hash_bytes(hash, guest->uuid, sizeof(guest->uuid));
    hash_bytes(hash, guest->name, strlen(guest->name) + 1);
}

#endif
