package awsapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awsenv"
)

// service is what the published model of a service says of it ("metadata" of botocore 1.44.8).
type service struct {
	sdkID    string // as AWS_ENDPOINT_URL_… names it
	target   string // before the operation in X-Amz-Target
	version  string // of JSON, or of the API
	protocol protocol
	// govPlain says that in GovCloud the plain endpoint is the FIPS endpoint ("endpoint-rule-set-1").
	govPlain bool
}

var services = map[string]service{
	"events":         {sdkID: "EventBridge", target: "AWSEvents", version: "1.1", protocol: inJSON, govPlain: true},
	"ssm":            {sdkID: "SSM", target: "AmazonSSM", version: "1.1", protocol: inJSON, govPlain: true},
	"kms":            {sdkID: "KMS", target: "TrentService", version: "1.1", protocol: inJSON},
	"logs":           {sdkID: "CloudWatch Logs", target: "Logs_20140328", version: "1.1", protocol: inJSON, govPlain: true},
	"secretsmanager": {sdkID: "Secrets Manager", target: "secretsmanager", version: "1.1", protocol: inJSON},
	"dynamodb":       {sdkID: "DynamoDB", target: "DynamoDB_20120810", version: "1.0", protocol: inJSON, govPlain: true},
	"sqs":            {sdkID: "SQS", target: "AmazonSQS", version: "1.0", protocol: inJSON, govPlain: true},
	"monitoring": {
		sdkID: "CloudWatch", target: "GraniteServiceVersion20100801", version: "1.0", protocol: inJSON, govPlain: true,
	},
	"lambda":         {sdkID: "Lambda", protocol: inREST},
	"scheduler":      {sdkID: "Scheduler", protocol: inREST},
	"iam":            {sdkID: "IAM", version: "2010-05-08", protocol: inQuery},
	"sns":            {sdkID: "SNS", version: "2010-03-31", protocol: inQuery, govPlain: true},
	"cloudformation": {sdkID: "CloudFormation", version: "2010-05-15", protocol: inQuery, govPlain: true},
}

// partitions are the DNS suffixes of the partitions other than aws and aws-us-gov, by how their Regions begin, with that
// of dual-stack endpoints ("partitions.json" of botocore 1.44.8).
var partitions = []struct{ regions, suffix, dual string }{
	{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
	{"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
	{"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
	{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
}

// suffixes are the DNS suffixes of a Region's partition.
func suffixes(region string) (plain, dual string) {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p.suffix, p.dual
		}
	}
	return "amazonaws.com", "api.aws"
}

// Suffix is the DNS suffix of a Region's partition, as AWS::URLSuffix of CloudFormation has it.
func Suffix(region string) string {
	plain, _ := suffixes(region)
	return plain
}

// address is where a service is, and the Region that requests are signed for.
func (s service) address(e awsenv.Endpoint, name, region string) (base, signed string, err error) {
	const label = "abcdefghijklmnopqrstuvwxyz0123456789-"
	if region == "" || len(region) > 63 || !events.ConsistsOf(region, label) {
		return "", "", fmt.Errorf("%.40q is no Region", region)
	}
	host, signed := s.hostOf(e, name, region), region
	if name == "iam" {
		host, signed = iamHost(e, region)
	}
	if e.URL == "" {
		return "https://" + host, signed, nil
	}
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" {
		return "", "", fmt.Errorf("%.100q is no address of %s", e.URL, name)
	}
	return strings.TrimSuffix(e.URL, "/"), signed, nil
}

func (s service) hostOf(e awsenv.Endpoint, name, region string) string {
	host, gov := name, strings.HasPrefix(region, "us-gov-")
	plain, dualStack := suffixes(region)
	dual := e.DualStack
	if name == "secretsmanager" && (plain == "amazonaws.com" || strings.HasPrefix(region, "cn-") && !e.FIPS) {
		dual = false // its plain endpoints are dual-stack
	}
	if plainGov := s.govPlain && !dual || name == "events" || name == "monitoring"; e.FIPS && (!gov || !plainGov) {
		host += "-fips"
	}
	if dual {
		plain = dualStack
	}
	return host + "." + region + "." + plain
}

// iamHost is IAM's in the Region's partition, and the Region that its requests are signed for ("AWS Identity and Access
// Management endpoints and quotas", AWS General Reference). Of other partitions than these it is that of the Region.
func iamHost(e awsenv.Endpoint, region string) (host, signed string) {
	commercial := []string{"af-", "ap-", "ca-", "eu-", "il-", "me-", "mx-", "sa-", "us-"}
	plain, _ := suffixes(region)
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		return "iam.us-gov.amazonaws.com", "us-gov-west-1"
	case strings.HasPrefix(region, "cn-"):
		return "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"
	case plain == "amazonaws.com" && slices.ContainsFunc(commercial, func(p string) bool { return strings.HasPrefix(region, p) }):
		if e.FIPS {
			return "iam-fips.amazonaws.com", "us-east-1"
		}
		return "iam.amazonaws.com", "us-east-1"
	}
	return "iam." + region + "." + plain, region
}
