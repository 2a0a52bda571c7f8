#!/bin/sh
# A Temporal server → its namespace "default", which the server image does not make. Runs in temporalio/admin-tools.
set -eu
tries=0
until temporal operator namespace describe -n default >/dev/null 2>&1 || temporal operator namespace create -n default; do
  tries=$((tries + 1))
  [ "$tries" -lt 30 ] || exit 1
  sleep 2
done
