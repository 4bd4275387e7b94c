package sns

import (
	"slices"
	"strings"
	"unicode"
)

// unlinked keeps mail programs and phones from making a link of an address that the caller of AWS wrote, in a user
// agent for example: "https://evil.example" becomes "https[:]//evil[.]example". Whole words that are ours to copy or to
// follow stay: the subject's ARN, which is "" where there is none, what our own sentences point to, and names of AWS
// services.
func unlinked(s, own string) string {
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, endsWord)
		if end < 0 {
			end = len(s)
		}
		if word := s[:end]; isOurs(strings.TrimRight(word, ".:!?"), own) {
			b.WriteString(word)
		} else {
			b.WriteString(broken(word))
		}
		rest := strings.TrimLeftFunc(s[end:], endsWord)
		b.WriteString(s[end : len(s)-len(rest)])
		s = rest
	}
	return b.String()
}

func endsWord(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`(),;<>[]{}|", r) }

func isOurs(word, own string) bool {
	return word == own || isService(word) ||
		slices.Contains([]string{"health.aws.amazon.com", "slack-status.com", "chat.postMessage"}, word)
}

// isService accepts an AWS service's name, such as cloudformation.amazonaws.com. Hosts that AWS's customers can name
// have more labels.
func isService(word string) bool {
	label, ok := strings.CutSuffix(strings.TrimSuffix(word, ".cn"), ".amazonaws.com")
	return ok && label != "" && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// broken takes away what makes a word an address: "://", and any dot within it that a letter follows, as one does in
// every domain's name.
func broken(word string) string {
	word = strings.ReplaceAll(word, "://", "[:]//")
	var b strings.Builder
	runes := []rune(word)
	for i, r := range runes {
		if isDot(r) && i > 0 && i+1 < len(runes) && unicode.IsLetter(runes[i+1]) {
			b.WriteString("[.]")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isDot accepts the characters that separate the labels of a domain's name (RFC 3490, section 3.1).
func isDot(r rune) bool { return r == '.' || r == '\u3002' || r == '\uff0e' || r == '\uff61' }
