package memo

import "testing"

func TestOf(t *testing.T) {
	m := New[int, int](2)
	calls := 0
	square := func(n int) func() int {
		return func() int { calls++; return n * n }
	}
	for _, c := range []struct{ key, want, calls int }{
		{3, 9, 1},
		{3, 9, 1}, // kept
		{4, 16, 2},
		{3, 9, 2},
	} {
		if got := m.Of(c.key, square(c.key)); got != c.want || calls != c.calls {
			t.Errorf("of %d: %d after %d calls; want %d after %d", c.key, got, calls, c.want, c.calls)
		}
	}
}

// TestBound: no more than the most are kept, however many keys there are.
func TestBound(t *testing.T) {
	const most = 3
	m := New[int, int](most)
	for n := range 10 * most {
		if got := m.Of(n, func() int { return -n }); got != -n {
			t.Errorf("of %d: %d", n, got)
		}
		if len(m.made) > most {
			t.Fatalf("%d are kept; want at most %d", len(m.made), most)
		}
	}
}
