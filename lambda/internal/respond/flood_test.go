package respond

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
)

// maxRefused is how many of such messages a destination has within a window of package repeat.
const (
	maxRefused = 20
	window     = 10 * time.Minute
)

// TestFlood: of calls that are not known to have weakened anything, made or made up, each destination is notified so
// many within a window, for each call by itself; what follows of another kind is reported all the same.
func TestFlood(t *testing.T) {
	logs := remediate.Result{Outcome: finding.OutcomeAlreadyLogging, Notes: producertest.Because("ok.")}
	noSuch := remediate.Result{
		Outcome: finding.OutcomeCannotRestore,
		Notes:   producertest.Because("No such trail."),
		Err:     &smithy.GenericAPIError{Code: "TrailNotFoundException"},
	}
	denied := remediate.Result{
		Outcome: finding.OutcomeCannotRestore,
		Notes:   producertest.Because("Denied."),
		Err:     &smithy.GenericAPIError{Code: "AccessDeniedException"},
	}
	const all, bot = 60, "C0123456789"
	for name, test := range map[string]struct {
		fixture string
		mode    config.Mode
		restart remediate.Result
		restore remediate.Result
		channel string
		slack   int
		sns     int
	}{
		"tags, only told": {
			"add-tags", config.ModeRestart, logs, remediate.Result{}, "", maxRefused, maxRefused,
		},
		"tags, compared": {
			"remove-tags", config.ModeRestore, logs, remediate.Result{}, bot, maxRefused, maxRefused,
		},
		"starts": {
			"start-logging", config.ModeRestart, logs, remediate.Result{}, "", maxRefused, maxRefused,
		},
		"creations": {
			"create-trail", config.ModeRestart, logs, remediate.Result{}, "", maxRefused, maxRefused,
		},
		"settings, compared": {
			"update-trail-minimise", config.ModeRestore, logs, remediate.Result{}, "", maxRefused, maxRefused,
		},
		"settings, only told": {"update-trail-minimise", config.ModeRestart, logs, remediate.Result{}, "", all, all},
		"settings, put back":  {"update-trail-minimise", config.ModeRestore, logs, putBackOnce, bot, all, all},
		"stops that reading disproves": {
			"stop-logging", config.ModeRestart, logs, remediate.Result{}, bot, maxRefused, maxRefused,
		},
		"the same, on a webhook": {"stop-logging", config.ModeRestart, logs, remediate.Result{}, "", 1, maxRefused},
		"stops of no trail": {
			"stop-logging", config.ModeRestart, noSuch, remediate.Result{}, bot, maxRefused, maxRefused,
		},
		"stops that stand": {"stop-logging", config.ModeRestart, denied, remediate.Result{}, bot, all, all},
		"deletions":        {"delete-trail", config.ModeRestart, logs, remediate.Result{}, bot, all, all},
	} {
		w, _, _ := recalling(test.restore, nil)
		w.reportWith()
		w.Config.Mode, w.Config.SlackChannel = test.mode, test.channel
		w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result { return test.restart })
		send := func(fixture, id string) {
			t.Helper()
			e := bytes.Replace(payload(t, fixture), []byte(`"eventID": "`), []byte(`"eventID": "`+id), 1)
			if _, err := w.Invoke(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		for i := range all {
			send(test.fixture, fmt.Sprint(i))
		}
		if len(w.Slack) != test.slack || len(w.SNS) != test.sns {
			t.Errorf(
				"%s: Slack was told %d times, SNS %d times; want %d, %d", name, len(w.Slack), len(w.SNS), test.slack, test.sns,
			)
		}
		before := len(w.SNS)
		for i, fixture := range []string{"stop-logging-denied", "put-event-selectors-blinding"} {
			if send(fixture, "after"); len(w.SNS) != before+i+1 {
				t.Errorf("%s: %s after it is not told", name, fixture)
			}
		}
	}
}

// TestFloodOfFalseClaims hides behind no flood of what is less severe, and fills no destination itself.
func TestFloodOfFalseClaims(t *testing.T) {
	w, _, _, _ := approving(t, nil, "StopLogging")
	w.reportWith()
	w.Config.SlackChannel = "C0123456789"
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		return remediate.Result{Outcome: finding.OutcomeAlreadyLogging, Notes: producertest.Because("ok.")}
	})
	stops := func(fixture string) {
		t.Helper()
		for i := range 60 {
			e := bytes.Replace(payload(t, fixture), []byte(`"eventID": "`), fmt.Appendf(nil, `"eventID": "%s%d`, fixture, i), 1)
			if _, err := w.Invoke(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	stops("stop-logging-root")
	w.Clock.Now = func() time.Time { return now.Add(time.Hour) } // so that the claims are late
	before := len(w.SNS)
	stops("stop-logging")
	critical := 0
	for _, n := range w.SNS[before:] {
		if n.Severity == finding.SeverityCritical &&
			strings.Contains(message.Detail(n), "A record claimed an approval that CloudTrail does not know") {
			critical++
		}
	}
	if before != maxRefused || critical != maxRefused {
		t.Errorf("reported %d stops and %d false claims; want %d of each", before, critical, maxRefused)
	}
}
