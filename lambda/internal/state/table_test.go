package state_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/state"
)

const template = `{"Resources": {"State00000001": {"Type": "AWS::DynamoDB::Table", "Properties": {
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"BillingMode": "PAY_PER_REQUEST", "TableName": "state",
	"TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true}}}}}`

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// sender sends a request to DynamoDB.
type sender func(*http.Request) (*http.Response, error)

func (s sender) Do(r *http.Request) (*http.Response, error) { return s(r) }

// world is a table of the loopback cloud, with a clock that the test moves.
type world struct {
	*state.Store
	cloud *localcloud.Cloud
	now   time.Time
	fault *localcloud.Failure
	calls []string                 // the operations
	send  func(send sender) sender // what is between the store and the table; nil: nothing
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: begin}
	cloud, err := localcloud.New(localcloud.Options{
		Template: []byte(template),
		Account:  "111122223333",
		Region:   "eu-west-1",
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, errors.New("no function")
		},
		Fault: func(localcloud.FaultPoint) *localcloud.Failure { return w.fault },
	})
	must(t, err)
	t.Cleanup(func() { _ = cloud.Close() })
	w.cloud = cloud
	w.Store = &state.Store{Table: "state", Clock: w.clock(), Client: dynamodb.New(dynamodb.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(cloud.Endpoint()),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   sender(w.do),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLEOPERATOR1", SecretAccessKey: "local"}, nil
		}),
	})}
	return w
}

func (w *world) clock() clock.Clock {
	return clock.Clock{
		Now:   func() time.Time { return w.now },
		Sleep: func(context.Context, time.Duration) error { return nil },
	}
}

func (w *world) do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if w.calls = append(w.calls, op); w.send != nil {
		return w.send(http.DefaultClient.Do)(r)
	}
	return http.DefaultClient.Do(r)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var key = state.Key{Kind: "kind", ID: "one"}

func (w *world) put(t *testing.T, d state.Document) state.Document {
	t.Helper()
	d, err := w.PutIf(t.Context(), d)
	must(t, err)
	return d
}

// TestPutIf: a document is written in place of the version that was read, and of no other.
func TestPutIf(t *testing.T) {
	w := newWorld(t)
	none, err := w.Get(t.Context(), key)
	if must(t, err); none.Version != "" || len(none.Body) > 0 {
		t.Fatalf("before any: %+v", none)
	}
	first := w.put(t, state.Document{Key: key, Body: []byte(`1`), Expires: begin.Add(time.Hour)})
	second := w.put(t, state.Document{Key: key, Body: []byte(`2`), Version: first.Version})
	if first.Version == "" || first.Version == second.Version {
		t.Errorf("versions %q, %q", first.Version, second.Version)
	}
	for name, read := range map[string]state.Version{
		"none":        "",
		"an old one":  first.Version,
		"another":     "rX",
		"unversioned": "-",
	} {
		there, err := w.PutIf(t.Context(), state.Document{Key: key, Body: []byte(`3`), Version: read})
		if !errors.Is(err, state.ErrChanged) || err.Error() != "write kind one: another run has changed it" {
			t.Errorf("over %s: %v", name, err)
		}
		if diff := cmp.Diff(second, there); diff != "" {
			t.Errorf("over %s (-want +got):\n%s", name, diff)
		}
	}
	got, err := w.Get(t.Context(), key)
	must(t, err)
	if diff := cmp.Diff(second, got); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	other := state.Key{Kind: "kind", ID: "two"}
	if _, err := w.PutIf(t.Context(), state.Document{Key: other, Body: []byte(`1`), Version: first.Version}); !errors.Is(
		err,
		state.ErrChanged,
	) {
		t.Errorf("a version of a document that is not there: %v", err)
	}
}

// TestExpired: a document that has expired has no body, deleted or not, and makes room for the next.
func TestExpired(t *testing.T) {
	w := newWorld(t)
	for _, deleted := range []bool{false, true} {
		id := state.Key{Kind: fmt.Sprint(deleted), ID: "one"}
		w.now = begin
		old := w.put(t, state.Document{Key: id, Body: []byte(`1`), Expires: begin.Add(time.Hour)})
		w.now = begin.Add(time.Hour - time.Second)
		if got, err := w.Get(t.Context(), id); err != nil || string(got.Body) != "1" || !got.Expires.Equal(old.Expires) {
			t.Errorf("a second before: %+v, %v", got, err)
		}
		w.now = begin.Add(time.Hour)
		if deleted {
			w.cloud.ExpireItems()
		}
		got, err := w.Get(t.Context(), id)
		if must(t, err); len(got.Body) > 0 || !got.Expires.IsZero() {
			t.Errorf("deleted %v: %+v", deleted, got)
		}
		if all, err := w.List(t.Context(), id.Kind); err != nil || len(all) > 0 {
			t.Errorf("deleted %v: listed %+v, %v", deleted, all, err)
		}
		w.now = begin
		if got.Body = []byte(`2`); !deleted && w.put(t, got).Version == old.Version {
			t.Error("the version stayed")
		}
	}
}

