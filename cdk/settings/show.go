package settings

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

var (
	token   = regexp.MustCompile(`(xox[a-z]|xapp)-[^"\s]+`)
	anyURL  = regexp.MustCompile(`https?://[^"\s]*`)
	urlHost = regexp.MustCompile(`^https?://[A-Za-z0-9.:-]*(/?$|[/?#])`)
)

// show renders a value for an error: as JSON, bounded, and without what may be a secret that was pasted in the wrong place: a Slack
// token, or whatever a URL has besides its host.
func show(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "a value that is no JSON"
	}
	shown := strings.TrimSuffix(b.String(), "\n")
	shown = token.ReplaceAllString(shown, "$1-…")
	shown = anyURL.ReplaceAllStringFunc(shown, hostOnly)
	const most = 120
	if r := []rune(shown); len(r) > most {
		return string(r[:most]) + "…"
	}
	return shown
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
