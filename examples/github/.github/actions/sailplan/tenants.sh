#!/usr/bin/env bash
# Lists the tenants for a matrix: all of them, and those of each ring. A practice tenant has no job.
# SAILPLAN_TENANT chooses tenants by name; * and ? are wildcards.
set -euo pipefail

list=$(sailplan tenants --tenant "${SAILPLAN_TENANT:-*}" --format json)
real='.tenants[] | select(.url | startswith("practice:") | not)'
lost=$(jq -r "[$real | select(.labels.ring | IN(\"dev\", \"stage\", \"prod\") | not) | .name] | join(\", \")" <<<"$list")
if [ -n "$lost" ]; then
    echo "::error::No ring, so no job: $lost. Give each tenant labels: { ring: dev }, stage or prod in the workspace file."
    exit 1
fi
echo "tenants=$(jq -c "[$real | .name]" <<<"$list")" >>"$GITHUB_OUTPUT"
echo "rings=$(jq -c "[$real | {(.name): .labels.ring}] | add // {}" <<<"$list")" >>"$GITHUB_OUTPUT"
