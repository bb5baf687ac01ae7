#!/usr/bin/env bash
# Makes an environment as production has it: the members as wheels, without the development provider, and of what they
# require only the pins of requirements.lock, held against its hashes. Usage: scripts/lib/production.sh FOLDER [BACKENDS]
# BACKENDS besides kv-oauth, with commas between: workos,better-auth
set -euo pipefail
target=${1:?the folder of the environment to make}
[[ "$target" = /* ]] || target="$PWD/$target"
backends=${2:-}
cd "$(dirname "$0")/../.."
source scripts/lib/tools.sh

python=$(find_python)
uv=$(find_uv)
export UV_PYTHON_DOWNLOADS=never
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
while IFS= read -r folder; do
    backend=${folder#adapters/}
    case "$folder" in
        dev_provider) continue ;;
        adapters/kv_oauth) ;; # the default: always there
        adapters/*) [[ ",$backends," = *",${backend//_/-},"* ]] || continue ;;
    esac
    "$uv" build --quiet --wheel --build-constraints requirements.lock --out-dir "$wheels" "$folder"
done < <("$python" scripts/lib/workspace.py)
"$uv" venv --quiet --python "$python" "$target"
"$uv" pip install --quiet --python "$target" --only-binary :all: --constraint requirements.lock "$wheels"/*.whl
