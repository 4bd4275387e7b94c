package checks

import "trailkeeper/lambda/internal/warden/check"

// stateTypes are those of SQS, SNS, DynamoDB, KMS, CloudWatch, the secret, and EventBridge's connections and API
// destinations.
func stateTypes(Tools) map[string]check.Check { return nil }
