package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/store"
)

const template = `{"Resources": {"State00000001": {"Type": "AWS::DynamoDB::Table", "Properties": {
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"BillingMode": "PAY_PER_REQUEST", "TableName": "state", "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true}}}}}`

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// world is a store on a table of the loopback cloud, with a clock that moves when it is told to.
type world struct {
	*store.Store
	cloud *localcloud.Cloud
	now   time.Time
	fault *localcloud.Failure
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: begin}
	cloud, err := localcloud.New(localcloud.Options{
		Template: []byte(template), Account: "111122223333", Region: "eu-west-1",
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, errors.New("no function")
		},
		Fault: func(localcloud.FaultPoint) *localcloud.Failure { return w.fault },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	w.cloud = cloud
	clk := clock.Clock{
		Now:   func() time.Time { return w.now },
		Sleep: func(context.Context, time.Duration) error { return nil },
	}
	w.Store = &store.Store{
		Table: "state", Clock: clk,
		API: dynamodb.New(dynamodb.Options{
			Region: "eu-west-1", BaseEndpoint: aws.String(cloud.Endpoint()), Retryer: aws.NopRetryer{},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "AKIAEXAMPLEOPERATOR1", SecretAccessKey: "local"}, nil
			}),
		}),
	}
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) trail(t *testing.T) store.Trail {
	t.Helper()
	known, err := w.Trail(t.Context(), arn)
	must(t, err)
	return known
}

func state(bucket string) baseline.State {
	return baseline.State{
		ARN: arn, Logging: true, Settings: baseline.Settings{S3Bucket: bucket, MultiRegion: true, GlobalEvents: true},
		Selectors: []baseline.Selector{{ReadWrite: "All", Management: true}},
	}
}

func TestWhatIsKnownOfATrail(t *testing.T) {
	w := newWorld(t)
	if diff := cmp.Diff(store.Trail{ARN: arn}, w.trail(t)); diff != "" {
		t.Errorf("a trail that is not known (-want +got):\n%s", diff)
	}
	must(t, w.MarkHealthy(t.Context(), arn))
	w.now = w.now.Add(time.Minute)
	must(t, w.RecordTampering(t.Context(), arn))
	p := store.Pending{EventID: "e1", EventName: "StopLogging", Since: w.now}
	must(t, w.AddPending(t.Context(), arn, p))
	want := store.Trail{ARN: arn, Seen: w.now.Add(-time.Minute), TamperedAt: w.now, Pending: p}
	if diff := cmp.Diff(want, w.trail(t)); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
	all, err := w.Trails(t.Context())
	must(t, err)
	if diff := cmp.Diff([]store.Trail{want}, all); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	for i, other := range []store.Pending{{EventID: "e2"}, p, p} {
		if ours, err := w.ResolvePending(t.Context(), arn, other); err != nil || ours != (i == 1) {
			t.Errorf("settling %d: %v, %v", i, ours, err)
		}
	}
	if got := w.trail(t).Pending; got != (store.Pending{}) {
		t.Errorf("settled, and still %+v", got)
	}
}

// TestRecord: versions follow each other, are kept, and of two runs that record at once one does.
func TestRecord(t *testing.T) {
	w := newWorld(t)
	first, ours, err := w.Record(t.Context(), state("one"), nil)
	if err != nil || !ours || first.Version != 1 || !first.At.Equal(w.now) {
		t.Fatalf("%+v %v %v", first, ours, err)
	}
	if _, ours, err := w.Record(t.Context(), state("two"), nil); err != nil || ours {
		t.Errorf("a second first: %v, %v", ours, err)
	}
	w.now = w.now.Add(time.Hour)
	second, ours, err := w.Record(t.Context(), state("two"), w.trail(t).Recorded)
	if err != nil || !ours || second.Version != 2 {
		t.Errorf("%+v %v %v", second, ours, err)
	}
	if _, ours, err := w.Record(t.Context(), state("three"), &first); err != nil || ours {
		t.Errorf("from an old version: %v, %v", ours, err)
	}
	if diff := cmp.Diff(&store.Recorded{Version: 2, At: w.now, State: state("two")}, w.trail(t).Recorded); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	kept := 0
	for _, item := range w.cloud.Items() {
		if strings.Contains(fmt.Sprint(item["pk"]), "baseline#"+arn) {
			kept++
		}
	}
	if kept != 2 {
		t.Errorf("%d versions are kept", kept)
	}
}

