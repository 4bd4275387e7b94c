// Package mutations holds the tests that break golden templates in every way that somebody could by mistake, and want a
// scenario to notice each. It knows what is in the templates, and nothing of how checks are made.
package mutations
