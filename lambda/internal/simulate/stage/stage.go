// Package stage deploys a template on loopback: the function's real code, an attacker's client of the AWS SDK, and a
// trail with its baseline. It knows neither what is done to it nor what must come of it.
package stage

import (
	"cmp"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/structure"
)

// The cast, with AWS's documentation values.
const (
	Account       = "111122223333" // where the stack is deployed
	MemberAccount = "444455556666"
	Region        = "eu-west-1"
	AttackerKey   = "AKIAMALLORY000000001"
	TrailName     = "management"
	Office        = "198.51.100.0" // the network from which people sign in, with 24 bits
)

// At is a place of the local run, whose partition is aws.
func At(region, account string) events.Place {
	return events.Place{Partition: "aws", Region: region, Account: account}
}

// Stage is a cloud with an attacker.
type Stage struct {
	Cloud    *localcloud.Cloud
	Attacker *cloudtrail.Client
	Trail    string // the ARN of the trail that the scenario is about
	Foreign  bool   // the trail belongs to another account
	Declared baseline.State
	Account  string
	Region   string
	Stack    string // its name
	Template []byte
	Faults   []*localcloud.Injected
	// Kept are parts of the deployment as they were before something was done to them.
	Kept []Kept
	// Deployed is what was deployed, before anything was done to it.
	Deployed localcloud.Deployment

	watch *watched
}

// Kept is how a part of the deployment was, and how it is now, as AWS answers.
type Kept struct {
	Name, Before string
	Now          func() (string, error)
}

// captured is when the baselines of the local run were captured.
var captured = localcloud.Start.AddDate(0, 0, -30)

// DeclaredState is the trail of a scenario as it is set up.
func DeclaredState(seed localcloud.TrailSeed) baseline.State {
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

// WithInsights is the plain trail with Insights, which take a call of their own to be seen.
func WithInsights(arn string) baseline.State {
	state := DeclaredState(localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true})
	state.Insights = []baseline.InsightSelector{{Type: "ApiCallRateInsight"}}
	return state
}

// Options are those that every cloud of this package has.
func Options(template []byte) localcloud.Options {
	account, region, stack := structure.PlaceOf(template)
	carried := Carried{lists: structure.Lists(template), stack: cmp.Or(stack, "trailkeeper"), template: template}
	return localcloud.Options{
		Template:       template,
		NewHandler:     Functions(carried),
		Account:        cmp.Or(account, Account),
		Region:         cmp.Or(region, Region),
		Stack:          stack,
		Secrets:        structure.Secrets(template),
		OrganizationID: cmp.Or(structure.Granted(template, "aws:ResourceOrgID")...),
	}
}

// Setup is how the deployment, the attacker and the trail are before anything is played. The zero value is a plain
// trail with a declared baseline.
type Setup struct {
	Cloud        func(*localcloud.Options)
	Denied       map[string]string // what AWS forbids the attacker
	ActorPath    string            // the IAM path of the attacker
	Organization bool              // the trail is the organization's
	Exceptions   exception.List    // what the operator has exempted
	Routed       bool              // what happens to the second trail goes to a channel of its own
	Undeclared   bool              // the trail has no declared baseline
	Rules        Rules             // of the watch, where there is one
	WatchDies    bool              // the watch's first environment ends at the first message that it would send
	Regions      []string          // where the sweep looks for trails; empty: the function's Region
	// Bucket and Key are what the trail's baseline says of these; nil: nothing.
	Bucket *baseline.Bucket
	Key    *baseline.Key
	// State is the trail as it is set up and declared; nil: a plain one.
	State func(arn string) baseline.State
}

// Moves reports whether the setup deploys a template elsewhere than where the template says that it is deployed: names
// with another account or Region in them would be of nothing in the stack. It takes what Options returns.
func (s Setup) Moves(o localcloud.Options) bool {
	if s.Cloud == nil {
		return false
	}
	account, region, _ := structure.PlaceOf(o.Template)
	s.Cloud(&o)
	return account != "" && account != o.Account || region != "" && region != o.Region
}

// SecondTrail is what the scenarios about two trails call the other one.
const SecondTrail = "second"

