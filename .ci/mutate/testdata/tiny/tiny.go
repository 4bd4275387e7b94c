// Package tiny is changed by the tests of mutate. Its own tests notice every change.
package tiny

import "errors"

// ErrNegative is for numbers below zero.
var ErrNegative = errors.New("negative")

// Check refuses what has no root.
func Check(n int) error {
	if n < 0 {
		return ErrNegative
	}
	return nil
}

// Root is the whole part of a square root.
func Root(n uint) uint {
	root := n
	for root*root > n {
		root-- // without it the loop does not end
	}
	return root
}
