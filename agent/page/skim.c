/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/skim.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"

enum { MAX_DEPTH = 64 };

void skim_begin(struct skim *skim, const char *text, size_t n)
{
    *skim = (struct skim){.at = text, .end = text + n};
}

static bool fail(struct skim *skim)
{
    skim->failed = true;
    skim->at = skim->end;
    return false;
}

/* The next character that means something; '\0' at the end. */
static char peek(struct skim *skim)
{
    while (skim->at < skim->end && strchr(" \t\r\n", *skim->at) && *skim->at)
        skim->at++;
    return skim->at < skim->end ? *skim->at : '\0';
}

/* Behind the opening quote; leaves the string behind the closing one. */
static bool pass_string(struct skim *skim, struct skim_part *ret)
{
    const char *begin = skim->at, *quote = begin;

    for (;;) {
        const char *back = NULL;

        quote = memchr(quote, '"', (size_t)(skim->end - quote));
        if (!quote)
            return fail(skim);
        for (back = quote; back > begin && back[-1] == '\\'; back--)
            ;
        if ((quote - back) % 2 == 0)
            break;
        quote++;
    }
    *ret = (struct skim_part){begin, (size_t)(quote - begin)};
    skim->at = quote + 1;
    return true;
}

/* A number or a word; an empty one is none. */
static bool pass_word(struct skim *skim)
{
    const char *begin = skim->at;

    skim->at += strcspn(begin, ",]}: \t\r\n\"[{");
    return skim->at > begin || fail(skim);
}

void skim_pass(struct skim *skim)
{
    char open[MAX_DEPTH];
    size_t depth = 0;

    if (peek(skim) != '{' && peek(skim) != '[' && peek(skim) != '"') {
        pass_word(skim);
        return;
    }
    do {
        struct skim_part ignored;
        char c;

        skim->at += strcspn(skim->at, "\"{}[]");
        if (!*skim->at) {
            fail(skim);
            return;
        }
        c = *skim->at++;
        if (c == '"') {
            if (!pass_string(skim, &ignored))
                return;
        } else if (c == '{' || c == '[') {
            if (depth == MAX_DEPTH) {
                fail(skim);
                return;
            }
            open[depth++] = c;
        } else if (depth == 0 || open[depth - 1] != (c == '}' ? '{' : '[')) {
            fail(skim);
            return;
        } else {
            depth--;
        }
    } while (depth > 0);
}

static bool step_into(struct skim *skim, char open)
{
    if (skim->failed)
        return false;
    if (peek(skim) != open) {
        skim_pass(skim);
        return false;
    }
    skim->at++;
    return true;
}

bool skim_object(struct skim *skim)
{
    return step_into(skim, '{');
}

bool skim_array(struct skim *skim)
{
    return step_into(skim, '[');
}

/* Commas are passed over; whether there is one is not minded. */
static bool next(struct skim *skim, char close)
{
    char c;

    if (skim->failed)
        return false;
    while ((c = peek(skim)) == ',')
        skim->at++;
    if (c == '\0')
        return fail(skim);
    if (c != close)
        return true;
    skim->at++;
    return false;
}

bool skim_member(struct skim *skim, struct skim_part *ret_name)
{
    if (!next(skim, '}'))
        return false;
    if (*skim->at++ != '"' || !pass_string(skim, ret_name) || peek(skim) != ':')
        return fail(skim);
    skim->at++;
    return peek(skim) != '\0' || fail(skim);
}

bool skim_element(struct skim *skim)
{
    return next(skim, ']');
}

bool skim_number(struct skim *skim, double *ret)
{
    char c = peek(skim), *end;
    double value;

    if (c != '-' && (c < '0' || c > '9')) {
        skim_pass(skim);
        return false;
    }
    value = strtod(skim->at, &end);
    if (end > skim->end || !pass_word(skim) || end != skim->at)
        return false;
    *ret = value;
    return true;
}

bool skim_count(struct skim *skim, uint64_t *ret)
{
    const char *at;
    uint64_t value = 0;

    peek(skim);
    at = skim->at;
    for (; at < skim->end && *at >= '0' && *at <= '9' && value < UINT64_MAX / 10 - 1; at++)
        value = 10 * value + (uint64_t)(*at - '0');
    skim_pass(skim);
    if (skim->failed || skim->at != at)
        return false;
    *ret = value;
    return true;
}

bool skim_string(struct skim *skim, struct skim_part *ret)
{
    if (peek(skim) != '"') {
        skim_pass(skim);
        return false;
    }
    skim->at++;
    return pass_string(skim, ret);
}

bool skim_is(const struct skim_part *part, const char *text)
{
    return strlen(text) == part->n && memcmp(part->at, text, part->n) == 0;
}

const char *skim_text(const struct skim_part *part, char *ret, size_t size)
{
    /* Its quotes stand around it. */
    json_t *value = json_loadb(part->at - 1, part->n + 2, JSON_DECODE_ANY, NULL);
    const char *text = json_string_value(value);

    text_shown(text ? text : "", ret, size);
    json_decref(value);
    return ret;
}
