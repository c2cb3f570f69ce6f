/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What evenkeelctl doctor sees of libvirt, guests and pCPUs by itself. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/owned_file.h"
#include "agent/client/doctor.h"
#include "agent/host/host_real.h"
#include "agent/host/local_host.h"

static bool is_member(const struct passwd *user, gid_t gid)
{
    const struct group *group;

    if (user->pw_gid == gid)
        return true;
    /* cppcheck-suppress getgrgidCalled ; there is one thread */
    group = getgrgid(gid);
    for (char **name = group ? group->gr_mem : NULL; name && *name; name++) {
        if (strcmp(*name, user->pw_name) == 0)
            return true;
    }
    return false;
}

/* Whether the user may write to the file, by its owner, group and mode. */
static bool may_write(const struct passwd *user, const struct stat *file)
{
    if (file->st_uid == user->pw_uid)
        return file->st_mode & S_IWUSR;
    return (file->st_mode & S_IWOTH) ||
           ((file->st_mode & S_IWGRP) && is_member(user, file->st_gid));
}

/* The services' user has to reach the socket by itself, whoever asks here. */
static void look_at_user(struct asking *asking)
{
    static const char *const sockets[] = {"/run/libvirt/libvirt-sock",
                                          "/run/libvirt/virtqemud-sock"};
    /* cppcheck-suppress getpwnamCalled ; there is one thread */
    const struct passwd *user = getpwnam(owned_file_user);
    struct stat file;
    size_t i = 0;

    while (i < 2 && stat(sockets[i], &file) < 0)
        i++;
    if (!user)
        doctor_find(asking, FINDING_WARN, "rights", "systemd-sysusers",
                    "there is no user '%s', so the services cannot start", owned_file_user);
    else if (i == 2)
        doctor_find(asking, FINDING_WARN, "rights",
                    "systemctl enable --now libvirtd.socket, or virtqemud.socket",
                    "neither '%s' nor '%s' is there", sockets[0], sockets[1]);
    else if (!may_write(user, &file))
        doctor_find(asking, FINDING_FAIL, "rights", "usermod -aG libvirt evenkeel, then restart",
                    "user '%s' may not write to '%s'", owned_file_user, sockets[i]);
    else
        doctor_find(asking, FINDING_OK, "rights", NULL, "user '%s' may use '%s'", owned_file_user,
                    sockets[i]);
}

/* Where somebody wants guests there all the same. */
static const char *way_out_of(enum pcpu_use use)
{
    switch (use) {
    case PCPU_ISOLATED:
        return "if guests belong there: boot without isolcpus=, and make no isolated partition";
    case PCPU_TICKLESS:
        return "if guests belong there: boot without nohz_full=";
    case PCPU_OUTSIDE_SLICE:
        return "if guests belong there: AllowedCPUs= of their slice (machine.slice)";
    case PCPU_RESERVED:
        return "if guests belong there: reserve = in the configuration";
    case PCPU_USABLE:
        break;
    }
    return NULL;
}

static void look_at_pcpus(struct asking *asking, const struct vcpu_sample *sample)
{
    char text[512];
    size_t usable = sample->n_pcpus;

    for (int use = PCPU_USABLE + 1; use <= PCPU_RESERVED; use++) {
        struct cpuset of_use = {0};

        for (size_t p = 0; p < sample->n_pcpus; p++) {
            if (sample->pcpus[p].use == (enum pcpu_use)use)
                cpuset_add(&of_use, sample->pcpus[p].id);
        }
        if (!cpuset_count(&of_use))
            continue;
        usable -= cpuset_count(&of_use);
        cpuset_format(&of_use, text, sizeof(text));
        doctor_find(asking, FINDING_OK, "pCPUs", way_out_of((enum pcpu_use)use),
                    "%s: %s, so guests are not planned there", text,
                    pcpu_use_text((enum pcpu_use)use));
    }
    doctor_find(asking, usable ? FINDING_OK : FINDING_FAIL, "pCPUs",
                usable ? NULL : "look at isolcpus=, nohz_full= and the slice of the guests",
                "guests may be planned on %zu of %zu", usable, sample->n_pcpus);
}

