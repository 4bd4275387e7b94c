package render

import (
	"strings"
	"unicode/utf16"

	"trailkeeper/lambda/internal/sanitize"
)

// escape makes s safe in mrkdwn, in at most limit UTF-16 units: only & < > have a meaning that can call people
// (https://docs.slack.dev/messaging/formatting-message-text#escaping). An entity is never cut in two.
func escape(s string, limit int) string {
	return fit(s, limit, func(r rune) string {
		switch r {
		case '&':
			return "&amp;"
		case '<':
			return "&lt;"
		case '>':
			return "&gt;"
		}
		return string(r)
	})
}

// plain makes s safe in a plain_text object, in at most limit UTF-16 units. Slack parses nothing there; < and > go all
// the same, so that a client that does cannot find a mention.
func plain(s string, limit int) string {
	return fit(s, limit, func(r rune) string {
		switch r {
		case '<':
			return "‹"
		case '>':
			return "›"
		}
		return string(r)
	})
}

// code makes s a code span: there Slack knows no formatting, no emoji names and no links, and a backtick cannot be
// escaped.
func code(s string, limit int) string {
	if s = unquoted(sanitize.Clean(s)); s == "" {
		return ""
	}
	return "`" + escape(s, limit-2) + "`"
}

// unquoted replaces backticks.
func unquoted(s string) string { return strings.ReplaceAll(s, "`", "'") }

// fit maps every rune and stops before the result would have more than limit UTF-16 units; the last is then an
// ellipsis. Slack does not say what it counts as a character; UTF-16 units are never fewer than runes.
func fit(s string, limit int, to func(rune) string) string {
	if limit <= 0 {
		return ""
	}
	var b strings.Builder
	used, cut := 0, 0
	for _, r := range s {
		mapped := to(r)
		size := 0
		for _, m := range mapped {
			size += max(1, utf16.RuneLen(m))
		}
		if used+size > limit {
			return b.String()[:cut] + "…"
		}
		b.WriteString(mapped)
		if used += size; used <= limit-1 {
			cut = b.Len()
		}
	}
	return b.String()
}
