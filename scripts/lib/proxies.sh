# shellcheck shell=bash
# Sourced after tools.sh: nginx and Caddy, before which forward-auth is tested.

# Installs those that are missing, or fails with what to do.
install_proxies() {
    local missing=() name
    for name in nginx caddy; do PATH=$PATH:/usr/sbin command -v "$name" >/dev/null || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing ${missing[*]} with apt-get"
        if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"; } \
            >/dev/null 2>&1; then return 0; fi
    fi
    say "error: not found, and could not be installed: ${missing[*]}. On Debian and Ubuntu: apt-get install ${missing[*]}"
    return 1
}
