#!/usr/bin/env bash
# Plans, tells the merge request (note) or the issue about drift (issue), and ends as sailplan ended: a failure is
# reported first. Arguments: note, issue or nothing, then more arguments of sailplan plan.
set -euo pipefail
kind=$1
shift

code=0
sailplan -C "$SAILPLAN_DIR" plan --tenant="$SAILPLAN_TENANT" "$@" --markdown-limit 1000000 \
    --out "$PWD/plan.json" --markdown "$PWD/plan.md" --html "$PWD/plan.html" || code=$?
if [ ! -f plan.json ]; then
    exit "$code"
fi
sailplan show --format gitlab-terraform plan.json >terraform.json

# A branch that only takes settings from control, adds some, or weakens guardrails is news as well.
news=true
if [ "$code" = 0 ] && [ "$(jq '.summary | .changes + .weakened + .losses + .gained' plan.json)" = 0 ]; then
    news=false
fi
if [ -n "$kind" ]; then
    bash "$(dirname "$0")/sailplan-report.sh" "$kind" plan.md "$news"
fi
# 2 comes only from --detailed-exitcode: changes were found, nothing failed.
if [ "$code" != 2 ]; then
    exit "$code"
fi
