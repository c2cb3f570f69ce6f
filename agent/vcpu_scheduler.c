/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/program.h"
#include "agent/vcpu_loop.h"

int main(int argc, char **argv)
{
    return program_main(PROGRAM_VCPU, argc, argv, vcpu_loop_run);
}
