package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestThread is an incident from its first message to its restore. Each message and each state of the first one is a
// golden file.
func TestThread(t *testing.T) {
	w, b := newWorkspace(), newBoard()
	n := w.notifier(b, (&fakeClock{}).clock(), io.Discard)
	for i, c := range []struct {
		sample    string
		state     finding.IncidentState
		thread    string
		broadcast bool
	}{
		{"retrying", finding.IncidentOpen, "parent", false},
		{"attempt", finding.IncidentOpen, "reply", false},
		{"gave-up", finding.IncidentHuman, "reply-broadcast", true},
		{"restored", finding.IncidentRestored, "reply-restored", false},
	} {
		note := incident(findingtest.Named(c.sample), c.state, i+1)
		note.Incident.Turned = c.state == finding.IncidentHuman
		if err := n.Notify(t.Context(), note); err != nil {
			t.Fatal(err)
		}
		p := w.messages[len(w.messages)-1]
		if len(w.messages) != i+1 || p.broadcast != c.broadcast || i > 0 && p.thread != w.messages[0].ts ||
			w.messages[0].updates != i {
			t.Errorf(
				"%s: %d messages, the last in thread %q, broadcast %v, %d updates",
				c.sample,
				len(w.messages),
				p.thread,
				p.broadcast,
				w.messages[0].updates,
			)
		}
		golden(t, c.thread, p.body)
		if i > 0 {
			golden(t, "parent-"+string(c.state)+fmt.Sprint(i+1), w.messages[0].body)
		}
	}
	if b.opened != 1 || b.failed != 0 || b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] != w.messages[0].ts {
		t.Errorf("threads: opened %d, failed %d: %v", b.opened, b.failed, b.ids)
	}
}

// golden compares a body with a file, which package render holds against Slack's limits.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "testdata/thread/"+name+".json", b.String()+"\n", *update)
}

// failing is a delivery that does not go by the book, to an incident of which one message was posted.
type failing struct {
	name    string
	board   func(*board)
	post    []string // answers of chat.postMessage
	update  []string // answers of chat.update
	err     string
	calls   string // to Slack
	threads bool   // whether the last message is in the thread
	logs    string
}

func TestThreadFailures(t *testing.T) {
	const (
		reply = "chat.postMessage ok 1772442900.000002"
		done  = ", chat.update ok 1772442900.000001"
	)
	for _, c := range []failing{
		{name: "well", calls: reply + done, threads: true},
		{
			name:  "the table is away",
			board: func(b *board) { b.err = errors.New("table: no answer") },
			calls: reply,
			logs:  "WARN slack thread",
		},
		{
			name:  "the table has rubbish",
			board: func(b *board) { b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] = "../1" },
			calls: reply,
			logs:  "WARN slack thread",
		},
		{
			name:  "the parent is gone",
			post:  []string{"thread_not_found"},
			calls: "chat.postMessage thread_not_found, " + reply,
			logs:  "WARN slack thread",
		},
		{
			name:  "the parent was deleted",
			post:  []string{"message_not_found"},
			calls: "chat.postMessage message_not_found, " + reply,
			logs:  "WARN slack thread",
		},
		{
			name:  "no replies",
			post:  []string{"cannot_reply_to_message"},
			calls: "chat.postMessage cannot_reply_to_message, " + reply,
			logs:  "WARN slack thread",
		},
		{
			name:  "locked",
			post:  []string{"restricted_action_thread_locked"},
			calls: "chat.postMessage restricted_action_thread_locked, " + reply,
			logs:  "WARN slack thread",
		},
		{
			name:  "gone, and then gone again",
			post:  []string{"thread_not_found", "thread_not_found"},
			err:   "thread_not_found: the thread's first message was deleted",
			calls: "chat.postMessage thread_not_found, chat.postMessage thread_not_found",
			logs:  "WARN slack thread",
		},
		{
			name:  "near miss",
			post:  []string{"not_in_channel"},
			err:   "not_in_channel: ",
			calls: "chat.postMessage not_in_channel",
		},
		{
			name:    "limited",
			post:    []string{"429"},
			calls:   "chat.postMessage 429, " + reply + done,
			threads: true,
		},
		{
			name:    "answer lost",
			post:    []string{"lost"}, // the named class: told twice
			calls:   reply + ", chat.postMessage ok 1772442900.000003" + done,
			threads: true,
		},
		{
			name:    "update limited",
			update:  []string{"429"},
			calls:   reply + ", chat.update 429",
			threads: true,
			logs:    "WARN slack update",
		},
		{
			name:    "update limited by name",
			update:  []string{"ratelimited"},
			calls:   reply + ", chat.update ratelimited",
			threads: true,
			logs:    "WARN slack update",
		},
		{
			name:    "update fails",
			update:  []string{"500"},
			calls:   reply + ", chat.update 500",
			threads: true,
			logs:    "WARN slack update",
		},
		{
			name:    "update refused",
			update:  []string{"cant_update_message"},
			calls:   reply + ", chat.update cant_update_message",
			threads: true,
			logs:    "WARN slack update",
		},
		{
			name:    "update's form refused",
			update:  []string{"invalid_blocks"},
			calls:   reply + ", chat.update invalid_blocks",
			threads: true,
			logs:    "WARN slack update",
		},
		{
			name:    "update's answer lost",
			update:  []string{"lost"},
			calls:   reply + done + done,
			threads: true,
		},
		{
			name:    "form refused",
			post:    []string{"invalid_blocks"},
			calls:   "chat.postMessage invalid_blocks, " + reply + done,
			threads: true,
			logs:    "ERROR slack refused the message's form",
		},
		{
			name:  "form refused of a reply, and the parent is gone",
			post:  []string{"msg_blocks_too_long", "thread_not_found"},
			calls: "chat.postMessage msg_blocks_too_long, chat.postMessage thread_not_found, " + reply,
			logs:  "ERROR slack refused the message's form, WARN slack thread",
		},
	} {
		w, b, log := newWorkspace(), newBoard(), &bytes.Buffer{}
		n := w.notifier(b, (&fakeClock{}).clock(), log)
		if err := n.Notify(t.Context(), incident(findingtest.Named("retrying"), finding.IncidentOpen, 1)); err != nil {
			t.Fatal(err)
		}
		w.fails["chat.postMessage"], w.fails["chat.update"], w.calls = c.post, c.update, nil
		if c.board != nil {
			c.board(b)
		}
		err := n.Notify(t.Context(), incident(findingtest.Stopped(), finding.IncidentRestored, 2))
		c.check(t, w, err, log.String())
	}
}

