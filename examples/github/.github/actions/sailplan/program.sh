#!/usr/bin/env bash
# fetch: installs sailplan, in a job that has no credentials, for the artefact that passes it to the other jobs.
# check: uses it only if its SHA-256 is the one from that job, and puts it on the PATH of the steps that follow.
set -euo pipefail

folder="$RUNNER_TEMP/sailplan-program"
case "$1" in
fetch)
    # Used as OWNER/sailplan@COMMIT: what is built is what was pinned.
    if [ -z "$SAILPLAN_INSTALL" ] && [ -f "$GITHUB_ACTION_PATH/Cargo.toml" ]; then
        export SAILPLAN_INSTALL="path:$GITHUB_ACTION_PATH"
    fi
    hash=$(bash "$(dirname "$0")/sailplan-install.sh" "$folder")
    echo "sha256=$hash" >>"$GITHUB_OUTPUT"
    ;;
check)
    if ! echo "$SAILPLAN_SHA256  $folder/sailplan" | sha256sum --check --status; then
        echo "::error::The artefact sailplan-program does not hold the program whose SHA-256 the input sha256 gives: nothing was run."
        exit 1
    fi
    chmod 755 "$folder/sailplan"
    "$folder/sailplan" --version
    printf '%s\n' "$folder" >>"$GITHUB_PATH"
    ;;
*)
    exit 64
    ;;
esac
