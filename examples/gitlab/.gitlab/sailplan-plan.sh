#!/usr/bin/env bash
# Plans for one tenant, reports to the merge request (note) or to the issue about drift (issue), and ends as sailplan ended: a
# failure is reported first. Arguments: note, issue or nothing, then more arguments of sailplan plan.
set -euo pipefail
kind=$1
shift

out="$PWD/$SAILPLAN_OUT/$SAILPLAN_TENANT"
rm -rf "$out"
mkdir -p "$out"
code=0
# shellcheck disable=SC2086 # several flags
sailplan -C "$SAILPLAN_DIR" plan ${SAILPLAN_FLAGS:-} --tenant="$SAILPLAN_TENANT" "$@" --markdown-limit 1000000 \
    --out "$out/plan.json" --markdown "$out/plan.md" --html "$out/plan.html" || code=$?
if [ ! -f "$out/plan.json" ]; then # a wrong command line writes no plan
    exit "$code"
fi
sailplan show --format gitlab-terraform "$out/plan.json" >"$out/terraform.json"

# A branch that only weakens guardrails, or stops or moves the management of settings, is reported too.
news=true
if [ "$code" = 0 ] && [ "$(jq '[.summary | .changes, .weakened, .losses, .gained, .moved, .accepted] | add' "$out/plan.json")" = 0 ]; then
    news=false
fi
# If a tenant could not be read, it is not known whether it drifted.
if [ "$kind" = issue ] && [ "$code" != 0 ] && [ "$(jq .summary.changes "$out/plan.json")" = 0 ]; then
    echo "Not everything could be read, so the issue about drift stays as it is." >&2
elif [ -n "$kind" ]; then
    bash "$(dirname "$0")/sailplan-report.sh" "$kind" "$out/plan.md" "$news"
fi
# 2 comes only from --detailed-exitcode: changes were found, nothing failed.
if [ "$code" != 2 ]; then
    exit "$code"
fi
