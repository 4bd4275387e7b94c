package warden_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/warden"
	"trailkeeper/lambda/internal/warden/check"
)

var start = time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)

// world is a deployment of rules, the parameter and the stack, and what is wrong with them.
type world struct {
	warden.Warden

	rules       int
	description []byte
	record      deployment.Record
	parameter   any // a value, or an error; nil: the record
	changed     time.Time
	written     time.Time // by CloudFormation; zero: the answer has no time
	writtenErr  error
	status      string // of the stack
	stackErr    error
	wardenErr   error
	// wardenStatus is that of the warden's stack in us-east-1, where its queue is if elsewhere was called.
	wardenStatus string
	began        time.Time
	now          time.Time

	broken   map[string][]check.Difference // by name
	unread   map[string]error
	held     bool           // repairs are accepted and change nothing
	calls    int            // for the record and the stack
	took     time.Duration  // by each check
	checks   map[string]int // by name
	repairs  []string
	reported []finding.Finding
	failing  error             // of the reporter
	sent     report.Deliveries // what becomes of a message
}

func newWorld(t *testing.T, rules int) *world {
	t.Helper()
	w := &world{rules: rules, status: "UPDATE_COMPLETE", began: start.Add(-24 * time.Hour), now: start}
	w.changed = w.began.Add(time.Minute)
	w.written = w.changed
	w.checks = map[string]int{}
	w.broken, w.unread = map[string][]check.Difference{}, map[string]error{}
	d := deployment.Description{Stack: "trailkeeper", Resources: map[string]deployment.Resource{}}
	for i := range rules {
		d.Resources[fmt.Sprintf("Rule%03d", i)] = deployment.Resource{
			Type: "AWS::Events::Rule", Part: deployment.PartGuard,
			Properties: map[string]any{"Name": ruleName(i), "State": "ENABLED"},
		}
	}
	d.Resources["Record"] = deployment.Resource{
		Type: "AWS::SSM::Parameter", Part: deployment.PartGuard, Properties: map[string]any{"Name": "trailkeeper-deployment"},
	}
	d.Resources["Queue"] = deployment.Resource{Type: "AWS::SQS::Queue", Part: deployment.PartGuard}
	content, err := deployment.Format(d)
	if err != nil {
		t.Fatal(err)
	}
	w.description = content
	w.record = deployment.Record{
		Description: deployment.Digest(content), Names: map[string]string{"Queue": "trailkeeper-Queue-1"}, Code: map[string]string{},
	}
	clk := clock.Clock{
		Now:      func() time.Time { return w.now },
		Sleep:    func(context.Context, time.Duration) error { return nil },
		Deadline: func(context.Context) (time.Time, bool) { return w.now.Add(5 * time.Minute), true },
	}
	log := slog.New(slog.DiscardHandler)
	w.Warden = warden.Warden{
		Part: deployment.PartGuard, Finder: "the warden", Restores: true, Stack: "trailkeeper",
		Place:       events.Place{Partition: "aws", Region: "eu-west-1", Account: "111122223333"},
		Suffix:      "amazonaws.com",
		Description: func() (deployment.Own, error) { return deployment.ParseOwn(w.description) },
		Call:        w.call,
		Checks: func(deployment.Record, []deployment.Deployed) map[string]check.Check {
			return map[string]check.Check{"AWS::Events::Rule": w.check, "AWS::SQS::Queue": w.check, "AWS::SSM::Parameter": w.check}
		},
		Reporter: reporter{w},
		Once:     &report.Once{Clock: clk, Log: log},
		Measure:  func(context.Context, ...metrics.Metric) {},
		Clock:    clk,
		Log:      log,
	}
	return w
}

func ruleName(i int) string { return fmt.Sprintf("trailkeeper-rule-%03d", i) }

