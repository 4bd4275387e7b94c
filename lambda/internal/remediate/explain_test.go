package remediate_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/remediate"
)

// TestExplainEveryModelledError covers the errors that the SDK's model lists for StartLogging and GetTrailStatus, and
// those that "Common Errors" adds.
func TestExplainEveryModelledError(t *testing.T) {
	message := func(s string) *string { return &s }
	tests := []struct {
		err       smithy.APIError
		retryable bool
		says      string
	}{
		{&types.CloudTrailARNInvalidException{}, false, "does not take"},
		{&types.ConflictException{}, true, "still busy"},
		{&types.InsufficientDependencyServiceAccessPermissionException{}, false, "organizations:DescribeOrganization"},
		{&types.InvalidHomeRegionException{}, false, "home Region is not eu-west-1"},
		{&types.InvalidTrailNameException{}, false, "does not take"},
		{&types.NoManagementAccountSLRExistsException{}, false, "service-linked role"},
		{
			&types.NotOrganizationMasterAccountException{},
			false,
			"Organization trail of account 111122223333: only the management account or a delegated administrator can start " +
				"or change it.",
		},
		{&types.NotOrganizationManagementAccountException{}, false, "Organization trail of account 111122223333"},
		{&types.OperationNotPermittedException{}, false, "does not permit"},
		{&types.ThrottlingException{}, true, "throttled"},
		{&types.TrailNotFoundException{}, false, "No such trail: " + trail.ARN()},
		{&types.UnsupportedOperationException{}, false, "does not permit"},
		{&types.OrganizationsNotInUseException{}, false, "The organization does not let"},
		{&types.OrganizationNotInAllFeaturesModeException{}, false, "The organization does not let"},
		{&types.CloudTrailAccessNotEnabledException{}, false, "The organization does not let"},
		{&types.CloudTrailInvalidClientTokenIdException{}, false, "credentials"},
		{&smithy.GenericAPIError{Code: "UnrecognizedClientException"}, false, "credentials"},
		{&smithy.GenericAPIError{Code: "ExpiredTokenException"}, true, "expired"},
		{&smithy.GenericAPIError{Code: "RequestLimitExceeded"}, true, "throttled"},
		{
			&smithy.GenericAPIError{
				Code: "AccessDeniedException",
				Message: "User: x is not authorized to perform: cloudtrail:StartLogging on resource: y because no identity-based " +
					"policy allows the cloudtrail:StartLogging action",
			},
			false,
			"role is not allowed",
		},
		{
			&smithy.GenericAPIError{
				Code:    "AccessDeniedException",
				Message: "User: x is not authorized to perform: y with an explicit deny in a service control policy",
			},
			false,
			"blocked by policy: an explicit deny in a service control policy.",
		},
		{
			&smithy.GenericAPIError{Code: "AccessDenied", Message: "… with an explicit deny in a resource control policy"},
			false,
			"resource control policy",
		},
		{
			&smithy.GenericAPIError{
				Code:    "AccessDenied",
				Message: "… because no service control policy allows the cloudtrail:StartLogging action",
			},
			false,
			"blocked by policy: no service control policy allows it.",
		},
		{
			&smithy.GenericAPIError{
				Code:    "AccessDenied",
				Message: "… because no permissions boundary allows the cloudtrail:StartLogging action",
			},
			false,
			"blocked by policy: no permissions boundary allows it.",
		},
		{
			&smithy.GenericAPIError{
				Code:    "AccessDenied",
				Message: "… because no VPC endpoint policy allows the cloudtrail:StartLogging action",
			},
			false,
			"blocked by policy: no VPC endpoint policy",
		},
		{
			&smithy.GenericAPIError{Code: "AccessDenied", Message: "… with an explicit deny in an identity-based policy"},
			false,
			"an explicit deny in an identity-based policy",
		},
		{&smithy.GenericAPIError{Code: "ThrottledException"}, true, "throttled"},
		{&smithy.GenericAPIError{Code: "SlowDown"}, true, "throttled"},
		{&smithy.GenericAPIError{Code: "NotAuthorized"}, false, "not allowed to make the call"},
		{&smithy.GenericAPIError{Code: "RequestTimeoutException"}, true, "gave up waiting"},
		{
			&smithy.GenericAPIError{Code: "AccessDenied", Message: "… with an explicit deny"},
			false,
			"blocked by policy: an explicit deny.",
		},
		{
			&smithy.GenericAPIError{Code: "ValidationException", Message: "a\nb" + strings.Repeat("x", 900)},
			false,
			"ValidationException a b",
		},
		{&types.TrailNotFoundException{Message: message("Unknown trail")}, false, "No such trail"},
	}
	for _, tt := range tests {
		p := remediate.Explain(
			"StartLogging",
			&smithy.OperationError{ServiceID: "CloudTrail", OperationName: "StartLogging", Err: tt.err},
			trail,
		)
		if p.Retryable != tt.retryable || !strings.Contains(p.Sentence, tt.says) {
			t.Errorf("%s: %+v; want retryable %v and %q", tt.err.ErrorCode(), p, tt.retryable, tt.says)
		}
		if !strings.HasSuffix(p.Sentence, ".") || strings.ContainsAny(p.Sentence, "\n\r") || len(p.Sentence) > 500 {
			t.Errorf("%s: not one plain sentence: %q", tt.err.ErrorCode(), p.Sentence)
		}
		if !p.Retryable && !strings.HasSuffix(p.NextStep, ".") {
			t.Errorf("%s: no next step: %q", tt.err.ErrorCode(), p.NextStep)
		}
	}
}

func TestExplainOtherFailures(t *testing.T) {
	answer := func(status int) error {
		return &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      io.EOF,
		}
	}
	tests := []struct {
		name      string
		err       error
		retryable bool
		says      string
	}{
		{"timeout", fmt.Errorf("x: %w", context.DeadlineExceeded), true, "did not answer in time"},
		{"no credentials", fmt.Errorf("get identity: %w", awsenv.ErrNoCredentials), false, "no credentials"},
		{"429 with an odd code", &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 429}}, Err: &smithy.GenericAPIError{Code: "Odd"},
		}, true, "failed with Odd"},
		{"network", io.ErrUnexpectedEOF, true, "could not be reached"},
		{"a proxy's page", answer(404), false, "no CloudTrail answer"},
		{"a proxy's failure", answer(502), true, "could not be reached"},
		{"5xx with a code", &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{
				Response: &http.Response{StatusCode: 500},
			},
			Err: &smithy.GenericAPIError{Code: "InternalFailure"},
		}, true, "failed with InternalFailure"},
	}
	for _, tt := range tests {
		if p := remediate.Explain("StartLogging", tt.err, trail); p.Retryable != tt.retryable ||
			!strings.Contains(p.Sentence, tt.says) {
			t.Errorf("%s: %+v; want retryable %v and %q", tt.name, p, tt.retryable, tt.says)
		}
	}
}
