# vedette(1) in bash. Verbs, options and their choices are read from `vedette help`, so there is nothing here to keep in step.

# The arguments of a verb, as its usage line has them.
_vedette_usage() {
	"${COMP_WORDS[0]}" help 2>/dev/null | sed -n "s/^  *vedette $1 //p"
}

_vedette() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} words=

	if [ "$COMP_CWORD" -eq 1 ]; then
		words="help $("${COMP_WORDS[0]}" help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')"
	elif [[ $cur == -* ]]; then
		words=$(_vedette_usage "$verb" | grep -o -e '--[a-z][a-z-]*' | sort -u)
	elif [[ $prev == --* ]]; then
		words=$(_vedette_usage "$verb" | sed -n "s/.*$prev \([a-z0-9]*\(|[a-z0-9]*\)\+\).*/\1/p" | tr '|' ' ')
	elif [ "$COMP_CWORD" -eq 2 ]; then
		words=$(_vedette_usage "$verb" | sed -n 's/^\([a-z]*\(|[a-z]*\)\+\)\( .*\)*$/\1/p' | tr '|' ' ')
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

# Where there is nothing to say, file names.
complete -o default -F _vedette vedette
