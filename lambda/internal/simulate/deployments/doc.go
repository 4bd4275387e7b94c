// Package deployments holds the test that plays the scenarios of package simulate on the golden templates, each on those
// where its outcome may be another: plan_test.go says which. It is a package of its own because it takes longer than that
// package's tests; it knows nothing that a user of simulate does not.
package deployments
