#!/bin/sh
# Install Freehold from a place that publishes its packages, and begin with it in the same command:
#
#   curl -fsSL https://packages.example.org/freehold/install.sh | sh -s -- \
#       --from https://packages.example.org/freehold --sha256 SUM \
#       -- --repo ssh://git@git.example.org/control.git -e production -n web01 --trust signed --signer FINGERPRINT --timer 5m
#
# The place holds the packages, SHA256SUMS (packaging/sums makes it) and, if it is signed, SHA256SUMS.asc. What is installed must stand
# in SHA256SUMS, and that must be vouched for in one of two ways, told by another way than this script itself:
#   --sha256 SUM    the SHA-256 of the file SHA256SUMS
#   --key FILE      a key ring that signed it (gpg --export FINGERPRINT >FILE), checked by gpgv or sqv
# Everything after `--` goes to `freehold init`; without it nothing is configured and nothing runs.
set -eu

die() { echo "install.sh: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# fetch URL FILE
fetch() {
    if has curl; then curl -fsSL --retry 2 -o "$2" "$1"
    elif has wget; then wget -q -O "$2" "$1"
    elif has python3; then python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' "$1" "$2" 2>/dev/null
    else die "curl, wget or python3 is needed to fetch anything"
    fi || die "$1 cannot be fetched"
}

# The name, as a pattern, of the package for this system.
pattern() {
    [ -r /etc/os-release ] || die "this system does not say what it is; see the README for other ways"
    . /etc/os-release
    if has apt-get; then
        case $ID in debian) suite=deb$VERSION_ID ;; *) suite=$ID$VERSION_ID ;; esac
        echo "freehold_.*~${suite}_$(dpkg --print-architecture)\.deb"
    elif has dnf; then
        echo "freehold-.*\.$(uname -m)\.rpm"
    else
        die "there is no package for $ID; see the README for other ways"
    fi
}

# signed SIGNATURE FILE: by whichever of the two this system's own package manager checks with
signed() {
    if has gpgv; then gpgv --quiet --keyring "$key" "$1" "$2" 2>/dev/null
    elif has sqv; then sqv --keyring "$key" "$1" "$2" >/dev/null 2>&1
    else die "gpgv or sqv is needed to check a signature"
    fi
}

# SHA256SUMS is the publisher's, or nothing goes on.
vouched() {
    if [ -n "$sum" ]; then
        echo "$sum  $place/SHA256SUMS" | sha256sum --check --status || die "SHA256SUMS is not the file with --sha256 $sum"
    fi
    if [ -n "$key" ]; then
        fetch "$from/SHA256SUMS.asc" "$place/SHA256SUMS.asc"
        signed "$place/SHA256SUMS.asc" "$place/SHA256SUMS" || die "SHA256SUMS is not signed by a key in $key"
    fi
}

package() {
    name=$(sed -n "s/^[0-9a-f]\{64\}  \($(pattern)\)\$/\1/p" "$place/SHA256SUMS" | sort -V | tail -n 1)
    [ -n "$name" ] || die "there is no package for this system at $from"
    fetch "$from/$name" "$place/$name"
    (cd "$place" && grep -F "  $name" SHA256SUMS | sha256sum --check --status) || die "$name is not what SHA256SUMS says"
    echo "$place/$name"
}

main() {
    from='' sum='' key=''
    while [ $# -gt 0 ]; do
        case $1 in
            --from) from=${2%/}; shift 2 ;;
            --sha256) sum=$2; shift 2 ;;
            --key) key=$(readlink -f "$2"); shift 2 ;;
            --) shift; break ;;
            *) die "unknown option $1" ;;
        esac
    done
    [ "$(id -u)" = 0 ] || die "installing needs root"
    [ -n "$from" ] || die "say where the packages are: --from URL"
    [ -n "$sum$key" ] || die "say what vouches for them: --sha256 SUM, or --key FILE"
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    trap 'exit 130' INT TERM
    chmod 755 "$place"  # apt reads packages as a user of its own
    fetch "$from/SHA256SUMS" "$place/SHA256SUMS"
    vouched
    file=$(package)
    if has apt-get; then
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$file" </dev/null
    else
        dnf -q -y install "$file" </dev/null
    fi
    if [ $# -gt 0 ]; then freehold init "$@"; else echo "installed; next: freehold init"; fi
}

main "$@"  # the last line: what is cut off on the way does nothing
