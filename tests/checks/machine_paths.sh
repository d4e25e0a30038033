#!/usr/bin/env bash
# The text of the project names no path of one machine and no package registry. (A bracket in each
# pattern keeps this file from matching itself.)
. "$(dirname "$0")/lib.sh"

places='(^|[^A-Za-z0-9_./}-])(/wor[k]|/roo[t]|/hom[e]/[a-z]+|/Use[r]s/[A-Za-z]+|/mn[t])/'
registries='de[b][.]debian|pyp[i][.]org|registr[y][.]npm|archiv[e][.]ubuntu|crate[s][.]io'
found=$(files . | tr '\n' '\0' | xargs -0 grep -nIE "$places|$registries" /dev/null || true)
[[ ! $found ]] || sed -E 's/^([^:]*:[0-9]+:)(.*)/\1 names a path of one machine or a registry; paths start at the checkout:\2/' <<<"$found"
[[ ! $found ]]
