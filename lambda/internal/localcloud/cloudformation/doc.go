// Package cloudformation reads a synthesized template, evaluates its functions (Ref, Fn::GetAtt, Fn::Join, Fn::Sub,
// pseudo-parameters, dynamic references to Secrets Manager) and hands each service its resources, decoded strictly.
// What it does not model is an error that names it. It knows no service, property or clock: the services bring their
// resource types, and build what they find by themselves.
//
// Why not goformation (v7.14.9): its intrinsics resolve neither Ref of a resource nor Fn::GetAtt ("not implemented, and
// always returns nil"), so that Fn::Join and Fn::Sub leave such parts out without an error, which is most of what a CDK
// template says. An unknown function becomes null instead of an error, accounts and Regions are constants, and numbers
// pass through float64. Overrides would replace every function that is used here, for a module of 84 MB.
package cloudformation
