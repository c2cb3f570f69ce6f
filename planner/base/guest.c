/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/guest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int guest_compare(const struct guest_id *a, const struct guest_id *b)
{
    return memcmp(a->uuid, b->uuid, sizeof(a->uuid));
}

bool guest_is_in(const struct guest_id *guests, size_t n, const struct guest_id *guest)
{
    for (size_t i = 0; i < n; i++)
        if (guest_compare(&guests[i], guest) == 0)
            return true;
    return false;
}

static bool has_hyphen_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void guest_uuid_text(const struct guest_id *guest, char text[GUEST_UUID_SIZE])
{
    char *at = text;

    for (size_t i = 0; i < sizeof(guest->uuid); i++)
        at += snprintf(at, (size_t)(text + GUEST_UUID_SIZE - at), "%s%02x",
                       has_hyphen_before(i) ? "-" : "", guest->uuid[i]);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)((at - digits) % 16) : -1;
}

int guest_uuid_parse(const char *text, unsigned char uuid[16])
{
    unsigned char parsed[16];

    for (size_t i = 0; i < sizeof(parsed); i++) {
        if (has_hyphen_before(i) && *text++ != '-')
            return -EINVAL;
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return -EINVAL;
        parsed[i] = (unsigned char)(high * 16 + low);
        text += 2;
    }
    if (*text)
        return -EINVAL;
    memcpy(uuid, parsed, sizeof(parsed));
    return 0;
}
