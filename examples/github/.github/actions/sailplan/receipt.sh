#!/usr/bin/env bash
# Fetches the receipt that a run of this repository left for a tenant, and puts it where sailplan keeps receipts.
set -euo pipefail
# Without these, gh talks to github.com even on GitHub Enterprise Server.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

if ! [[ $SAILPLAN_RUN =~ ^[0-9]+$ && $SAILPLAN_ATTEMPT =~ ^[0-9]+$ ]]; then
    echo "::error::run and attempt are numbers: those in the address of the run whose apply is to be undone."
    exit 64
fi
fetched=$(mktemp -d "$RUNNER_TEMP/sailplan-fetched.XXXXXX")
gh run download "$SAILPLAN_RUN" --repo "$GITHUB_REPOSITORY" --name "sailplan-receipt-$SAILPLAN_TENANT-$SAILPLAN_ATTEMPT" --dir "$fetched"
shopt -s nullglob
found=("$fetched"/receipts/*.json)
if [ ${#found[@]} != 1 ]; then
    echo "::error::Attempt $SAILPLAN_ATTEMPT of run $SAILPLAN_RUN left ${#found[@]} receipts of $SAILPLAN_TENANT: it sent nothing, or it is another kind of run."
    exit 1
fi
mkdir -p .sailplan/receipts
cp -R "$fetched"/receipts/. .sailplan/receipts/
receipt=".sailplan/receipts/$(basename "${found[0]}")"
# That job has ended, so a receipt that it left open is complete now.
if jq -e '.finishedAt == null' "$receipt" >/dev/null; then
    sailplan receipts --settle "$receipt"
fi
echo "receipt=$receipt" >>"$GITHUB_OUTPUT"
