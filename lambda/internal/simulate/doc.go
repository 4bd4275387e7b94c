// Package simulate plays attacks on CloudTrail against a deployment of Trailkeeper on loopback, and says which of its
// checks held.
//
// The function's real code runs with the real AWS SDK in package localcloud, which is set up from a synthesized
// template. A scenario sets up a fault, acts as the attacker through the SDK, lets virtual time run until nothing is
// left to do, and checks checks. The package needs no AWS account and no network beyond loopback. It does not know
// the template's resources: what it checks is what people would see.
package simulate