func (c failing) check(t *testing.T, w *workspace, err error, log string) {
	t.Helper()
	noLeak(t, c.name, err)
	if got := fmt.Sprint(err); c.err == "" && err != nil || !strings.HasPrefix(got, c.err) && c.err != "" {
		t.Errorf("%s: error %q, want %q", c.name, got, c.err)
	}
	if got := strings.Join(w.calls, ", "); got != c.calls {
		t.Errorf("%s: calls %s\nwant %s", c.name, got, c.calls)
	}
	if last := w.messages[len(w.messages)-1]; c.err == "" && (last.thread != "") != c.threads {
		t.Errorf("%s: the message is in thread %q", c.name, last.thread)
	}
	if got := logged(t, log, "00000002-2f4b-4c2e-9d55-0f6f0f1f2a3b"); got != c.logs {
		t.Errorf("%s: log %q, want %q", c.name, got, c.logs)
	}
	if len(w.fails["chat.postMessage"])+len(w.fails["chat.update"]) > 0 {
		t.Errorf("%s: a fault was not reached", c.name)
	}
}

func TestFailedParent(t *testing.T) {
	for _, c := range []struct {
		name   string
		post   []string
		err    string
		opened int
		failed int
	}{
		{"refused", []string{"not_in_channel"}, "not_in_channel", 0, 1},
		{"fails for ever", []string{"500", "500", "500"}, "500: Slack failed, three times", 0, 1},
		{"fails and then works", []string{"500"}, "", 1, 0},
		{"without blocks", []string{"invalid_blocks"}, "", 1, 0},
		{"refused without blocks as well", []string{"invalid_blocks", "invalid_blocks"}, "invalid_blocks", 0, 1},
		{"accepted without a ts", []string{"ok "}, "", 0, 1},
		{"accepted with what is no ts", []string{"ok 17;drop"}, "", 0, 1},
	} {
		w, b := newWorkspace(), newBoard()
		w.fails["chat.postMessage"] = c.post
		err := w.notifier(
			b,
			(&fakeClock{}).clock(),
			io.Discard,
		).Notify(
			t.Context(),
			incident(findingtest.Stopped(), finding.IncidentOpen, 1),
		)
		noLeak(t, c.name, err)
		if got := fmt.Sprint(err); c.err == "" && err != nil || c.err != "" && !strings.HasPrefix(got, c.err) {
			t.Errorf("%s: error %q, want %q", c.name, got, c.err)
		}
		if b.opened != c.opened || b.failed != c.failed {
			t.Errorf("%s: opened %d, failed %d; want %d, %d", c.name, b.opened, b.failed, c.opened, c.failed)
		}
	}
}

