/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/base64.h"

#include <errno.h>
#include <stdint.h>

static int value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four of the alphabet are three bytes; '=' stands for what is missing of the last four. */
int base64_decode(char *text, size_t *n)
{
    size_t in = 0, out = 0, pads = 0;
    uint32_t bits = 0;
    int held = 0;

    for (; in < *n; in++) {
        unsigned char c = (unsigned char)text[in];
        int value = value_of(c);

        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        if (c == '=' && held >= 2 && held + (int)pads < 4) {
            pads++;
            continue;
        }
        if (value < 0 || pads > 0)
            return -EINVAL;
        bits = bits << 6 | (uint32_t)value;
        if (++held < 4)
            continue;
        text[out++] = (char)(bits >> 16 & 0xff);
        text[out++] = (char)(bits >> 8 & 0xff);
        text[out++] = (char)(bits & 0xff);
        held = 0;
        bits = 0;
    }
    if ((held != 0 || pads > 0) && held + (int)pads != 4)
        return -EINVAL;
    if (held >= 2)
        text[out++] = (char)(bits >> (held == 3 ? 10 : 4) & 0xff);
    if (held == 3)
        text[out++] = (char)(bits >> 2 & 0xff);
    *n = out;
    return 0;
}
