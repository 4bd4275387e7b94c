package deployed_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
)

const described = "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>trailkeeper</StackName>" +
	"<StackId>arn:aws:cloudformation:eu-west-1:111122223333:stack/trailkeeper/1</StackId>" +
	"<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks>" +
	"</DescribeStacksResult></DescribeStacksResponse>"

// listed is CloudFormation's list of one resource, and the token of a further page.
func listed(id, status, token string) string {
	out := "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries><member><LogicalResourceId>" + id +
		"</LogicalResourceId><PhysicalResourceId>x</PhysicalResourceId><ResourceType>AWS::SNS::Topic</ResourceType>" +
		"<ResourceStatus>" + status + "</ResourceStatus></member></StackResourceSummaries>"
	if token != "" {
		out += "<NextToken>" + token + "</NextToken>"
	}
	return out + "</ListStackResourcesResult></ListStackResourcesResponse>"
}

// TestOpen: all pages are read, what was deleted counts no more, and what cannot be read as a whole is an error.
func TestOpen(t *testing.T) {
	pages := func(all ...string) clitest.Answer {
		return func(in clitest.Object) (int, any) {
			first := all[0]
			if len(all) > 1 {
				all = all[1:]
			}
			return 200, first
		}
	}
	for name, test := range map[string]struct {
		list clitest.Answer
		ids  string
		err  string
	}{
		"two pages":     {pages(listed("A", "CREATE_COMPLETE", "more"), listed("B", "UPDATE_COMPLETE", "")), "A B", ""},
		"one deleted":   {pages(listed("A", "DELETE_COMPLETE", "more"), listed("B", "CREATE_COMPLETE", "")), "B", ""},
		"kept":          {pages(listed("A", "DELETE_FAILED", "")), "A", ""},
		"without end":   {pages(listed("A", "CREATE_COMPLETE", "more")), "", "there are more than a stack can have"},
		"second fails":  {failing(pages(listed("A", "CREATE_COMPLETE", "more"))), "", "list the resources of trailkeeper: "},
		"an empty page": {pages(listed("", "DELETE_COMPLETE", "")), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			clitest.Answers{"DescribeStacks": clitest.Say(described), "ListStackResources": test.list}.Serve(t)
			cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
			if err != nil {
				t.Fatal(err)
			}
			d, err := deployed.Open(t.Context(), cfg, "trailkeeper")
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v; want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range d.Resources {
				ids = append(ids, r.ID)
			}
			if got := strings.Join(ids, " "); got != test.ids || d.Account != "111122223333" || d.Guard.Known() {
				t.Errorf("%s of %s, %+v; want %s", got, d.Account, d.Guard, test.ids)
			}
		})
	}
}

// failing answers once, and then with a refusal.
func failing(answer clitest.Answer) clitest.Answer {
	asked := false
	return func(in clitest.Object) (int, any) {
		if asked {
			return 403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
		}
		asked = true
		return answer(in)
	}
}
