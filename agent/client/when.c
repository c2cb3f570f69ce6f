/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/client/when.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/client/client.h"

/* "2h", or as people say it: "2h ago". */
static bool parse_ago(const char *text, uint64_t *ret_s)
{
    static const char ago[] = " ago";
    size_t n = strlen(text), m = strlen(ago);
    char span[32];

    if (n > m && strcmp(text + n - m, ago) == 0)
        n -= m;
    return (size_t)snprintf(span, sizeof(span), "%.*s", (int)n, text) < sizeof(span) &&
           client_duration(span, ret_s) == 0;
}

/* Hours, minutes and maybe seconds; "" is midnight. */
static bool parse_clock(const char *text, struct tm *parts)
{
    char end;

    parts->tm_hour = parts->tm_min = parts->tm_sec = 0;
    if (!text[0])
        return true;
    if (strspn(text, "0123456789:") != strlen(text) ||
        (sscanf(text, "%2d:%2d%c", &parts->tm_hour, &parts->tm_min, &end) != 2 &&
         sscanf(text, "%2d:%2d:%2d%c", &parts->tm_hour, &parts->tm_min, &parts->tm_sec, &end) != 3))
        return false;
    return parts->tm_hour < 24 && parts->tm_min < 60 && parts->tm_sec < 60;
}

static bool parse_date(const char *text, struct tm *parts)
{
    int n = 0;

    if (strlen(text) < 10 || strspn(text, "0123456789-") < 10 ||
        sscanf(text, "%4d-%2d-%2d%n", &parts->tm_year, &parts->tm_mon, &parts->tm_mday, &n) != 3 ||
        n != 10 || parts->tm_mon < 1 || parts->tm_mon > 12 || parts->tm_mday < 1 ||
        parts->tm_mday > 31)
        return false;
    parts->tm_year -= 1900;
    parts->tm_mon--;
    return !text[10] || ((text[10] == ' ' || text[10] == 'T') && text[11]);
}

int when_clock(const char *text, int64_t now_s, int64_t *ret_s)
{
    time_t now = (time_t)now_s;
    struct tm parts;
    int64_t at_s;
    int day;

    if (!localtime_r(&now, &parts))
        return -EINVAL;
    parts.tm_isdst = -1;
    if (text[0] && parse_clock(text, &parts)) {
        *ret_s = (int64_t)mktime(&parts);
        if (*ret_s <= now_s)
            return 0;
        parts.tm_mday--; /* it was yesterday */
        parts.tm_isdst = -1;
        *ret_s = (int64_t)mktime(&parts);
        return 0;
    }
    if (!parse_date(text, &parts) || !parse_clock(text[10] ? text + 11 : "", &parts))
        return -EINVAL;
    day = parts.tm_mday;
    at_s = (int64_t)mktime(&parts);
    if (parts.tm_mday != day)
        return -EINVAL; /* there is no such day */
    *ret_s = at_s;
    return 0;
}

int when_parse(const char *text, int64_t now_s, int64_t *ret_s)
{
    uint64_t ago_s;

    if (!parse_ago(text, &ago_s))
        return when_clock(text, now_s, ret_s);
    *ret_s = now_s - (int64_t)ago_s;
    return 0;
}

const char *when_text(int64_t at_s, char *ret, size_t size)
{
    time_t at = (time_t)at_s;
    struct tm parts;

    if (!localtime_r(&at, &parts) || strftime(ret, size, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(ret, size, "?");
    return ret;
}
