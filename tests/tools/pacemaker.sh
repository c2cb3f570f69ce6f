#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pacemaker.sh BUILD: Debian's crm_simulate, crm_verify and cibadmin with their libraries, unpacked into
# BUILD/pacemaker and not installed: the packages would start services. Prints that folder, whose `run` is to
# be put before a command; 77 where they cannot be had.
set -uo pipefail
build=$(cd "$1" && pwd) || exit 1
root=$build/pacemaker
if [ ! -x "$root/run" ]; then
    work=$(mktemp -d "$build/pacemaker.XXXXXX") || exit 1
    trap 'rm -rf "$work"' EXIT
    mapfile -t libraries < <(apt-get install -s -qq --no-install-recommends pacemaker-cli-utils 2>/dev/null |
        awk '$1 == "Inst" && $2 ~ /^lib(cib|cfg|cmap|corosync|cpg|crm|lrm|pacemaker|pe-|pils|plumb|qb|quorum|stonith|votequorum)/ { print $2 }')
    if ! (cd "$work" && apt-get -q download pacemaker-cli-utils pacemaker-common "${libraries[@]}" >"$work/log" 2>&1) ||
        ! { for package in "$work"/*.deb; do dpkg -x "$package" "$work/root" || exit 1; done; }; then
        echo "skipped: apt-get cannot download pacemaker-cli-utils here: $(tail -1 "$work/log" 2>/dev/null)" >&2
        exit 77
    fi
    # Its tools keep a copy of the document that they think about: not in /var/lib.
    cat >"$work/root/run" <<'END'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")
libraries=$root/usr/lib
for folder in "$root"/usr/lib/*-linux-gnu; do libraries=$libraries:$folder; done
mkdir -p "$root/shadow"
export LD_LIBRARY_PATH="$libraries" PCMK_schema_directory="$root/usr/share/pacemaker" CIB_shadow_dir="$root/shadow"
export PATH="$root/usr/sbin:$PATH"
exec "$@"
END
    chmod 755 "$work/root" "$work/root/run"
    if ! "$work/root/run" crm_simulate --version >"$work/log" 2>&1; then
        echo "skipped: crm_simulate does not run here: $(head -1 "$work/log")" >&2
        exit 77
    fi
    rm -rf "$root"
    mv "$work/root" "$root"
fi
printf '%s\n' "$root"
