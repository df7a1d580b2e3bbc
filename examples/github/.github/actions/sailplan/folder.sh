#!/usr/bin/env bash
# Makes a new folder for the results and prints its name before anything runs, so that the results of a cancelled job are found too.
set -euo pipefail

folder=$(mktemp -d "$RUNNER_TEMP/sailplan-run.XXXXXX")
echo "directory=$folder" >>"$GITHUB_OUTPUT"
