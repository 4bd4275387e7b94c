package approval_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

var (
	now  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	main = events.Trail{
		Partition: "aws",
		Region:    "eu-west-1",
		Account:   "111122223333",
		Name:      "main",
	}
)

const deploy, other = "arn:aws:iam::111122223333:role/Deploy", "arn:aws:iam::111122223333:role/Other"

type historyFunc func(region, id string) (events.Event, error)

func (f historyFunc) Event(_ context.Context, region, id string) (events.Event, error) {
	return f(region, id)
}

// call is a record of the history.
type call struct{ id, name, principal, trail, request, err string }

func (c call) event(t *testing.T) events.Event {
	t.Helper()
	refused := ""
	if c.err != "" { // of a call that went well there is no errorCode at all
		refused = fmt.Sprintf(`"errorCode":%q,`, c.err)
	}
	ev, err := events.Parse(
		fmt.Appendf(nil, `{"eventID":%q,"eventName":%q,"eventSource":"cloudtrail.amazonaws.com","eventType":"AwsApiCall",
		"eventTime":"2026-03-02T11:59:00Z","awsRegion":"eu-west-1","recipientAccountId":"111122223333",%s
		"userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":%q}}},
		"requestParameters":{"name":%q%s}}`,
			c.id, c.name, refused, c.principal, c.trail, c.request),
	)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

func judging(approvals []exception.Approval, h historyFunc) *approval.Judge {
	return &approval.Judge{History: h, Approvals: approvals, Clock: clock.Clock{Now: func() time.Time { return now }}}
}

func approvals(expires time.Time) []exception.Approval {
	return []exception.Approval{
		{
			Principal: other,
			Events:    []string{"AddTags"},
			Trail:     exception.AnyTrail,
			Reason:    "wrong",
			Expires:   now.Add(time.Hour),
		},
		{
			Principal: deploy,
			Events:    []string{"AddTags", "UpdateTrail", "StopLogging"},
			Trail:     main.ARN(),
			Reason:    "move",
			Expires:   expires,
		},
	}
}

func note(change func(*known.Approved)) known.Approved {
	n := known.Approved{
		EventID:   "e",
		EventName: "UpdateTrail",
		Principal: deploy,
		At:        now.Add(-time.Minute),
		Expires:   now.Add(time.Hour),
		Fields:    []string{"s3BucketName"},
		State:     trail.State{ARN: main.ARN(), Settings: trail.Settings{S3Bucket: "new"}},
	}
	if change != nil {
		change(&n)
	}
	return n
}

func inWords(j approval.Judged) string {
	var all []string
	add := func(what string, n int) {
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s", n, what))
		}
	}
	add("proven", len(j.Proven))
	add("waiting", len(j.Waiting))
	add("over", len(j.Over))
	for _, d := range j.Doubted {
		all = append(all, fmt.Sprintf("doubted, false %v", d.False)+map[bool]string{true: ", late"}[d.Late])
	}
	return strings.Join(all, ", ")
}

