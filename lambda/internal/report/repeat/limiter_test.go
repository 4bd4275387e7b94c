package repeat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/state"
)

// counter notes what it is asked, and says what it is set to.
type counter struct {
	repeated, beyond bool
	err              error
	asked            []string
	events           []string
	windows          []time.Duration
}

func (c *counter) Repeated(_ context.Context, key, event, _ string, window time.Duration) (bool, error) {
	c.asked, c.events, c.windows = append(c.asked, key), append(c.events, event), append(c.windows, window)
	return c.repeated, c.err
}

func (c *counter) Bounded(
	ctx context.Context, key, event, total, text string, window time.Duration, limit int64,
) (bool, error) {
	if repeated, err := c.Repeated(ctx, key, event, text, window); repeated || err != nil {
		return repeated, err
	}
	c.asked, c.windows = append(c.asked, fmt.Sprintf("%s of %d", total, limit)), append(c.windows, window)
	return c.beyond, c.err
}

func limiter(c *counter) *repeat.Limiter {
	log := slog.New(slog.DiscardHandler)
	return &repeat.Limiter{
		Table:     c,
		Once:      &report.Once{Clock: clock.Real(), Log: log},
		Log:       log,
		IsWebhook: func(destination string) bool { return destination == "hook" },
	}
}

func in(state finding.IncidentState, flags finding.Flags) func(*finding.Finding) {
	return func(n *finding.Finding) { n.Incident = &finding.Incident{ID: "inc-1", State: state, Flags: flags} }
}

// masked replaces the marks in a key, which are digests.
func masked(keys []string) string {
	var all []string
	for _, key := range keys {
		parts := strings.SplitN(key, " ", 2)
		if kind, mark, ok := strings.Cut(parts[0], "#"); ok && mark != "" {
			parts[0] = kind + "#M"
		}
		all = append(all, strings.Join(parts, " "))
	}
	return strings.Join(all, ", ")
}

