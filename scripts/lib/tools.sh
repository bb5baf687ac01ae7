# Sourced by the scripts: finding or fetching what they need. Each function prints a path, or says what is missing and how to get it.

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*" >&2; }

# A Python of 3.11 or newer: NETSCRIPT_PYTHON, then the usual names.
find_python() {
    local candidate
    for candidate in "${NETSCRIPT_PYTHON:-}" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    fail "no Python 3.11 or newer found. Install one, or name it: NETSCRIPT_PYTHON=/path/to/python3.12"
}

# uv: the one on the PATH, or one from the package index in a private environment under .tools/.
find_uv() {
    if command -v uv >/dev/null 2>&1; then command -v uv; return; fi
    local home=.tools/uv
    if [ ! -x "$home/bin/uv" ]; then
        say "installing uv into $home"
        "$(find_python)" -m venv "$home" >&2 || fail "python -m venv failed; on Debian: apt-get install python3-venv"
        "$home/bin/pip" install --quiet --disable-pip-version-check uv >&2 || fail "pip could not install uv; is a package index reachable?"
    fi
    printf '%s\n' "$PWD/$home/bin/uv"
}
