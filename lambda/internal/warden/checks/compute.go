package checks

import "trailkeeper/lambda/internal/warden/check"

// computeTypes are those of Lambda, IAM, EventBridge Scheduler and CloudWatch Logs.
func computeTypes(Tools) map[string]check.Check { return nil }
