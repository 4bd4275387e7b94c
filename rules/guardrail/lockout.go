package guardrail

import "strings"

// LocksOut reports whether the policy denies anything at all to a principal of that ARN: to a role that deploys, every
// statement has to exempt it. Wildcards in the ARN stand for themselves.
func (p Policy) LocksOut(principal string) bool {
	for _, s := range p.Statement {
		if s.Effect == "Deny" && s.Principal == "" && !s.exempts(principal) {
			return true
		}
	}
	return false
}

func (s Statement) exempts(principal string) bool {
	for _, pattern := range s.Condition["ArnNotLike"][principalARN] {
		if arnLike(principal, pattern) {
			return true
		}
	}
	return false
}

// arnLike is IAM's ArnLike: each of the six parts of an ARN is compared by itself (IAM User Guide, "Amazon Resource Name
// (ARN) condition operators").
func arnLike(arn, pattern string) bool {
	const parts = 6
	a, p := strings.SplitN(arn, ":", parts), strings.SplitN(pattern, ":", parts)
	if len(a) != len(p) {
		return false
	}
	for i := range a {
		if !like(a[i], p[i]) {
			return false
		}
	}
	return true
}

// like is IAM's wildcard match: '*' is any run of characters, '?' one. It takes one pass, and goes back to the last '*'
// alone.
func like(s, pattern string) bool {
	at, back, star := 0, 0, -1
	for i := 0; i < len(s); {
		switch {
		case at < len(pattern) && pattern[at] == '*':
			star, back = at, i
			at++
		case at < len(pattern) && (pattern[at] == '?' || pattern[at] == s[i]):
			at++
			i++
		case star >= 0:
			back++
			at, i = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[at:], "*") == ""
}
