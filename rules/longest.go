package rules

import "strings"

// LongestText stands for what CloudFormation fills in for a reference of a template: it is as long as that may be. The name is that of a
// pseudo-parameter or of anything else, which is a name or an ARN of AWS.
func LongestText(reference string) string {
	switch {
	case strings.Contains(reference, "AccountId"):
		return strings.Repeat("0", 12)
	case strings.Contains(reference, "Region"):
		return "ap-southeast-7"
	case strings.Contains(reference, "Partition"):
		return "aws-us-gov"
	case strings.Contains(reference, "URLSuffix"):
		return "amazonaws.com.cn"
	default:
		const longestARN = 256
		return strings.Repeat("x", longestARN)
	}
}
