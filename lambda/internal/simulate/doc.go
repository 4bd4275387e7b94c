// Package simulate plays attacks on CloudTrail against a deployment of Trailkeeper on loopback, and says which checks
// passed. It needs no AWS account and no network beyond loopback.
//
// What it does lies in the packages below it, and flows one way:
//
//	structure  what a synthesized template says
//	stage      the template deployed on loopback, with the function's real code
//	act        what attackers, operators and time do to it
//	check      what must come of it
//	scenarios  the list: a setup, an act and its checks
//	simulate   plays them, and puts everything into one result
//	result     what is known then, as plain data
//	render     the result for people and for programs
//	listen     the same deployment in real time, for an AWS CLI or SDK
//
// The package itself knows no attack, no check and no form of output.
package simulate
