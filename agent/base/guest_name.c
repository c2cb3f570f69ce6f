/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/guest_name.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/text.h"

enum { HEAD_BYTES = 24, TAIL_BYTES = GUEST_SHOWN_SIZE - 1 - 2 - HEAD_BYTES };

/* Where the last so many bytes begin, not in the middle of a character. */
static const char *tail_of(const char *text)
{
    const char *tail = text + strlen(text) - TAIL_BYTES;

    while (((unsigned char)*tail & 0xc0) == 0x80)
        tail++;
    return tail;
}

void guest_name_set(struct guest_id *ret, const char *true_name)
{
    char whole[GUEST_NAME_SIZE], head[HEAD_BYTES + 1];

    memset(ret->name, 0, sizeof(ret->name));
    memset(ret->true_name, 0, sizeof(ret->true_name));
    if ((size_t)snprintf(whole, sizeof(whole), "%s", true_name) >= sizeof(whole))
        text_trim_utf8(whole);
    memcpy(ret->true_name, whole, strlen(whole));
    text_printable(whole);
    if (strlen(whole) < sizeof(ret->name)) {
        memcpy(ret->name, whole, strlen(whole) + 1);
    } else {
        text_shown(whole, head, sizeof(head));
        snprintf(ret->name, sizeof(ret->name), "%s..%s", head, tail_of(whole));
    }
    if (strcmp(ret->name, ret->true_name) == 0)
        memset(ret->true_name, 0, sizeof(ret->true_name));
}

const char *guest_name_true(const struct guest_id *guest)
{
    return guest->true_name[0] ? guest->true_name : guest->name;
}

bool guest_is_called(const struct guest_id *guest, const char *name)
{
    unsigned char uuid[sizeof(guest->uuid)];

    if (guest_uuid_parse(name, uuid) == 0)
        return memcmp(guest->uuid, uuid, sizeof(uuid)) == 0;
    return strcmp(guest_name_true(guest), name) == 0;
}