// TestForgedItems: what is in the table was written by whoever could. What is no baseline of the trail counts as none, and no item breaks the
// reading of another.
func TestForgedItems(t *testing.T) {
	good, err := baseline.Format(baseline.Baseline{Version: 1, CapturedAt: time.Now(), Trail: state("one")})
	must(t, err)
	other := strings.ReplaceAll(string(good), "trail/main", "trail/other")
	s := func(text string) map[string]any { return map[string]any{"S": text} }
	n := func(text string) map[string]any { return map[string]any{"N": text} }
	for name, forged := range map[string]map[string]any{
		"another trail's baseline": s(other),
		"no JSON":                  s("{"),
		"an unknown field":         s(strings.Replace(string(good), `"version"`, `"more": 1, "version"`, 1)),
		"no text":                  n("1"),
		"against CloudTrail's rules": s(strings.Replace(string(good), `"includeGlobalServiceEvents": true`,
			`"includeGlobalServiceEvents": false`, 1)),
	} {
		w := newWorld(t)
		must(t, w.cloud.SetItem(localcloud.Item{"pk": s("trail"), "sk": s(arn), "baseline": forged, "version": n("7"), "approved#0": s(`{"state":{"arn":"` + arn + `"}}`), "approved#1": s(`7`), "seen": s("soon")}))
		must(t, w.cloud.SetItem(localcloud.Item{"pk": s("trail"), "sk": s("no ARN")}))
		all, err := w.Trails(t.Context())
		if err != nil || len(all) != 1 || all[0].Recorded != nil || all[0].Broken != 7 || len(all[0].Approved) != 0 || !all[0].Seen.IsZero() {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
	w := newWorld(t)
	must(t, w.cloud.SetItem(localcloud.Item{"pk": s("trail"), "sk": s(arn), "baseline": s(string(good)), "version": n("7")}))
	if got := w.trail(t).Recorded; got == nil || got.Version != 7 {
		t.Errorf("the near miss: %+v", got)
	}
}

func TestApprove(t *testing.T) {
	w := newWorld(t)
	note := func(event, bucket string) store.Approved {
		return store.Approved{EventID: event, EventName: "UpdateTrail", Principal: "p", At: w.now, Expires: w.now.Add(time.Hour), Fields: []string{"s3BucketName"}, State: state(bucket)}
	}
	first, other, later := note("e1", "new"), note("e2", "new"), note("e1", "newer")
	for _, a := range []store.Approved{first, other, later} {
		must(t, w.Approve(t.Context(), a))
	}
	if all := w.trail(t).Approved; len(all) != 2 {
		t.Errorf("one note for each event: %+v", all)
	}
	must(t, w.Unapprove(t.Context(), first)) // an older one
	must(t, w.Unapprove(t.Context(), other))
	if diff := cmp.Diff([]store.Approved{later}, w.trail(t).Approved); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestHold(t *testing.T) {
	w := newWorld(t)
	since, err := w.Hold(t.Context(), w.trail(t))
	must(t, err)
	w.now = w.now.Add(time.Minute)
	again, err := w.Hold(t.Context(), w.trail(t))
	if must(t, err); !since.Equal(begin) || !again.Equal(begin) {
		t.Errorf("held since %v, then %v; want %v", since, again, begin)
	}
	for age, again := range map[time.Duration]bool{store.HoldAgain - time.Second: false, store.HoldAgain: true} {
		known := store.Trail{ARN: arn, Held: w.now.Add(-age)}
		if since, err := w.Hold(t.Context(), known); err != nil || since.Equal(w.now) != again {
			t.Errorf("%v after the last: held since %v, %v", age, since, err)
		}
	}
	if since, err := w.Hold(t.Context(), store.Trail{ARN: arn, Held: w.now.AddDate(1, 0, 0)}); err != nil || !since.Equal(w.now) {
		t.Errorf("held in time to come: %v, %v", since, err)
	}
	must(t, w.Release(t.Context(), arn))
	if got := w.trail(t).Held; !got.IsZero() {
		t.Errorf("released, and held since %v", got)
	}
}

// TestKnown: a trail that was only tampered with, or is gone, is not known, and is forgotten soon.
func TestKnown(t *testing.T) {
	w := newWorld(t)
	expires := func() string { return fmt.Sprint(w.cloud.Items()[0]["expires"]) }
	must(t, w.RecordTampering(t.Context(), arn))
	soon := expires()
	if w.trail(t).Known() {
		t.Error("tampering alone makes a trail known")
	}
	must(t, w.MarkHealthy(t.Context(), arn))
	long := expires()
	must(t, w.RecordTampering(t.Context(), arn))
	if !w.trail(t).Known() || soon >= long || expires() != long {
		t.Errorf("expires %s, then %s, then %s", soon, long, expires())
	}
	must(t, w.Forget(t.Context(), arn))
	if w.trail(t).Known() || expires() != soon {
		t.Errorf("forgotten, and expires %s", expires())
	}
}

// TestEachReasonMakesATrailKnown: any one of what the table may know of a trail, but that it was tampered with.
func TestEachReasonMakesATrailKnown(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		trail store.Trail
		want  bool
	}{
		"nothing":   {store.Trail{ARN: arn}, false},
		"disturbed": {store.Trail{ARN: arn, TamperedAt: at, Held: at, Attempts: store.Attempts{Since: at, Count: 3}}, false},
		"seen":      {store.Trail{ARN: arn, Seen: at}, true},
		"recorded":  {store.Trail{ARN: arn, Recorded: &store.Recorded{}}, true},
		"broken":    {store.Trail{ARN: arn, Broken: 1}, true},
		"pending":   {store.Trail{ARN: arn, Pending: store.Pending{EventName: "StopLogging"}}, true},
		"approved":  {store.Trail{ARN: arn, Approved: make([]store.Approved, 1)}, true},
	} {
		if got := test.trail.Known(); got != test.want {
			t.Errorf("%s: known %v, want %v", name, got, test.want)
		}
	}
}

// TestForgedNotes: an approval's note counts only under its own name, on its own trail.
func TestForgedNotes(t *testing.T) {
	w := newWorld(t)
	good := store.Approved{EventID: "e1", EventName: "UpdateTrail", Principal: "p", State: state("one")}
	must(t, w.Approve(t.Context(), good))
	items := w.cloud.Items()
	if len(items) != 1 {
		t.Fatalf("%d items", len(items))
	}
	forged := localcloud.Item{"pk": items[0]["pk"], "sk": items[0]["sk"]}
	for name, value := range items[0] {
		if strings.HasPrefix(name, "approved#") {
			forged["approved#0000000000000000"] = value // another's name
			forged[strings.ToUpper(name)] = value
			forged[name] = map[string]any{"S": strings.Replace(fmt.Sprint(value.(map[string]any)["S"]), "trail/main", "trail/other", 1)}
		}
	}
	must(t, w.cloud.SetItem(forged))
	if got := w.trail(t).Approved; len(got) != 0 {
		t.Errorf("forged notes count: %+v", got)
	}
}

// TestBroken: whatever stands where a recorded baseline should makes it broken, of version 1 where it says none.
func TestBroken(t *testing.T) {
	s := func(text string) map[string]any { return map[string]any{"S": text} }
	for name, test := range map[string]struct {
		item localcloud.Item
		want int64
	}{
		"nothing":         {localcloud.Item{}, 0},
		"only a version":  {localcloud.Item{"version": map[string]any{"N": "3"}}, 3},
		"only a baseline": {localcloud.Item{"baseline": s("{}")}, 1},
		"empty":           {localcloud.Item{"baseline": s("")}, 1},
		"below":           {localcloud.Item{"baseline": s("{}"), "version": map[string]any{"N": "-4"}}, 1},
	} {
		w := newWorld(t)
		test.item["pk"], test.item["sk"] = s("trail"), s(arn)
		must(t, w.cloud.SetItem(test.item))
		if got := w.trail(t); got.Broken != test.want || got.Recorded != nil {
			t.Errorf("%s: version %d, %+v; want %d, none", name, got.Broken, got.Recorded, test.want)
		}
	}
}

// TestLostAnswers: a write that arrived although its answer did not is this run's all the same when it is made again.
func TestLostAnswers(t *testing.T) {
	w := newWorld(t)
	w.API = &forgetful{API: w.API}
	if turn, err := w.Claim(t.Context(), "x", "a", time.Minute); err != nil || turn != store.TurnOurs {
		t.Errorf("claim: %v, %v", turn, err)
	}
	if ours, err := w.Clear(t.Context(), "x", "a"); err != nil || !ours {
		t.Errorf("clear: %v, %v", ours, err)
	}
	if _, ours, err := w.Record(t.Context(), state("one"), nil); err != nil || !ours {
		t.Errorf("record: %v, %v", ours, err)
	}
	p := store.Pending{EventID: "e", EventName: "StopLogging", Since: w.now}
	must(t, w.AddPending(t.Context(), arn, p))
	if ours, err := w.ResolvePending(t.Context(), arn, p); err != nil || !ours {
		t.Errorf("settle: %v, %v", ours, err)
	}
	must(t, w.Attempt(t.Context(), arn))
}

// forgetful loses the first answer to each update.
type forgetful struct {
	store.API
	calls int
}

func (f *forgetful) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := f.API.UpdateItem(ctx, in, o...)
	if f.calls++; f.calls%2 == 1 && err == nil {
		return nil, &types.InternalServerError{Message: aws.String("the answer is lost")}
	}
	return out, err
}

// TestAttempts count within an hour from the first, and start anew after it.
func TestAttempts(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		must(t, w.Attempt(t.Context(), arn))
		w.now = w.now.Add(time.Minute)
	}
	got := w.trail(t).Attempts
	if diff := cmp.Diff(store.Attempts{Since: begin, Count: 3}, got); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	w.now = begin.Add(store.AttemptWindow)
	if got := got.Within(w.now); got != (store.Attempts{}) {
		t.Errorf("an hour later %+v count", got)
	}
	must(t, w.Attempt(t.Context(), arn))
	got = w.trail(t).Attempts
	if diff := cmp.Diff(store.Attempts{Since: w.now, Count: 1}, got); diff != "" {
		t.Errorf("an hour later (-want +got):\n%s", diff)
	}
}

