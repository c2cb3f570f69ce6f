/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/shape.h"

const char *topology_level_text(enum topology_level level)
{
    static const char *const texts[TOPOLOGY_LEVELS] = {
        [TOPOLOGY_LEVEL_PCPU] = "pcpu", [TOPOLOGY_LEVEL_CORE] = "core",
        [TOPOLOGY_LEVEL_LLC] = "llc",   [TOPOLOGY_LEVEL_NODE] = "node",
        [TOPOLOGY_LEVEL_HOST] = "host",
    };

    return texts[level];
}
