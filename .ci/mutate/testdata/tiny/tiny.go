// Package tiny is changed by the tests of mutate. Its own tests notice every change.
package tiny

import "errors"

// ErrNegative is for numbers below zero.
var ErrNegative = errors.New("negative")

// Root is tested at its bounds.
func Root(n int) (int, error) {
	if n < 0 {
		return 0, ErrNegative
	}
	root := 0
	for (root+1)*(root+1) <= n {
		root++
	}
	return root, nil
}
