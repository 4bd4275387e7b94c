package sanitize

import "strings"

// Sentence makes one sentence of an error's text, on one line.
func Sentence(err error) string {
	s := strings.ReplaceAll(strings.TrimSuffix(err.Error(), "."), "\n", "; ") + "."
	return strings.ToUpper(s[:1]) + s[1:]
}
