package tiny

import (
	"errors"
	"testing"
)

func TestCheck(t *testing.T) {
	if err := Check(0); err != nil {
		t.Errorf("Check(0): %v", err)
	}
	if err := Check(-1); !errors.Is(err, ErrNegative) {
		t.Errorf("Check(-1): %v", err)
	}
}

func TestRoot(t *testing.T) {
	for _, test := range []struct{ n, want uint }{{1, 1}, {0, 0}, {3, 1}, {4, 2}, {8, 2}, {9, 3}} {
		if got := Root(test.n); got != test.want {
			t.Fatalf("Root(%d) = %d", test.n, got)
		}
	}
}
