package s3read

import (
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
)

// hostOf is S3's in a Region ("Amazon Simple Storage Service endpoints and quotas", AWS General Reference).
func hostOf(e awsenv.Endpoint, region string) string {
	host := "s3."
	if e.FIPS {
		host = "s3-fips."
	}
	if e.DualStack {
		host += "dualstack."
	}
	return host + region + "." + awsapi.Suffix(region)
}
