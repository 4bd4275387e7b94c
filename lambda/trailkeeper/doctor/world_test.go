package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/structure"
	"trailkeeper/lambda/trailkeeper/baseline"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks"
	"trailkeeper/lambda/trailkeeper/doctor/checks/account"
	"trailkeeper/lambda/trailkeeper/doctor/checks/channels"
	"trailkeeper/lambda/trailkeeper/doctor/checks/own"
	"trailkeeper/lambda/trailkeeper/doctor/checks/parts"
	"trailkeeper/lambda/trailkeeper/doctor/checks/trails"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

const mainTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management"

// world is a deployment in the loopback cloud, and its operator.
type world struct {
	t     *testing.T
	cloud *localcloud.Cloud
	dir   string // of the baselines
	stack string
	key   string // that the trail encrypts with, where it does
}

// newWorld deploys a golden template beside a trail, and points the SDK at it.
func newWorld(t *testing.T, template string, change ...func(*localcloud.Options)) *world {
	t.Helper()
	text, ok := golden.Variant(template)
	if !ok {
		t.Fatalf("there is no golden template %s", template)
	}
	o := localcloud.Options{
		Template: text,
		Account:  "111122223333",
		Region:   "eu-west-1",
		Secrets:  structure.Secrets(text),
		RealTime: true,
		Lag:      time.Nanosecond,
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, errors.New("not played")
		},
	}
	for _, f := range change {
		f(&o)
	}
	cloud, err := localcloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	if err := cloud.AddTrail(localcloud.TrailSeed{ARN: mainTrail, Logging: true, MultiRegion: true}); err != nil {
		t.Fatal(err)
	}
	clitest.PointAt(t, cloud.Endpoint())
	return &world{t: t, cloud: cloud, dir: t.TempDir(), stack: cmp.Or(o.Stack, "trailkeeper")}
}

// run carries out one command line.
func (w *world) run(args ...string) (code int, stdout, stderr string) {
	w.t.Helper()
	return clitest.Run([]*cobra.Command{New(), baseline.New()}, "", args...)
}

// capture declares the trail's baseline.
func (w *world) capture() {
	w.t.Helper()
	if code, out, errs := w.run("baseline", "capture", "--region", "eu-west-1", "--dir", w.dir); code != cli.ExitOK {
		w.t.Fatalf("exit %d: %s%s", code, out, errs)
	}
}

// many is how many of something a template has, which is none of this test's.
var many = regexp.MustCompile(`\bAll [0-9]{2,3} `)

// doctor prints what the command says, with the folder of the baselines as an operator has it.
func (w *world) doctor(args ...string) (code int, stdout string) {
	w.t.Helper()
	code, out, errs := w.run(append([]string{"doctor", "--dir", w.dir, "--stack", w.stack}, args...)...)
	if errs != "" {
		w.t.Errorf("stderr: %s", errs)
	}
	for _, leak := range structure.Leaks {
		if strings.Contains(out, leak) {
			w.t.Error("a key of the secret is shown")
		}
	}
	return code, many.ReplaceAllString(strings.ReplaceAll(out, w.dir, "cdk/baselines"), "All NN ")
}

// verdicts are what the checks say, by their names.
func (w *world) verdicts(args ...string) (int, map[string]verdict.Verdict) {
	w.t.Helper()
	code, out := w.doctor(append(args, "--json")...)
	all := map[string]verdict.Verdict{}
	for line := range strings.Lines(out) {
		var v verdict.Verdict
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		if _, twice := all[v.Check]; twice {
			w.t.Errorf("the check %s has two verdicts", v.Check)
		}
		all[v.Check] = v
	}
	return code, all
}

// byName are the checks by the names of their verdicts.
var byName = map[string]checks.Check{
	"stack": own.Stack, "guard": own.Guard, "warden": own.Warden, "concurrency": account.Concurrency,
	"trail": trails.Trails, "home Region": trails.Trails, "baselines": trails.Baselines, "evidence": trails.Evidence,
	"rules": own.Rules, "secret": channels.Secret, "webhook": channels.Webhook, "bot token": channels.BotToken,
	"destinations": channels.Destinations, "subscriptions": channels.Subscriptions, "alarms": own.Alarms, "queues": own.Queues,
	"heartbeat": channels.Heartbeat, "guardrail": account.Guardrail, "delegated": account.Delegated, "parts": parts.Parts,
}

// judge is what one check says, by the name of its verdict; the zero verdict: nothing.
func (w *world) judge(name string) verdict.Verdict {
	w.t.Helper()
	d, err := deployed.Open(w.t.Context(), w.sdk(), w.stack)
	if err != nil {
		w.t.Fatal(err)
	}
	d.Baselines, d.Folder = os.DirFS(w.dir), "cdk/baselines"
	if d.HTTP, d.Emulator, err = slackClient(os.Getenv); err != nil {
		w.t.Fatal(err)
	}
	var found verdict.Verdict
	for _, v := range byName[name](w.t.Context(), d) {
		if v.Check == name {
			found = v
		}
	}
	text := fmt.Sprintf("%+v", found)
	for _, leak := range structure.Leaks {
		if strings.Contains(text, leak) {
			w.t.Error("a key of the secret is shown")
		}
	}
	return found
}

// sdk is an operator's configuration.
func (w *world) sdk() aws.Config {
	w.t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(w.t.Context(), awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		w.t.Fatal(err)
	}
	return cfg
}

// name is the physical name of a resource by its logical ID.
func (w *world) name(id string) string {
	arn := w.cloud.ARNOf(id)
	return arn[strings.LastIndexAny(arn, ":/")+1:]
}