static void look_at_vcpus(struct asking *asking, const struct vcpu_sample *sample)
{
    const struct vcpu_reading *mute = NULL, *strange = NULL;
    size_t n_running = 0, n_mute = 0, n_strange = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];

        n_running += reading->running;
        if (reading->has_strange_limits && n_strange++ == 0)
            strange = reading;
        if (reading->running && !reading->has_delay && n_mute++ == 0)
            mute = reading;
    }
    if (strange)
        doctor_find(asking, FINDING_WARN, "definitions", "virsh dumpxml shows what cannot be read",
                    "%zu vCPUs are left alone, as those of guest '%s': their limits are not known",
                    n_strange, strange->guest.name);
    if (mute)
        doctor_find(
            asking, FINDING_WARN, "run delay",
            "libvirt 7.2 or newer, and a kernel with CONFIG_SCHED_INFO",
            "of %zu of %zu running vCPUs, as of guest '%s', nobody tells how long they wait",
            n_mute, n_running, mute->guest.name);
    else
        doctor_find(asking, FINDING_OK, "run delay", NULL,
                    n_running ? "told of %zu running vCPUs" : "%zu vCPUs run, so nothing is known",
                    n_running);
}

static void look_at_guest(struct asking *asking, const struct memory_reading *reading)
{
    char uuid[GUEST_UUID_SIZE], way_out[100];

    guest_uuid_text(&reading->guest, uuid);
    snprintf(way_out, sizeof(way_out), "virsh dommemstat %s --period 1 --live", uuid);
    if (!reading->has_balloon)
        doctor_find(asking, FINDING_WARN, "balloon",
                    "a <memballoon model='virtio'/> in its definition",
                    "guest '%s' has none, so its size stays", reading->guest.name);
    else if (memory_reading_is_unasked(reading))
        doctor_find(asking, FINDING_WARN, "balloon period", way_out,
                    "guest '%s' is not asked to report its memory", reading->guest.name);
    else if (!(reading->has & MEMORY_HAS_UNUSED))
        doctor_find(asking, FINDING_WARN, "statistics",
                    "a balloon driver in the guest (virtio_balloon)",
                    "guest '%s' is asked to report its memory, and does not", reading->guest.name);
}

static void look_at_memory(struct asking *asking, const struct memory_sample *sample)
{
    size_t n = 0, n_well = 0;

    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *reading = &sample->guests[i];

        if (reading->run != GUEST_RUNNING || reading->policy.excluded || reading->locked)
            continue; /* their sizes stay whatever they report */
        n++;
        n_well +=
            reading->has_balloon && reading->stats_period_s && (reading->has & MEMORY_HAS_UNUSED);
        look_at_guest(asking, reading);
    }
    doctor_find(asking, n_well == n ? FINDING_OK : FINDING_WARN, "statistics",
                n_well == n ? NULL : "see the lines above",
                "%zu of %zu running guests report their memory", n_well, n);
}

static void look_at_samples(struct asking *asking, const struct host *host)
{
    struct vcpu_sample vcpus = {0};
    struct memory_sample memory = {0};
    struct err err = {0};

    if (host->sample_vcpus(host->self, &vcpus, &err) < 0) {
        doctor_find(asking, FINDING_FAIL, "vCPUs", "libvirtd's journal says more", "%s", err.text);
    } else {
        look_at_pcpus(asking, &vcpus);
        look_at_vcpus(asking, &vcpus);
        vcpu_sample_done(&vcpus);
    }
    if (host->sample_memory(host->self, &memory, &err) < 0) {
        doctor_find(asking, FINDING_FAIL, "memory", "libvirtd's journal says more", "%s", err.text);
    } else {
        look_at_memory(asking, &memory);
        memory_sample_done(&memory);
    }
}

/* Opened with the right to change, and nothing is changed. */
void doctor_look_at_host(struct asking *asking, const struct options *options)
{
    const struct log silent = {.stream = stderr, .level = -1};
    const struct host_real_options real = {.uri = options->connect, .log = &silent};
    struct host host = {0};
    struct err err = {0};

    if (local_host_is_meant(options->connect))
        look_at_user(asking);
    if (host_real_open(&real, &host, &err) < 0) {
        doctor_find(asking, FINDING_FAIL, "socket",
                    "systemctl start libvirtd.socket, or be root or a member of the group libvirt",
                    "%s", err.text);
        return;
    }
    doctor_find(asking, FINDING_OK, "socket", NULL,
                "libvirt answers at %s, and lets you change guests", options->connect);
    look_at_samples(asking, &host);
    host.close(host.self);
}
