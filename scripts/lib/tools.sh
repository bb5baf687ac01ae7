# shellcheck shell=bash
# Sourced by the scripts, which stand in the repository's root then: finding or fetching what they need.
# A function whose name begins with find_ prints a path, or says what is missing and how to get it.

# uv and Node trust the authorities of the system, as pip does, so that a network with one of its own needs no settings.
export NODE_USE_SYSTEM_CA="${NODE_USE_SYSTEM_CA:-1}"
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"; fi

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# A Python of 3.11 or newer: NETSCRIPT_PYTHON, then the usual names.
find_python() {
    local candidate
    for candidate in "${NETSCRIPT_PYTHON:-}" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            # Of an activated environment, the Python that it was made from: .venv itself may be removed.
            "$candidate" -c 'import sys; print(getattr(sys, "_base_executable", None) or sys.executable)'
            return
        fi
        [ "$candidate" != "${NETSCRIPT_PYTHON:-}" ] || fail "NETSCRIPT_PYTHON=$candidate is not a Python of 3.11 or newer"
    done
    fail "no Python 3.11 or newer found. Install one, or name it: NETSCRIPT_PYTHON=/path/to/python3.12"
}

# Until the calling (sub)shell ends, no other script changes .venv, .tools or a node_modules of this clone.
lock_workspace() {
    local python
    python=$(find_python)
    mkdir -p .tools
    exec 9>.tools/lock
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}

# uv: the one on the PATH, or the one of requirements.lock in a private environment under .tools/. Not the one of .venv,
# which an activated .venv puts on the PATH: scripts/setup may have to remove it.
find_uv() {
    local home=$PWD/.tools/uv candidate python
    while IFS= read -r candidate; do
        [ "${candidate%/*}" -ef .venv/bin ] || { printf '%s\n' "$candidate"; return; }
    done < <(type -aP uv)
    if [ ! -x "$home/bin/uv" ]; then
        python=$(find_python)
        say "installing uv into .tools/uv"
        "$python" -m venv "$home" >&2 ||
            fail "$python cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv"
        awk '/^uv==/ { inside = 1 } inside { print } inside && !/\\$/ { exit }' requirements.lock >"$home/uv.lock"
        "$home/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$home/uv.lock" >&2 ||
            fail "pip could not install uv. Is a package index reachable?"
    fi
    printf '%s\n' "$home/bin/uv"
}
