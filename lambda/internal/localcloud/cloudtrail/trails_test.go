package cloudtrail

import (
	"encoding/json"
	"testing"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

var start = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)

// willing is a cloud of services that refuse nothing.
type willing struct{ published []kernel.Event }

func (*willing) Authorize(kernel.Principal, policy.Access, []policy.Document) (string, bool) {
	return "", true
}

func (*willing) Assume(string, string, map[string]string) (kernel.Principal, *kernel.Error) {
	return kernel.Principal{}, nil
}

func (*willing) UseKey(u kernel.KeyUse) (string, *kernel.Error) { return u.Key, nil }

func (*willing) Deliver(kernel.Delivery) *kernel.Error { return nil }

func (w *willing) Publish(e kernel.Event) { w.published = append(w.published, e) }

func (*willing) Measure(kernel.Sample) {}

func (*willing) Record(*kernel.Call, *kernel.Error) string { return "" }

// A trail is busy for a while after each change, whatever its quota.
func TestBusy(t *testing.T) {
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	w := &willing{}
	k := kernel.New(kernel.Options{Start: start, Partition: "aws", Account: "111122223333"})
	k.Services = w
	s := New(k, Options{Lag: time.Second, HistoryDelay: time.Minute, ManagementAccount: "111122223333"})
	if err := s.AddTrail(TrailSeed{ARN: arn, Logging: true}); err != nil {
		t.Fatal(err)
	}
	stop := func() string {
		s.quotas.buckets = map[string]*tokens{} // as if the quota were larger
		cl := &kernel.Call{
			Service: "cloudtrail",
			Op:      "StopLogging",
			Region:  "eu-west-1",
			Who:     k.Caller("x"),
			Params:  map[string]any{"Name": arn},
		}
		if _, failed := s.answer(cl); failed != nil {
			return failed.Code
		}
		return ""
	}
	if first, second := stop(), stop(); first != "" || second != "ConflictException" {
		t.Errorf("stopped: %q, and again: %q; want ConflictException", first, second)
	}
	k.Pass(conflictWindow)
	if got := stop(); got != "" {
		t.Errorf("later: %q", got)
	}
	if len(w.published) != 1 {
		t.Errorf("%d events; want that of the call that stopped the only trail", len(w.published))
	}
}

func TestBlindingSelectorsEndTheFeed(t *testing.T) {
	selector := func(s string) []any {
		var list []any
		if err := json.Unmarshal([]byte(s), &list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	for name, tt := range map[string]struct {
		state trailState
		want  bool
	}{
		"default": {trailState{Logging: true}, true},
		"stopped": {trailState{}, false},
		"deleted": {trailState{Logging: true, Deleted: true}, false},
		"reads only": {trailState{
			Logging:   true,
			Selectors: selector(`[{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true}]`),
		}, false},
		"no management": {trailState{
			Logging:   true,
			Selectors: selector(`[{"ReadWriteType":"All","IncludeManagementEvents":false}]`),
		}, false},
		"one of two": {trailState{
			Logging:   true,
			Selectors: selector(`[{"IncludeManagementEvents":false},{"ReadWriteType":"WriteOnly"}]`),
		}, true},
		"advanced": {trailState{
			Logging:  true,
			Advanced: selector(`[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`),
		}, true},
		"advanced reads": {trailState{
			Logging: true,
			Advanced: selector(
				`[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["true"]}]}]`,
			),
		}, false},
		"advanced data alone": {trailState{
			Logging:  true,
			Advanced: selector(`[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]`),
		}, false},
	} {
		if got := tt.state.logsWrites(); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestQuota(t *testing.T) {
	b := &tokens{
		rate:   1,
		size:   1,
		tokens: 1,
		filled: start,
	}
	at := func(d time.Duration) bool { return b.take(start.Add(d)) }
	for _, tt := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true},
		{0, false},
		{900 * time.Millisecond, false},
		{1900 * time.Millisecond, true},
		{10 * time.Second, true},
		{10 * time.Second, false},
	} {
		if got := at(tt.at); got != tt.want {
			t.Errorf("at %v: %t", tt.at, got)
		}
	}
}
