// Package localcloud is the part of AWS and Slack that a deployment of Trailkeeper touches, on loopback: a kernel and a
// package per service below this one, wired here, and driven by synthesized CloudFormation templates. Several stacks
// may be deployed, in any account and Region.
//
// It knows only what the templates say: what they do not connect is not connected here. A resource type, property,
// function or policy condition that is not modelled is refused by name, so that a run never claims what was not played.
// It follows the documented behaviour of the services; where AWS documents none (the latency of an event, the lag of a
// read) the value is a constant with its reason, or an option.
//
// Buckets, keys, roles, topics and log groups that a trail names and the templates do not hold are taken to exist and
// to let CloudTrail in, until the run breaks them; in a strict run, only if an added trail or a call has made them.
//
// Requests are read, checked and answered by AWS's own service models (package wire). A call, or a parameter, that is
// not played is refused in the service's form. Calls are recorded, and reach the rules, as CloudTrail has it.
//
// What goes wrong is scripted: Inject has single calls fail, hang, answer late or lose their answers, and counts them.
// Time passes by itself only in RunFor, where schedules fire, and in Serve; Run plays what is due and no more.
//
// Known simplifications: one thing happens after the other, so that what falls due while the function runs happens
// right after it, unless Concurrent says otherwise; subscribers of a topic that are in no template take every message that their
// filters let through; a queue's event source mapping works on one batch at a time; calls to other services than CloudTrail take no virtual time, unless a fault makes them slow; a queue keeps messages for ever; a trail that logs always has something to deliver; alarms were OK when the
// run began.
//
// It knows nothing of the functions' code beyond Handler, keeps nothing on disk, reaches nothing outside of the
// process, does not check signatures, and stores no file that a trail delivers. Credentials only say who calls.
package localcloud
