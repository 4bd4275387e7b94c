// Package kernel is what the services of the loopback cloud have in common: the clock and the list of what is due, the
// log, the scripted faults, the principals, the door for requests, and the one interface by which the services reach
// each other. It knows no service and no template.
//
// Locks: a service holds its own while it works on its state, and may call the kernel and the services below it:
// scheduler and cloudtrail, events, lambda, then sqs, sns, dynamodb and slack, then cloudwatch, iam, kms and s3.
// Upwards, and from an alarm, it goes by a task, which holds no lock.
package kernel
