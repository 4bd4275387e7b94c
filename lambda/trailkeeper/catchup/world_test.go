package catchup

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3read/s3test"
	"trailkeeper/lambda/internal/state/decided"
	"trailkeeper/lambda/internal/state/statetest"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var (
	now         = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	trailkeeper = clitest.Command(func() *cobra.Command { return newAt(func() time.Time { return now }) })
)

// far is an AWS with a bucket that lists three keys at a time, a function, and its table.
type far struct {
	env     map[string]string
	keys    []string                                              // of the bucket org-logs
	decide  func([]objects.Object) (answer any, functionErr bool) // nil: all are decided
	refused map[string]string                                     // the code of an error, by operation

	mu       sync.Mutex
	decided  map[string]bool // files, by their keys
	noted    map[string]bool // of the table
	asked    []string        // operations
	batches  [][]string
	prefixes []string // that were listed
}

func newFar(t *testing.T, keys ...string) *far {
	t.Helper()
	w := config.ExampleWatch()
	f := &far{env: w.Env(), keys: keys, decided: map[string]bool{}, noted: map[string]bool{}, refused: map[string]string{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	clitest.PointAt(t, server.URL)
	return f
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	operation := map[bool]string{true: "ListObjectsV2", false: "Invoke"}[r.Method == http.MethodGet]
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		operation = target[strings.LastIndex(target, ".")+1:]
	} else if strings.HasSuffix(r.URL.Path, "/configuration") {
		operation = "GetFunctionConfiguration"
	}
	f.asked = append(f.asked, operation)
	if code := f.refused[operation]; code != "" {
		f.refuse(w, operation, code)
		return
	}
	switch operation {
	case "ListObjectsV2":
		f.list(w, r)
	case "GetItem":
		f.item(w, body)
	case "GetFunctionConfiguration":
		_ = json.NewEncoder(w).Encode(map[string]any{"Environment": map[string]any{"Variables": f.env}})
	default:
		f.invoke(w, body)
	}
}

// refuse answers with an error's code, in the form of JSON and of S3.
func (f *far) refuse(w http.ResponseWriter, operation, code string) {
	status := map[string]int{"NoSuchBucket": 404, "AccessDenied": 403, "TooManyRequestsException": 429}[code]
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(max(status, http.StatusBadRequest))
	if operation == "ListObjectsV2" {
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
		return
	}
	fmt.Fprintf(w, `{"__type":%q,"message":"no"}`, code)
}

// note has the table say that a file was decided.
func (f *far) note(t *testing.T, key string) {
	t.Helper()
	memory := &statetest.Memory{}
	o := decided.Object{Bucket: "org-logs", Key: key, ETag: etag(key)}
	if err := decided.New(memory, clock.Real()).Note(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	all, _ := memory.List(t.Context(), "decided")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noted[all[0].Key.ID] = true
}

func (f *far) list(w http.ResponseWriter, r *http.Request) {
	f.prefixes = append(f.prefixes, r.URL.Query().Get("prefix"))
	var all []s3list.Object
	for _, key := range f.keys {
		all = append(all, s3list.Object{Key: key, Size: 1000, ETag: `"` + etag(key) + `"`})
	}
	s3test.ServeList(w, r, all, 3)
}

func etag(key string) string { return fmt.Sprintf("%x", len(key)) }

func (f *far) item(w http.ResponseWriter, body []byte) {
	var in struct {
		Key map[string]struct{ S string }
	}
	_ = json.Unmarshal(body, &in)
	if !f.noted[in.Key["sk"].S] {
		fmt.Fprint(w, `{}`)
		return
	}
	fmt.Fprint(w, `{"Item":{"document":{"S":"{\"name\":\"x\",\"at\":\"2026-03-04T00:00:00Z\"}"},"revision":{"S":"1"}}}`)
}

func (f *far) invoke(w http.ResponseWriter, body []byte) {
	asked, is, err := objects.ReadAsked(body)
	if !is || err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var keys []string
	for _, o := range asked.Objects {
		keys = append(keys, o.Key)
	}
	f.batches = append(f.batches, keys)
	var answer any = objects.Answers{Objects: make([]objects.Answer, len(keys))}
	if f.decide != nil {
		failed := false
		if answer, failed = f.decide(asked.Objects); failed {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
	}
	if all, ok := answer.(objects.Answers); ok && len(all.Objects) == len(keys) {
		for i, key := range keys {
			f.decided[key] = all.Objects[i].Error == ""
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}
