package tiny

import (
	"errors"
	"testing"
)

func TestRoot(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 3: 1, 4: 2, 8: 2, 9: 3} {
		if got, err := Root(n); got != want || err != nil {
			t.Errorf("Root(%d) = %d, %v", n, got, err)
		}
	}
	if _, err := Root(-1); !errors.Is(err, ErrNegative) {
		t.Errorf("Root(-1): %v", err)
	}
}
