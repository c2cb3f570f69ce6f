/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/place.h"

#include <errno.h>
#include <stdio.h>

int place_path(const struct scenario_place *place, const char *member, const char *name,
               char ret[PLACE_PATH_SIZE], struct err *err)
{
    if (!place)
        return err_set(err, -EINVAL,
                       "scenario: \"%s\": other files are read only for a scenario that is a file "
                       "itself",
                       member);
    snprintf(ret, PLACE_PATH_SIZE, "%s%s%s", name[0] == '/' ? "" : place->folder,
             name[0] == '/' ? "" : "/", name);
    return 0;
}
