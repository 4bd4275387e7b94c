package settings

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/lambda/config/credential"
	"trailkeeper/lambda/config/file"
)

var (
	token    = regexp.MustCompile(`(?i)(xox[a-z]|xapp)[.-][^"\s]+`)
	anyURL   = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^"\s]*`)
	urlHost  = regexp.MustCompile(`(?i)^https?://[a-z0-9.:-]*(/?$|[/?#])`)
	hostPath = regexp.MustCompile(`(?i)\b(([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?[/?#])[^"\s]+`)
	opaque   = regexp.MustCompile(`[A-Za-z0-9_+=-]{20,}`)
	plain    = regexp.MustCompile(`^[A-Za-z]+([_.-][A-Za-z]+)*$`)
)

// holdsCredential reports whether a text of the value, or a name in it, looks like a Slack token or webhook.
func holdsCredential(value any) bool {
	raw, err := json.Marshal(value)
	return err == nil && slices.ContainsFunc(strings.Split(string(raw), `"`), credential.Like)
}

// show renders a value of the right type for an error: as JSON, bounded, and without what redact takes out.
func show(v any) string {
	shown := redact(file.Line(v))
	const limit = 120
	if r := []rune(shown); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return shown
}

// redact takes out of a text what may be a secret that was pasted in the wrong place: a Slack token, whatever a URL has
// besides its host, or a long run of letters and digits.
func redact(text string) string {
	shown := token.ReplaceAllString(text, "$1-…")
	shown = anyURL.ReplaceAllStringFunc(shown, hostOnly)
	shown = hostPath.ReplaceAllString(shown, "$1…")
	return opaque.ReplaceAllStringFunc(shown, func(run string) string {
		if !strings.ContainsAny(run, "0123456789") {
			return run
		}
		return run[:4] + "…"
	})
}

// showName renders a name that should have been a key, and hides what does not look like one.
func showName(name string) string {
	const limit = 32
	if plain.MatchString(name) && len(name) <= limit && !credential.Like(name) {
		return name
	}
	return "a key of " + count(len([]rune(name)), "character")
}

// shape says what a value is without showing it.
func shape(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case string:
		return "a text of " + count(len([]rune(v)), "character")
	}
	switch of := reflect.ValueOf(v); of.Kind() {
	case reflect.Slice, reflect.Array:
		return fmt.Sprintf("an array of %d", of.Len())
	case reflect.Map:
		return "an object with " + count(of.Len(), "key")
	default:
		return "a number"
	}
}

func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprintf("%d %s", n, of)
}

// hostOnly cuts a URL behind its host, and behind its scheme where it is not plainly host and path.
func hostOnly(u string) string {
	host := urlHost.FindString(u)
	switch host {
	case u:
		return u
	case "":
		return u[:strings.Index(u, "//")+2] + "…"
	}
	return host + "…"
}

// Markdown returns the table of all settings with their defaults and what they mean, as cdk/README.md shows it.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Setting | Default | Meaning |\n|---|---|---|\n")
	defaults := Defaults()
	for _, row := range table() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.key, shownDefault(row.value(&defaults)), row.doc)
	}
	return b.String()
}

func shownDefault(v any) string {
	if v == nil ||
		reflect.ValueOf(v).IsZero() && reflect.TypeOf(v).Kind() != reflect.Bool && reflect.TypeOf(v).Kind() != reflect.Int {
		return ""
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return "`" + strings.Trim(string(raw), `"`) + "`"
}
