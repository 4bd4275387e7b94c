// Package listen serves a deployment on a loopback address in real time, so that an AWS CLI or SDK can attack it, and
// shows what happens. It plays no scenario and checks nothing.
package listen

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/page"
	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
)

// Options say what is served.
type Options struct {
	Template []byte
	Address  string // on loopback
	// Delay is how long after a call its record shows in the event history; zero: at once.
	Delay time.Duration
}

// Listen runs the deployment in real time until ctx ends, so that an AWS CLI or SDK can attack it, and writes the
// timeline as it happens. Nothing is taken to exist but what the template, the trails and calls have made. The error
// says that the address is not loopback or cannot be used.
func Listen(ctx context.Context, w io.Writer, options Options) error {
	if err := CheckAddress(options.Address); err != nil {
		return err
	}
	out := &livePrinter{w: w, start: time.Now()}
	o := stage.Options(granted(options.Template))
	if err := redescribe(&o, options.Template); err != nil {
		return err
	}
	declared := trails(o)
	web := newWeb()
	o.RealTime, o.Strict = true, true
	o.Listen = options.Address
	o.Page = web
	o.Observe = func(e localcloud.Entry) {
		out.show(e)
		web.note()
	}
	o.NewHandler = stage.Functions(stage.Carried{Declared: declared}.Of(o.Stack, o.Template))
	o.SchedulesEvery = sweepsLive
	cloud, err := localcloud.New(o)
	if err != nil {
		return err
	}
	cloud.DelayHistory(options.Delay)
	for _, state := range declared {
		err = errors.Join(err, cloud.AddTrailAs(state))
	}
	if err == nil {
		web.begin(pageOf(cloud, o, declared))
		err = banner(w, cloud, o)
	}
	if err != nil {
		return errors.Join(err, cloud.Close())
	}
	cloud.Serve(ctx)
	return cloud.Close()
}

// others are the trails beside the one that every scenario has.
var others = []string{"payments", "audit"}

// trails are those to attack, each with a baseline and a bucket of its own; the first records every Region.
func trails(o localcloud.Options) []baseline.State {
	first := stage.Setup{}.Trail(o)
	declared := []baseline.State{stage.DeclaredState(localcloud.TrailSeed{
		ARN:         first,
		Logging:     true,
		MultiRegion: true,
	})}
	for _, name := range others {
		state := stage.DeclaredState(localcloud.TrailSeed{
			ARN:     strings.TrimSuffix(first, stage.TrailName) + name,
			Logging: true,
		})
		state.Settings.S3Bucket = name + "-logs-" + o.Account
		declared = append(declared, state)
	}
	return declared
}

// granted is the template as it would be with a baseline for each of the trails: what is granted for the first is
// granted for all.
func granted(template []byte) []byte {
	resource := regexp.MustCompile(`"Resource":(\s*)("arn:[^"]*:trail/)` + stage.TrailName + `"`)
	all := `"Resource":${1}[${2}` + stage.TrailName + `"`
	for _, name := range others {
		all += `, ${2}` + name + `"`
	}
	return resource.ReplaceAll(template, []byte(all+"]"))
}

// redescribe has the record of the deployment name the description of the template that was changed, as it would had the
// app made it.
func redescribe(o *localcloud.Options, before []byte) error {
	var digests [2][]byte
	for i, template := range [][]byte{before, o.Template} {
		d, err := deployment.Describe(cmp.Or(o.Stack, "trailkeeper"), deployment.Template{Content: template})
		if err != nil {
			return err
		}
		content, err := deployment.Format(d)
		if err != nil {
			return err
		}
		digests[i] = []byte(deployment.Digest(content))
	}
	o.Template = bytes.ReplaceAll(o.Template, digests[0], digests[1])
	return nil
}

// sweepsLive is how often the sweep runs while somebody watches.
const sweepsLive = 30 * time.Second

// banner says what there is and how to attack it.
func banner(w io.Writer, cloud *localcloud.Cloud, o localcloud.Options) error {
	d := cloud.Deployment()
	mode := need.Guard(d)[config.EnvMode]
	weaken := "aws cloudtrail stop-logging --name " + stage.TrailName
	says := `get-trail-status --name ` + stage.TrailName + ` says "IsLogging": true again`
	if need.InMode(config.ModeRestore)(d) {
		weaken = "aws cloudtrail update-trail --name " + stage.TrailName + " --no-is-multi-region-trail"
		says = `describe-trails says "IsMultiRegionTrail": true again`
	}
	sweep := ""
	if need.Sweep(d) {
		sweep = fmt.Sprintf(" The sweep runs every %s here.", finding.Duration(sweepsLive))
	}
	_, err := fmt.Fprintf(w, `Listening on %[1]s: every Region of account %[2]s.
The stack is deployed in %[3]s, in mode %[4]s. There are three trails with a
baseline: %[5]s.%[8]s
Open %[1]s in a browser, or attack them from another
terminal; any access key will do:

  export AWS_ENDPOINT_URL=%[1]s
  export AWS_REGION=%[3]s AWS_DEFAULT_REGION=%[3]s
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  %[6]s

After a few seconds, aws cloudtrail
%[7]s.
With the same environment, trailkeeper doctor checks the deployment,
trailkeeper test-alert sends a test alert, and
trailkeeper redrive --function %[9]s
takes up what waits in the queues. What else can be called is in
lambda/README.md, "Attack it yourself". Ctrl-C ends this.

`, cloud.Endpoint(), o.Account, o.Region, mode, strings.Join(append([]string{stage.TrailName}, others...), ", "),
		weaken, says, sweep, d.With(config.EnvMode).Name)
	return err
}

// pageOf is what the page of a deployment shows: the trails, what happened, and how to attack them from a terminal.
func pageOf(cloud *localcloud.Cloud, o localcloud.Options, trails []baseline.State) served {
	shown := page.Live{
		Endpoint: cloud.Endpoint(),
		Mode:     need.Guard(cloud.Deployment())[config.EnvMode],
		Commands: []string{
			"export AWS_ENDPOINT_URL=" + cloud.Endpoint() + " AWS_REGION=" + o.Region + " AWS_DEFAULT_REGION=" + o.Region,
			"export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
			"aws cloudtrail stop-logging --name " + stage.TrailName,
			"aws cloudtrail get-trail-status --name " + stage.TrailName,
		},
	}
	for _, a := range attacks {
		shown.Attacks = append(shown.Attacks, a.Attack)
	}
	live := func() page.Live {
		now := shown
		now.Run = result.Result{Start: cloud.Began(), End: cloud.Now(), Timeline: cloud.Entries()}
		for _, t := range trails {
			now.Trails = append(now.Trails, stage.PastOf(cloud, t))
		}
		return now
	}
	return served{live, patient(stage.Client(cloud, o.Region), throttled)}
}

// CheckAddress refuses an address that others than this machine can reach.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		return fmt.Errorf("listen on %q: want a loopback address and a port, such as 127.0.0.1:4566", address)
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost") {
		return nil
	}
	return fmt.Errorf(
		"listen on %q: only loopback is served, such as 127.0.0.1:4566, because the local run asks for no password",
		address,
	)
}

// columns is how wide the timeline is.
const columns = 100

// livePrinter prints entries as they come.
type livePrinter struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
}

func (p *livePrinter) show(e localcloud.Entry) {
	line, ok := render.Line(e, p.start, columns)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.w, line) // a terminal that is gone is nobody to tell
}
