#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pages of recordings: well-formed, without a script and without anything that would be fetched, whatever guests
# are called; of what is cut off or damaged as far as it goes; and as large for a day as for an hour.
set -uo pipefail
binary=$2
command -v xmllint >/dev/null || { echo "skipped: needs xmllint" && exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
pages=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}

# page NAME FILE [OPTION...]: makes $work/NAME.html and looks at it.
page() {
    local page=$work/$1.html
    "$binary/evenkeelctl" report "$2" -o "$page" --quiet "${@:3}" || complain "$1: no page was made"
    pages=$((pages + 1))
    look "$page" || complain "$1: the page is not as it should be"
}
# What a page must not have is looked for in tags alone: a guest may well be called so.
look() {
    xmllint --noout "$1" || return 1
    ! grep -oE '<[^>]*>' "$1" | sed 's/="[^"]*"/=/g' | grep -qiE '^<(script|iframe|object|embed|link|img|image|use|foreignObject|a|form|base)\b|[[:space:]](on[a-z]+|src|href|xlink:href|srcset|action)=' &&
        ! grep -qiE 'url\(|https?://|@import' <(sed -n '/<style>/,/<\/style>/p' "$1")
}
# exits STATUS WORDS ARGUMENT...: the exit status, and what is said.
exits() {
    local said status
    said=$("$binary/evenkeelctl" report "${@:3}" 2>&1)
    status=$?
    [ "$status" = "$1" ] || complain "report ${*:3}: exit status $status instead of $1"
    [[ "$said" == *"$2"* ]] || complain "report ${*:3}: says '$said', not '$2'"
}
has() { grep -qF -- "$2" "$work/$1.html" || complain "$1: '$2' is not on the page"; }
lacks() { ! grep -qF -- "$2" "$work/$1.html" || complain "$1: '$2' is on the page"; }

chmod 700 "$work"
"$binary/vcpu_scheduler" 2 --simulate demo-cpu --quiet --record "$work/cpu.jsonl" >/dev/null
"$binary/memory_coordinator" 2 --simulate demo-memory --quiet --record "$work/memory.jsonl" >/dev/null

page cpu "$work/cpu.jsonl"
for word in 'Who went without' 'It was crowded' 'pCPU 0 carries 282 %' '<title>' 'hold-balanced' 'Sigma'; do
    has cpu "$word"
done
page memory "$work/memory.jsonl"
for word in 'Memory of each guest' 'aos_vm7' 'grows by' 'reserve' 'promised'; do has memory "$word"; done

# Compressed it is the same page.
gzip -c "$work/cpu.jsonl" >"$work/cpu.gz"
mkdir "$work/same"
cp "$work/cpu.gz" "$work/same/cpu.jsonl"
page zipped "$work/same/cpu.jsonl"
cmp -s "$work/cpu.html" "$work/zipped.html" || complain "the page of a compressed recording is another one"

# A file of the history; a time of day is the first one behind its beginning, which is 00:01:40.
tail -c +2 "$1/tests/fuzz/corpus/page/history_vcpus" >"$work/history.jsonl"
page history "$work/history.jsonl"
for word in 'It was crowded' 'a&lt;b' '>apply<'; do has history "$word"; done
# Of minutes the last verdict is known, and where a guest ran only where all of its vCPUs are known.
has history 'Of a minute the last one is known'
lacks cpu 'Of a minute the last one is known'
for vcpus in '' ', "vcpus": [2, 1]'; do
    sed "s/, \"vcpus\": \[1, 1\]/$vcpus/" "$work/history.jsonl" >"$work/unknown.jsonl"
    page unknown "$work/unknown.jsonl"
    has unknown 'Where it ran is not known.'
done
# What was put back names pCPUs that are no bins of the host.
sed '3{h; s/"t": 150/"t": 151/; s/"to": "1"/"to": "0-1"/; s/"pin"/"put-back"/; x; G}' "$work/history.jsonl" >"$work/back.jsonl"
page back "$work/back.jsonl"
has back 'to pCPU 0-1'
lacks back '>0-1<'
TZ=UTC0 page later "$work/history.jsonl" --from 00:02:30
has later '>hold-optimal<'
lacks later '>apply<'
# A file has a clock of its own.
exits 2 "--from of a file takes a time since its beginning" "$work/history.jsonl" -o "$work/no.html" --from '2h ago'
exits 2 "--to takes a time since its beginning" "$work/cpu.jsonl" -o "$work/no.html" --to '2h ago'
exits 2 "--from is not before --to" "$work/cpu.jsonl" -o "$work/no.html" --from 20s --to 10s

