// Package user uses package shop,
// and says so in two lines.
package user

import "trailkeeper/shop"

var _ = shop.Used().Inner.N
