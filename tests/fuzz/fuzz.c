/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(bool holds, const char *claim)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", claim);
    abort();
}

uint64_t take(struct bytes *bytes, unsigned n)
{
    uint64_t value = 0;

    for (; n > 0; n--) {
        value <<= 8;
        if (!bytes->left)
            continue;
        value |= *bytes->at++;
        bytes->left--;
    }
    return value;
}

int take_between(struct bytes *bytes, int low, int high)
{
    uint64_t span = (uint64_t)((int64_t)high - low) + 1;

    return (int)(low + (int64_t)(take(bytes, span <= 256 ? 1 : span <= 65536 ? 2 : 4) % span));
}

uint64_t take_strange(struct bytes *bytes)
{
    static const uint64_t corners[] = {0, UINT64_C(1) << 31, UINT64_C(1) << 32, UINT64_C(1) << 63};
    unsigned kind = (unsigned)take(bytes, 1);

    if (kind % 8 < 4)
        return corners[kind % 4] + (kind / 8) - 16;
    return take(bytes, kind % 8 == 4 ? 8 : kind % 8 - 4 + 1);
}

char *take_text(struct bytes *bytes, uint8_t end)
{
    const uint8_t *stop = bytes->left ? memchr(bytes->at, end, bytes->left) : NULL;
    size_t n = stop ? (size_t)(stop - bytes->at) : bytes->left;
    char *text = calloc(1, n + 1);

    must(text, "there is memory");
    for (size_t i = 0; i < n; i++)
        text[i] = bytes->at[i] ? (char)bytes->at[i] : ' ';
    bytes->at += n + (stop != NULL);
    bytes->left -= n + (stop != NULL);
    return text;
}