func TestDiscovered(t *testing.T) {
	w := newWorld(t)
	if at, err := w.Discovered(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("%v, %v", at, err)
	}
	must(t, w.Discover(t.Context()))
	if at, err := w.Discovered(t.Context()); err != nil || !at.Equal(w.now) {
		t.Errorf("%v, %v", at, err)
	}
}

// TestErrors name the table, and say what to do.
func TestErrors(t *testing.T) {
	for code, want := range map[string]string{
		"ResourceNotFoundException":              "read what is known of the trails: the state table state is gone; deploy Trailkeeper again",
		"AccessDeniedException":                  "read what is known of the trails: the guard's role may not use the state table state; deploy",
		"ProvisionedThroughputExceededException": "DynamoDB throttles the state table state",
		"ValidationException":                    "DynamoDB refused the call with Validation",
	} {
		w := newWorld(t)
		w.fault = &localcloud.Failure{Status: 400, Code: code, Message: "m"}
		_, err := w.Trails(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", code, err, want)
		}
		if _, err := w.Claim(t.Context(), "x", "a", time.Minute); err == nil {
			t.Errorf("%s: a claim without an error", code)
		}
	}
	w := newWorld(t)
	must(t, w.cloud.Close())
	if err := w.MarkHealthy(t.Context(), arn); err == nil || !strings.Contains(err.Error(), "note that the trail was seen: DynamoDB could not be reached") {
		t.Errorf("%v", err)
	}
}
