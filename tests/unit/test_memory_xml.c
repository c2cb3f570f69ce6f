/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/host/guest_xml.h"

static const uint64_t MIB = 1024;

static struct memory_definition parse(const char *inside)
{
    struct guest_definition definition;
    struct memory_definition memory;
    struct err err = {0};
    char xml[2000];

    snprintf(xml, sizeof(xml),
             "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
             "<name>a</name>%s</domain>",
             inside);
    if (guest_xml_parse(xml, &definition, &err) < 0)
        fail_msg("%s", err.text);
    memory = definition.memory;
    assert_int_equal(definition.locked, memory.lock != MEMORY_LOCK_UNTOLD);
    guest_definition_done(&definition);
    return memory;
}

struct row {
    const char *inside;
    enum memory_lock lock;
};

static void check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct memory_definition memory = parse(rows[i].inside);

        if (memory.lock != rows[i].lock)
            fail_msg("%s: lock %d, not %d", rows[i].inside, (int)memory.lock, (int)rows[i].lock);
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void encrypted_memory_is_locked_whatever_encrypts_it(void **state)
{
    static const struct row rows[] = {
        {"<launchSecurity type='sev'><policy>0x0033</policy></launchSecurity>",
         MEMORY_LOCK_ENCRYPTED},
        {"<launchSecurity type='sev-snp'/>", MEMORY_LOCK_ENCRYPTED},
        {"<launchSecurity type='tdx'><policy>0x0</policy></launchSecurity>", MEMORY_LOCK_ENCRYPTED},
        {"<launchSecurity type='s390-pv'/>", MEMORY_LOCK_ENCRYPTED},
        {"<launchSecurity type='not-yet-invented'/>", MEMORY_LOCK_ENCRYPTED},
        {"<seclabel type='dynamic'/>", MEMORY_LOCK_UNTOLD},
    };

    (void)state;
    CHECK(rows);
}

#define ARGUMENT(value)                                                                            \
    "<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='" value "'/></"                 \
    "qemu:commandline>"

static void devices_past_libvirts_elements_lock_memory(void **state)
{
    static const struct row rows[] = {
        {ARGUMENT("vfio-pci,host=02:00.0,multifunction=on"), MEMORY_LOCK_DEVICE},
        {ARGUMENT("{&quot;driver&quot;:&quot;vfio-pci&quot;}"), MEMORY_LOCK_DEVICE},
        {ARGUMENT("vfio-ap,sysfsdev=/sys/x"), MEMORY_LOCK_DEVICE},
        {ARGUMENT("vhost-vdpa,vhostdev=/dev/vhost-vdpa-0"), MEMORY_LOCK_DEVICE},
        {ARGUMENT("mem-lock=on,cpu-pm=on"), MEMORY_LOCK_LOCKED},
        {ARGUMENT("mlock=on"), MEMORY_LOCK_LOCKED},
        {ARGUMENT("memory-backend-file,id=m,mem-path=/dev/hugepages,size=1G"),
         MEMORY_LOCK_HUGE_PAGES},
        {ARGUMENT("sev-snp-guest,id=sev0"), MEMORY_LOCK_ENCRYPTED},
        {ARGUMENT("file=nvme://0000:44:00.0/1,if=none"), MEMORY_LOCK_DISK},
        {ARGUMENT("nvme,drive=d,serial=emulated"), MEMORY_LOCK_UNTOLD},
        {ARGUMENT("virtio-gpu-pci,id=video1"), MEMORY_LOCK_UNTOLD},
        {ARGUMENT("mem-lock=off"), MEMORY_LOCK_UNTOLD},
        {"<metadata><x value='vfio-pci'/></metadata>", MEMORY_LOCK_UNTOLD},
    };

    (void)state;
    CHECK(rows);
}

#define DISK(inside) "<devices><disk type='file' device='disk'>" inside "</disk></devices>"

