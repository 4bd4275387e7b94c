// Package localcloud is the part of AWS and Slack that a deployment of Trailkeeper touches, on loopback: CloudTrail, EventBridge with API
// destinations, EventBridge Scheduler, Lambda, DynamoDB, SNS, SQS, Secrets Manager, CloudWatch alarms and IAM, all driven by a synthesized
// CloudFormation template.
//
// It knows only what the template says: what the template does not connect is not connected here. A resource type, property, function
// or policy condition that it does not model is refused by name, so that a run never claims what was not played. It follows the
// documented behaviour of the services; where AWS documents none (the latency of an event, the lag of a read) the value is a constant
// with its reason, or an option.
//
// Buckets, keys, roles, topics and log groups that a trail names and the template does not hold are taken to exist and to let CloudTrail in,
// until the run breaks them.
//
// Known simplifications: one thing happens after the other, so that what falls due while the function runs happens right after it;
// subscribers of a topic take every message; calls to other services than CloudTrail take no virtual time; a secret never changes; a
// schedule fires when it is told to, or by its rate in real time; a trail that logs always has something to deliver.
//
// It knows nothing of the function's code beyond Handler, keeps nothing on disk, reaches nothing outside of the process, and neither
// checks signatures nor stores log files. Credentials only say who calls.
package localcloud
