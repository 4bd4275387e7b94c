package cloudformation

import (
	"fmt"
	"slices"
	"strings"
)

// Unused is a property that is known to change nothing that is played here; it takes any value.
type Unused struct{}

// UnmarshalJSON ignores the value.
func (*Unused) UnmarshalJSON([]byte) error { return nil }

// Within refuses a number outside of its bounds; nil is absent.
func Within(name string, n *int, low, high int) error {
	if n == nil || (*n >= low && *n <= high) {
		return nil
	}
	return fmt.Errorf("%s is %d; want %d to %d", name, *n, low, high)
}

// OneOf refuses a text that is not in the list.
func OneOf(name, value string, wanted ...string) error {
	if slices.Contains(wanted, value) {
		return nil
	}
	return fmt.Errorf("%s is %q; want %s", name, value, strings.Join(wanted, " or "))
}
