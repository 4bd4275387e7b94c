package simulate

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/guard"
	"trailkeeper/lambda/internal/localcloud"
)

// The cast, with AWS's documentation values.
const (
	account       = "111122223333" // where the stack is deployed
	memberAccount = "444455556666"
	region        = "eu-west-1"
	attackerKey   = "AKIAMALLORY000000001"
	trailName     = "management"
)

// in is a place of the local run, whose partition is aws.
func in(region, account string) events.Place {
	return events.Place{Partition: "aws", Region: region, Account: account}
}

// stage is a cloud with an attacker.
type stage struct {
	cloud    *localcloud.Cloud
	attacker *cloudtrail.Client
	trail    string // the ARN of the trail that the scenario is about
	foreign  bool   // the trail belongs to another account
	declared baseline.State
	account  string
	region   string
	stack    string // its name
	template []byte
	faults   []*localcloud.Injected
}

// carried is what the function's asset holds.
type carried struct {
	exceptions exception.List
	routes     route.List
	lists      config.Lists
	declared   []baseline.State
}

// guardHandler makes the real function, with this in its asset.
func guardHandler(c carried) func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
	asset := fstest.MapFS{}
	problem := func() error {
		for _, state := range c.declared {
			content, err := baseline.Format(baseline.Baseline{Version: baseline.Version, CapturedAt: captured, Trail: state})
			if err != nil {
				return err
			}
			asset[config.BaselineFolder+"/"+baseline.FileName(state.ARN)] = &fstest.MapFile{Data: content}
		}
		content, err := config.FormatLists(c.lists)
		if err != nil {
			return err
		}
		asset[config.ListsFile] = &fstest.MapFile{Data: content}
		if content, err = exception.Format(c.exceptions); err != nil {
			return err
		}
		asset[exception.FileName] = &fstest.MapFile{Data: content}
		content, err = route.Format(c.routes)
		asset[route.FileName] = &fstest.MapFile{Data: content}
		return err
	}()
	return func(_ context.Context, env localcloud.FunctionEnv) (localcloud.Handler, error) {
		if problem != nil {
			return nil, problem
		}
		o := guard.Options{
			Getenv:     env.Getenv,
			Log:        env.Log,
			Clock:      env.Clock,
			HTTPClient: env.HTTP,
		}
		return guard.New(o.FromAsset(asset))
	}
}

// captured is when the baselines of the local run were captured.
var captured = localcloud.Start.AddDate(0, 0, -30)

// declaredState is the trail of a scenario as it is set up.
func declaredState(seed localcloud.TrailSeed) baseline.State {
	id, _ := events.ParseTrailARN(seed.ARN)
	return baseline.State{
		ARN:     seed.ARN,
		Logging: seed.Logging,
		Settings: baseline.Settings{
			S3Bucket:      "log-archive-" + id.Account,
			MultiRegion:   seed.MultiRegion,
			GlobalEvents:  true,
			LogValidation: true,
			Organization:  seed.Organization,
		},
		Selectors: []baseline.Selector{{ReadWrite: "All", Management: true}},
	}
}

// withInsights is the plain trail with Insights, which take a call of their own to be seen.
func withInsights(arn string) baseline.State {
	state := declaredState(localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true})
	state.Insights = []baseline.InsightSelector{{Type: "ApiCallRateInsight"}}
	return state
}

// options are those that every cloud of this package has.
func options(template []byte) localcloud.Options {
	p := placeOf(template)
	return localcloud.Options{
		Template:       template,
		NewHandler:     guardHandler(carried{lists: listsOf(template)}),
		Account:        p.account,
		Region:         p.region,
		Stack:          p.stack,
		Secrets:        secretsFor(template),
		OrganizationID: cmp.Or(granted(template, "aws:ResourceOrgID")...),
	}
}

// newStage sets the cloud up, with the attacker's client and the scenario's trail.
func newStage(o localcloud.Options, s Scenario) (*stage, error) {
	seed := localcloud.TrailSeed{
		ARN:          s.trail(o),
		Logging:      true,
		MultiRegion:  true,
		Organization: s.organization,
	}
	declared := declaredState(seed)
	if s.state != nil {
		declared = s.state(seed.ARN)
	}
	c := carried{exceptions: s.exceptions, routes: s.routes(o), lists: listsOf(o.Template)}
	c.lists.SweepRegions = s.regions
	if !s.undeclared {
		c.declared = []baseline.State{declared}
	}
	o.NewHandler = guardHandler(c)
	cloud, err := localcloud.New(o)
	if err != nil {
		return nil, err
	}
	mallory := localcloud.Principal{
		AccessKey: attackerKey,
		Account:   o.Account,
		UserName:  "mallory",
		Path:      s.actorPath,
		Denied:    s.denied,
	}
	cloud.AddPrincipal(mallory)
	st := &stage{
		cloud:    cloud,
		trail:    seed.ARN,
		attacker: client(cloud, o.Region),
		foreign:  o.ManagementAccount != "",
		account:  o.Account,
		region:   o.Region,
		stack:    cmp.Or(o.Stack, "trailkeeper"),
		template: o.Template,
	}
	st.declared = declared
	if err := cloud.AddTrailAs(declared); err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	return st, nil
}

// client is the attacker's own client: the AWS SDK, pointed at loopback.
func client(cloud *localcloud.Cloud, region string) *cloudtrail.Client {
	return clientOf(cloud, region, attackerKey)
}

// clientOf is that of whoever has the access key.
func clientOf(cloud *localcloud.Cloud, region, key string) *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region:       region,
		BaseEndpoint: aws.String(cloud.Endpoint()),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   loopbackClient(),
		Credentials:  madeUpCredentials(key),
	})
}

// loopbackClient is that of somebody who calls the cloud.
func loopbackClient() *http.Client {
	return &http.Client{
		Timeout:   10 * time.Second,
		Transport: awsenv.Transport{Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// madeUpCredentials say who calls.
func madeUpCredentials(key string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "local"}, nil
	})
}

// CheckTemplate says what in a template cannot be played: everything that the local run does not model, all at once.
func CheckTemplate(template []byte) error {
	cloud, err := localcloud.New(options(template))
	if err != nil {
		return err
	}
	return cloud.Close()
}
