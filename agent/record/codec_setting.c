/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/codec_setting.h"

#include <errno.h>
#include <stdint.h>

#include "agent/base/json_values.h"

static json_t *write_one(const struct setting *setting, const void *from)
{
    double value = setting_get(setting, from);

    switch (setting->kind) {
    case SETTING_COUNT:
        return json_from_count((uint64_t)value);
    case SETTING_SWITCH:
        return json_boolean(value > 0);
    default:
        return json_from_number(value);
    }
}

static int read_one(const json_t *value, const struct setting *setting, void *ret)
{
    double number;
    uint64_t count;
    int r;

    switch (setting->kind) {
    case SETTING_COUNT:
        r = json_to_count(value, &count);
        number = r < 0 ? 0 : (double)count;
        break;
    case SETTING_SWITCH:
        r = json_is_boolean(value) ? 0 : -EINVAL;
        number = json_is_true(value);
        break;
    default:
        r = json_to_number(value, &number);
    }
    if (r == 0)
        setting_put(setting, number, ret);
    return r;
}

int codec_setting_write(json_t *object, const struct setting *table, size_t n, const void *from)
{
    int failures = 0;

    for (size_t i = 0; i < n; i++)
        failures += json_object_set_new(object, table[i].name, write_one(&table[i], from)) < 0;
    return failures;
}

int codec_setting_read(const json_t *object, const struct setting *table, size_t n, void *ret,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_object_get(object, table[i].name);

        if (!value && table[i].is_optional)
            setting_put(&table[i], table[i].standard, ret);
        else if (read_one(value, &table[i], ret) < 0)
            return err_set(err, -EINVAL, "'%s' is missing or of the wrong kind", table[i].name);
    }
    return 0;
}