// SecondOf is its ARN.
func SecondOf(trail string) string { return trail[:len(trail)-len(result.NameOf(trail))] + SecondTrail }

// Trail is the ARN of the trail.
func (s Setup) Trail(o localcloud.Options) string {
	t := events.Trail{
		Partition: "aws",
		Region:    o.Region,
		Account:   o.Account,
		Name:      TrailName,
	}
	if s.Organization {
		t.Name, t.Account = "organization", cmp.Or(o.ManagementAccount, o.Account)
	}
	return t.ARN()
}

// carried is what the guard's asset holds.
func (s Setup) carried(o localcloud.Options, declared baseline.State) Carried {
	c := Carried{
		exceptions: s.Exceptions,
		watch:      &watched{rules: s.Rules, dies: s.WatchDies},
		lists:      structure.Lists(o.Template),
		stack:      cmp.Or(o.Stack, "trailkeeper"),
		template:   o.Template,
	}
	c.lists.SweepRegions = s.Regions
	if !s.Undeclared {
		c.Declared, c.bucket, c.key = []baseline.State{declared}, s.Bucket, s.Key
	}
	if s.Routed {
		second := []string{SecondOf(declared.ARN)}
		c.routes.Routes = []route.Route{{Trails: second, Slack: []string{result.SecondChannel}}}
	}
	return c
}

// New sets the cloud up, with the attacker's client and the trail.
func New(o localcloud.Options, s Setup) (*Stage, error) {
	if s.Cloud != nil {
		s.Cloud(&o)
	}
	declared := DeclaredState(localcloud.TrailSeed{
		ARN:          s.Trail(o),
		Logging:      true,
		MultiRegion:  true,
		Organization: s.Organization,
	})
	if s.State != nil {
		declared = s.State(declared.ARN)
	}
	carried := s.carried(o, declared)
	o.NewHandler = Functions(carried)
	cloud, err := localcloud.New(o)
	if err != nil {
		return nil, err
	}
	cloud.AddPrincipal(localcloud.Principal{
		AccessKey: AttackerKey,
		Account:   o.Account,
		UserName:  "mallory",
		Path:      s.ActorPath,
		Denied:    s.Denied,
	})
	if err := cloud.AddTrailAs(declared); err != nil {
		return nil, errors.Join(err, cloud.Close())
	}
	return &Stage{
		Cloud:    cloud,
		Trail:    declared.ARN,
		Attacker: Client(cloud, o.Region),
		Foreign:  o.ManagementAccount != "",
		Declared: declared,
		Account:  o.Account,
		Region:   o.Region,
		Stack:    cmp.Or(o.Stack, "trailkeeper"),
		Template: o.Template,
		Deployed: cloud.Deployment(),
		watch:    carried.watch,
	}, nil
}

// Deploy has the watch apply other rules, as after a deployment.
func (s *Stage) Deploy(rules Rules) {
	s.watch.rules = rules
	s.Cloud.Renew()
}

// CheckTemplate says what in a template cannot be played: everything that the local run does not model, all at once.
func CheckTemplate(template []byte) error {
	cloud, err := localcloud.New(Options(template))
	if err != nil {
		return err
	}
	return cloud.Close()
}

// Name is what the attacker calls the trail: its name, or the ARN where it belongs to another account.
func (s *Stage) Name() string {
	if s.Foreign {
		return s.Trail
	}
	return result.NameOf(s.Trail)
}

// NameOf is the name of a resource of the stack, by its logical ID without CDK's hash: what stands last in its ARN.
func (s *Stage) NameOf(id string) string {
	arn := s.Cloud.ARNOf(id)
	return arn[strings.LastIndexAny(arn, ":/")+1:]
}

// Encrypted is the plain trail with a key.
func Encrypted(arn string) baseline.State {
	state := DeclaredState(localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true})
	state.Settings.KMSKeyID = OwnKey("eu-west-1", "44444444")
	return state
}

// OwnKey is a key of the trail's own account, outside the stack.
func OwnKey(region, id string) string {
	return At(region, Account).ARN("kms", "key/"+id+"-0000-0000-0000-000000000000")
}
