// Package deployments holds the test that plays every scenario of package simulate on every golden template. It is a
// package of its own because it takes as long as all of that package's tests together; it knows nothing that a user of
// simulate does not.
package deployments
