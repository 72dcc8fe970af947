# Owns a throw-away PostgreSQL and its folder: started by postgres.rs, with the folder of the
# server's programs as its argument and the port and password on its input. It prints "ready" and
# then waits for its input to close, whatever closed it.
set -eu
programs=$1
read -r port
read -r password

folder=$(mktemp -d "${TMPDIR:-/tmp}/carecert-postgres-XXXXXX")
server=
tidy() {
    # QUIT is PostgreSQL's immediate shutdown: nothing in here is worth a checkpoint.
    if [ -n "$server" ]; then kill -QUIT "$server" 2>/dev/null || true; wait "$server" || true; fi
    rm -rf "$folder"
}
trap tidy EXIT
trap 'exit 1' HUP TERM
give_up() { cat "$folder/log" >&2; exit 1; }

printf '%s' "$password" >"$folder/password"
"$programs/initdb" --pgdata "$folder/data" --username postgres --pwfile "$folder/password" \
    --auth password --locale C.UTF-8 --encoding UTF8 --no-sync >"$folder/log" 2>&1 || give_up
"$programs/postgres" -D "$folder/data" -k "$folder" -p "$port" -c listen_addresses=127.0.0.1 \
    -c max_connections=200 -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    >>"$folder/log" 2>&1 &
server=$!
until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do
    kill -0 "$server" 2>/dev/null || give_up
    sleep 0.1
done
echo ready
read -r _ || true
