#!/usr/bin/env bash
# Finds what may not stand in the tree: hosts of package registries and paths of a machine, in any file; addresses in
# npm's locks. Usage: scripts/lib/tree.sh [CLONE]. Each match is printed with its line; any match fails.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

# A bracket in each, so that this file does not find itself.
hosts='p[y]pi[.](org|python[.]org)|python[h]osted[.]org|npm[j]s[.](org|com)|y[a]rnpkg[.]com|deb[i]an[.]org'
paths='/w[o]rk/|/f[a]rm/|/r[o]ot/|[.][.]/s[h]ared'
found=0

# search TITLE PATTERN FILES...: of the files that git tracks, or would on the next `git add`.
search() {
    local status=0
    git grep --untracked -nIE "$2" -- "${@:3}" || status=$?
    case $status in
        0) printf '^ %s\n' "$1"; found=1 ;;
        1) ;;
        *) printf 'git could not search here; is this a clone?\n'; exit 2 ;;
    esac
}

search "the host of a package registry: leave it out, users have their own" "$hosts" .
search "a path outside the repository, or of one machine: make it relative" "$paths" .
search "an address in a lock: make the lock with scripts/lock" '"res[o]lved":' '*package-lock.json'
exit "$found"