// TestConcurrentRuns has runs that report one incident at the same time: one message opens the thread, the others
// follow it.
func TestConcurrentRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := newWorkspace(), newBoard()
		w.before = func(string) { time.Sleep(700 * time.Millisecond) }
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				n := w.notifier(b, clock.Real(), io.Discard)
				if err := n.Notify(t.Context(), incident(findingtest.Stopped(), finding.IncidentOpen, i+1)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i, m := range w.messages {
			if (i == 0) != (m.thread == "") {
				t.Errorf("message %d is in thread %q", i, m.thread)
			}
		}
		if len(w.messages) != 5 || b.opened != 1 || w.messages[0].updates != 4 {
			t.Errorf("%d messages, %d opened, %d updates", len(w.messages), b.opened, w.messages[0].updates)
		}
	})
}

// TestWaits is for the parent that another run is about to post: no longer than 2 s, and not at all where there is
// little time.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		name       string
		left, took time.Duration
		other      func(*board) // what the other run does after a second
		thread     bool
		opened     int
	}{
		{"never posted", 12 * time.Second, 2 * time.Second, func(*board) {}, false, 0},
		{
			"posted after a second", 12 * time.Second, time.Second,
			func(b *board) { _ = b.Opened(t.Context(), "inc-5f2c9e7a1b3d4860", "slack:"+room, "1772442900.000001") }, true, 1,
		},
		{
			"failed after a second", 12 * time.Second, time.Second,
			func(b *board) { _ = b.Failed(t.Context(), "inc-5f2c9e7a1b3d4860", "slack:"+room) }, false, 1,
		},
		{"little time", 4 * time.Second, 0, func(*board) {}, false, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, b := newWorkspace(), newBoard()
			w.messages = []posted{{ts: "1772442900.000001"}}
			if _, ours, err := b.Thread(t.Context(), "inc-5f2c9e7a1b3d4860", "slack:"+room); !ours || err != nil {
				t.Fatal(ours, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			defer cancel()
			go func() { time.Sleep(time.Second - time.Millisecond); c.other(b) }()
			start := time.Now()
			err := w.notifier(b, clock.Real(), io.Discard).Notify(ctx, incident(findingtest.Stopped(), finding.IncidentOpen, 2))
			took := time.Since(start)
			if last := w.messages[len(w.messages)-1]; err != nil || len(w.messages) != 2 || (last.thread != "") != c.thread ||
				b.opened != c.opened {
				t.Errorf(
					"%s: %d messages, the last in thread %q, opened %d, %v",
					c.name,
					len(w.messages),
					last.thread,
					b.opened,
					err,
				)
			}
			if took > c.took || took < c.took-betweenAsks {
				t.Errorf("%s: waited %v, want %v", c.name, took, c.took)
			}
			time.Sleep(time.Second)
		})
	}
}

// TestWaitsWithAClockThatStands counts the questions where the time does not pass.
func TestWaitsWithAClockThatStands(t *testing.T) {
	w, b, c := newWorkspace(), newBoard(), &fakeClock{}
	b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] = "?"
	err := w.notifier(
		b,
		c.clock(),
		io.Discard,
	).Notify(
		t.Context(),
		incident(findingtest.Stopped(), finding.IncidentOpen, 2),
	)
	if err != nil || len(c.waits) != int(maxWait/betweenAsks) || len(w.messages) != 1 || w.messages[0].thread != "" {
		t.Errorf("%v after %d waits, %d messages", err, len(c.waits), len(w.messages))
	}
}

// TestParentHangs gives the thread back although the post took all the time.
func TestParentHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b, log := newWorkspace(), newBoard(), &bytes.Buffer{}
		w.fails["chat.postMessage"] = []string{"hang", "hang", "hang"}
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		err := w.notifier(b, clock.Real(), log).Notify(ctx, incident(findingtest.Stopped(), finding.IncidentOpen, 1))
		if err == nil || b.failed != 1 || log.Len() > 0 {
			t.Errorf("%v, failed %d, log %s", err, b.failed, log)
		}
	})
}

// TestUpdateInTime holds that a delivery which is accepted returns before its time is over, whatever the update and the
// table do.
func TestUpdateInTime(t *testing.T) {
	for _, c := range []struct{ left, took time.Duration }{
		{12 * time.Second, 3 * time.Second}, {3 * time.Second, 2 * time.Second}, {time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, b, log := newWorkspace(), newBoard(), &bytes.Buffer{}
			w.messages = []posted{{ts: "1772442900.000001"}}
			b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] = "1772442900.000001"
			w.fails["chat.update"] = []string{"hang", "hang", "hang"}
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			defer cancel()
			start := time.Now()
			err := w.notifier(b, clock.Real(), log).Notify(ctx, incident(findingtest.Stopped(), finding.IncidentOpen, 2))
			if took := time.Since(start); err != nil || took != c.took || !strings.Contains(log.String(), "slack update") {
				t.Errorf("%v left: took %v, want %v; %v; log %s", c.left, took, c.took, err, log)
			}
		})
	}
}

