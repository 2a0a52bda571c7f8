#!/bin/sh
# The name of a file, or none for .env beside docker-compose.yml → that file with the passwords of docker-compose.yml, random,
# readable by its owner only. One that is there already is left alone.
set -eu
file="${1:-$(dirname "$0")/../../.env}"
if [ -e "$file" ]; then echo "$file exists: remove it first, or keep it" >&2; exit 1; fi
umask 077
for name in POSTGRES_PASSWORD TEMPORAL_DATABASE_PASSWORD PAM_OWNER_PASSWORD PAM_RUNTIME_PASSWORD PAM_READER_PASSWORD; do
  echo "$name=$(openssl rand -hex 24)"
done > "$file"