static void disks_that_map_memory_count_anywhere_in_a_chain(void **state)
{
    static const struct row rows[] = {
        {"<devices><disk type='nvme'/></devices>", MEMORY_LOCK_DISK},
        {"<devices><disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/></disk></devices>",
         MEMORY_LOCK_DISK},
        {DISK("<backingStore type='file'><backingStore type='nvme'/></backingStore>"),
         MEMORY_LOCK_DISK},
        {DISK("<mirror type='nvme' job='copy'/>"), MEMORY_LOCK_DISK},
        {DISK("<source file='/a'><dataStore type='nvme'/></source>"), MEMORY_LOCK_DISK},
        {DISK("<target dev='nvme0n1' bus='nvme'/><driver name='qemu' type='qcow2'/>"),
         MEMORY_LOCK_UNTOLD},
        {"<devices><controller type='nvme'/></devices>", MEMORY_LOCK_UNTOLD},
        {"<devices><disk type='vhostuser'/></devices>", MEMORY_LOCK_UNTOLD},
    };

    (void)state;
    CHECK(rows);
}

static void libvirts_own_elements_lock_memory(void **state)
{
    static const struct row rows[] = {
        {"<memoryBacking><locked/></memoryBacking>", MEMORY_LOCK_LOCKED},
        {"<memoryBacking><hugepages/></memoryBacking>", MEMORY_LOCK_HUGE_PAGES},
        {"<devices><memory "
         "model='dimm'><source><pagesize>2048</pagesize></source></memory></devices>",
         MEMORY_LOCK_HUGE_PAGES},
        {"<devices><hostdev mode='subsystem' type='pci'/></devices>", MEMORY_LOCK_DEVICE},
        {"<devices><interface type='network'><actual type='hostdev'/></interface></devices>",
         MEMORY_LOCK_DEVICE},
        {"<devices><interface type='vdpa'/></devices>", MEMORY_LOCK_DEVICE},
        {"<memoryBacking><nosharepages/><source type='memfd'/></memoryBacking>",
         MEMORY_LOCK_UNTOLD},
    };

    (void)state;
    CHECK(rows);
}

#define MEMORY(model, target) "<memory model='" model "'><target>" target "</target></memory>"
#define VIRTIO_MEM(requested, current)                                                             \
    MEMORY("virtio-mem", "<size unit='KiB'>1048576</size><node>0</node>"                           \
                         "<block unit='KiB'>2048</block>" requested current)

static void memory_devices_are_told_from_what_a_balloon_governs(void **state)
{
    static const struct {
        const char *devices;
        uint64_t plugged_mib, devices_mib;
        enum memory_lock lock;
    } rows[] = {
        {MEMORY("dimm", "<size unit='MiB'>512</size>"), 0, 0, MEMORY_LOCK_UNTOLD},
        {MEMORY("nvdimm", "<size unit='MiB'>512</size><label><size unit='KiB'>128</size></label>"),
         0, 512, MEMORY_LOCK_UNTOLD},
        {MEMORY("virtio-pmem", "<size unit='GiB'>1</size>"), 0, 1024, MEMORY_LOCK_UNTOLD},
        {MEMORY("sgx-epc", "<size unit='KiB'>65536</size>"), 0, 64, MEMORY_LOCK_UNTOLD},
        {VIRTIO_MEM("<requested unit='MiB'>512</requested>",
                    "<current unit='KiB'>524288</current>"),
         512, 1024, MEMORY_LOCK_UNTOLD},
        {VIRTIO_MEM("<requested unit='MiB'>512</requested>", "<current unit='KiB'>2048</current>"),
         2, 1024, MEMORY_LOCK_UNCOUNTED},
        {VIRTIO_MEM("<requested unit='MiB'>512</requested>", ""), 0, 1024, MEMORY_LOCK_UNCOUNTED},
        {VIRTIO_MEM("<requested>1024</requested>", "<current>1024</current>")
             VIRTIO_MEM("<requested>2048</requested>", "<current>2048</current>"),
         3, 2048, MEMORY_LOCK_UNTOLD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char inside[1500];
        struct memory_definition memory;

        snprintf(inside, sizeof(inside), "<devices>%s</devices>", rows[i].devices);
        memory = parse(inside);
        assert_int_equal(memory.plugged_kib, rows[i].plugged_mib * MIB);
        assert_int_equal(memory.devices_kib, rows[i].devices_mib * MIB);
        assert_int_equal(memory.lock, rows[i].lock);
    }
}

static void sizes_are_corrected_for_memory_devices(void **state)
{
    struct memory_definition definition = {.plugged_kib = 512 * MIB, .devices_kib = 1536 * MIB};
    struct memory_reading reading = {.actual_kib = 1024 * MIB, .maximum_kib = 2560 * MIB};

    (void)state;
    memory_xml_correct(&definition, &reading);
    assert_int_equal(reading.beside_kib, 512 * MIB);
    assert_int_equal(reading.maximum_kib, 1536 * MIB); /* 1024 of balloon beside 512 */
    assert_int_equal(reading.actual_kib, 1024 * MIB);
    assert_int_equal(reading.lock, MEMORY_LOCK_UNTOLD);
}

static void sizes_that_contradict_a_definition_are_not_planned(void **state)
{
    static const uint64_t actual_mib[] = {500, 1600}; /* less than is plugged, more than there is */

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct memory_definition definition = {.plugged_kib = 512 * MIB, .devices_kib = 1024 * MIB};
        struct memory_reading reading = {.actual_kib = actual_mib[i] * MIB,
                                         .maximum_kib = 2048 * MIB};

        memory_xml_correct(&definition, &reading);
        assert_int_equal(reading.lock, MEMORY_LOCK_UNCOUNTED);
    }
}

