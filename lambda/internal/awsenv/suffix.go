package awsenv

import "strings"

// suffixes are the DNS suffixes of the partitions other than aws and aws-us-gov, by how their Regions begin, and those of
// dual-stack endpoints where they differ (the SDK's partitions.json).
var suffixes = []struct{ regions, suffix, dualStack string }{
	{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
	{"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
	{"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
	{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
}

// Suffix is the DNS suffix of a Region's endpoints.
func Suffix(region string) string {
	for _, p := range suffixes {
		if strings.HasPrefix(region, p.regions) {
			return p.suffix
		}
	}
	return "amazonaws.com"
}

// DualStackSuffix is that of its dual-stack endpoints; S3 has them at Suffix.
func DualStackSuffix(region string) string {
	for _, p := range suffixes {
		if strings.HasPrefix(region, p.regions) {
			return p.dualStack
		}
	}
	return "api.aws"
}
