#!/bin/sh
# PostgreSQL with Temporal's databases missing or of an earlier version → their schema as this version of Temporal needs it.
# Runs in temporalio/admin-tools. The password comes as SQL_PASSWORD.
set -eu
sql() { temporal-sql-tool --plugin postgres12 --ep postgresql -p 5432 -u temporal --db "$@"; }
for database in temporal temporal_visibility; do
  case "$database" in temporal) kind=temporal ;; *) kind=visibility ;; esac
  # Both fail where it is there already; the update then says whether it is right.
  sql "$database" create || true
  sql "$database" setup-schema -v 0.0 || true
  sql "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$kind/versioned"
done
