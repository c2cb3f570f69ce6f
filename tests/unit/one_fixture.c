/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/one_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char * or (const char *text, const char *usual)
{
    return text ? text : usual;
}

static void put_host(FILE *out, int id, const char *usage, const char *disks)
{
    fprintf(
        out,
        "<HOST><ID>%d</ID><NAME>n%d</NAME><STATE>2</STATE><CLUSTER_ID>100</CLUSTER_ID><HOST_SHARE>"
        "%s<TOTAL_CPU>800</TOTAL_CPU><MAX_MEM>16777216</MAX_MEM><MAX_CPU>800</MAX_CPU>"
        "<DATASTORES>%s</DATASTORES></HOST_SHARE><MONITORING><CAPACITY><USED_CPU>600</USED_CPU>"
        "</CAPACITY></MONITORING></HOST>",
        id, id, usage, disks);
}

struct vm {
    int id, host;
    const char *cpu, *measured;
    int mib;
    const char *state, *template, *user, *history;
};

static void put_vm(FILE *out, const struct vm *vm)
{
    fprintf(
        out,
        "<VM><ID>%d</ID><NAME><![CDATA[web]]></NAME>%s<MONITORING><CPU>%s</CPU></MONITORING>"
        "<TEMPLATE><CPU>%s</CPU><MEMORY>%d</MEMORY>%s</TEMPLATE><USER_TEMPLATE>%s</USER_TEMPLATE>"
        "<HISTORY_RECORDS>",
        vm->id, or (vm->state, "<STATE>3</STATE><LCM_STATE>3</LCM_STATE><RESCHED>0</RESCHED>"),
        vm->measured, vm->cpu, vm->mib, or (vm->template, ""), or (vm->user, ""));
    if (vm->history)
        fputs(vm->history, out);
    else
        fprintf(out,
                "<HISTORY><SEQ>1</SEQ><HID>%d</HID><DS_ID>0</DS_ID></HISTORY>"
                "<HISTORY><SEQ>0</SEQ><HID>3</HID><DS_ID>7</DS_ID></HISTORY>",
                vm->host);
    fputs("</HISTORY_RECORDS></VM>", out);
}

char *one_fixture(const struct one_gaps *gaps)
{
    static const char all[] = "<ID>1</ID><ID>2</ID><ID>3</ID>";
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    assert_non_null(out);
    fputs("<SCHEDULER_DRIVER_ACTION><VM_POOL>", out);
    put_vm(out, &(struct vm){12, 2, "2", "50", 4096, NULL, gaps->role12, NULL, NULL});
    put_vm(out, &(struct vm){11, 1, "2", "180.5", 2048, NULL, gaps->role11, NULL, NULL});
    put_vm(out, &(struct vm){10, 1, "4", "350", 4096, gaps->state10, gaps->template10, gaps->user10,
                             gaps->history10});
    fputs("</VM_POOL><HOST_POOL>", out);
    put_host(out, 1, or (gaps->usage1, "<MEM_USAGE>6291456</MEM_USAGE><CPU_USAGE>600</CPU_USAGE>"),
             or (gaps->disks1, ""));
    put_host(out, 2, "<MEM_USAGE>4194304</MEM_USAGE><CPU_USAGE>200</CPU_USAGE>",
             "<DS><ID>0</ID><FREE_MB>5000</FREE_MB><USED_MB>10</USED_MB></DS>");
    put_host(out, 3, "<MEM_USAGE>0</MEM_USAGE><CPU_USAGE>0</CPU_USAGE>", "");
    fprintf(
        out,
        "</HOST_POOL><DATASTORE_POOL><DATASTORE><ID>0</ID><TYPE>1</TYPE><CLUSTERS><ID>100</ID>"
        "</CLUSTERS><FREE_MB>9000</FREE_MB><USED_MB>1000</USED_MB><TEMPLATE><SHARED>%s</SHARED>"
        "</TEMPLATE></DATASTORE><DATASTORE><ID>1</ID><TYPE>0</TYPE></DATASTORE></DATASTORE_POOL>"
        "<VNET_POOL>%s</VNET_POOL><VM_GROUP_POOL>%s</VM_GROUP_POOL><CLUSTER_POOL><CLUSTER>"
        "<ID>100</ID><TEMPLATE><ONE_DRS>%s</ONE_DRS></TEMPLATE></CLUSTER></CLUSTER_POOL>",
        or (gaps->shared, "YES"), or (gaps->nets, ""), or (gaps->groups, ""), or (gaps->drs, ""));
    fprintf(
        out,
        "<REQUIREMENTS><VM><ID>10</ID><HOSTS>%s</HOSTS>%s<DATASTORES><ID>0</ID></DATASTORES></VM>",
        or (gaps->hosts10, all), or (gaps->nics10, ""));
    for (int vm = 11; vm <= 12; vm++)
        fprintf(out, "<VM><ID>%d</ID><HOSTS>%s</HOSTS><DATASTORES><ID>0</ID></DATASTORES></VM>", vm,
                all);
    fprintf(out, "</REQUIREMENTS>%s</SCHEDULER_DRIVER_ACTION>", or (gaps->last, ""));
    assert_int_equal(fclose(out), 0);
    return text;
}

char *one_base64(const char *text, size_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *ret = calloc(n / 3 + 2, 4), *at = ret;

    assert_non_null(ret);
    for (size_t k = 0; k < n; k += 3) {
        unsigned bits = 0;

        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (k + j < n ? (unsigned char)text[k + j] : 0);
        for (int j = 0; j < 4; j++)
            *at++ = j <= (int)(n - k) || n - k > 3 ? letters[bits >> (18 - 6 * j) & 63] : '=';
    }
    return ret;
}

int one_read(const char *xml, size_t n, bool has_cluster, struct one_document *ret)
{
    char *text = one_base64(xml, n);
    struct err err = {0};
    int r = one_document_read(text, strlen(text), has_cluster, ret, &err);

    assert_true(r == 0 || (r == -EINVAL && err.text[0]));
    free(text);
    return r;
}

void one_read_fixture(const struct one_gaps *gaps, struct one_document *ret)
{
    char *xml = one_fixture(gaps);

    assert_int_equal(one_read(xml, strlen(xml), true, ret), 0);
    free(xml);
}

const struct fleet_guest *one_guest(const struct one_document *document,
                                    const struct one_picture *picture, int vm)
{
    int k = one_find_vm(document, vm);

    assert_true(k >= 0);
    return picture->guest_of[k] < 0 ? NULL : &picture->cluster.fleet.guests[picture->guest_of[k]];
}
