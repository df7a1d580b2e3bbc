#!/usr/bin/env bash
# Puts the sailplan that SAILPLAN_INSTALL names into a folder and prints its SHA-256. It runs in a job that has no
# credentials, since a build runs code of every dependency; the jobs that have credentials use the program and check the hash.
#
#     sailplan-install.sh FOLDER
#
#     archive:URL#sha256=HEX   a .tar.gz with the program in it; refused if its hash differs
#     git:URL@COMMIT           the source at this commit, built with exactly the dependencies that it locks
#     path:FOLDER              the source in this folder
#
# RUSTUP_TOOLCHAIN is the compiler of a build, SAILPLAN_CA_CERT a file with certificates to trust as well. curl, git and cargo
# take the usual proxy variables.
set -euo pipefail
folder=$1
how=${SAILPLAN_INSTALL:-}

fail() {
    case "${GITHUB_ACTIONS:+github}${TF_BUILD:+azure}" in
    github) echo "::error::$1" >&2 ;;
    azure) echo "##vso[task.logissue type=error]$1" >&2 ;;
    *) echo "$1" >&2 ;;
    esac
    exit 1
}

# Built and unpacked outside the checkout, whose rust-toolchain.toml or .cargo/config.toml could choose what is run.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
export RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-1.95.0} CARGO_NET_GIT_FETCH_WITH_CLI=true
if [ -n "${SAILPLAN_CA_CERT:-}" ]; then
    SAILPLAN_CA_CERT=$(realpath "$SAILPLAN_CA_CERT")
    export CURL_CA_BUNDLE=$SAILPLAN_CA_CERT GIT_SSL_CAINFO=$SAILPLAN_CA_CERT CARGO_HTTP_CAINFO=$SAILPLAN_CA_CERT
fi

build() {
    # A runner may have a different compiler.
    if command -v rustup >/dev/null; then
        rustup toolchain install --profile minimal --no-self-update "$RUSTUP_TOOLCHAIN" >&2
    fi
    cargo install --quiet --locked --root "$work/built" "$@" >&2
    cp "$work/built/bin/sailplan" "$folder/sailplan"
}

if [[ $how =~ ^archive:(https?://[^[:space:]#]+)#sha256=([0-9a-f]{64})$ ]]; then
    url=${BASH_REMATCH[1]} wanted=${BASH_REMATCH[2]}
    curl --fail --silent --show-error --location --proto '=http,https' --max-time 300 --retry 3 --output "$work/archive" "$url" ||
        fail "$url cannot be fetched"
    found=$(sha256sum "$work/archive")
    found=${found%% *}
    if [ "$found" != "$wanted" ]; then
        fail "$url has the SHA-256 $found, not $wanted: nothing was installed"
    fi
    mkdir "$work/unpacked"
    tar -xzf "$work/archive" --no-same-owner -C "$work/unpacked"
    program=$(find "$work/unpacked" -type f -name sailplan)
    if [ ! -f "$program" ]; then
        fail "$url does not hold one file sailplan"
    fi
    cp "$program" "$folder/sailplan"
elif [[ $how =~ ^git:([^[:space:]]+)@([0-9a-f]{40})$ ]]; then
    cd "$work"
    build --git "${BASH_REMATCH[1]}" --rev "${BASH_REMATCH[2]}" sailplan
elif [[ $how =~ ^path:(.+)$ ]]; then
    source=$(realpath "${BASH_REMATCH[1]}")
    cd "$work"
    build --path "$source"
elif [ -z "$how" ]; then
    fail "It is not said where CI gets sailplan. Set SAILPLAN_INSTALL at the top of the CI file to archive:URL#sha256=HEX or git:URL@COMMIT."
else
    fail "SAILPLAN_INSTALL is not archive:URL#sha256=HEX (64 digits) or git:URL@COMMIT (all 40 digits of the commit)."
fi
chmod 755 "$folder/sailplan"
hash=$(sha256sum "$folder/sailplan")
echo "${hash%% *}"
