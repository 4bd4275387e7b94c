package watch

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/s3read"
)

// taking takes a second for each part of it that is read.
type taking struct {
	io.ReadCloser

	now *time.Time
}

func (s taking) Read(p []byte) (int, error) {
	*s.now = s.now.Add(time.Second)
	return s.ReadCloser.Read(p[:min(len(p), 100)])
}

// TestHostileFileStarvesNoOther: of ten files of which one takes more time than the run has, nine are decided in that run
// and one message goes back to the queue; a file that takes more than its share and less than the run is decided as well.
func TestHostileFileStarvesNoOther(t *testing.T) {
	for name, tt := range map[string]struct {
		parts  int // of 100 bytes, a second each
		answer string
	}{
		"hostile": {1000, `{"batchItemFailures":[{"itemIdentifier":"m-0"}]}`},
		"large":   {20, `{"batchItemFailures":[]}`},
	} {
		f := newFarEnd(t)
		f.stored = map[string]string{}
		var bodies []string
		for i := range 10 {
			f.stored["org-logs/"+logKey(fmt.Sprint(i))] = logOf(signIn(t, fmt.Sprint(i+1)))
			bodies = append(bodies, notice("ObjectCreated:Put", logKey(fmt.Sprint(i))))
		}
		f.stored["org-logs/"+logKey("0")] = `{"Records":[` + signIn(t, "1") + strings.Repeat(" ", tt.parts*100) + `]}`
		now, opened := time.Date(2026, 3, 2, 9, 16, 0, 0, time.UTC), 0
		deadline := now.Add(60 * time.Second)
		h, logged := f.filesWatch(t, func(o *Options) {
			o.Clock.Now = func() time.Time { return now }
			o.Clock.Deadline = func(context.Context) (time.Time, bool) { return deadline, true }
		})
		open := h.files.open
		h.files.open = func(ctx context.Context, o s3read.Object) (*s3read.Body, error) {
			body, err := open(ctx, o)
			if err == nil && o.Key == logKey("0") {
				opened++
				body.ReadCloser = taking{body.ReadCloser, &now}
			}
			return body, err
		}
		answer, err := h.Invoke(t.Context(), []byte(queue(bodies...)))
		if err != nil || string(answer) != tt.answer || opened != 2 {
			t.Errorf("%s: %s, %v, opened %d times: %s", name, answer, err, opened, logged)
		}
		sent := strings.Join(f.bodies["chat.postMessage"], "\n")
		for i := range 9 {
			if n := strings.Count(sent, fmt.Sprintf("192.0.2.%d", i+2)); n == 0 {
				t.Errorf("%s: record %d is not reported", name, i+2)
			}
		}
	}
}
