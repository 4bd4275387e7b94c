package watch

import (
	"context"
	"io"
	"runtime/debug"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/s3read"
)

const usualPercent = 100

// percent is how much garbage there may be now.
func percent() int {
	now := debug.SetGCPercent(usualPercent)
	debug.SetGCPercent(now)
	return now
}

// TestFrugally: while a large file is decided, garbage is collected sooner, and afterwards as before.
func TestFrugally(t *testing.T) {
	const before = usualPercent
	defer debug.SetGCPercent(debug.SetGCPercent(before))
	for length, want := range map[int64]int{-1: before, 0: before, 1<<20 - 1: before, 1 << 20: 50, 1 << 30: 50} {
		end := frugally(length)
		inside := percent()
		end()
		if after := percent(); inside != want || after != before {
			t.Errorf("of %d bytes: %d percent, then %d; want %d, then %d", length, inside, after, want, before)
		}
	}
}

// noting notes the percentage when it is read.
type noting struct {
	io.Reader
	percent *int
}

func (n noting) Read(p []byte) (int, error) {
	*n.percent = percent()
	return n.Reader.Read(p) //nolint:wrapcheck // a reader's io.EOF
}

// TestFilesAreReadFrugally: a log file is read so, by the length that S3 says, also one that cannot be read to its end.
func TestFilesAreReadFrugally(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(usualPercent))
	for name, tt := range map[string]struct {
		length int64
		text   string
		want   int
	}{
		"small":      {1 << 10, logOf(signIn(t, "")), usualPercent},
		"large":      {4 << 20, logOf(signIn(t, "")), frugalPercent},
		"breaks off": {4 << 20, logOf(signIn(t, ""))[:40], frugalPercent},
	} {
		h, logged := newFarEnd(t).filesWatch(t, nil)
		inside := 0
		h.files.open = func(context.Context, s3read.Object) (*s3read.Body, error) {
			in := noting{strings.NewReader(tt.text), &inside}
			return &s3read.Body{ReadCloser: io.NopCloser(in), Length: tt.length}, nil
		}
		_, err := h.Invoke(t.Context(), []byte(notice("ObjectCreated:Put", logKey("a"))))
		if after := percent(); inside != tt.want || after != usualPercent || (err != nil) != (name == "breaks off") {
			t.Errorf("%s: %d percent, then %d; %v, %s", name, inside, after, err, logged)
		}
	}
}
