package logevents

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestBoundedFills: one read gives all that there is room for, whatever size the parts are of that are unpacked, and no
// more than a value may still have.
func TestBoundedFills(t *testing.T) {
	b := &bounded{in: iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 100))), all: 100, left: 80}
	for i, want := range []int{50, 30, 0} {
		if n, err := b.Read(make([]byte, 50)); n != want || (err != nil) != (want == 0) {
			t.Errorf("read %d: %d bytes, %v; want %d", i, n, err, want)
		}
	}
	b.left = 80
	if n, err := b.Read(make([]byte, 50)); n != 20 || err != io.EOF { //nolint:errorlint // a reader gives it as it is
		t.Errorf("the rest: %d bytes, %v", n, err)
	}
}
