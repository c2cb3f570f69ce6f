/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/bus_names.h"

#define NAMES(name)                                                                                \
    {                                                                                              \
        "dev.evenkeel." name, "/dev/evenkeel/" name, "dev.evenkeel." name,                         \
            "dev.evenkeel." name ".Control"                                                        \
    }

const struct bus_names *bus_names_of(enum program program)
{
    static const struct bus_names names[] = {
        [PROGRAM_VCPU] = NAMES("VcpuScheduler1"), [PROGRAM_MEMORY] = NAMES("MemoryCoordinator1")};

    return &names[program];
}
