// Package techniques holds the tests that apply the project's catalogue of ways to blind a trail, one by one, and
// attacks that are too long or too special for a scenario. It knows nothing of what a run looks like when it is shown.
package techniques
