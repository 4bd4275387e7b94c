// Package failing has tests that fail.
package failing
