/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/fleet/cib_parts.h"

enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60 };
enum { ZONES_S = 14 * HOUR_S }; /* no clock on earth is further from UTC */

/* Days since 1970 in the Gregorian calendar; years count from March, so that a leap day is the last of one. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

    return 365 * y + y / 4 - y / 100 + y / 400 + in_year - 719468;
}

static bool is_date(int year, int month, int day)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* "Z", "+01:00", or nothing: in the cluster's own zone, which nobody tells. Seconds to add; -EINVAL: neither. */
static int read_zone(const char *text, int *ret_s, bool *is_known)
{
    int hours, minutes = 0, n = 0;

    while (*text == ' ')
        text++;
    *ret_s = 0;
    *is_known = text[0] != '\0';
    if (!text[0] || strcmp(text, "Z") == 0)
        return 0;
    if ((text[0] != '+' && text[0] != '-') ||
        sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 || text[1 + n] || hours < 0 ||
        hours > 14 || minutes < 0 || minutes > 59)
        return -EINVAL;
    *ret_s = (hours * HOUR_S + minutes * MINUTE_S) * (text[0] == '+' ? -1 : 1);
    return 0;
}

/* The earliest and the latest second that it may mean. */
static int read_time(const char *text, int64_t *ret_from, int64_t *ret_to)
{
    int year, month, day, hour = 0, minute = 0, second = 0, n = 0, more = 0, zone_s;
    bool is_known;
    int64_t at;

    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 || n != 10 ||
        !is_date(year, month, day))
        return -EINVAL;
    if (text[n] && (sscanf(text + n, "%*1[ T]%2d:%2d:%2d%n", &hour, &minute, &second, &more) != 3 ||
                    more != 9))
        return -EINVAL;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        read_zone(text + n + more, &zone_s, &is_known) < 0)
        return -EINVAL;
    at = days_of(year, month, day) * DAY_S + hour * HOUR_S + minute * MINUTE_S + second + zone_s;
    *ret_from = is_known ? at : at - ZONES_S;
    *ret_to = is_known ? at : at + ZONES_S;
    return 0;
}

/* -1: now is before it, 0: at it, 1: after it. */
static int side_of(const char *text, int64_t now_s, int *ret)
{
    int64_t from, to;

    if (read_time(text, &from, &to) < 0 || (from != to && now_s >= from && now_s <= to))
        return -ENOTSUP;
    *ret = now_s < from ? -1 : now_s > to;
    return 0;
}

int cib_date(const xmlNode *expression, int64_t now_s, bool *ret)
{
    const char *operation = cib_attribute(expression, "operation");
    const char *start = cib_attribute(expression, "start"), *end = cib_attribute(expression, "end");
    bool is_range = !operation[0] || strcmp(operation, "in_range") == 0;
    bool is_after = strcmp(operation, "gt") == 0, is_before = strcmp(operation, "lt") == 0;
    int from = 1, to = -1;

    if (cib_next(expression, NULL, NULL) || (!is_range && !is_after && !is_before) ||
        (is_after && !start[0]) || (is_before && !end[0]) || (is_range && !start[0] && !end[0]))
        return -ENOTSUP;
    if (start[0] && !is_before && side_of(start, now_s, &from) < 0)
        return -ENOTSUP;
    if (end[0] && !is_after && side_of(end, now_s, &to) < 0)
        return -ENOTSUP;
    *ret = is_range ? from >= 0 && to <= 0 : from > 0 && to < 0;
    return 0;
}