# What failed is not told as done, nor is it where the guest is afterwards.
sed 's/"reason":/"failed":true,"reason":/' "$work/history.jsonl" >"$work/failed.jsonl"
page failed "$work/failed.jsonl"
has failed '<td>failed: '
lacks history '<td>failed: '

# A part of the time has its own changes only.
page part "$work/cpu.jsonl" --from 10s --to 20s
lacks part 'pCPU 0 carries 282 %'
exits 2 "--from takes a time since its beginning" "$work/cpu.jsonl" -o "$work/no.html" --from 03:12
exits 2 "-o FILE" "$work/cpu.jsonl"
[ ! -e "$work/no.html" ] || complain "a page was written where nothing was read"

# Names that would be tags, in names and reasons; and what no XML may hold.
sed -E 's/"guest":"aos_vm8"/"guest":"<script>alert(1)<\/script>\&amp;\\u0022 onload=\\u0022x\\u202e\\uffff]]>"/g
        s/"reason":"pCPU/"reason":"<\/title><\/svg><img src=x onerror=alert(1)>pCPU/g
        s/"verdict":"hold-balanced"/"verdict":"<b>\\u0000hold"/g' "$work/cpu.jsonl" >"$work/hostile.jsonl"
page hostile "$work/hostile.jsonl"
has hostile '&lt;script&gt;alert(1)&lt;/script&gt;'
has hostile '&lt;img src=x onerror=alert(1)&gt;'

# Cut off, in text and in gzip; a line in the middle that is none; the header alone.
head -c 50000 "$work/cpu.jsonl" >"$work/cut.jsonl"
page cut "$work/cut.jsonl"
has cut 'cut off at the end'
head -c $(($(stat -c %s "$work/cpu.gz") / 2)) "$work/cpu.gz" >"$work/cut.gz"
page cut_gz "$work/cut.gz"
has cut_gz 'cut off at the end'
sed '5s/.*/{"at":[[/; 6s/"at_ns":[0-9]*/"at_ns":"no"/; 7s/.*//' "$work/cpu.jsonl" >"$work/damaged.jsonl"
page damaged "$work/damaged.jsonl"
has damaged '3 lines could not be read'
lacks cpu 'could not be read'
head -n 1 "$work/memory.jsonl" >"$work/header.jsonl"
page header "$work/header.jsonl"
has header 'There is no interval in it'

# What is nothing of ours.
: >"$work/empty"
exits 2 "is empty" "$work/empty" -o "$work/no.html"
exits 2 "neither a recording" /etc/passwd -o "$work/no.html"
exits 1 "cannot read" "$work/missing" -o "$work/no.html"
exits 1 "cannot read" "$work" -o "$work/no.html"
exits 1 "cannot write" "$work/cpu.jsonl" -o "$work/no/no.html"
head -c 100000 /dev/urandom >"$work/noise" && exits 2 "" "$work/noise" -o "$work/no.html"
if [ -e /dev/full ]; then exits 1 "cannot write" "$work/cpu.jsonl" -o /dev/full; fi

# Columns are so many and changes are listed so far: of four times the length the page is no twice as large.
# long NAME TIMES: a recording of so many times the demonstration, one after the other, and its page.
long() {
    {
        cat "$work/memory.jsonl"
        for i in $(seq 2 "$2"); do sed -nE "2,\$s/\"at_ns\":36/\"at_ns\":$((27 + i * 9))/p" "$work/memory.jsonl"; done
    } >"$work/$1.jsonl"
    page "$1" "$work/$1.jsonl"
    size=$(stat -c %s "$work/$1.html")
}
long long 40
once=$size
long longer 160
[ "$size" -lt $((once * 2)) ] || complain "a page of four times the time takes $size bytes, and $once of once"
wide=$(grep -oE 'viewBox="0 0 [0-9]+' "$work/longer.html" | sort -u | grep -cE ' (48[1-9]|49[0-9]|[5-9][0-9][0-9]|[0-9]{4,})$')
[ "$wide" = 0 ] || complain "a long page has more than 480 columns"

# This rule can fail.
for tag in '<script>x</script>' '<img src="x"/>' '<p onclick="x">x</p>' '<a href="http://x">x</a>' '<p>'; do
    sed "s|</body>|$tag&|" "$work/cpu.html" >"$work/wrong.html"
    ! look "$work/wrong.html" 2>/dev/null || complain "a page with $tag is not found out"
done
printf '%d pages looked at\n' "$pages"
exit "$bad"
