/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/memory_loop.h"
#include "agent/program.h"

int main(int argc, char **argv)
{
    return program_main(PROGRAM_MEMORY, argc, argv, memory_loop_run);
}
