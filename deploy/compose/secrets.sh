#!/bin/sh
# Nothing → the passwords of docker-compose.yml, random, as lines for .env: `deploy/compose/secrets.sh > .env`
set -eu
# The file that the output goes to is for its owner only, if it is new.
umask 077
for name in POSTGRES_PASSWORD TEMPORAL_DATABASE_PASSWORD PAM_OWNER_PASSWORD PAM_RUNTIME_PASSWORD PAM_READER_PASSWORD; do
  echo "$name=$(openssl rand -hex 24)"
done
