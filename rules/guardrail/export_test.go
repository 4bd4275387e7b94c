package guardrail

// Like is IAM's wildcard match, for its tests.
var Like = like
