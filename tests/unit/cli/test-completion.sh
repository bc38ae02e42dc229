#!/bin/bash
# completion: what the shell offers is what `vedette help` says. TAP. usage: test-completion.sh VEDETTE COMPLETION
set -u
help=$("$1" help)
. "$2"

# Says it once for all the questions below.
vedette() {
	printf '%s\n' "$help"
}

# The words offered after the given ones, one a line.
offered() {
	COMP_WORDS=(vedette "$@") COMP_CWORD=$# COMPREPLY=()
	_vedette
	printf '%s\n' "${COMPREPLY[@]}"
}

fact() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then echo "ok $n - $1"; else printf 'not ok %d - %s\n# %s\n# %s\n' "$n" "$1" "$2" "$3"; fi
}

n=0
verbs=$(sed -n 's/^ *vedette \([a-z-]*\) .*/\1/p' <<<"$help")
fact every_verb_is_offered "$(printf 'help\n%s\n' "$verbs" | sort)" "$(offered "" | sort)"
fact a_verb_is_completed simulate "$(offered sim)"
want='' got=''
for verb in $verbs; do
	want="$want$verb $(sed -n "s/^ *vedette $verb //p" <<<"$help" | grep -o -e '--[a-z-]*' | sort -u | xargs)
"
	got="$got$verb $(offered "$verb" -- | sort -u | xargs)
"
done
fact every_option_is_offered_after_its_verb_and_no_other "$want" "$got"
fact choices_are_offered_after_their_option asterix "$(offered decode --format as)"
fact choices_are_offered_after_their_verb "$(printf 'show\nverify\n')" "$(offered ledger "" | sort)"
fact files_are_left_to_the_shell "" "$(offered track "")"
echo "1..$n"
