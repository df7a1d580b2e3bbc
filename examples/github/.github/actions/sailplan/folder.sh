#!/usr/bin/env bash
# Makes a fresh folder for the results and tells its name, before anything runs: what a cancelled job leaves is found too.
set -euo pipefail

folder=$(mktemp -d "$RUNNER_TEMP/sailplan-run.XXXXXX")
echo "directory=$folder" >>"$GITHUB_OUTPUT"
