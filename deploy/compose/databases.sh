#!/bin/sh
# An empty PostgreSQL → a role for Temporal and the owner of PAM's database, neither of them a superuser. PostgreSQL's image
# runs this once. The passwords come as variables and are quoted by psql.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v temporal="$TEMPORAL_DATABASE_PASSWORD" -v owner="$PAM_OWNER_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
CREATE ROLE pam_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE DATABASE pam OWNER pam_owner;
REVOKE ALL ON DATABASE pam FROM PUBLIC;
SQL
