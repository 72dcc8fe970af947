# Installs the Debian packages named as arguments; run as root by install.rs.
set -eu
export DEBIAN_FRONTEND=noninteractive

# Debian's PostgreSQL comes with a standing server that nobody here asked for. This keeps it from
# being made; it is taken away again, so that a later wish for one is granted.
quiet=/etc/postgresql-common/createcluster.d/carecert-tests.conf
trap 'rm -f "$quiet"' EXIT
mkdir -p "${quiet%/*}"
echo 'create_main_cluster = false' >"$quiet"

apt-get update
apt-get install --yes --no-install-recommends "$@"