func (w *world) call(_ context.Context, c awsapi.Call) (map[string]any, error) {
	w.calls++
	if c.Operation == "DescribeStacks" && c.Input["StackName"] == "trailkeeper-warden" {
		if c.Region != "us-east-1" {
			return nil, errors.New("another Region")
		}
		return map[string]any{"Stacks": []any{map[string]any{
			"StackStatus": w.wardenStatus, "LastUpdatedTime": w.now.Format(time.RFC3339),
		}}}, w.wardenErr
	}
	if c.Operation == "DescribeStacks" {
		return map[string]any{"Stacks": []any{map[string]any{
			"StackStatus": w.status, "LastUpdatedTime": w.began.Format(time.RFC3339), "CreationTime": w.began.Format(time.RFC3339),
		}}}, w.stackErr
	}
	if c.Operation == "DescribeStackResources" {
		if c.Input["LogicalResourceId"] != "Record" {
			return nil, errors.New("another resource")
		}
		return map[string]any{"StackResources": []any{map[string]any{"Timestamp": w.written.Format(time.RFC3339)}}}, w.writtenErr
	}
	if err, ok := w.parameter.(error); ok {
		return nil, err
	}
	value, ok := w.parameter.(string)
	if !ok {
		value = w.record.Line()
	}
	return map[string]any{"Parameter": map[string]any{"Value": value, "LastModifiedDate": float64(w.changed.Unix())}}, nil
}

func (w *world) check(_ context.Context, of deployment.Deployed) ([]check.Difference, error) {
	w.now = w.now.Add(w.took)
	w.checks[of.Name]++
	return slices.Clone(w.broken[of.Name]), w.unread[of.Name]
}

// breaks makes a resource differ, with a repair that helps unless it is held. That of a state needs no other names.
func (w *world) breaks(name, field, want, got string) {
	w.broken[name] = append(w.broken[name], check.Difference{
		Field: field, Want: want, Got: got, ByName: field == "State",
		Repair: func(context.Context) error {
			w.repairs = append(w.repairs, name+" "+field)
			if !w.held {
				w.broken[name] = slices.DeleteFunc(w.broken[name], func(d check.Difference) bool { return d.Field == field })
			}
			return nil
		},
	})
}

type reporter struct{ world *world }

func (r reporter) Report(_ context.Context, n finding.Finding, _ json.RawMessage) (report.Deliveries, error) {
	if r.world.failing != nil {
		return nil, r.world.failing
	}
	r.world.reported = append(r.world.reported, n)
	return r.world.sent, nil
}

// run runs once and returns the titles of what was reported.
func (w *world) run(t *testing.T) (warden.Result, string) {
	t.Helper()
	w.reported = nil
	result, err := w.Run(t.Context(), w.now.Format(time.RFC3339))
	if err != nil && w.failing == nil {
		t.Error(err)
	}
	w.now = w.now.Add(5 * time.Minute)
	var titles []string
	for _, n := range w.reported {
		titles = append(titles, message.SeverityWord(n.Severity)+": "+message.Headline(n))
	}
	return result, strings.Join(titles, "\n")
}

func (w *world) want(t *testing.T, want string) warden.Result {
	t.Helper()
	result, got := w.run(t)
	if got != want {
		t.Errorf("reported\n%s\nwant\n%s", got, want)
	}
	return result
}

func denied(code string) error { return &smithy.GenericAPIError{Code: code} }

var errOffline = errors.New("offline")

// elsewhere has the guard check the queue of a warden in another Region.
func (w *world) elsewhere(t *testing.T) {
	t.Helper()
	d, err := deployment.Parse(w.description)
	if err != nil {
		t.Fatal(err)
	}
	d.Resources["WardenQueue"] = deployment.Resource{
		Type: "AWS::SQS::Queue", Part: deployment.PartWarden, Region: "us-east-1",
		Properties: map[string]any{"QueueName": "trailkeeper-warden"},
	}
	if w.description, err = deployment.Format(d); err != nil {
		t.Fatal(err)
	}
	w.record.Description, w.Part = deployment.Digest(w.description), deployment.PartWarden
}
