#!/usr/bin/env bash
# Fetches the receipt that the run SAILPLAN_RUN left for the tenant in its attempt SAILPLAN_ATTEMPT, puts it where sailplan keeps
# receipts, and puts its name into the variable RECEIPT.
set -euo pipefail
# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

if ! [[ $SAILPLAN_RUN =~ ^[0-9]+$ && $SAILPLAN_ATTEMPT =~ ^[0-9]+$ ]]; then
    echo "##vso[task.logissue type=error]run and attempt are numbers: those of the run whose apply is to be undone."
    exit 64
fi
name="sailplan-receipt-$SAILPLAN_TENANT-$SAILPLAN_ATTEMPT"
fetched=$(mktemp -d "$AGENT_TEMPDIRECTORY/sailplan-fetched.XXXXXX")
url=$(api "$project/_apis/build/builds/$SAILPLAN_RUN/artifacts?artifactName=$name&api-version=7.1" | jq -r .resource.downloadUrl)
api --location --output "$fetched/artefact.zip" "$url"
unzip -q "$fetched/artefact.zip" -d "$fetched"
shopt -s nullglob
found=("$fetched/$name"/receipts/*.json)
if [ ${#found[@]} != 1 ]; then
    echo "##vso[task.logissue type=error]The run left ${#found[@]} receipts of $SAILPLAN_TENANT: it sent nothing, or it is another kind of run."
    exit 1
fi
mkdir -p "$SAILPLAN_DIR/.sailplan/receipts"
cp -R "$fetched/$name"/receipts/. "$SAILPLAN_DIR/.sailplan/receipts/"
receipt=".sailplan/receipts/$(basename "${found[0]}")"
# That run has ended, so a receipt that it left open is complete now.
if jq -e '.finishedAt == null' "$SAILPLAN_DIR/$receipt" >/dev/null; then
    sailplan -C "$SAILPLAN_DIR" receipts --settle "$receipt"
fi
echo "##vso[task.setvariable variable=RECEIPT]$receipt"
