# shellcheck shell=bash
# Sourced after tools.sh and npm.sh: a Chromium for tests. Playwright drives whichever is found.

# Prints the path of a browser that starts, or fails with what to do.
find_chromium() {
    if [ -n "${NETSCRIPT_CHROMIUM:-}" ]; then
        starts "$NETSCRIPT_CHROMIUM" || fail "NETSCRIPT_CHROMIUM=$NETSCRIPT_CHROMIUM does not start"
        printf '%s\n' "$NETSCRIPT_CHROMIUM"
        return
    fi
    chromium_on_path || chromium_from_apt || chromium_from_npm ||
        fail "no Chromium, and none could be installed. Install one, or name it: NETSCRIPT_CHROMIUM=/path/to/chromium"
}

# A name alone proves nothing: on Ubuntu, chromium-browser may be a note that says to install a snap.
starts() { "$1" --version >/dev/null 2>&1; }

chromium_on_path() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if starts "$name"; then command -v "$name"; return; fi
    done
    return 1
}

chromium_from_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "installing chromium with apt-get"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } \
        >/dev/null 2>&1 || return 1
    chromium_on_path
}

chromium_from_npm() (
    home=.tools/chromium
    mkdir -p "$home/bin"
    cp -p scripts/lib/chromium/{package.json,package-lock.json,.npmrc,path.mjs} "$home"
    npm_ci "$home" || exit
    path=$(TMPDIR="$PWD/$home/bin" "$(find_node_home)/bin/node" "$home/path.mjs") || exit
    starts "$path" || { say "the Chromium of npm does not start here: $("$path" --version 2>&1 | head -n 1)"; exit 1; }
    printf '%s\n' "$path"
)
