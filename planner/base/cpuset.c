/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/cpuset.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = CPUSET_SIZE / 64 };

void cpuset_add(struct cpuset *set, unsigned cpu)
{
    assert(cpu < CPUSET_SIZE);
    set->word[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

/* The lowest set bit cleared once per member: a few members cost a few steps. */
size_t cpuset_count(const struct cpuset *set)
{
    size_t n = 0;

    for (size_t i = 0; i < WORDS; i++)
        for (uint64_t rest = set->word[i]; rest; rest &= rest - 1)
            n++;
    return n;
}

unsigned cpuset_next(const struct cpuset *set, unsigned from)
{
    while (from < CPUSET_SIZE) {
        uint64_t rest = set->word[from / 64] >> from % 64;

        if (rest & 1)
            return from;
        from = rest ? from + 1 : (from / 64 + 1) * 64;
    }
    return CPUSET_SIZE;
}

void cpuset_or(struct cpuset *set, const struct cpuset *other)
{
    for (size_t i = 0; i < CPUSET_SIZE / 64; i++)
        set->word[i] |= other->word[i];
}

void cpuset_and(struct cpuset *set, const struct cpuset *other)
{
    for (size_t i = 0; i < WORDS; i++)
        set->word[i] &= other->word[i];
}

void cpuset_subtract(struct cpuset *set, const struct cpuset *other)
{
    for (size_t i = 0; i < WORDS; i++)
        set->word[i] &= ~other->word[i];
}

bool cpuset_is_equal(const struct cpuset *a, const struct cpuset *b)
{
    return memcmp(a->word, b->word, sizeof(a->word)) == 0;
}

bool cpuset_is_subset(const struct cpuset *a, const struct cpuset *of)
{
    for (size_t i = 0; i < WORDS; i++)
        if (a->word[i] & ~of->word[i])
            return false;
    return true;
}

void cpuset_from_bytes(struct cpuset *ret, const unsigned char *bytes, size_t n)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < n && i < CPUSET_SIZE / 8; i++)
        ret->word[i / 8] |= (uint64_t)bytes[i] << i % 8 * 8;
}

void cpuset_to_bytes(const struct cpuset *set, unsigned char *bytes, size_t n)
{
    memset(bytes, 0, n);
    for (size_t i = 0; i < n && i < CPUSET_SIZE / 8; i++)
        bytes[i] = (unsigned char)(set->word[i / 8] >> i % 8 * 8 & 0xff);
}

static unsigned run_end(const struct cpuset *set, unsigned first)
{
    while (cpuset_has(set, first + 1))
        first++;
    return first;
}

void cpuset_format(const struct cpuset *set, char *text, size_t size)
{
    static const char cut[] = "...";
    size_t used = 0;

    if (size == 0)
        return;
    text[0] = '\0';
    for (unsigned c = cpuset_next(set, 0); c < CPUSET_SIZE;) {
        char run[24];
        unsigned last = run_end(set, c);
        unsigned next = cpuset_next(set, last + 1);
        const char *comma = used ? "," : "";
        int n = c == last ? snprintf(run, sizeof(run), "%s%u", comma, c)
                          : snprintf(run, sizeof(run), "%s%u-%u", comma, c, last);
        size_t reserve = next < CPUSET_SIZE ? sizeof(cut) : 1;

        if (used + (size_t)n + reserve > size) {
            snprintf(text + used, size - used, "%s", cut);
            return;
        }
        memcpy(text + used, run, (size_t)n + 1);
        used += (size_t)n;
        c = next;
    }
}

/* A number at *at, which moves behind it; CPUSET_SIZE where there is none below CPUSET_SIZE. */
static unsigned parse_number(const char **at)
{
    unsigned number = 0;

    if (**at < '0' || **at > '9')
        return CPUSET_SIZE;
    for (; **at >= '0' && **at <= '9' && number < CPUSET_SIZE; (*at)++)
        number = number * 10 + (unsigned)(**at - '0');
    return number < CPUSET_SIZE ? number : CPUSET_SIZE;
}

int cpuset_parse(const char *text, struct cpuset *ret)
{
    struct cpuset set = {{0}};

    while (*text) {
        unsigned first = parse_number(&text);
        unsigned last = first;

        if (*text == '-') {
            text++;
            last = parse_number(&text);
        }
        if (first == CPUSET_SIZE || last == CPUSET_SIZE || last < first)
            return -EINVAL;
        for (unsigned c = first; c <= last; c++)
            cpuset_add(&set, c);
        if (*text == ',' && text[1])
            text++;
        else if (*text)
            return -EINVAL;
    }
    *ret = set;
    return 0;
}
