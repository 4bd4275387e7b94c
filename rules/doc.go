// Package rules says which events count: the EventBridge patterns, as data, and the Slack messages that EventBridge itself makes of
// them. It evaluates both as EventBridge does, so that the deployed app, the tests and the local run use one definition.
//
// It is pure: no network, clock, environment or goroutine. It does not know what is done about an event.
package rules
