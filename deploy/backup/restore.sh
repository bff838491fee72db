#!/bin/sh
# Restores a backup of backup.sh into a new data folder, and says whether anything is missing; docs/backup.md.
#   restore.sh BACKUP_DIR NEW_DATA_FOLDER [latest | MARK | 'YYYY-MM-DD HH:MM:SS+00']
# Stops at the last mark before that moment and compares every table with it, then goes on. To be run as the account that
# PostgreSQL runs as, with the programs of its own major version in PATH. Afterwards the folder is ready to be started.
set -eu

[ $# -ge 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
BACKUP=$(CDPATH='' cd -- "$1" && pwd)
DATA=$2
TARGET=${3:-latest}
: "${PGUSER:=postgres}" "${PGDATABASE:=postgres}"
export PGUSER PGDATABASE
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
STARTED=$(date +%s)

say() { printf '%4d s  %s\n' "$(($(date +%s) - STARTED))" "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
ask() { psql -XAtq -v ON_ERROR_STOP=1 -h "$SCRATCH" -c "$1"; }
controlled() { pg_controldata "$DATA" | sed -n "s/^$1: *//p"; }

[ ! -e "$DATA" ] || [ -z "$(ls -A "$DATA")" ] || fail "$DATA is not empty"
SCRATCH=$(mktemp -d)
trap '{ pg_ctl stop -D "$DATA" -m immediate -s 2>/dev/null || true; }; rm -rf "$SCRATCH"' EXIT

# --- which base backup, and which mark to check at --------------------------------------------
seconds() { basename "$1" | tr -dc 0-9 | cut -c 1-14; } # of a name, as 20261130093000

last() { # of these files the last whose name is not after the moment
    moment=$1
    shift
    for one in "$@"; do
        if [ -e "$one" ] && [ "$(seconds "$one")" -le "$moment" ]; then found=$one; fi
    done
    echo "${found:-}"
}

mark=""
case "$TARGET" in
    latest) until=99999999999999 checked_until=$until ;;
    mark-*)
        mark="$BACKUP/marks/$TARGET"
        [ -e "$mark" ] || fail "there is no $TARGET in $BACKUP/marks"
        until=$(seconds "$mark")
        ;;
    *)
        at=$(date -u -d "$TARGET" +%s) || fail "$TARGET is no time"
        until=$(date -u -d "@$at" +%Y%m%d%H%M%S)
        checked_until=$(date -u -d "@$((at - 60))" +%Y%m%d%H%M%S) # a mark's moment is some seconds after its name
        ;;
esac
base=$(last "$until" "$BACKUP"/base/*Z)
[ -n "$base" ] || fail "no base backup ended before $TARGET"
[ -n "$mark" ] || mark=$(last "$checked_until" "$BACKUP"/marks/*Z)
if [ -n "$mark" ] && [ "$(seconds "$mark")" -lt "$(seconds "$base")" ]; then mark=""; fi

# --- unpack -----------------------------------------------------------------------------------
mkdir -p "$DATA"
chmod 700 "$DATA"
tar -xzf "$base/base.tar.gz" -C "$DATA"
tar -xzf "$base/pg_wal.tar.gz" -C "$DATA/pg_wal"
cp "$base/backup_manifest" "$DATA"
pg_verifybackup -q -n "$DATA" || fail "the base backup is damaged"
say "unpacked and verified $base"

# --- recover ----------------------------------------------------------------------------------
# All settings of the recovery are here and go with the scratch folder; those of the data folder hold afterwards.
start() {
    touch "$DATA/recovery.signal"
    {
        echo "include_if_exists '$DATA/postgresql.conf'"
        echo "restore_command = 'cp \"$BACKUP/wal/%f\" \"%p\" 2>/dev/null || cp \"$BACKUP/wal/%f.partial\" \"%p\"'"
        echo "recovery_target_timeline = latest"
        echo "$1"
        # PostgreSQL shows nothing while it recovers unless it may hold as much as the one that was backed up
        pg_controldata "$DATA" | sed -n 's/^\(max_[a-z_]*\) setting: */\1 = /p' | sed 's/xact/transaction/'
    } > "$SCRATCH/postgresql.conf"
    echo "local all all trust" > "$SCRATCH/pg_hba.conf" # only whom the scratch folder lets in
    for option in "config_file=$SCRATCH/postgresql.conf" "hba_file=$SCRATCH/pg_hba.conf" \
        "unix_socket_directories=$SCRATCH" listen_addresses= ssl=off archive_mode=off logging_collector=off \
        hot_standby=on; do
        set -- "$@" "-c $option"
    done
    shift
    pg_ctl start -D "$DATA" -w -t 3600 -s -l "$SCRATCH/log" -o "$*" || fail "$(tail -n 5 "$SCRATCH/log")"
}

reach() { # until the question is answered so, or PostgreSQL has ended, as it does when WAL is missing
    until [ "$(ask "$1" 2>/dev/null)" = "$2" ]; do
        pg_ctl status -D "$DATA" > /dev/null || fail "$(tail -n 5 "$SCRATCH/log")"
        sleep 0.1
    done
}

if [ -n "$mark" ]; then
    start "recovery_target_name = '$(basename "$mark")'
recovery_target_action = pause"
    reach "select pg_get_wal_replay_pause_state()" paused
    psql -Xq -v ON_ERROR_STOP=1 -h "$SCRATCH" -f "$HERE/check.sql" > "$SCRATCH/found"
    diff "$mark" "$SCRATCH/found" > "$SCRATCH/differs" || {
        cat "$SCRATCH/differs"
        fail "tables differ from $(basename "$mark") (< as it was, > as it is: table|rows|checksum)"
    }
    say "at $(basename "$mark"): $(awk -F '|' '{ rows += $2 } END { print NR " tables, " rows " rows" }' "$SCRATCH/found"), all as they were"
    pg_ctl stop -D "$DATA" -m fast -s
else
    say "no mark between the base backup and $TARGET: tables are not compared"
fi

case "$TARGET" in
    latest) start "" ;;
    mark-*) start "recovery_target_name = '$TARGET'
recovery_target_action = promote" ;;
    *) start "recovery_target_time = '$TARGET'
recovery_target_action = promote" ;;
esac
reach "select pg_is_in_recovery()" f
lsn=$(ask "select pg_last_wal_replay_lsn()")
if [ "$TARGET" = latest ]; then # which ends without a word where WAL is missing or damaged
    size=$(controlled "Bytes per WAL segment")
    newest=$(find "$BACKUP/wal" -type f -name '[0-9A-F]*' ! -name '*.history' -exec basename {} \; | sort | tail -n 1)
    high=$(echo "$newest" | cut -c 9-16)
    low=$(echo "$newest" | cut -c 17-24)
    wanted=$(((0x$high * (0x100000000 / size) + 0x$low) * size)) # where the newest file begins
    case "$newest" in *.partial) wanted=$((wanted - size)) ;; esac # it may hold the beginning of a record only
    [ $((0x${lsn%/*} * 0x100000000 + 0x${lsn#*/})) -gt "$wanted" ] \
        || fail "WAL is missing or damaged after $lsn, and there is some up to $newest"
fi
say "recovered to $lsn; the last change is of $(ask "select coalesce(pg_last_xact_replay_timestamp()::text, 'before the base backup')")"
if [ "$(ask "select to_regclass('app.person_keys') is not null")" = t ]; then
    say "sealed with master key(s) $(ask "select coalesce(string_agg(distinct master_key_id, ', '), 'none') from app.person_keys")"
fi
pg_ctl stop -D "$DATA" -m fast -s
say "$DATA is ready to be started"