// TestWhatIsCounted of each kind of message, by what and on which kind of destination; nothing: it is sent in full.
func TestWhatIsCounted(t *testing.T) {
	for name, test := range map[string]struct {
		outcome   finding.Outcome
		change    func(*finding.Finding)
		bot, hook string
		oneWindow time.Duration
	}{
		"no incident": {finding.OutcomeRestored, nil, "", "", 0},
		"an incident": {
			finding.OutcomeRestored, in(finding.IncidentRestored, finding.Flags{}), "", "inc-1 hook StopLogging restored",
			10 * time.Minute,
		},
		"its end":       {finding.OutcomeRestored, in(finding.IncidentRestored, finding.Flags{Closing: true}), "", "", 0},
		"needs a human": {finding.OutcomeCannotRestore, in(finding.IncidentHuman, finding.Flags{Turned: true}), "", "", 0},
		"without one":   {finding.OutcomeCannotRestore, nil, "", "", 0},
		"a summary":     {finding.OutcomeRepeated, in(finding.IncidentContested, finding.Flags{}), "", "", 0},
		"a notice":      {finding.OutcomeUndelivered, in(finding.IncidentRestored, finding.Flags{}), "", "", 0},
		"a fight": {
			finding.OutcomeRestored, in(
				finding.IncidentContested, finding.Flags{},
			), "inc-1 bot contested contested", "inc-1 hook contested contested", 2 * time.Minute,
		},
		"a darker fight": {finding.OutcomeRestored, in(finding.IncidentContested, finding.Flags{Darker: true}), "", "", 0},
		"a refused call": {
			finding.OutcomeAttempt, nil, "refused#M bot StopLogging attempt_refused, refused# bot - attempt_refused of 20",
			"refused#M hook StopLogging attempt_refused, refused# hook - attempt_refused of 20", 10 * time.Minute,
		},
		"a refused call in a fight": {
			finding.OutcomeAttempt, in(finding.IncidentContested, finding.Flags{}), "refused#M bot StopLogging " +
				"attempt_refused, refused# bot - attempt_refused of 20",
			"refused#M hook StopLogging attempt_refused, refused# hook - attempt_refused of 20", 10 * time.Minute,
		},
		"of others": {
			finding.OutcomeNotOurs, nil, "foreign#M bot StopLogging not_ours, foreign# bot - not_ours of 20",
			"foreign#M hook StopLogging not_ours, foreign# hook - not_ours of 20", 10 * time.Minute,
		},
		"a test": {finding.OutcomeTest, nil, "tests# bot StopLogging test", "tests# hook StopLogging test", 10 * time.Minute},
		"unproven": {
			finding.OutcomeUnproven, nil, "unproven#M bot StopLogging unproven, unproven# bot - unproven of 20",
			"unproven#M hook StopLogging unproven, unproven# hook - unproven of 20", 10 * time.Minute,
		},
		"an alarm": {
			finding.OutcomeNotified, func(n *finding.Finding) { n.EventName, n.Kind = "", finding.KindAlarm },
			"unproven#M bot alarm notified_only, unproven# bot - notified_only of 20", "unproven#M hook alarm notified_only, " +
				"unproven# hook - notified_only of 20",
			10 * time.Minute,
		},
		"nothing weakened": {
			finding.OutcomeNoDrift, func(n *finding.Finding) { n.Minor = finding.MinorQuiet },
			"quiet#M bot StopLogging no_drift, quiet#M bot - no_drift of 20", "quiet#M hook StopLogging no_drift, quiet#M " +
				"hook - no_drift of 20", 10 * time.Minute,
		},
		"nothing weakened, in an incident": {
			finding.OutcomeNoDrift, func(n *finding.Finding) {
				in(
					finding.IncidentOpen, finding.Flags{},
				)(n)
				n.Minor = finding.MinorQuiet
			},
			"quiet#M bot StopLogging no_drift, quiet#M bot - " +
				"no_drift of 20", "inc-1 hook StopLogging no_drift", 10 * time.Minute,
		},
		"gone": {
			finding.OutcomeCannotRestore, func(n *finding.Finding) { n.Minor = finding.MinorGone },
			"gone#M bot StopLogging cannot_restore, gone# bot - cannot_restore of 20", "gone#M hook StopLogging " +
				"cannot_restore, gone# hook - cannot_restore of 20",
			10 * time.Minute,
		},
		"unreadable": {
			finding.OutcomeUnreadable, func(n *finding.Finding) { n.EventName = "" },
			"unreadable# bot - unreadable", "unreadable# hook - unreadable", 10 * time.Minute,
		},
	} {
		for destination, want := range map[string]string{"bot": test.bot, "hook": test.hook} {
			n := findingtest.Stopped()
			n.Outcome = test.outcome
			if test.change != nil {
				test.change(&n)
			}
			c := &counter{}
			l := limiter(c)
			if n.Incident != nil && n.Incident.State == finding.IncidentContested { // the first of its caller was sent before
				l.Collapse(t.Context(), n, destination)
				*c = counter{}
			}
			if l.Collapse(t.Context(), n, destination) {
				t.Errorf("%s on %s: left to a summary although it is no repeat", name, destination)
			}
			if got := masked(c.asked); got != want {
				t.Errorf("%s on %s: counted as %q; want %q", name, destination, got, want)
			}
			if want != "" && slices.ContainsFunc(c.windows, func(w time.Duration) bool { return w != test.oneWindow }) {
				t.Errorf("%s on %s: windows %v", name, destination, c.windows)
			}
		}
	}
}

