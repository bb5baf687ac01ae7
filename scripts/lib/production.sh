#!/usr/bin/env bash
# Makes an environment as production has it: the members as wheels, without the development provider, and of what they
# require only the pins of requirements.lock, held against its hashes.
# Usage: scripts/lib/production.sh FOLDER [NAMES] [WHEEL...]
# NAMES of backends besides kv-oauth and of extras, with commas between: workos,better-auth,telemetry,tokens. A WHEEL is an
# adapter of your own, or what it requires:
# of what it requires, the lock's version is installed where the lock has one, and where not the index is asked, and it is said.
set -euo pipefail
target=${1:?the folder of the environment to make}
[[ "$target" = /* ]] || target="$PWD/$target"
shift
names='' foreign=()
for given in "$@"; do
    case "$given" in
        *.whl) foreign+=("$(realpath -m "$given")") ;;
        *) names+="$given," ;;
    esac
done
cd "$(dirname "$0")/../.."
source scripts/lib/tools.sh

[ -z "$(ls -A "$target" 2>/dev/null)" ] || fail "$target is there already; name a new one"
for wheel in "${foreign[@]}"; do [ -f "$wheel" ] || fail "no wheel $wheel"; done
python=$(find_python)
mapfile -t members < <("$python" scripts/lib/workspace.py)
extras=(telemetry tokens)
known=("${extras[@]}")
for folder in "${members[@]}"; do [[ "$folder" != adapters/* ]] || known+=("$(basename "${folder//_/-}")"); done
while IFS= read -r name; do
    [[ -z "$name" || " ${known[*]} " = *" $name "* ]] || fail "no backend and no extra is named '$name'; there are: ${known[*]}"
done <<<"${names//,/$'\n'}"

uv=$(find_uv)
export UV_PYTHON_DOWNLOADS=never
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
wanted=()
for extra in "${extras[@]}"; do
    [[ ",$names" != *",$extra,"* ]] || wanted+=("netscript-plugin-auth[$extra]")
done
for folder in "${members[@]}"; do
    backend=${folder#adapters/}
    case "$folder" in
        dev_provider | auth_client) continue ;; # for development; for services beside auth-api
        adapters/kv_oauth) ;; # the default: always there
        adapters/*) [[ ",$names" = *",${backend//_/-},"* ]] || continue ;;
    esac
    "$uv" build --quiet --wheel --build-constraints requirements.lock --out-dir "$wheels" "$folder"
done
"$uv" venv --quiet --python "$python" "$target"
"$uv" pip install --quiet --python "$target" --only-binary :all: --constraint requirements.lock "$wheels"/*.whl "${wanted[@]}" "${foreign[@]}"

# What was given as a file has an address in place of a version.
"$uv" pip freeze --python "$target" | while IFS= read -r installed; do
    [[ "$installed" = *" @ "* ]] || grep -q "^${installed%%==*}==" requirements.lock ||
        say "not in requirements.lock, so as the index has it: $installed"
done
