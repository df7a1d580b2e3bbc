#!/usr/bin/env bash
# Takes the program of the stage that has no credentials only if its SHA-256 is the one from that stage, and puts it on
# the PATH of the steps that follow. SAILPLAN_SHA256 is that hash.
#
#     sailplan-program.sh FOLDER
set -euo pipefail
if ! echo "$SAILPLAN_SHA256  $1/sailplan" | sha256sum --check --status; then
    echo "##vso[task.logissue type=error]The artefact does not hold the program whose hash the stage Program told: nothing was run."
    exit 1
fi
mkdir -p "$AGENT_TEMPDIRECTORY/sailplan-bin" "$AGENT_TEMPDIRECTORY/sailplan-sent"
cp "$1/sailplan" "$AGENT_TEMPDIRECTORY/sailplan-bin/sailplan"
chmod 755 "$AGENT_TEMPDIRECTORY/sailplan-bin/sailplan"
"$AGENT_TEMPDIRECTORY/sailplan-bin/sailplan" --version
echo "##vso[task.prependpath]$AGENT_TEMPDIRECTORY/sailplan-bin"
