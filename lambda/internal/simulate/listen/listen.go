// Package listen serves a deployment on a loopback address in real time, so that an AWS CLI or SDK can attack it, and
// shows what happens. It plays no scenario and checks nothing.
package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/stage"
)

// Listen runs the deployment on a loopback address in real time until ctx ends, so that an AWS CLI or SDK can attack
// it, and writes the timeline as it happens. The error says that the address is not loopback or cannot be used.
func Listen(ctx context.Context, w io.Writer, template []byte, address string) error {
	if err := CheckAddress(address); err != nil {
		return err
	}
	out := &livePrinter{w: w, start: time.Now()}
	o := stage.Options(template)
	declared := stage.DeclaredState(localcloud.TrailSeed{ARN: stage.Setup{}.Trail(o), Logging: true, MultiRegion: true})
	o.RealTime = true
	o.Listen = address
	o.Observe = out.show
	o.NewHandler = stage.GuardHandler(stage.Carried{Declared: []baseline.State{declared}})
	o.SchedulesEvery = sweepsLive
	cloud, err := localcloud.New(o)
	if err != nil {
		return err
	}
	if err = cloud.AddTrailAs(declared); err == nil {
		err = banner(w, cloud, o)
	}
	if err != nil {
		return errors.Join(err, cloud.Close())
	}
	cloud.Serve(ctx)
	return cloud.Close()
}

// sweepsLive is how often the sweep runs while somebody watches.
const sweepsLive = 30 * time.Second

// banner says what there is and how to attack it.
func banner(w io.Writer, cloud *localcloud.Cloud, o localcloud.Options) error {
	d := cloud.Deployment()
	mode := d.Environment[config.EnvMode]
	weaken := "aws cloudtrail stop-logging --name " + stage.TrailName
	says := `get-trail-status --name ` + stage.TrailName + ` says "IsLogging": true again`
	if need.InMode(config.ModeRestore)(d) {
		weaken = "aws cloudtrail update-trail --name " + stage.TrailName + " --no-is-multi-region-trail"
		says = `describe-trails says "IsMultiRegionTrail": true again`
	}
	sweep := ""
	if need.Sweep(d) {
		sweep = fmt.Sprintf("\nThe sweep runs every %s here.", finding.Duration(sweepsLive))
	}
	_, err := fmt.Fprintf(w, `Listening on %[1]s: every Region of account %[2]s.
The stack is deployed in %[3]s, in mode %[4]s. There is a trail, %[5]s, with a baseline.%[8]s
Any access key will do. Attack it from another terminal:

  export AWS_ENDPOINT_URL=%[1]s AWS_REGION=%[3]s
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  %[6]s

After a few seconds, aws cloudtrail %[7]s.
With the same environment, trailkeeper test-alert sends a test alert, and trailkeeper redrive
--function %[9]s takes up what waits in the queues. Ctrl-C ends this.

`, cloud.Endpoint(), o.Account, o.Region, mode, stage.TrailName, weaken, says, sweep, strings.Join(d.Functions, ", "))
	return err
}

// CheckAddress refuses an address that others than this machine can reach.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		return fmt.Errorf("listen on %q: want a loopback address and a port, such as 127.0.0.1:4566", address)
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() || host == "localhost" {
		return nil
	}
	return fmt.Errorf(
		"listen on %q: only loopback is served, such as 127.0.0.1:4566, because the local run asks for no password",
		address,
	)
}

// livePrinter prints entries as they come.
type livePrinter struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
}

func (p *livePrinter) show(e localcloud.Entry) {
	line, ok := render.Line(e, p.start)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.w, line) // a terminal that is gone is nobody to tell
}