func TestOlderStateIsNotShown(t *testing.T) {
	w, b := newWorkspace(), newBoard()
	n := w.notifier(b, (&fakeClock{}).clock(), io.Discard)
	var updates []int
	// 1 and 4 come late; the second 3 is the same event, restored by the next run
	for _, count := range []int{3, 1, 3, 5, 4, 6} {
		if err := n.Notify(t.Context(), incident(findingtest.Stopped(), finding.IncidentOpen, count)); err != nil {
			t.Fatal(err)
		}
		updates = append(updates, w.messages[0].updates)
	}
	if diff := cmp.Diff([]int{0, 0, 1, 2, 2, 3}, updates); diff != "" || len(w.messages) != 6 {
		t.Errorf("updates (-want +got):\n%s", diff)
	}
	for i := range 2 * maxShown {
		n.shown.advance(finding.Incident{ID: fmt.Sprint(i), Count: 1})
	}
	if len(n.shown.of) > maxShown {
		t.Errorf("%d incidents are remembered", len(n.shown.of))
	}
}

func TestWithoutThreads(t *testing.T) {
	with := incident(findingtest.Stopped(), finding.IncidentOpen, 2)
	nameless, without := with, with
	nameless.Incident, without.Incident = &finding.Incident{}, nil
	for name, note := range map[string]finding.Finding{"no incident": without, "an incident without an ID": nameless} {
		w, b := newWorkspace(), newBoard()
		if err := w.notifier(
			b,
			(&fakeClock{}).clock(),
			io.Discard,
		).Notify(
			t.Context(),
			note,
		); err != nil || len(b.ids) != 0 ||
			len(w.messages) != 1 {
			t.Errorf("%s: %v, threads %v", name, err, b.ids)
		}
	}
	w := newWorkspace()
	if err := w.notifier(
		nil,
		(&fakeClock{}).clock(),
		io.Discard,
	).Notify(
		t.Context(),
		with,
	); err != nil ||
		len(w.calls) != 1 {
		t.Errorf("no threads: %v, %v", err, w.calls)
	}
}

func TestEscalates(t *testing.T) {
	for _, s := range findingtest.Samples() {
		o := s.Notification.Outcome
		want := o == finding.OutcomeCannotRestore || o == finding.OutcomeGaveUp || o == finding.OutcomePartlyRestored
		alone := s.Notification
		alone.Incident = nil
		if got := finding.Escalates(alone); got != want {
			t.Errorf("Escalates(%s) = %v, want %v", s.Name, got, want)
		}
		turned := incident(s.Notification, finding.IncidentHuman, 2)
		turned.Incident.Turned = true
		if !finding.Escalates(turned) || finding.Escalates(incident(s.Notification, finding.IncidentHuman, 2)) ||
			finding.Escalates(incident(s.Notification, finding.IncidentOpen, 2)) {
			t.Errorf("%s: the incident's turn does not count as it should", s.Name)
		}
		for flags, want := range map[finding.Flags]bool{
			{Turned: true}:    true,
			{Contested: true}: true,
			{Darker: true}:    true,
			{Resumed: true}:   true,
			{Closing: true}:   false,
			{}:                false,
		} {
			flagged := incident(s.Notification, finding.IncidentOpen, 2)
			if flagged.Incident.Flags = flags; finding.Escalates(flagged) != want {
				t.Errorf("%s with %+v: is seen in the channel: %v, want %v", s.Name, flags, !want, want)
			}
		}
	}
}

func TestValidTS(t *testing.T) {
	for ts, want := range map[string]bool{
		"1772442900.000100": true,
		"1.2":               true,
		"":                  false,
		".":                 false,
		"1.":                false,
		".1":                false,
		"1":                 false,
		"1.2.3":             false,
		"1..2":              false,
		"-1.2":              false,
		"1.2\n":             false,
		"1,2":               false,
		"１.2":               false,
		"1e5.2":             false,
		strings.Repeat("1", 40) + "." + strings.Repeat("1", 40): false,
	} {
		if got := validTS(ts); got != want {
			t.Errorf("validTS(%q) = %v, want %v", ts, got, want)
		}
	}
}

// silentBoard never answers a question.
type silentBoard struct{ *board }

func (silentBoard) Thread(ctx context.Context, _, _ string) (string, bool, error) {
	<-ctx.Done()
	return "", false, ctx.Err()
}

// TestSilentThreads keep a message back for 300 ms at most.
func TestSilentThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, log := newWorkspace(), &bytes.Buffer{}
		start := time.Now()
		err := w.notifier(
			silentBoard{newBoard()},
			clock.Real(),
			log,
		).Notify(
			t.Context(),
			incident(findingtest.Stopped(), finding.IncidentOpen, 1),
		)
		if took := time.Since(
			start,
		); err != nil || took != 300*time.Millisecond || len(w.messages) != 1 ||
			w.messages[0].thread != "" {
			t.Errorf("%v after %v, %d messages", err, took, len(w.messages))
		}
	})
}
