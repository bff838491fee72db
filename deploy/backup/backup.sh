#!/bin/sh
# Backs PostgreSQL up so that every moment can be had again; docs/backup.md.
#   backup.sh run     follow the WAL as it is written, and take a base backup every BACKUP_EVERY_HOURS
#   backup.sh base    take a base backup and a mark, also where nobody follows the WAL, and remove what is too old
#   backup.sh mark    write down rows and checksum of every table, at a moment to which one can restore
#   backup.sh health  succeed if the WAL is followed and the newest base backup is young enough
# Where the database is: libpq's own variables (PGHOST, PGUSER, ...), for a superuser. Needs PostgreSQL's client programs.
set -eu

: "${BACKUP_DIR:?where backups are kept}" "${BACKUP_EVERY_HOURS:=24}" "${BACKUP_KEEP_DAYS:=14}"
: "${PGUSER:=postgres}" "${PGDATABASE:=postgres}"
export PGUSER PGDATABASE
SLOT=talking_backup
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
MARK_TRIES=20

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }
stamp() { date -u +%Y%m%dT%H%M%SZ; }
ask() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# A folder holds the backups of one history. Those of another (another database, one that was restored, or a slot that was
# lost because backups were away for too long) are set aside, and a new base backup is due.
prepare() {
    history=$(psql -XAtq "dbname=$PGDATABASE replication=true" -c IDENTIFY_SYSTEM | cut -d '|' -f 1,2)
    is_lost=$(ask "select count(*) from pg_replication_slots where slot_name = '$SLOT' and wal_status = 'lost'")
    [ "$is_lost" = 0 ] || ask "select pg_drop_replication_slot('$SLOT')"
    if [ -e "$BACKUP_DIR/history" ] && { [ "$is_lost" != 0 ] || [ "$(cat "$BACKUP_DIR/history")" != "$history" ]; }; then
        aside="$BACKUP_DIR/before-$(stamp)"
        mkdir "$aside"
        mv "$BACKUP_DIR/history" "$BACKUP_DIR/base" "$BACKUP_DIR/wal" "$BACKUP_DIR/marks" "$aside"
        say "another history begins: what was here is in $aside"
    fi
    mkdir -p "$BACKUP_DIR/base" "$BACKUP_DIR/wal" "$BACKUP_DIR/marks"
    echo "$history" > "$BACKUP_DIR/history"
}

base() {
    copy
    mark
    prune
}

copy() {
    rm -rf "$BACKUP_DIR"/base/*.new
    new="$BACKUP_DIR/base/$(stamp).new"
    pg_basebackup -D "$new" -F tar --compress=gzip:1 -X stream -c fast
    done="$BACKUP_DIR/base/$(stamp)" # when it ended: the first moment that can be had from it
    mv "$new" "$done"
    say "base backup $done"
}

# Where nobody follows the WAL, what is written from the end of the base backup to its mark comes with it.
once() {
    prepare
    if is_followed; then base; return; fi
    copy
    new="$BACKUP_DIR/wal.new"
    rm -rf "$new" && mkdir "$new"
    follow -d "application_name=$SLOT" -D "$new"
    until [ "$(ask "select count(*) from pg_stat_replication where application_name = '$SLOT'")" != 0 ]; do still_follows; done
    mark
    last=$(ask 'select pg_walfile_name(pg_switch_wal() - 1)')
    until [ -e "$new/$last" ]; do still_follows; done
    kill $follower
    wait $follower || :
    rm -f "$new"/*.partial
    mv "$new"/* "$BACKUP_DIR/wal"
    rmdir "$new"
    prune
}

# Until we end, whatever ends us.
follow() {
    pg_receivewal "$@" --synchronous --no-loop &
    follower=$!
    trap 'kill $follower 2>/dev/null || :' EXIT
    trap 'exit 1' TERM INT
}

still_follows() {
    kill -0 $follower 2>/dev/null || { say "the WAL cannot be followed"; exit 1; }
    sleep 0.2
}

mark() {
    tried=1
    while :; do
        name="mark-$(stamp)"
        file="$BACKUP_DIR/marks/$name"
        # who is writing comes first: it waits for the tables for 200 ms and no longer
        if [ ! -e "$file" ] && psql -Xq -v ON_ERROR_STOP=1 -v name="$name" -f "$HERE/mark.sql" > "$file.new"; then break; fi
        rm -f "$file.new"
        [ "$tried" -lt "$MARK_TRIES" ] || { say "no mark: the tables were not free"; return 1; }
        tried=$((tried + 1))
        sleep 1
    done
    mv "$file.new" "$file"
    say "mark $name: $(wc -l < "$file") tables"
}

# The newest base backup stays however old it is, and with each one all WAL since.
prune() {
    newest=$(find "$BACKUP_DIR/base" -mindepth 1 -maxdepth 1 | sort | tail -n 1)
    find "$BACKUP_DIR/base" -mindepth 1 -maxdepth 1 ! -path "$newest" -mtime "+$((BACKUP_KEEP_DAYS - 1))" -exec rm -rf {} +
    find "$BACKUP_DIR" -maxdepth 1 -name 'before-*' -mtime "+$((BACKUP_KEEP_DAYS - 1))" -exec rm -rf {} +
    oldest=$(find "$BACKUP_DIR/base" -mindepth 1 -maxdepth 1 | sort | head -n 1)
    first_wal=$(tar -xzOf "$oldest/base.tar.gz" backup_label | sed -n 's/.*(file \([0-9A-F]*\)).*/\1/p')
    pg_archivecleanup "$BACKUP_DIR/wal" "$first_wal"
    find "$BACKUP_DIR/marks" -type f ! -newer "$oldest/base.tar.gz" -delete
}

is_due() { [ -z "$(find "$BACKUP_DIR/base" -mindepth 1 -maxdepth 1 ! -name '*.new' -mmin "-$((BACKUP_EVERY_HOURS * 60))")" ]; }
is_followed() { [ "$(ask "select active from pg_replication_slots where slot_name = '$SLOT'")" = t ]; }

run() {
    prepare
    pg_receivewal --create-slot --if-not-exists -S "$SLOT"
    follow -D "$BACKUP_DIR/wal" -S "$SLOT"
    trap 'exit 0' TERM INT
    until is_followed; do still_follows; done
    say "following the WAL"
    while kill -0 $follower 2>/dev/null; do
        if is_due; then base; fi
        sleep 5 &
        wait $! # unlike sleep itself, it is cut short by a signal
    done
    say "the WAL is followed no more" # PostgreSQL is away; whoever started us starts us again
    exit 1
}

case "${1:-}" in
    run) run ;;
    base) once ;;
    mark) mark ;;
    health) is_followed && [ -n "$(find "$BACKUP_DIR/base" -mindepth 1 -maxdepth 1 ! -name '*.new' \
        -mmin "-$((BACKUP_EVERY_HOURS * 60 + 120))")" ] ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