// TestList: every document of a kind on every page, and of no other.
func TestList(t *testing.T) {
	w := newWorld(t)
	large := []byte(`"` + strings.Repeat("x", 300<<10) + `"`)
	for _, id := range []string{"c", "a", "d", "b", "e"} {
		w.put(t, state.Document{Key: state.Key{Kind: "kind", ID: id}, Body: large})
	}
	w.put(t, state.Document{Key: state.Key{Kind: "kind2", ID: "a"}, Body: large})
	pages := map[string]bool{}
	w.send = func(send sender) sender {
		return func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			must(t, err)
			pages[string(body)] = true
			r.Body = io.NopCloser(bytes.NewReader(body))
			return send(r)
		}
	}
	all, err := w.List(t.Context(), "kind")
	must(t, err)
	var got []string
	for _, d := range all {
		if got = append(got, d.Key.ID); len(d.Body) != len(large) || d.Version == "" || d.Key.Kind != "kind" {
			t.Errorf("%s: %d bytes, version %q", d.Key, len(d.Body), d.Version)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, got); diff != "" || len(pages) != 2 {
		t.Errorf("in %d pages (-want +got):\n%s", len(pages), diff)
	}
}

// answering answers every request with these texts in turn, the last again and again.
func answering(status int, texts ...string) func(sender) sender {
	return func(sender) sender {
		return func(*http.Request) (*http.Response, error) {
			text := texts[0]
			if len(texts) > 1 {
				texts = texts[1:]
			}
			return &http.Response{
				StatusCode: status,
				Header:     http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
				Body:       io.NopCloser(strings.NewReader(text)),
			}, nil
		}
	}
}

// TestEndlessList: a table that always has one more page does not keep a run for ever, and what was not read is not
// passed over in silence.
func TestEndlessList(t *testing.T) {
	w := newWorld(t)
	w.send = answering(
		http.StatusOK,
		`{"Items": [{"pk": {"S": "kind"}, "sk": {"S": "x"}, "document": {"S": "1"}}], `+
			`"LastEvaluatedKey": {"sk": {"S": "x"}}}`,
	)
	all, err := w.List(t.Context(), "kind")
	want := "list kind: the state table state holds more than 20 MB of it; delete what Trailkeeper did not write"
	if err == nil || err.Error() != want || len(w.calls) != 20 || len(all) != 20 {
		t.Errorf("%d pages, %d documents, %v; want 20, 20, and %s", len(w.calls), len(all), err, want)
	}
}

// TestReadsAreStrong: every read asks for what was last written.
func TestReadsAreStrong(t *testing.T) {
	w := newWorld(t)
	w.put(t, state.Document{Key: key, Body: []byte(`1`)})
	reads := 0
	w.send = func(send sender) sender {
		return func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			must(t, err)
			r.Body = io.NopCloser(bytes.NewReader(body))
			var in struct{ ConsistentRead bool }
			if must(t, json.Unmarshal(body, &in)); !in.ConsistentRead {
				t.Errorf("a weak read: %s", body)
			}
			reads++
			return send(r)
		}
	}
	_, err := w.Get(t.Context(), key)
	must(t, err)
	if _, err = w.List(t.Context(), key.Kind); err != nil || reads != 2 {
		t.Errorf("%d reads, %v", reads, err)
	}
}

// TestLostAnswers: a write that arrived although its answer did not is this run's all the same when it is made again.
func TestLostAnswers(t *testing.T) {
	w := newWorld(t)
	sent := 0
	w.send = func(send sender) sender {
		return func(r *http.Request) (*http.Response, error) {
			resp, err := send(r)
			if sent++; sent%2 == 1 && err == nil {
				_ = resp.Body.Close()
				return nil, io.EOF
			}
			return resp, err
		}
	}
	d := w.put(t, state.Document{Key: key, Body: []byte(`1`)})
	d.Body = []byte(`2`)
	if w.put(t, d); sent != 4 {
		t.Errorf("%d requests for two writes, half of them lost", sent)
	}
}

