#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Prometheus' own tools accept what is shipped: promtool the metrics, also of guests with hostile names,
# the alerts and what they are to do; node_exporter serves both files as the services write them, with
# another user's rights. Nothing of this is installed, and no unit is enabled by it.
set -uo pipefail
source=$1
binary=$2
here=$(cd "$(dirname "$0")" && pwd)
bad=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}
enabled_units() { systemctl --root=/ list-unit-files --state=enabled --no-legend 2>/dev/null; }

units=$(enabled_units)
bin=$("$source/tests/tools/prometheus.sh" "$binary") || exit $?
[ "$units" = "$(enabled_units)" ] || complain "unpacking Prometheus has enabled a unit"
work=$(mktemp -d)
exporter=
trap '[ -z "$exporter" ] || kill "$exporter"; rm -rf "$work"' EXIT
chmod 755 "$work"

"$bin/promtool" check rules "$source/agent/install/prometheus/evenkeel.rules.yml" || complain "the alerts are not well-formed"
"$bin/promtool" test rules "$source/tests/rules/alerts.yml" || complain "an alert is silent in its scene, or fires in a quiet hour"
while read -r alert; do
    [ "$(grep -c "alertname: $alert\b" "$source/tests/rules/alerts.yml")" -ge 2 ] ||
        complain "no scene, or no quiet hour, tries $alert"
done < <(sed -n 's/^ *- alert: //p' "$source/agent/install/prometheus/evenkeel.rules.yml")
# The proof that this can fail: an alert that always fires.
sed 's/for: 5m/for: 0m/; s/evenkeel_up == 0/evenkeel_up >= 0/' "$source/agent/install/prometheus/evenkeel.rules.yml" >"$work/rules.yml"
sed "s|^rule_files:.*|rule_files: [$work/rules.yml]|" "$source/tests/rules/alerts.yml" >"$work/alerts.yml"
"$bin/promtool" test rules "$work/alerts.yml" >/dev/null 2>&1 && complain "an alert that always fires passes: this test shows nothing"

cat >"$work/hostile.json" <<'END'
{"host": {"pcpus": 2}, "duration_s": 10, "guests": [
 {"name": "say \"hi\" \\n \\", "pct": 50}, {"name": "two\nlines{x=\"\"} 1"}, {"name": "\u001b[31mred\u202e"}]}
END
if "$binary/vcpu_scheduler" 2 --simulate "$work/hostile.json" --quiet --metrics-file "$work/hostile.prom"; then
    "$bin/promtool" check metrics <"$work/hostile.prom" || complain "promtool refuses the metrics of guests with hostile names"
    [ "$(grep -c '^evenkeel_domain_info' "$work/hostile.prom")" = 3 ] || complain "hostile names make other lines"
else
    complain "the scene of hostile names does not run"
fi

# As the services run: no capability, their filter of system calls, their umask, another user where that can be.
as_service=()
folder=$work/state
mkdir "$folder"
if [ "$(id -u)" = 0 ]; then
    as_service=(setpriv --reuid 60001 --regid 60001 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs)
    chown 60001:60001 "$folder"
fi
declare -A unit_of=([vcpu_scheduler]=vcpu [memory_coordinator]=memory)
for program in vcpu_scheduler memory_coordinator; do
    unit=${unit_of[$program]}
    filter=()
    /usr/bin/python3 -c 'import seccomp' 2>/dev/null && command -v systemd-analyze >/dev/null &&
        filter=("$here/unit_filter.py" "$source/agent/install/evenkeel-$unit.service.in")
    (umask 077 && "${as_service[@]}" "${filter[@]}" "$binary/$program" --connect test:///default --once --dry-run --quiet \
        --state "$folder" --metrics-file "$folder/$unit.prom" 0.3) || complain "$program does not run as its service does"
    "$bin/promtool" check metrics <"$folder/$unit.prom" || complain "promtool refuses the metrics of $program"
    mkdir -p "$work/collector"
    ln -s "$folder/$unit.prom" "$work/collector/"
done

port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
reader=()
[ "$(id -u)" != 0 ] || reader=(setpriv --reuid 60002 --regid 60002 --clear-groups)
"${reader[@]}" "$bin/prometheus-node-exporter" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$work/collector" --web.listen-address="127.0.0.1:$port" 2>"$work/log" &
exporter=$!
/usr/bin/python3 - "$port" >"$work/scrape" <<'END'
import sys
import time
import urllib.request

for _ in range(100):
    try:
        print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=10).read().decode())
        break
    except OSError:
        time.sleep(0.1)
END
grep -qx 'node_textfile_scrape_error 0' "$work/scrape" || complain "node_exporter does not take the files: $(grep -v level=info "$work/log" | tail -3)"
for program in vcpu_scheduler memory_coordinator; do
    grep -qx "evenkeel_up{program=\"$program\"} 1" "$work/scrape" || complain "node_exporter does not serve $program"
done
served=$(grep -c '^evenkeel_' "$work/scrape")
written=$(cat "$folder"/*.prom | grep -c '^evenkeel_')
[ "$served" = "$written" ] || complain "node_exporter serves $served of $written lines"
printf '%d lines served\n' "$served"
exit "$bad"
