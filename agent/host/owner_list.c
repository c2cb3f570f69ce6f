/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/owner_list.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One number at *text, which moves behind it. */
static bool take_number(const char **text, unsigned long *ret)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *ret = strtoul(*text, &end, 10);
    *text = end;
    return errno == 0 && *ret <= UINT_MAX;
}

/* "3", "0-3" or "^2". */
static bool take_item(const char **text, struct cpuset *set)
{
    bool is_out = **text == '^';
    unsigned long first, last;

    *text += is_out;
    if (!take_number(text, &first))
        return false;
    last = first;
    if (!is_out && **text == '-') {
        ++*text;
        if (!take_number(text, &last) || last < first)
            return false;
    }
    for (unsigned long c = first; c <= last && c < CPUSET_SIZE; c++) {
        if (is_out)
            set->word[c / 64] &= ~(UINT64_C(1) << c % 64);
        else
            cpuset_add(set, (unsigned)c);
    }
    return true;
}

bool owner_list_parse(const char *text, struct cpuset *ret)
{
    static const char blanks[] = " \t\n";
    struct cpuset set = {0};

    for (;;) {
        text += strspn(text, blanks);
        if (!take_item(&text, &set))
            return false;
        text += strspn(text, blanks);
        if (!*text)
            break;
        if (*text++ != ',')
            return false;
    }
    *ret = set;
    return true;
}