// TestJudge: only the history's own copy proves a claim; what the history does not speak of yet waits within bounds
// that no note can widen.
func TestJudge(t *testing.T) {
	good := call{"e", "UpdateTrail", deploy, "main", `,"s3BucketName":"new"`, ""}
	with := func(change func(*call)) *call { c := good; change(&c); return &c }
	held := now.Add(-time.Minute)
	made, _ := good.event(t).Record.Time()
	for name, tt := range map[string]struct {
		known   *call
		err     error
		note    known.Approved
		held    time.Time
		expires time.Time
		want    string
	}{
		"proven": {&good, nil, note(nil), held, now.Add(time.Hour), "1 proven"},
		"proven long after": {
			&good, nil, note(func(n *known.Approved) { n.At = now.AddDate(0, 0, -9) }),
			time.Time{},
			now.Add(time.Hour),
			"1 proven",
		},
		"a day late": {
			&good, nil, note(func(n *known.Approved) { n.At = made.Add(approval.MaxLate) }), held, now.Add(time.Hour),
			"1 proven",
		},
		"more than a day late": {
			&good, nil, note(func(n *known.Approved) { n.At = made.Add(approval.MaxLate + time.Second) }), held,
			now.Add(time.Hour), "doubted, false true, late",
		},
		"over": {&good, nil, note(nil), held, now.Add(-time.Second), "1 over"},
		"no longer deployed": {with(func(c *call) { c.name = "DeleteTrail" }), nil, note(func(n *known.Approved) {
			n.EventName = "DeleteTrail"
			n.Fields = nil
		}), held, now.Add(time.Hour), "1 over"},
		"by another": {
			with(func(c *call) { c.principal = other }), nil, note(nil), held, now.Add(time.Hour), "doubted, false true",
		},
		"another call": {with(func(c *call) {
			c.name = "AddTags"
			c.request = `,"tagsList":[{"key":"a"}]`
		}), nil, note(nil), held, now.Add(time.Hour), "doubted, false true"},
		"another trail": {
			with(func(c *call) { c.trail = "other" }), nil, note(nil), held, now.Add(time.Hour), "doubted, false true",
		},
		"refused": {
			with(func(c *call) { c.err = "AccessDenied" }), nil, note(nil), held, now.Add(time.Hour), "doubted, false true",
		},
		"other values": {
			with(func(c *call) { c.request = `,"s3BucketName":"old"` }), nil, note(nil), held, now.Add(time.Hour),
			"1 proven, doubted, false true",
		},
		"another field": {
			with(func(c *call) { c.request = `,"s3KeyPrefix":"new"` }), nil, note(nil), held, now.Add(time.Hour),
			"1 proven, doubted, false true",
		},
		"waiting":               {nil, nil, note(nil), held, now.Add(time.Hour), "1 waiting"},
		"waiting, not answered": {nil, history.ErrUnanswered, note(nil), held, now.Add(time.Hour), "1 waiting"},
		"waiting, refused":      {nil, history.ErrRefused, note(nil), held, now.Add(time.Hour), "1 waiting"},
		"unanswered too long": {
			nil, history.ErrUnanswered, note(nil), now.Add(-approval.Patience), now.Add(time.Hour), "doubted, false false",
		},
		"refused too long": {
			nil, history.ErrRefused, note(nil), now.Add(-approval.Patience), now.Add(time.Hour), "doubted, false false",
		},
		"unknown a moment less": {
			nil, nil, note(func(n *known.Approved) { n.At = now.Add(time.Second - approval.Patience) }),
			now.Add(time.Second - approval.Patience), now.Add(time.Hour), "1 waiting",
		},
		"unknown too long": {
			nil, nil, note(func(n *known.Approved) { n.At = now.Add(-approval.Patience) }), held, now.Add(time.Hour),
			"doubted, false true",
		},
		"a fresh claim after it": {
			nil, nil, note(nil), now.Add(-approval.Patience), now.Add(time.Hour), "doubted, false false",
		},
		"nothing held back": {nil, nil, note(nil), time.Time{}, now.Add(time.Hour), "doubted, false false"},
		"noted in time to come": {
			nil, nil, note(func(n *known.Approved) { n.At = now.Add(time.Hour) }), held, now.Add(2 * time.Hour),
			"doubted, false true",
		},
		"held in time to come": {
			nil, nil, note(nil), now.Add(time.Hour), now.Add(2 * time.Hour), "doubted, false false",
		},
		"nobody's approval": {
			nil, nil, note(func(n *known.Approved) { n.Principal = other }), held, now.Add(time.Hour), "doubted, false false",
		},
		"another call's approval": {
			nil, nil, note(func(n *known.Approved) { n.EventName = "DeleteTrail" }), held, now.Add(time.Hour),
			"doubted, false false",
		},
		"waiting, approval is over": {nil, nil, note(nil), held, now.Add(-time.Second), "doubted, false false"},
	} {
		j := judging(approvals(tt.expires), func(region, id string) (events.Event, error) {
			switch {
			case region != main.Region || id != "e":
				t.Errorf("%s: asked for %s in %s", name, id, region)
			case tt.err != nil:
				return events.Event{}, tt.err
			case tt.known != nil:
				return tt.known.event(t), nil
			}
			return events.Event{}, history.ErrUnknown
		})
		if got := inWords(
			j.Judge(t.Context(), main, known.Trail{ARN: main.ARN(), Held: tt.held, Approved: []known.Approved{tt.note}}),
		); got != tt.want {
			t.Errorf("%s: %s; want %s", name, got, tt.want)
		}
	}
}

