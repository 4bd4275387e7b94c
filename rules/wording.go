package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"trailkeeper/events"
)

// Wording is the text of the Slack message that EventBridge itself sends for one rule, and the paths of its
// placeholders. The text is Slack mrkdwn; <name> stands for a value of the event.
type Wording struct {
	Text  string            `json:"text"`
	Paths map[string]string `json:"paths"`
}

// Transformer makes the input transformer. With a channel it is the body of chat.postMessage, otherwise that of an
// incoming webhook.
func (w Wording) Transformer(channel string) Transformer {
	body := `{"text":` + encode(w.Text) + `}`
	if channel != "" {
		body = `{"channel":` + encode(channel) + `,"text":` + encode(w.Text) + `}`
	}
	return Transformer{Paths: maps.Clone(w.Paths), Template: body}
}

// Check reports every reason not to deploy the wording: a path that is not on the allow-list, a placeholder that no
// path defines, a message over EventBridge's limit, or an event of the project's own fixtures with which it would not
// arrive.
func (w Wording) Check(rule EventRule) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(w.Paths)) {
		safe, ok := safePaths[w.Paths[name]]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("<%s>: the path %s is not one that a template may use (allowed: %s)",
				name, w.Paths[name], strings.Join(allowedPaths(), ", ")))
		case safe.SuccessOnly && !rule.SuccessOnly:
			errs = append(
				errs,
				fmt.Errorf("<%s>: the path %s is checked by AWS only in a successful call, and rule %s also takes refused ones",
					name, w.Paths[name], rule.Name),
			)
		}
	}
	if strings.TrimSpace(w.Text) == "" {
		errs = append(errs, errors.New("the text is empty"))
	}
	// A channel ID is at most 32 characters; the longer body is the one to measure.
	transformer := w.Transformer(strings.Repeat("C", 32))
	if err := transformer.Validate(); err != nil {
		return errors.Join(append(errs, err)...)
	}
	return errors.Join(append(errs, w.tryFixtures(rule, transformer)...)...)
}

// tryFixtures renders every fixture that the rule matches.
func (w Wording) tryFixtures(rule EventRule, t Transformer) []error {
	all, err := fixtures()
	if err != nil {
		return []error{err}
	}
	var errs []error
	for _, f := range all {
		if !rule.Pattern.Matches(f.event) {
			continue
		}
		if got, err := t.Render(f.payload, Reserved{RuleName: rule.Name}); err != nil {
			errs = append(errs, fmt.Errorf("with the fixture %s: %w: %.300s", f.name, err, got))
		}
	}
	return errs
}

// fixture is one of the project's events.
type fixture struct {
	name    string
	payload []byte
	event   Event
}

// fixtures are those that can be read, which some cannot on purpose. They are read once.
var fixtures = sync.OnceValues(func() ([]fixture, error) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		return nil, fmt.Errorf("fixtures: %w", err)
	}
	var all []fixture
	for _, name := range names {
		payload, err := fs.ReadFile(events.Fixtures(), name)
		if err != nil {
			return nil, err
		}
		ev, err := events.Parse(payload)
		if err != nil {
			continue
		}
		if read, err := ReadEvent(ev.JSON()); err == nil {
			all = append(all, fixture{name, ev.JSON(), read})
		}
	}
	return all, nil
})
