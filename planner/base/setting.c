/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/setting.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

double setting_get(const struct setting *setting, const void *from)
{
    const char *place = (const char *)from + setting->offset;
    double number;
    uint64_t count;
    bool is_on;

    switch (setting->kind) {
    case SETTING_COUNT:
        memcpy(&count, place, sizeof(count));
        return (double)count;
    case SETTING_SWITCH:
        memcpy(&is_on, place, sizeof(is_on));
        return is_on;
    default:
        memcpy(&number, place, sizeof(number));
        return number;
    }
}

void setting_put(const struct setting *setting, double value, void *ret)
{
    char *place = (char *)ret + setting->offset;
    uint64_t count = setting->kind == SETTING_COUNT ? (uint64_t)value : 0;
    bool is_on = value > 0;

    switch (setting->kind) {
    case SETTING_COUNT:
        memcpy(place, &count, sizeof(count));
        break;
    case SETTING_SWITCH:
        memcpy(place, &is_on, sizeof(is_on));
        break;
    default:
        memcpy(place, &value, sizeof(value));
    }
}

void setting_defaults(const struct setting *table, size_t n, void *ret)
{
    for (size_t i = 0; i < n; i++)
        setting_put(&table[i], table[i].standard, ret);
}

int setting_check(const struct setting *table, size_t n, const void *from, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct setting *setting = &table[i];
        double value = setting_get(setting, from);

        if (!(value >= setting->min && value <= setting->max))
            return err_set(err, -EINVAL, "%s is %g, but has to lie between %g and %g",
                           setting->name, value, setting->min, setting->max);
    }
    return 0;
}
