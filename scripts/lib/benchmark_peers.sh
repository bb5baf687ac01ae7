#!/usr/bin/env bash
# Installs what benchmarks compare auth-api with, each in a place of its own, and prints the Python of fastapi-users.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/lib/tools.sh
source scripts/lib/npm.sh

npm_ci benchmarks/peers/better_auth

lock_workspace
environment=.tools/fastapi_users lock=benchmarks/peers/fastapi_users/requirements.lock
mark=$environment/.installed
if [ ! -e "$mark" ] || [ "$lock" -nt "$mark" ]; then
    say "installing the Python packages of $lock"
    uv=$(find_uv)
    "$uv" venv --quiet --clear --python "$(find_python)" "$environment"
    VIRTUAL_ENV=$environment "$uv" pip sync --quiet --require-hashes "$lock"
    touch "$mark"
fi
printf '%s\n' "$PWD/$environment/bin/python"
