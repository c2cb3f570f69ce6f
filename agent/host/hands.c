/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/hands.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/root_file.h"

/* The kernel keeps this much of a process's name (TASK_COMM_LEN). */
enum { COMM_SIZE = 16, TEXT_SIZE = 512, WORDS_SIZE = 8192 };

struct hand_row {
    const char *name;
    const char *comm; /* of its process; NULL: it is none */
    int rival_of;     /* programs that cannot share with it: bits of enum program */
    const char *advice;
};
enum { VCPU = 1 << PROGRAM_VCPU, MEMORY = 1 << PROGRAM_MEMORY };

static const struct hand_row rows[HANDS] = {
    [HAND_NUMAD] = {"numad", "numad", VCPU,
                    "it pins guests' threads and leaves its pins behind: stop it, or have it leave "
                    "QEMU alone (numad -x)"},
    [HAND_IRQBALANCE] = {"irqbalance", "irqbalance", 0,
                         "it moves interrupts and no guests: both may go on"},
    [HAND_KSMTUNED] =
        {"ksmtuned", "ksmtuned", 0,
         "guests' equal pages are merged, and take memory again when they are written: "
         "keep a larger reserve"},
    [HAND_MOM] = {"mom", "momd", MEMORY,
                  "it moves guests' balloons: stop it, or the memory coordinator"},
    [HAND_VDSM] =
        {"vdsm", "vdsmd", MEMORY,
         "it moves guests' balloons where the cluster has that switched on: switch it off "
         "there"},
    [HAND_PROXMOX] = {"proxmox", "pvestatd", MEMORY,
                      "it moves the balloons of guests whose shares are not 0: set them to 0"},
    [HAND_SECOND] = {"second_instance", NULL, 0,
                     "another instance of this program runs: only one of them may act on a guest"},
    [HAND_NUMA_BALANCING] = {"numa_balancing", NULL, 0,
                             "the kernel moves guests' memory to where they run: both may go on"},
    [HAND_SCHED_EXT] =
        {"sched_ext", NULL, 0,
         "a scheduler of sched_ext decides among the pCPUs that pins leave: waiting may "
         "be other than expected"},
    [HAND_HIDDEN] =
        {"hidden_processes", NULL, VCPU | MEMORY,
         "processes of others cannot be seen (hidepid), so nobody knows whether numad or the like "
         "runs: mount /proc with gid= a group of whoever asks, or ask as root"},
};

const char *hand_name(enum hand hand)
{
    return rows[hand].name;
}

const char *hand_advice(enum hand hand)
{
    return rows[hand].advice;
}

bool hand_is_rival(enum hand hand, enum program program)
{
    return rows[hand].rival_of & 1 << program;
}

/* vdsm is started as an argument of python3, and so named. */
static void see_script(const char *root, const char *pid, char comm[TEXT_SIZE])
{
    char path[64], text[TEXT_SIZE] = "";
    const char *script, *name;

    snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
    if (root_file_text(root, path, text, sizeof(text)) < 0)
        return;
    script = text + strlen(text) + 1; /* words end with a zero byte each */
    if (script >= text + sizeof(text))
        return;
    name = strrchr(script, '/');
    snprintf(comm, TEXT_SIZE, "%s", name ? name + 1 : script);
}

/* One that only looks or tells governs no host and takes no lock. A command line that cannot be read
 * is taken for one that acts. */
static bool may_act(const char *root, const char *pid)
{
    static const char *const tame[] = {"--simulate", "--replay",       "--dry-run",      "--no-act",
                                       "--help",     "--show-config",  "--check-config", "-h",
                                       "--version",  "--show-topology"};
    char path[64], text[WORDS_SIZE] = "";

    snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
    if (root_file_text(root, path, text, sizeof(text) - 1) < 0)
        return true;
    for (const char *word = text; *word; word += strlen(word) + 1)
        for (size_t i = 0; i < sizeof(tame) / sizeof(tame[0]); i++)
            if (strlen(tame[i]) == strcspn(word, "=") &&
                strncmp(word, tame[i], strlen(tame[i])) == 0)
                return false;
    return true;
}

static unsigned hand_of(const char *root, const char *pid, const char *second, long self_pid)
{
    char path[64], comm[TEXT_SIZE];

    snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
    if (root_file_text(root, path, comm, sizeof(comm)) < 0)
        return 0;
    if (strncmp(comm, "python", 6) == 0)
        see_script(root, pid, comm);
    if (strncmp(comm, second, COMM_SIZE - 1) == 0 && strtol(pid, NULL, 10) != self_pid)
        return may_act(root, pid) ? 1u << HAND_SECOND : 0;
    for (int h = 0; h < HANDS; h++)
        if (rows[h].comm && strcmp(comm, rows[h].comm) == 0)
            return 1u << h;
    return 0;
}

/* The first process is always there, and somebody else's. */
static bool are_hidden(const char *root)
{
    char comm[TEXT_SIZE];

    return root_file_text(root, "/proc/1/comm", comm, sizeof(comm)) < 0;
}

static bool is_on(const char *root, const char *path, const char *off)
{
    char text[TEXT_SIZE];

    return root_file_text(root, path, text, sizeof(text)) >= 0 && strcmp(text, off) != 0;
}

unsigned hands_read(const char *root, enum program program, long self_pid)
{
    char path[ROOT_PATH_SIZE];
    struct dirent *entry;
    unsigned hands = 0;
    DIR *processes;

    snprintf(path, sizeof(path), "%s/proc", root);
    processes = opendir(path);
    while (processes && (entry = readdir(processes)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            hands |= hand_of(root, entry->d_name, program_name(program), self_pid);
    if (processes)
        closedir(processes);
    if (are_hidden(root))
        hands |= 1u << HAND_HIDDEN;
    if (is_on(root, "/proc/sys/kernel/numa_balancing", "0"))
        hands |= 1u << HAND_NUMA_BALANCING;
    if (is_on(root, "/sys/kernel/sched_ext/state", "disabled"))
        hands |= 1u << HAND_SCHED_EXT;
    return hands;
}
