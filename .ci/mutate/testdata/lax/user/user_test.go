package user

import (
	"testing"

	"trailkeeper/.ci/mutate/testdata/lax"
)

func TestUse(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{{"", "b", "b"}, {"a", "b", "a-b"}} {
		if got := lax.Join(test.a, test.b); got != test.want {
			t.Errorf("Join(%q, %q) = %q", test.a, test.b, got)
		}
	}
}