// TestJudgeAsksOnce of what CloudTrail has confirmed, and again of what it has not.
func TestJudgeAsksOnce(t *testing.T) {
	asked, there := 0, false
	j := judging(approvals(now.Add(time.Hour)), func(string, string) (events.Event, error) {
		if asked++; !there {
			return events.Event{}, history.ErrUnanswered
		}
		return call{"e", "UpdateTrail", deploy, "main", `,"s3BucketName":"new"`, ""}.event(t), nil
	})
	known := known.Trail{ARN: main.ARN(), Held: now, Approved: []known.Approved{note(nil)}}
	for _, want := range []string{"1 waiting", "1 proven", "1 proven"} {
		if got := inWords(j.Judge(t.Context(), main, known)); got != want {
			t.Errorf("%s; want %s", got, want)
		}
		there = true
	}
	elsewhere := main
	elsewhere.Name = "other"
	if got := inWords(j.Judge(t.Context(), elsewhere, known)); asked != 3 || got != "doubted, false true" {
		t.Errorf("asked %d times; on another trail: %s", asked, got)
	}
	if _, err := j.Prove(t.Context(), main, "e"); err != nil || asked != 3 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

// TestProve: only an approval in force covers a call.
func TestProve(t *testing.T) {
	for expires, want := range map[time.Time]error{now: nil, now.Add(-time.Second): approval.ErrFalse} {
		j := judging(approvals(expires), func(string, string) (events.Event, error) {
			return call{"e", "StopLogging", deploy, "main", "", ""}.event(t), nil
		})
		if _, err := j.Prove(t.Context(), main, "e"); !errors.Is(err, want) {
			t.Errorf("expires %v: %v", expires, err)
		}
	}
}

// TestStopsAreKnownByTheirTime: an approved stop excuses no later one, and one that is only claimed keeps no trail off
// for longer than Patience, whatever the notes say.
func TestStopsAreKnownByTheirTime(t *testing.T) {
	baseline := trail.State{ARN: main.ARN(), Logging: true}
	stop := note(func(n *known.Approved) { n.EventName, n.Fields = "StopLogging", []string{"logging"} })
	for name, tt := range map[string]struct {
		proven  bool
		stopped time.Time
		want    bool
	}{
		"approved":               {true, now.Add(-time.Minute), true},
		"stopped again":          {true, now.Add(time.Second), false},
		"no time":                {true, time.Time{}, true},
		"waited for":             {false, now.Add(-time.Minute), true},
		"waited for too long":    {false, now.Add(-approval.Patience), false},
		"waited for, no time":    {false, time.Time{}, true},
		"a stop in time to come": {false, now.Add(time.Hour), false},
	} {
		j := judging(approvals(now.Add(time.Hour)), func(string, string) (events.Event, error) {
			if !tt.proven {
				return events.Event{}, history.ErrUnknown
			}
			return call{"e", "StopLogging", deploy, "main", "", ""}.event(t), nil
		})
		judged := j.Judge(t.Context(), main, known.Trail{ARN: main.ARN(), Held: now, Approved: []known.Approved{stop}})
		state := trail.State{ARN: main.ARN()}
		state.Delivery.Stopped = tt.stopped
		excused := !judged.Excuse(baseline, state).Logging
		if excused != tt.want || judged.Stopped(state) != tt.want {
			t.Errorf("%s: excused %v, stopped %v", name, excused, judged.Stopped(state))
		}
	}
}
