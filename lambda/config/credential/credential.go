// Package credential tells what looks like one of Slack's credentials, so that one which was put in the wrong place is
// not shown. It holds none, and it does not know whether one works.
package credential

import "strings"

// Like reports whether s holds what looks like a Slack token ("xoxb-…", "xapp-…":
// https://docs.slack.dev/authentication/tokens) or an incoming webhook's address, with or without its host.
func Like(s string) bool {
	lower := strings.ToLower(s)
	return strings.Contains(lower, "hooks.slack") || strings.Contains(lower, "xapp-") || hasToken(lower) || hasHookPath(s)
}

// hasToken finds "xox", a letter and "-".
func hasToken(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "xox")
		if !found {
			return false
		}
		if len(rest) > 1 && rest[0] >= 'a' && rest[0] <= 'z' && rest[1] == '-' {
			return true
		}
		s = rest
	}
}

// hasHookPath finds the three parts that end a webhook's address: T and B with the workspace's and the webhook's ID,
// and the key.
func hasHookPath(s string) bool {
	parts := strings.Split(s, "/")
	for i := 0; i+2 < len(parts); i++ {
		if isID(parts[i], 'T') && isID(parts[i+1], 'B') && len(parts[i+2]) >= 16 {
			return true
		}
	}
	return false
}

// isID accepts the kind's letter and at least eight capitals and digits.
func isID(s string, kind byte) bool {
	return len(s) > 8 && s[0] == kind && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
