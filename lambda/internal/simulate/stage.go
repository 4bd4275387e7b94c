package simulate

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

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

// stage is a cloud with an attacker.
type stage struct {
	cloud    *localcloud.Cloud
	attacker *cloudtrail.Client
	trail    string // the ARN of the trail that the scenario is about
	foreign  bool   // the trail belongs to another account
	account  string
	region   string
}

// guardHandler makes the real function.
func guardHandler(_ context.Context, env localcloud.FunctionEnv) (localcloud.Handler, error) {
	return guard.New(guard.Options{Getenv: env.Getenv, Log: env.Log, Clock: env.Clock, HTTPClient: env.HTTP})
}

// options are those that every cloud of this package has.
func options(template []byte) localcloud.Options {
	p := placeOf(template)
	return localcloud.Options{
		Template: template, NewHandler: guardHandler, Account: p.account, Region: p.region, Stack: p.stack, Secrets: secretsFor(template),
	}
}

// newStage sets the cloud up, with the attacker's client and the scenario's trail.
func newStage(o localcloud.Options, s Scenario) (*stage, error) {
	cloud, err := localcloud.New(o)
	if err != nil {
		return nil, err
	}
	mallory := localcloud.Principal{AccessKey: attackerKey, Account: o.Account, UserName: "mallory", Path: s.actorPath, Denied: s.denied}
	cloud.AddPrincipal(mallory)
	st := &stage{cloud: cloud, trail: s.trail(o), attacker: client(cloud, o.Region), foreign: o.ManagementAccount != "", account: o.Account, region: o.Region}
	if err := cloud.AddTrail(localcloud.TrailSeed{
		ARN: st.trail, Logging: true, MultiRegion: true, Organization: s.organization,
	}); err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	return st, nil
}

// client is the attacker's own client: the AWS SDK, pointed at loopback.
func client(cloud *localcloud.Cloud, region string) *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region: region, BaseEndpoint: aws.String(cloud.Endpoint()), Retryer: aws.NopRetryer{},
		HTTPClient: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: attackerKey, SecretAccessKey: "local"}, nil
		}),
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
