package awsapi

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/internal/awsenv"
)

// resolvers are those of the SDK's clients, by service.
var resolvers = map[string]func(region *string, fips, dual *bool) (string, error){
	"dynamodb": func(region *string, fips, dual *bool) (string, error) {
		e, err := dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			dynamodb.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
	"events": func(region *string, fips, dual *bool) (string, error) {
		e, err := eventbridge.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			eventbridge.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
	"lambda": func(region *string, fips, dual *bool) (string, error) {
		e, err := lambda.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			lambda.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
	"monitoring": func(region *string, fips, dual *bool) (string, error) {
		e, err := cloudwatch.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			cloudwatch.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
	"secretsmanager": func(region *string, fips, dual *bool) (string, error) {
		e, err := secretsmanager.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			secretsmanager.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
	"sns": func(region *string, fips, dual *bool) (string, error) {
		e, err := sns.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			sns.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
	"sqs": func(region *string, fips, dual *bool) (string, error) {
		e, err := sqs.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			sqs.EndpointParameters{Region: region, UseFIPS: fips, UseDualStack: dual})
		return e.URI.String(), err
	},
}

// TestAddresses: services are where the SDK's clients find them.
func TestAddresses(t *testing.T) {
	for name, resolve := range resolvers {
		for _, region := range []string{"eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "eusc-de-east-1"} {
			for _, fips := range []bool{false, true} {
				for _, dual := range []bool{false, true} {
					want, err := resolve(&region, aws.Bool(fips), aws.Bool(dual))
					if err != nil {
						continue
					}
					got, signed, err := services[name].address(awsenv.Endpoint{FIPS: fips, DualStack: dual}, name, region)
					if err != nil || got != want || signed != region {
						t.Errorf("%s in %s, FIPS %v, dual-stack %v: %s (%s), %v; want %s", name, region, fips, dual, got, signed, err, want)
					}
				}
			}
		}
	}
}

// TestAddressOfIAM: the addresses and signing Regions are those of "endpoint-rule-set-1" of botocore 1.44.8.
func TestAddressOfIAM(t *testing.T) {
	for region, want := range map[string][2]string{
		"eu-west-1":     {"https://iam.amazonaws.com", "us-east-1"},
		"us-east-1":     {"https://iam.amazonaws.com", "us-east-1"},
		"us-gov-east-1": {"https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
		"cn-north-1":    {"https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		"us-iso-east-1": {"https://iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
	} {
		if got, signed, err := services["iam"].address(awsenv.Endpoint{}, "iam", region); err != nil || got != want[0] || signed != want[1] {
			t.Errorf("%s: %s, %s, %v", region, got, signed, err)
		}
	}
}
