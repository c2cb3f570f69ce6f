/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/text.h"

#include <stdbool.h>
#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

void text_printable(char *text)
{
    for (char *c = text; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        unsigned char next = (unsigned char)c[1];

        if (byte < 0x20 || byte == 0x7f)
            *c = '?';
        else if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
            c[0] = c[1] = '?';
    }
}

void text_trim_utf8(char *text)
{
    size_t n = strlen(text);
    size_t tail = 0;
    unsigned char head;
    size_t need;

    while (tail < n && tail < 3 && is_tail(text[n - 1 - tail]))
        tail++;
    if (tail == n)
        return;
    head = (unsigned char)text[n - 1 - tail];
    need = head >= 0xf0 ? 3 : head >= 0xe0 ? 2 : head >= 0xc0 ? 1 : 0;
    if (need > tail)
        text[n - 1 - tail] = '\0';
}

static size_t columns(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += !is_tail(*text);
    return n;
}

/* The start of the character in column n, or the end. */
static const char *at_column(const char *text, size_t n)
{
    for (; *text; text++) {
        if (is_tail(*text))
            continue;
        if (n-- == 0)
            break;
    }
    return text;
}

static size_t append(char *ret, size_t used, size_t size, const char *from, size_t n)
{
    if (used + n >= size)
        n = size - used - 1;
    memcpy(ret + used, from, n);
    ret[used + n] = '\0';
    return used + n;
}

void text_column(const char *name, size_t width, int pad, char *ret, size_t size)
{
    size_t wide = columns(name);
    size_t used = 0;

    if (wide <= width || width < 4) {
        used = append(ret, 0, size, name, (size_t)(at_column(name, width) - name));
    } else {
        size_t head = (width - 2) * 2 / 3;
        const char *tail = at_column(name, wide - (width - 2 - head));

        used = append(ret, 0, size, name, (size_t)(at_column(name, head) - name));
        used = append(ret, used, size, "..", 2);
        used = append(ret, used, size, tail, strlen(tail));
    }
    text_printable(ret);
    for (; pad && wide < width; wide++)
        used = append(ret, used, size, " ", 1);
}

void text_bar(double done, double upto, size_t width, char *ret)
{
    for (size_t i = 0; i < width; i++) {
        double share = ((double)i + 0.5) / (double)width;

        ret[i] = share < done ? '#' : share < upto ? '.' : ' ';
    }
    ret[width] = '\0';
}
