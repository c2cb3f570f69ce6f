/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/libvirt/libvirt_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int open_host(struct world *world, const char *const *match, size_t n_match, bool read_only)
{
    struct host_real_options options = {
        .uri = URI,
        .match = match,
        .n_match = n_match,
        .ignores_metadata = world->ignores_metadata,
        .read_only = read_only,
        .log = &world->log,
    };
    struct err err = {0};

    return host_real_open(&options, &world->host, &err);
}

int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    log_init(&world->log, stderr, "test", -1);
    world->admin = virConnectOpen(URI);
    assert_non_null(world->admin);
    assert_int_equal(open_host(world, NULL, 0, false), 0);
    *state = world;
    return 0;
}

int tear_down(void **state)
{
    struct world *world = *state;

    world->host.close(world->host.self);
    virConnectClose(world->admin);
    free(world);
    return 0;
}

struct vcpu_sample sample_vcpus(struct world *world)
{
    struct vcpu_sample sample = {0};
    struct err err = {0};

    if (world->host.sample_vcpus(world->host.self, &sample, &err) < 0)
        fail_msg("%s", err.text);
    return sample;
}

struct memory_sample sample_memory(struct world *world)
{
    struct memory_sample sample = {0};
    struct err err = {0};

    if (world->host.sample_memory(world->host.self, &sample, &err) < 0)
        fail_msg("%s", err.text);
    return sample;
}

const struct vcpu_reading *find_vcpu(const struct vcpu_sample *sample, const char *name,
                                     unsigned vcpu)
{
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (sample->vcpus[i].vcpu == vcpu && strcmp(sample->vcpus[i].guest.name, name) == 0)
            return &sample->vcpus[i];
    }
    return NULL;
}

const struct memory_reading *find_guest(const struct memory_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->n_guests; i++) {
        if (strcmp(sample->guests[i].guest.name, name) == 0)
            return &sample->guests[i];
    }
    return NULL;
}

void assert_cpus(const struct cpuset *set, const char *text)
{
    char found[64];

    cpuset_format(set, found, sizeof(found));
    assert_string_equal(found, text);
}

virDomainPtr add_guest(struct world *world, const char *name, const char *inside, bool persistent)
{
    char xml[2048];
    virDomainPtr domain;

    snprintf(xml, sizeof(xml),
             "<domain type='test'><name>%s</name><memory unit='KiB'>2097152</memory>"
             "<currentMemory unit='KiB'>1048576</currentMemory>"
             "<os><type>hvm</type></os>%s</domain>",
             name, inside);
    if (!persistent) {
        domain = virDomainCreateXML(world->admin, xml, 0);
    } else {
        domain = virDomainDefineXML(world->admin, xml);
        assert_non_null(domain);
        assert_int_equal(virDomainCreate(domain), 0);
    }
    assert_non_null(domain);
    return domain;
}

void remove_guest(virDomainPtr domain)
{
    bool persistent = virDomainIsPersistent(domain) == 1;

    virDomainDestroy(domain);
    if (persistent)
        virDomainUndefine(domain);
    virDomainFree(domain);
}
