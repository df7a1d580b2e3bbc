#!/usr/bin/env bash
# Puts sailplan on the PATH of the steps that follow: the binary named, the source beside this action, or crates.io.
set -euo pipefail

if [ -n "$SAILPLAN_BINARY" ]; then
    folder=$(cd "$(dirname "$SAILPLAN_BINARY")" && pwd)
else
    root="$RUNNER_TEMP/sailplan-install"
    folder="$root/bin"
    if [ ! -x "$folder/sailplan" ]; then
        # Building runs code of every dependency; the credentials in the environment are none of its business.
        cargo=(env -i "PATH=$PATH" "HOME=$HOME" "HTTPS_PROXY=${HTTPS_PROXY:-}" cargo install --quiet --locked --root "$root")
        if [ -f "$GITHUB_ACTION_PATH/Cargo.toml" ]; then
            # Used as OWNER/sailplan@COMMIT: what is built is what was pinned.
            "${cargo[@]}" --path "$GITHUB_ACTION_PATH"
        else
            "${cargo[@]}" --version "$SAILPLAN_VERSION" sailplan
        fi
    fi
fi
"$folder/sailplan" --version
printf '%s\n' "$folder" >>"$GITHUB_PATH"
