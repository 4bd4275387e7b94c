package s3read

import (
	"strings"

	"trailkeeper/lambda/internal/awsenv"
)

// suffixes are the DNS suffixes of the partitions other than aws and aws-us-gov, by how their Regions begin.
var suffixes = []struct{ regions, suffix string }{
	{"cn-", "amazonaws.com.cn"},
	{"us-iso-", "c2s.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov"},
	{"eu-isoe-", "cloud.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov"},
	{"eusc-", "amazonaws.eu"},
}

// hostOf is S3's in a Region ("Amazon Simple Storage Service endpoints and quotas", AWS General Reference).
func hostOf(e awsenv.Endpoint, region string) string {
	host := "s3."
	if e.FIPS {
		host = "s3-fips."
	}
	if e.DualStack {
		host += "dualstack."
	}
	suffix := "amazonaws.com"
	for _, p := range suffixes {
		if strings.HasPrefix(region, p.regions) {
			suffix = p.suffix
		}
	}
	return host + region + "." + suffix
}
