package localcloud

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

// TestStacksOfTwoAccounts: a cloud holds the same template twice, in two accounts and Regions. What happens in one is
// seen, handled and counted there alone.
func TestStacksOfTwoAccounts(t *testing.T) {
	const far, farTrail = "us-east-1", "arn:aws:cloudtrail:us-east-1:" + member + ":trail/main"
	ran := map[string]int{}
	var starts []error
	var c *Cloud
	c = newCloud(t, nil, func(o *Options) {
		o.NewHandler = func(_ context.Context, env FunctionEnv) (Handler, error) {
			return boundHandler{env, func(ctx context.Context, env FunctionEnv, _ []byte) error {
				ran[env.Getenv("AWS_REGION")]++
				cfg := awsConfig(c, env.Getenv("AWS_REGION"), env.Getenv("AWS_ACCESS_KEY_ID"))
				cfg.HTTPClient = env.HTTP
				client := cloudtrail.NewFromConfig(cfg)
				_, err := client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(farTrail)})
				starts = append(starts, err)
				return nil
			}}, nil
		}
	})
	if err := c.Deploy(smallTemplate(t), member, far, "second"); err != nil {
		t.Fatal(err)
	}
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	addTrail(t, c, TrailSeed{ARN: farTrail, Logging: true})
	c.AddPrincipal(Principal{AccessKey: "far", Account: member, UserName: "mallory"})
	client := cloudtrail.NewFromConfig(awsConfig(c, far, "far"))
	if _, err := client.StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: aws.String("main")}); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if ran[far] == 0 || ran[region] != 0 {
		t.Errorf("the functions ran in %v; want %s alone", ran, far)
	}
	if len(starts) == 0 || starts[0] != nil || !c.Logging(farTrail) || !c.Logging(mainTrail) {
		t.Errorf("StartLogging %v; the trails log: %t, %t", starts, c.Logging(farTrail), c.Logging(mainTrail))
	}
	writes := c.Writes()
	if len(writes) < 2 || writes[0].Who != "mallory" || !writes[1].Function || writes[1].Trail != farTrail {
		t.Errorf("writes %+v", writes)
	}
	for at, key := range map[string]string{region: "operator", far: "far"} {
		api := cloudwatch.NewFromConfig(awsConfig(c, at, key))
		out, err := api.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/Lambda")})
		if err != nil || (len(out.Metrics) > 0) != (at == far) {
			t.Errorf("%s has the metrics %+v, %v; want some: %t", at, out, err, at == far)
		}
	}
	if err := c.Deploy(smallTemplate(t), member, far, "second"); err == nil {
		t.Error("the same stack is deployed twice")
	}
}
