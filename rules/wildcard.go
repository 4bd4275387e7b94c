package rules

import (
	"fmt"
	"strings"
)

// wildcard is a text with its stars taken out: "a*b" is {"a","b"}.
type wildcard []string

// parseWildcard reads EventBridge's wildcard syntax: '*' is any run of characters, '\*' a star, '\\' a backslash; two
// stars in a row are refused, as EventBridge does.
func parseWildcard(s string) (wildcard, error) {
	w := wildcard{""}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			if i++; i == len(s) || (s[i] != '\\' && s[i] != '*') {
				return nil, fmt.Errorf("wildcard %q: a backslash escapes only '*' and itself", s)
			}
			w[len(w)-1] += s[i : i+1]
		case s[i] == '*' && i > 0 && s[i-1] == '*' && w[len(w)-1] == "" && len(w) > 1:
			return nil, fmt.Errorf("wildcard %q: two stars in a row", s)
		case s[i] == '*':
			w = append(w, "")
		default:
			w[len(w)-1] += s[i : i+1]
		}
	}
	return w, nil
}

func (w wildcard) match(s string) bool {
	if len(w) == 1 {
		return s == w[0]
	}
	rest, ok := strings.CutPrefix(s, w[0])
	if !ok {
		return false
	}
	for _, part := range w[1 : len(w)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, w[len(w)-1])
}
