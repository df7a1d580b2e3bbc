#!/usr/bin/env bash
# Says for each ring which of its tenants have something to apply, from the new plans of this run: an artefact of a branch decides
# nothing.
set -euo pipefail

due='[]'
for folder in "$SAILPLAN_FOLDER"/sailplan-approved-*/; do
    [ -f "$folder/plan.json" ] || continue
    tenant=$(basename "$folder")
    tenant=${tenant#sailplan-approved-}
    if [ "$(jq .summary.changes "$folder/fresh.json")" != 0 ]; then
        due=$(jq -c --arg tenant "$tenant" '. + [$tenant]' <<<"$due")
    fi
done
for ring in dev stage prod; do
    tenants=$(jq -nc --arg ring "$ring" --argjson due "$due" --argjson rings "$SAILPLAN_RINGS" '$due | map(select($rings[.] == $ring))')
    echo "$ring=$tenants" >>"$GITHUB_OUTPUT"
done
