/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Characters that hide, reverse or forge what stands beside them. Unicode 15: the controls (Cc),
 * the format characters (Cf) that show nothing, and Default_Ignorable_Code_Point. */
static const struct {
    unsigned from, to;
} unseen[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
    {0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_unseen(unsigned character)
{
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
        if (character >= unseen[i].from && character <= unseen[i].to)
            return true;
    }
    return false;
}

/* Halves of pairs of another encoding, and what lies beyond all characters. */
static bool is_none(unsigned character)
{
    return (character >= 0xd800 && character <= 0xdfff) || character > 0x10ffff;
}

/* The character at text and its length; 0 where the bytes are not UTF-8 (RFC 3629). */
static size_t decode(const char *text, unsigned *ret)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800,
                                     0x10000}; /* by length: else it is overlong */
    unsigned char head = (unsigned char)*text;
    size_t n = head < 0x80 ? 1 : head < 0xc0 ? 0 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : 4;
    unsigned character = n == 1 ? head : head & (0x7fu >> n);

    for (size_t i = 1; i < n; i++) {
        if (!is_tail(text[i]))
            return 0;
        character = character << 6 | ((unsigned char)text[i] & 0x3f);
    }
    *ret = character;
    return n && character >= least[n] && head < 0xf8 ? n : 0;
}

/* Both edits below: those that are not to stay become '?'. */
static void replace(char *text, bool stays_unseen)
{
    const char *from = text;
    char *to = text;

    while (*from) {
        unsigned character = 0;
        size_t n = decode(from, &character);

        if (!n || is_none(character) || (is_unseen(character) && !stays_unseen))
            *to++ = '?';
        else
            to = (char *)memmove(to, from, n) + n;
        from += n ? n : 1;
    }
    *to = '\0';
}

void text_printable(char *text)
{
    replace(text, false);
}

void text_valid(char *text)
{
    replace(text, true);
}

bool text_is_word(const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+@:";

    return text[0] && text[0] != '-' && strspn(text, plain) == strlen(text);
}

bool text_is_valid(const char *text)
{
    while (*text) {
        unsigned character;
        size_t n = decode(text, &character);

        if (n == 0 || is_none(character))
            return false;
        text += n;
    }
    return true;
}

static size_t escape(unsigned character, char ret[13])
{
    if (character < 0x10000)
        return (size_t)snprintf(ret, 13, "\\u%04x", character);
    character -= 0x10000;
    return (size_t)snprintf(ret, 13, "\\u%04x\\u%04x", 0xd800 + (character >> 10),
                            0xdc00 + (character & 0x3ff));
}

/* ret may be NULL. Structure is ASCII that is seen, so what is not seen is inside a string. */
static size_t escape_all(const char *text, char *ret)
{
    size_t used = 0;

    while (*text) {
        unsigned character = 0;
        size_t n = decode(text, &character), more = n ? n : 1;
        char escaped[13];

        if (n && is_unseen(character)) {
            more = escape(character, escaped);
            if (ret)
                memcpy(ret + used, escaped, more);
        } else if (ret) {
            memcpy(ret + used, text, more);
        }
        used += more;
        text += n ? n : 1;
    }
    if (ret)
        ret[used] = '\0';
    return used;
}

size_t text_escaped_size(const char *text)
{
    return escape_all(text, NULL) + 1;
}

size_t text_escape(const char *text, char *ret)
{
    return escape_all(text, ret);
}

const char *text_shown(const char *text, char *ret, size_t size)
{
    size_t n = strnlen(text, size - 1);

    memcpy(ret, text, n);
    ret[n] = '\0';
    text_trim_utf8(ret);
    text_printable(ret);
    return ret;
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
    for (wide = columns(ret); pad && wide < width; wide++)
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

const char *text_plural(size_t n)
{
    return n == 1 ? "" : "s";
}

size_t text_columns(const char *text, size_t n)
{
    size_t columns = 0;

    for (size_t i = 0; i < n; i++)
        columns += !is_tail(text[i]);
    return columns;
}

/* Digits without zeros in front of them; of two numbers the longer one is larger. */
static size_t digits(const char **text)
{
    *text += strspn(*text, "0");
    return strspn(*text, "0123456789");
}

int text_compare(const char *a, const char *b)
{
    const char *left = a, *right = b;

    while (*left && *right) {
        if (*left >= '0' && *left <= '9' && *right >= '0' && *right <= '9') {
            size_t n = digits(&left), m = digits(&right);
            int order = n != m ? (n < m ? -1 : 1) : strncmp(left, right, n);

            if (order)
                return order;
            left += n;
            right += n;
        } else if (*left != *right) {
            break;
        } else {
            left++;
            right++;
        }
    }
    if (*left != *right)
        return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
    return strcmp(a, b);
}

const char text_unknown_option[] =
    "an option is not known or its value is missing; --help lists them";

void text_mistake(char *said, size_t size, const char *sentence, const char *word)
{
    if (!said[0])
        snprintf(said, size, "%s: '%.60s'", sentence, word);
    text_printable(said);
}