// TestCollapse: a repeat is left to a summary, and so is what goes beyond the bound of its kind; what cannot be counted
// is sent.
func TestCollapse(t *testing.T) {
	down := errors.New("down")
	for name, test := range map[string]struct {
		counter counter
		want    bool
		asked   int
	}{
		"new":                            {counter{}, false, 2},
		"repeat":                         {counter{repeated: true}, true, 1},
		"beyond":                         {counter{beyond: true}, true, 2},
		"down":                           {counter{err: down}, false, 1},
		"down, and a repeat":             {counter{repeated: true, err: down}, false, 1},
		"very many at once":              {counter{repeated: true, err: state.ErrChanged}, true, 1},
		"the first of very many at once": {counter{err: state.ErrChanged}, false, 1},
	} {
		n := findingtest.Stopped()
		n.Outcome = finding.OutcomeAttempt
		c := test.counter
		if got := limiter(&c).Collapse(t.Context(), n, "bot"); got != test.want || len(c.asked) != test.asked {
			t.Errorf("%s: %v after %q; want %v", name, got, c.asked, test.want)
		}
	}
}

// TestFirstOfAFight: the first message of each caller and call is sent in full; the one that says that it is contested
// begins the window.
func TestFirstOfAFight(t *testing.T) {
	c := &counter{repeated: true}
	l := limiter(c)
	send := func(event, principal, destination string, flags finding.Flags) bool {
		n := findingtest.Stopped()
		n.EventName, n.Principal = event, principal
		in(finding.IncidentContested, flags)(&n)
		return !l.Collapse(t.Context(), n, destination)
	}
	for i, step := range []struct {
		event, principal, destination string
		flags                         finding.Flags
		sent                          bool
		counted                       int
	}{
		{"StopLogging", "a", "bot", finding.Flags{Contested: true}, true, 1},
		{"StopLogging", "a", "bot", finding.Flags{}, false, 2},
		{"StopLogging", "b", "bot", finding.Flags{}, true, 2},
		{"StopLogging", "b", "bot", finding.Flags{}, false, 3},
		{"DeleteTrail", "b", "bot", finding.Flags{}, true, 3},
		{"StopLogging", "b", "hook", finding.Flags{}, true, 3},
		{"StopLogging", "b", "hook", finding.Flags{}, false, 4},
	} {
		if got := send(
			step.event,
			step.principal,
			step.destination,
			step.flags,
		); got != step.sent ||
			len(c.asked) != step.counted {
			t.Errorf("step %d: sent %v, counted %d times; want %v, %d", i, got, len(c.asked), step.sent, step.counted)
		}
	}
}

// TestCallersAreDistinguished by what they cannot choose for each call, and by where the record was delivered to.
func TestCallersAreDistinguished(t *testing.T) {
	key := func(change func(*finding.Finding)) string {
		n := findingtest.Stopped()
		n.Outcome, n.Principal, n.ActorARN, n.Actor, n.Recipient = finding.OutcomeAttempt, "principal", "arn", "actor", "1"
		change(&n)
		c := &counter{}
		limiter(c).Collapse(t.Context(), n, "bot")
		return c.asked[0]
	}
	same := key(func(*finding.Finding) {})
	for name, test := range map[string]struct {
		change func(*finding.Finding)
		same   bool
	}{
		"session": {func(n *finding.Finding) {
			n.ActorARN = "x"
			n.Actor = "y"
			n.UserAgent = "z"
			n.EventID = "e"
		}, true},
		"trail":              {func(n *finding.Finding) { n.Subject.ARN = "x" }, true},
		"principal":          {func(n *finding.Finding) { n.Principal = "x" }, false},
		"account":            {func(n *finding.Finding) { n.Recipient = "2" }, false},
		"ARN without one":    {func(n *finding.Finding) { n.Principal = "" }, false},
		"name without those": {func(n *finding.Finding) { n.Principal, n.ActorARN = "", "" }, false},
	} {
		if got := key(test.change); (got == same) != test.same {
			t.Errorf("another %s: %q and %q", name, got, same)
		}
	}
	n, c := findingtest.Stopped(), &counter{}
	n.Outcome, n.Text = finding.OutcomeTest, "digest"
	limiter(c).Collapse(t.Context(), n, "bot")
	n.Text = ""
	limiter(c).Collapse(t.Context(), n, "bot")
	if want := []string{"digest", n.EventID}; !slices.Equal(c.events, want) {
		t.Errorf("known by %q; want %q", c.events, want)
	}
}
