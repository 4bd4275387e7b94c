// Package lax is changed by the tests of mutate. Its own tests look at nothing, those of package user do.
package lax

// Join connects two words, if there are two.
func Join(a, b string) string {
	if a == "" {
		return b
	}
	return connect(a, b)
}

func connect(a, b string) string { return a + "-" + b }