static void limits_that_kill_are_read(void **state)
{
    static const struct {
        const char *inside;
        uint64_t limit_kib;
    } rows[] = {
        {"<memtune><hard_limit unit='KiB'>1048576</hard_limit></memtune>", 1048576},
        {"<memtune><hard_limit unit='G'>1</hard_limit></memtune>", 1048576},
        {"<memtune><hard_limit>77</hard_limit><soft_limit>5</soft_limit></memtune>", 77},
        {"<memtune><hard_limit>9</hard_limit><swap_hard_limit>12</swap_hard_limit></memtune>", 9},
        {"<memtune><swap_hard_limit unit='bytes'>1024000</swap_hard_limit></memtune>", 1000},
        {"<memtune><hard_limit unit='KiB'>9007199254740991</hard_limit></memtune>", 0},
        {"<memtune><soft_limit>5</soft_limit><min_guarantee>7</min_guarantee></memtune>", 0},
        {"<memtune><hard_limit>many</hard_limit></memtune>", 0},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(parse(rows[i].inside).limit_kib, rows[i].limit_kib);
}

/* Its owner wrote a module of an exbibyte: only this guest is left alone. */
static void devices_that_no_machine_has_are_not_counted(void **state)
{
    const struct memory_definition definition = {.devices_kib = UINT64_C(1) << 50,
                                                 .plugged_kib = UINT64_C(1) << 50};
    struct memory_reading reading = {.maximum_kib = 2097152, .actual_kib = 1048576};

    (void)state;
    memory_xml_correct(&definition, &reading);
    assert_int_equal(reading.lock, MEMORY_LOCK_UNCOUNTED);
    assert_int_equal(reading.beside_kib, 0);
    assert_int_equal(reading.maximum_kib, 2097152);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encrypted_memory_is_locked_whatever_encrypts_it),
        cmocka_unit_test(devices_past_libvirts_elements_lock_memory),
        cmocka_unit_test(disks_that_map_memory_count_anywhere_in_a_chain),
        cmocka_unit_test(libvirts_own_elements_lock_memory),
        cmocka_unit_test(memory_devices_are_told_from_what_a_balloon_governs),
        cmocka_unit_test(sizes_are_corrected_for_memory_devices),
        cmocka_unit_test(sizes_that_contradict_a_definition_are_not_planned),
        cmocka_unit_test(limits_that_kill_are_read),
        cmocka_unit_test(devices_that_no_machine_has_are_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
