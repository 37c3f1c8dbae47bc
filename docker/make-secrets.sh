#!/bin/sh
# Makes the secrets that compose.yaml mounts, once; what is there already stays as it is.
set -eu
umask 077
folder="$(dirname -- "$0")/secrets"
mkdir -p "$folder"
cd -- "$folder"

random() {
  od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
}

keep() { # keep NAME TEXT: a file mode that the containers' users can read, in a folder only you can
  [ -e "$1" ] || printf '%s\n' "$2" >"$1"
  chmod 0444 "$1"
}

for key in file index token evidence; do
  keep "$key.key" "$(random)"
done
keep postgres_password "$(random)"
keep jisui_database_url "postgresql+asyncpg://jisui:$(cat postgres_password)@postgres/jisui"
if [ ! -e jisui_redis_url ]; then
  password="$(random)"
  keep redis.conf "$(printf 'requirepass %s\nsave ""\nappendonly no\nmaxmemory 192mb\nmaxmemory-policy noeviction' "$password")"
  keep jisui_redis_url "redis://:$password@redis:6379/0"
fi
# The licence of the population base; replace the file's text by yours.
keep population.licence "REPLACE-WITH-YOUR-LICENCE"