// TestAnswerWithoutTheItem: where a refused write does not say what there is, it is read.
func TestAnswerWithoutTheItem(t *testing.T) {
	w := newWorld(t)
	was := w.put(t, state.Document{Key: key, Body: []byte(`1`)})
	w.send = func(send sender) sender {
		return func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "PutItem") {
				return answering(http.StatusBadRequest, `{"__type": "ConditionalCheckFailedException"}`)(send)(r)
			}
			return send(r)
		}
	}
	got, err := w.PutIf(t.Context(), state.Document{Key: key, Body: []byte(`2`)})
	if diff := cmp.Diff(was, got); diff != "" || !errors.Is(err, state.ErrChanged) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestForgedItems: whatever somebody writes where a revision or a document belongs, the item can be replaced by who has
// read it.
func TestForgedItems(t *testing.T) {
	for name, forged := range map[string]localcloud.Item{
		"a number as revision":  {"revision": n("7"), "document": s("1")},
		"an empty revision":     {"revision": s(""), "document": s("1")},
		"the word for none":     {"revision": s("-"), "document": s("1")},
		"a map as revision":     {"revision": map[string]any{"M": map[string]any{}}, "document": s("1")},
		"no revision":           {"document": s("1")},
		"a number as document":  {"revision": s("a"), "document": n("1")},
		"a text as expiry":      {"revision": s("a"), "document": s("1"), "expires": s("x")},
		"an expiry beyond time": {"revision": s("a"), "document": s("1"), "expires": n("1e300")},
		"nothing":               {},
	} {
		w := newWorld(t)
		forged["pk"], forged["sk"] = s(key.Kind), s(key.ID)
		must(t, w.cloud.SetItem(forged))
		read, err := w.Get(t.Context(), key)
		must(t, err)
		if body := string(read.Body); body != "" && body != "1" || read.Version == "" || !read.Expires.IsZero() {
			t.Errorf("%s: %+v", name, read)
		}
		read.Body = []byte(`2`)
		w.put(t, read)
		if _, err := w.PutIf(t.Context(), read); !errors.Is(err, state.ErrChanged) {
			t.Errorf("%s: replaced twice: %v", name, err)
		}
	}
}

// TestTooLarge: what DynamoDB would not take is not sent.
func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	const limit = 396 << 10
	body := func(n int) []byte { return []byte(strings.Repeat("1", n)) }
	d := w.put(t, state.Document{Key: key, Body: body(limit), Expires: begin.Add(time.Hour)})
	w.calls = nil
	d.Body = body(limit + 1)
	_, err := w.PutIf(t.Context(), d)
	if want := "write kind one: it has 405505 bytes; DynamoDB takes 405504"; err == nil || err.Error() != want ||
		len(w.calls) > 0 {
		t.Errorf("%v, %v; want %s", err, w.calls, want)
	}
}

// TestErrors name the table, and say what to do.
func TestErrors(t *testing.T) {
	for code, want := range map[string]string{
		"ResourceNotFoundException": "the state table state is gone; deploy Trailkeeper again",
		"AccessDeniedException": "the guard's role may not use the state table state; deploy Trailkeeper again, " +
			"and see whether its policy was changed",
		"ProvisionedThroughputExceededException": "DynamoDB throttles the state table state",
		"ThrottlingException":                    "DynamoDB throttles the state table state",
		"RequestLimitExceeded":                   "DynamoDB throttles the state table state",
		"ValidationException": "DynamoDB refused the call with Validation: m; " +
			"look the code up in its API reference",
	} {
		w := newWorld(t)
		w.fault = &localcloud.Failure{Status: 400, Code: code, Message: "m"}
		_, get := w.Get(t.Context(), key)
		_, put := w.PutIf(t.Context(), state.Document{Key: key})
		_, list := w.List(t.Context(), "kind")
		for what, err := range map[string]error{"read kind one": get, "write kind one": put, "list kind": list} {
			failed, isError := errors.AsType[*state.Error](err)
			if !isError || err.Error() != what+": "+want || failed.What != what || errors.Is(err, state.ErrChanged) {
				t.Errorf("%s: %v; want %s: %s", code, err, what, want)
			}
		}
	}
	w := newWorld(t)
	must(t, w.cloud.Close())
	if _, err := w.Get(t.Context(), key); err == nil ||
		!strings.Contains(err.Error(), "read kind one: DynamoDB could not be reached") {
		t.Errorf("%v", err)
	}
	long := strings.Repeat("x", 1000)
	if got := (state.Key{Kind: long, ID: long}).String(); len(got) != 255 {
		t.Errorf("a key of %d bytes fills a message", len(got))
	}
}

func s(text string) map[string]any   { return map[string]any{"S": text} }
func n(number string) map[string]any { return map[string]any{"N": number} }
